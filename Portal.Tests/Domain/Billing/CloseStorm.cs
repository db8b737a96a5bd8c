using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Adapters.StripeBilling;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Stripe;

namespace Portal.Tests.Domain.Billing;

/// <summary>
/// One storm, and what has to be true after it. All of the portal's billing runs here over a real database and the genuine
/// client; a kill ends whatever the process was about and everything that it held in memory.
/// </summary>
internal sealed class CloseStorm : IAsyncDisposable
{
    private static readonly string[] Kinds =
    [
        "rate_limit",
        "unavailable",
        "forbidden",
        "error_before",
        "error_after_commit",
        "lock_timeout",
        "timeout_after_commit",
        "latency",
    ];

    private static readonly (string Method, string Path)[] Calls =
    [
        ("POST", "/v1/customers"),
        ("POST", "/v1/invoices"),
        ("POST", "/v1/invoiceitems"),
        ("POST", "/v1/invoices/*/finalize"),
        ("POST", "/v1/invoices/*/pay"),
        ("GET", "/v1/invoices/*"),
        ("GET", "/v1/invoices/*/lines"),
        ("GET", "/v1/customers*"),
    ];

    private static readonly string[] Points =
    [
        KillPoint.CloseAfterRating,
        KillPoint.CloseBeforeDraft,
        KillPoint.CloseAfterDraft,
        KillPoint.CloseAfterItem,
        KillPoint.CloseAfterItems,
        KillPoint.CloseAfterCompare,
        KillPoint.CloseAfterFinalize,
        KillPoint.CloseAfterPay,
    ];

    /// <summary>Stripe's clock: later than the world's ever gets, as what Stripe has is never older than our number for it.</summary>
    private static readonly MovedClock Later = new();

    static CloseStorm() => Later.Move(BillingWorld.Month.End.AddDays(5) - TimeProvider.System.GetUtcNow());

    private readonly Random _random;
    private readonly BillingWorld _world;
    private readonly LocalStripeFixture _stripe;
    private readonly WebhookReceiver _webhooks;
    private readonly StripeMockCheck? _mock;
    private readonly Dictionary<OrganizationId, string> _customers = [];
    private readonly HashSet<string> _diedAt = [];
    private ServiceProvider _process = null!;
    private int _kills;

    private CloseStorm(int seed, BillingWorld world, LocalStripeFixture stripe, WebhookReceiver webhooks, StripeMockCheck? mock)
    {
        (_random, _world, _stripe, _webhooks, _mock) = (new Random(seed), world, stripe, webhooks, mock);
        StartProcess();
    }

    /// <summary>A line about what the storm was.</summary>
    public static async Task<string> RunAsync(int seed, int organizations, bool eventsAreLost, StripeMockCheck? mock)
    {
        await using var webhooks = await WebhookReceiver.StartAsync();
        await using var storm = new CloseStorm(
            seed,
            await BillingWorld.CreateAsync(),
            await LocalStripeFixture.StartAsync(Later),
            webhooks,
            mock
        );
        try
        {
            await storm.PrepareAsync(organizations);
            await storm.BrewAsync(organizations, eventsAreLost);
            await storm.CloseAsync(eventsAreLost);
            await storm.HappenOutsideAsync(eventsAreLost);
            return $"seed {seed}: {organizations} organizations, {storm._kills} kills, {await storm.AssertAllIsWellAsync()}";
        }
        catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"Seed {seed} with {organizations} organizations", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _world.DisposeAsync();
        await _stripe.DisposeAsync();
    }

    private void StartProcess()
    {
        _process = GatewaySupport.Wire(
            _stripe.Server.ApiBase,
            _stripe.Server.ApiKey,
            _stripe.Server.WebhookSecret,
            services =>
            {
                services.AddSingleton<TimeProvider>(Later);
                if (_mock is not null)
                    services.AddHttpClient("stripe").AddHttpMessageHandler(_mock.Handler);
            }
        );
        _world.OtherGateway = _process.GetRequiredService<IPaymentGateway>();
    }

