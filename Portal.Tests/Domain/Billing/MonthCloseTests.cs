using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

public sealed partial class MonthCloseTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private static DateTimeOffset Day(int day) => BillingWorld.November.AddDays(day - 1);

    [Fact]
    public async Task A_closed_month_is_invoiced_line_by_line_and_paid()
    {
        _world.Use(Meter.Write, Day(3), 12);
        _world.Use(Meter.Read, Day(4), 10);
        _world.GoToMonthsEnd();
        var job = await _world.CloseAsync(early: false);

        Assert.Equal((WorkState.Done, 2L, 2L, null), (job.State, job.Done, job.Total, job.Note));
        var invoice = await _world.InvoiceAsync();
        Assert.Equal(("northwind-2026-11-1", InvoiceStatus.Paid, 1933L), (invoice.Number, invoice.Status, invoice.TotalMinor));
        Assert.Equal([1600L, 333L], invoice.Lines.Select(line => line.AmountMinor));
        Assert.Equal("10 MiB at $1.00, 2 MiB at $3.00", invoice.Lines[0].Explanation);
        Assert.Equal(1933, Assert.Single(_world.Gateway.Invoices).PaidMinor);
    }

    [Fact]
    public async Task Closing_again_makes_no_second_invoice()
    {
        _world.Use(Meter.Write, Day(3), 12);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        await _world.CloseAsync(early: false);
        await _world.InvoiceAsync();
        Assert.Equal(1, _world.Gateway.Payments);
    }

    [Fact]
    public async Task Two_workers_at_once_make_one_invoice()
    {
        _world.Use(Meter.Write, Day(3), 12);
        _world.GoToMonthsEnd();
        await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month, false, default);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _world.Work.RunAsync())));
        await _world.InvoiceAsync();
        Assert.Single(await _world.ReadAsync(session => session.Invoices.ClosedAsync(_world.Northwind, BillingWorld.Month, default)));
        Assert.Equal(1, _world.Gateway.Payments);
    }

    [Fact]
    public async Task While_a_close_runs_its_job_is_returned()
    {
        var first = (await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month, true, default)).Value;
        Assert.Equal(first.Id, (await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month, true, default)).Value.Id);
    }

    [Fact]
    public async Task A_running_month_closes_only_early()
    {
        Assert.Equal(
            "month-running",
            (await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month, false, default)).Problem!.Code
        );
        Assert.Equal(
            "month-in-future",
            (await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month.Next, true, default)).Problem!.Code
        );
    }

    [Fact]
    public async Task A_close_that_is_killed_at_any_point_ends_with_one_invoice_paid_once()
    {
        for (var point = 0; ; point++)
        {
            await using var world = await BillingWorld.CreateAsync();
            world.Use(Meter.Write, Day(3), 12);
            world.Use(Meter.Read, Day(4), 10);
            world.Kill.KillAt = point;
            var job = (await world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month, true, default)).Value;
            var killed = false;
            try
            {
                await world.RunAsync();
            }
            catch (KilledException)
            {
                killed = true;
                world.Kill.Revive();
                world.Clock.Advance(TimeSpan.FromMinutes(5));
                world.Ledger.CompleteTo = world.Clock.GetUtcNow();
                world.Use(Meter.Write, world.Clock.GetUtcNow().AddMinutes(-2), 1);
                await world.RunAsync();
            }
            var invoice = await world.InvoiceAsync();
            Assert.Equal((InvoiceStatus.Paid, 1), (invoice.Status, world.Gateway.Payments));
            Assert.Equal(2, Assert.Single(world.Gateway.Invoices).LineAmounts.Count);
            Assert.Equal(WorkState.Done, (await world.JobAsync(job.Id)).State);
            if (killed)
                continue;
            Assert.Equal(
                KillPoint.All.Count(name => name.StartsWith("close.", StringComparison.Ordinal)),
                world.Kill.Passed.Where(name => name.StartsWith("close.", StringComparison.Ordinal)).Distinct().Count()
            );
            return;
        }
    }

    [Fact]
    public async Task A_lost_answer_of_any_call_to_Stripe_is_made_good_by_the_next_round()
    {
        for (var call = 0; call < 9; call++)
        {
            await using var world = await BillingWorld.CreateAsync();
            world.Use(Meter.Write, Day(3), 12);
            world.Use(Meter.Read, Day(4), 10);
            world.GoToMonthsEnd();
            world.Gateway.LoseAnswerOfCall = call;
            var job = await world.CloseAsync(early: false);
            if (job.State == WorkState.Open)
            {
                await world.RunAsync();
                job = await world.JobAsync(job.Id);
            }
            Assert.Equal((WorkState.Done, 1), (job.State, world.Gateway.Payments));
            Assert.Equal(InvoiceStatus.Paid, (await world.InvoiceAsync()).Status);
            Assert.Equal(2, Assert.Single(world.Gateway.Invoices).LineAmounts.Count);
        }
    }

    [Fact]
    public async Task What_Stripe_would_not_charge_is_carried_to_the_next_invoice()
    {
        _world.Use(Meter.Write, Day(3), 0.25m);
        await _world.CloseAsync(early: true);
        Assert.Empty(await _world.InvoicesAsync());
        Assert.Equal(25, (await _world.FindAsync(_world.Northwind)).CarriedMinor);

        _world.Use(Meter.Write, Day(20), 1);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal(
            (125L, 25L, 0L),
            (invoice.TotalMinor, invoice.CarriedInMinor, (await _world.FindAsync(_world.Northwind)).CarriedMinor)
        );
        Assert.Equal(InvoiceStatus.Paid, invoice.Status);
    }

    [Fact]
    public async Task A_draft_that_differs_is_never_finalised_until_it_agrees()
    {
        _world.Use(Meter.Write, Day(3), 12);
        _world.Gateway.Alter = invoice => invoice with { ForeignLines = 1 };
        var job = await _world.CloseAsync(early: true);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal(
            (InvoiceStage.Mismatch, WorkState.Refused, InvoiceStatus.Draft),
            (invoice.Stage, job.State, Assert.Single(_world.Gateway.Invoices).Status)
        );
        Assert.Contains("lines that the books do not have", invoice.ProblemMessage, StringComparison.Ordinal);

        _world.Gateway.Alter = read => read;
        Assert.True(
            (
                await new CompareInvoiceAgain(_world.Guard, _world.Database, _world.Clock).RunAsync(
                    BillingWorld.Operator,
                    invoice.Number,
                    default
                )
            ).IsOk
        );
        await _world.RunAsync();
        Assert.Equal(InvoiceStatus.Paid, (await _world.InvoiceAsync()).Status);
    }

    [Fact]
    public async Task A_declined_card_leaves_the_invoice_open_and_the_close_goes_through()
    {
        _world.Use(Meter.Write, Day(3), 12);
        _world.Gateway.Declines = true;
        var job = await _world.CloseAsync(early: true);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal(
            (WorkState.Done, InvoiceStatus.Open, "The bank declined the card. Use another one."),
            (job.State, invoice.Status, invoice.ProblemMessage)
        );

        _world.Gateway.Set(invoice.StripeInvoiceId!, InvoiceStatus.Paid);
        await Recurring.EnsureAsync(_world.Database, _world.Clock, new ReconcileInvoicesWork(), Lanes.Billing, "open invoices", default);
        await _world.RunAsync();
        invoice = await _world.InvoiceAsync();
        Assert.Equal((InvoiceStatus.Paid, 1600L), (invoice.Status, invoice.AmountPaidMinor));
        Assert.Null(invoice.ProblemMessage);
    }

    [Fact]
    public async Task By_invoice_nothing_is_charged_and_the_invoice_stays_open()
    {
        await _world.ChangeAsync(async session =>
            (await session.Organizations.FindAsync(_world.Northwind, default))!.ChangePlan(PlanCode.Payg, PayBy.Invoice)
        );
        _world.Use(Meter.Write, Day(3), 12);
        await _world.CloseAsync(early: true);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal((InvoiceStatus.Open, InvoiceStage.Settled, 0), (invoice.Status, invoice.Stage, _world.Gateway.Payments));
    }

    [Fact]
    public async Task An_organization_whose_cluster_is_away_waits()
    {
        await _world.TopicAsync();
        await _world.ChangeAsync(session =>
        {
            // Nothing was ever there, so nothing waits for its cluster.
            session.Tenants.Add(
                new Tenant(new(Guid.CreateVersion7()), _world.Northwind, TenantName.Create("northwind-empty").Value, "dead", Day(1))
            );
            return Task.CompletedTask;
        });
        _world.Use(Meter.Write, Day(3), 12);
        _world.GoToMonthsEnd();
        _world.Ledger.CompleteTo = BillingWorld.Month.End.AddMinutes(-1);
        var job = await _world.CloseAsync(early: false);
        Assert.Empty(await _world.InvoicesAsync());
        Assert.Equal(WorkState.Done, job.State);
        Assert.Contains("waiting for complete counters", job.Note, StringComparison.Ordinal);

        // Work that waits is on its way: nothing begins a second close, and it goes on by itself.
        await Recurring.EnsureAsync(_world.Database, _world.Clock, new StartDueClosesWork(), Lanes.Billing, "automatic close", default);
        await _world.RunAsync();
        Assert.Single((await _world.ReadAsync(session => session.Work.ListAsync(new(JobsOnly: true), new(), default))).Items);
        _world.Ledger.CompleteTo = BillingWorld.Month.End;
        await _world.RunAsync(25);
        Assert.Equal(InvoiceStatus.Paid, (await _world.InvoiceAsync()).Status);
    }

    [Fact]
    public async Task A_month_closes_by_itself_a_day_after_its_end_once()
    {
        _world.Use(Meter.Write, Day(3), 12);
        await Recurring.EnsureAsync(_world.Database, _world.Clock, new StartDueClosesWork(), Lanes.Billing, "automatic close", default);
        _world.Clock.SetUtcNow(BillingWorld.Month.End.AddHours(23));
        _world.Ledger.CompleteTo = _world.Clock.GetUtcNow();
        await _world.RunAsync();
        Assert.Empty(await _world.InvoicesAsync());

        _world.GoToMonthsEnd();
        await _world.RunAsync(200);
        Assert.Equal(InvoiceStatus.Paid, (await _world.InvoiceAsync()).Status);
        Assert.Equal(
            WorkState.Done,
            Assert.Single((await _world.ReadAsync(session => session.Work.ListAsync(new(JobsOnly: true), new(), default))).Items).State
        );
    }

    [Fact]
    public async Task Only_an_operator_closes_and_a_stranger_finds_no_invoice()
    {
        Assert.IsType<Problem.Forbidden>((await _world.CloseMonth.RunAsync(BillingWorld.Owner, BillingWorld.Month, true, default)).Problem);
        Assert.Empty((await _world.ReadAsync(session => session.Work.ListAsync(new(), new(), default))).Items);

        _world.Use(Meter.Write, Day(3), 12);
        await _world.CloseAsync(early: true);
        var stranger = BillingWorld.Owner with { AccountId = new AccountId(Guid.NewGuid()) };
        await _world.OrganizationAsync("fabrikam", stranger);
        var get = new GetInvoice(_world.Guard, _world.Database);
        Assert.True((await get.RunAsync(BillingWorld.Owner, "northwind", "northwind-2026-11-1", default)).IsOk);
        Assert.IsType<Problem.NotFound>((await get.RunAsync(stranger, "northwind", "northwind-2026-11-1", default)).Problem);
        Assert.IsType<Problem.NotFound>((await get.RunAsync(stranger, "fabrikam", "northwind-2026-11-1", default)).Problem);
    }

    [Fact]
    public async Task The_current_bill_is_what_the_close_makes_of_it_and_usage_shares_it_exactly()
    {
        for (var hour = 0; hour < 50; hour++)
            _world.Use(Meter.Write, Day(2).AddHours(hour), 0.37m);
        var bill = (
            await new GetCurrentBill(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                BillingWorld.Owner,
                "northwind",
                default
            )
        ).Value;
        var request = UsageRequest.Create(null, null, "meter", "hour", _world.Clock).Value;
        var usage = (
            await new GetUsage(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                BillingWorld.Owner,
                "northwind",
                request,
                new PageRequest(),
                default
            )
        ).Value;
        await _world.CloseAsync(early: true);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal(invoice.TotalMinor, bill.Total.Minor);
        Assert.Equal(invoice.Lines[0].ExactAmount, decimal.Round(usage.Items.Items.Sum(item => item.Amount), 12), 12);
        Assert.NotNull(bill.Forecast);

        var detail = (
            await new GetInvoiceLine(_world.Guard, _world.Database, _world.Ledger).RunAsync(
                BillingWorld.Owner,
                "northwind",
                invoice.Number,
                Meter.Write,
                new PageRequest(30),
                default
            )
        ).Value;
        Assert.Equal(30, detail.Shares.Items.Count);
        var rest = (
            await new GetInvoiceLine(_world.Guard, _world.Database, _world.Ledger).RunAsync(
                BillingWorld.Owner,
                "northwind",
                invoice.Number,
                Meter.Write,
                new PageRequest(30, detail.Shares.Next),
                default
            )
        ).Value;
        Assert.Equal((20, null), (rest.Shares.Items.Count, rest.Shares.Next));
        Assert.Equal(invoice.Lines[0].ExactAmount, detail.Shares.Items.Concat(rest.Shares.Items).Sum(share => share.Amount), 12);
    }

    [Theory]
    [
        InlineData("https://evil.example/back", false),
        InlineData("//evil.example", false),
        InlineData("https://portal.example.evil.example/", false)
    ]
    [
        InlineData("https://portal.example/o/northwind/billing", true),
        InlineData("/o/northwind/billing?done=1", true),
        InlineData("http://portal.example/o", false)
    ]
    [InlineData("", false), InlineData("javascript:alert(1)", false)]
    public async Task Checkout_returns_to_the_portal_and_nowhere_else(string returnUrl, bool allowed)
    {
        var start = new StartCheckout(_world.Guard, _world.Database, _world.Gateway, _world.Customers, _world.Clock);
        Assert.Equal(
            allowed,
            (await start.RunAsync(BillingWorld.Owner, "northwind", returnUrl, new Uri("https://portal.example"), default)).IsOk
        );
    }
}