    /// <summary>
    /// Northwind and others: most pay by card, of which some are declined; all used something, a few too little to charge.
    /// </summary>
    private async Task PrepareAsync(int organizations)
    {
        _stripe.Server.WebhookUrl = _webhooks.Url;
        for (var number = 0; number < organizations; number++)
        {
            var id = number == 0 ? _world.Northwind : await _world.OrganizationAsync($"org-{number}", BillingWorld.Owner);
            var byCard = number % 3 != 2;
            await _world.ChangeAsync(async session =>
            {
                (await session.Organizations.FindAsync(id, default))!.ChangePlan(PlanCode.Payg, byCard ? PayBy.Card : PayBy.Invoice);
                if (number > 0)
                    session.Organizations.Add(new PlanPeriod(id, PlanCode.Payg, BillingWorld.November));
            });
            Assert.Null((await _world.Customers.RunAsync(id, default)).Problem);
            var customer = _customers[id] = (await _world.FindAsync(id)).StripeCustomerId!;
            if (byCard)
                await _stripe.SaveCardAsync(customer, _random.Next(6) == 0 ? "chargeCustomerFail" : "visa");
            for (var use = 0; use <= _random.Next(4); use++)
                _world.Use(
                    id,
                    _random.Next(2) == 0 ? Meter.Write : Meter.Read,
                    BillingWorld.November.AddHours(_random.Next(24 * 30)),
                    number % 9 == 8 ? 0.1m : _random.Next(1, 400) / 8m
                );
        }
    }

    /// <summary>What goes wrong, and when: a death at each step, at some organization's turn, and others anywhere.</summary>
    private async Task BrewAsync(int organizations, bool eventsAreLost)
    {
        var passes = Points.ToDictionary(point => point, _ => 0);
        var deaths = Points.ToDictionary(point => point, _ => _random.Next(1, Math.Max(2, organizations / 3)));
        _world.Kill.KillIf = name =>
        {
            if (!passes.TryGetValue(name, out var before))
                return false;
            passes[name] = before + 1;
            if (before + 1 != deaths[name] && _random.Next(50) != 0)
                return false;
            _diedAt.Add(name);
            return true;
        };
        for (var fault = 0; fault < organizations * 2; fault++)
        {
            var (method, path) = Calls[_random.Next(Calls.Length)];
            await _stripe.ControlAsync(
                "faults",
                new
                {
                    kind = Kinds[fault % Kinds.Length],
                    path,
                    method,
                    times = _random.Next(1, 3),
                    milliseconds = _random.Next(1, 20),
                }
            );
        }
        for (var fault = 0; fault < organizations * 10; fault++)
            await _stripe.ControlAsync(
                "webhooks/faults",
                new
                {
                    kind = eventsAreLost
                        ? "drop"
                        : new[] { "drop", "duplicate", "reorder", "wrong_secret", "stale_timestamp" }[_random.Next(5)],
                }
            );
    }

    private async Task CloseAsync(bool eventsAreLost)
    {
        _world.GoToMonthsEnd();
        var job = (await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month, false, default)).Value;
        for (var round = 0; (await _world.JobAsync(job.Id)).IsOpen; round++)
        {
            Assert.True(round < 400, $"The close doesn't end: {(await _world.JobAsync(job.Id)).Note}");
            await LiveAsync(eventsAreLost);
            _world.Clock.Advance(TimeSpan.FromSeconds(20));
            // Stripe is well again some time later; what asked for a person is tried again by one.
            if (round == 60)
                await CalmAsync();
            if (round % 20 == 19)
                await TryAgainAsync();
        }
    }

    /// <summary>Somebody pays, voids, disputes at Stripe itself, which the portal hears of by events, if it does.</summary>
    private async Task HappenOutsideAsync(bool eventsAreLost)
    {
        await CalmAsync();
        if (eventsAreLost)
            _stripe.Server.WebhookUrl = null;
        foreach (var invoice in await AllInvoicesAsync())
        {
            if (invoice.StripeInvoiceId is not { } id || _random.Next(2) == 0)
                continue;
            if (invoice.Status == InvoiceStatus.Open)
                switch (_random.Next(3))
                {
                    case 0:
                        await _stripe.ControlAsync($"invoices/{id}/act", new { act = "void" });
                        break;
                    case 1:
                        await _stripe.ControlAsync($"invoices/{id}/act", new { act = "mark_uncollectible" });
                        break;
                    default:
                        await _stripe.SubmitAsync(
                            (await _stripe.Client.V1.Invoices.GetAsync(id)).HostedInvoiceUrl + "/pay",
                            ("card", "visa")
                        );
                        break;
                }
        }
        await LiveAsync(eventsAreLost);
        // One pass of what looks after lost events.
        await Recurring.EnsureAsync(_world.Database, _world.Clock, new ReconcileInvoicesWork(), Lanes.Billing, "open invoices", default);
        await LiveAsync(eventsAreLost);
    }

    /// <summary>Carries out what is due; when the process dies, another begins.</summary>
    private async Task LiveAsync(bool eventsAreLost)
    {
        while (true)
        {
            try
            {
                if (!eventsAreLost)
                    await ReceiveAsync();
                await _world.Work.RunAsync();
                return;
            }
            catch (KilledException)
            {
                _kills++;
                await _process.DisposeAsync();
                StartProcess();
                _world.Kill.Revive();
                // Its last turn is over: another takes the lane.
                _world.Clock.Advance(TimeSpan.FromSeconds(15));
            }
        }
    }

    private async Task ReceiveAsync()
    {
        var receive = new ReceivePaymentEvent(_world.OtherGateway!, _world.Database, _world.Clock);
        while (_webhooks.Received.TryDequeue(out var delivery))
            await receive.RunAsync(delivery.Body, delivery.Signature, default);
    }

    private async Task CalmAsync()
    {
        using var calmed = await _stripe.Browser.DeleteAsync($"{_stripe.Server.ApiBase}/_control/faults");
    }

    private Task TryAgainAsync() =>
        _world.ChangeAsync(async session =>
        {
            foreach (
                var row in (await session.Work.ListAsync(new WorkFilter(Open: true), new PageRequest(1000), default)).Items.Where(row =>
                    row.Failures > 0
                )
            )
                (await session.Work.FindAsync(row.Id, default))!.TryNow(_world.Clock.Now());
        });

    private async Task<IReadOnlyList<Portal.Domain.Billing.Invoice>> AllInvoicesAsync()
    {
        var all = new List<Portal.Domain.Billing.Invoice>();
        foreach (var id in _customers.Keys)
            all.AddRange(await _world.InvoicesAsync(id));
        return all;
    }

    private async Task<string> AssertAllIsWellAsync()
    {
        Assert.Equal(Points.Order(), _diedAt.Order());
        var ours = await AllInvoicesAsync();
        Assert.Equal(ours.Count, ours.Select(invoice => invoice.OrganizationId).Distinct().Count());
        var (theirs, paid) = (new List<Stripe.Invoice>(), new List<Charge>());
        await foreach (var invoice in _stripe.Client.V1.Invoices.ListAutoPagingAsync(new InvoiceListOptions { Limit = 100 }))
            theirs.Add(invoice);
        await foreach (var charge in _stripe.Client.V1.Charges.ListAutoPagingAsync(new ChargeListOptions { Limit = 100 }))
            if (charge.Status == "succeeded")
                paid.Add(charge);
        var numbers = ours.Where(invoice => invoice.StripeInvoiceId is not null).ToDictionary(invoice => invoice.StripeInvoiceId!);
        Assert.True(
            theirs.Count == numbers.Count && theirs.TrueForAll(invoice => numbers.ContainsKey(invoice.Id)),
            $"{numbers.Count} here, there {string.Join("; ", theirs.Select(Described))}"
        );

        string Described(Stripe.Invoice one) =>
            $"{(numbers.ContainsKey(one.Id) ? "known" : "UNKNOWN")} {one.Id} {one.Status} {one.Number} {one.Total} "
            + string.Join(',', one.Metadata.Values);

        foreach (var there in theirs)
        {
            var here = numbers[there.Id];
            Assert.Equal(
                (here.Number, here.TotalMinor, here.Status.ToString().ToLowerInvariant(), here.AmountPaidMinor),
                (there.Number, there.Total, there.Status, there.AmountPaid)
            );
            var lines = (
                await _stripe.Client.V1.Invoices.LineItems.ListAsync(there.Id, new InvoiceLineItemListOptions { Limit = 100 })
            ).Data;
            Assert.Equal(
                here.Lines.Select(line => line.AmountMinor).Where(amount => amount != 0).Order(),
                lines.Select(line => line.Amount).Where(amount => amount != 0).Order()
            );
        }
        Assert.Equal(theirs.Count(invoice => invoice.Status == "paid"), paid.Count);
        Assert.Equal(theirs.Sum(invoice => invoice.AmountPaid), paid.Sum(charge => charge.Amount));

        var books = new GetBooks(_world.Guard, _world.Database, _world.Ledger, _world.Clock);
        var rows = new List<BooksRow>();
        for (string? after = null; ; )
        {
            var page = (await books.RunAsync(BillingWorld.Operator, BillingWorld.Month, new PageRequest(100, after), default)).Value;
            Assert.Equal(0, page.NotClosed);
            rows.AddRange(page.Rows.Items);
            if ((after = page.Rows.Next) is null)
                break;
        }
        Assert.Equal(_customers.Count, rows.Count);
        Assert.All(rows, row => Assert.True(row.IsBalanced, $"{row.Organization.Slug}: {string.Join("; ", row.Differences.Take(1))}"));
        return $"{theirs.Count} invoices, {paid.Count} paid";
    }
}
