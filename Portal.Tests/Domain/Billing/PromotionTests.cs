using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

/// <summary>Promotion codes from the operator who makes them to the invoices that they reduce.</summary>
public sealed class PromotionTests : IAsyncLifetime
{
    private BillingWorld _world = null!;
    private readonly Tries _tries = new();

    private CreatePromotionCode Creating => new(_world.Guard, _world.Database, _world.Clock);

    private RedeemPromotionCode Redeeming => new(_world.Guard, _world.Database, _tries, _world.Clock);

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_percentage_is_a_line_of_its_own_for_its_months_and_then_no_more()
    {
        await CreateAsync(new("spring-25", 25, null, null, 1, null, null));
        var redemption = (await Redeeming.RunAsync(BillingWorld.Owner, "northwind", " Spring-25 ", default)).Value;
        Assert.Equal(("SPRING-25", 25, BillingWorld.Month), (redemption.Code, redemption.PercentOff, redemption.LastMonth));
        _world.Use(Meter.Write, BillingWorld.November.AddDays(12), 12);
        await new GrantCredit(_world.Guard, _world.Database, _world.Clock).RunAsync(
            BillingWorld.Operator,
            "northwind",
            200,
            "usd",
            null,
            "Welcome",
            null,
            default
        );
        _world.GoToMonthsEnd();
        var bill = (
            await new GetCurrentBill(_world.Guard, _world.Database, _world.Ledger, _world.Clock).OfMonthAsync(
                BillingWorld.Owner,
                "northwind",
                BillingWorld.Month,
                default
            )
        ).Value;
        Assert.Equal([-400, -200], bill.Adjustments.Select(one => one.Amount.Minor));
        Assert.Equal((1600, 1000, 0), (bill.Total.Minor, bill.ToPay.Minor, bill.CarriedIn.Minor));
        await _world.CloseAsync(early: false);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal((1600L, 1000L, InvoiceStatus.Paid), (invoice.Lines.Single().AmountMinor, invoice.TotalMinor, invoice.Status));
        Assert.Equal(
            [(AdjustmentKind.Discount, -400L, "Promotion code SPRING-25: 25% off"), (AdjustmentKind.Credit, -200L, "Credit: Welcome")],
            invoice.Adjustments.Select(one => (one.Kind, one.AmountMinor, one.Description))
        );
        Assert.Equal([-400, -200, 1600], Assert.Single(_world.Gateway.Invoices).LineAmounts.Values.Order());
        var row = Assert.Single(
            (
                await new GetBooks(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                    BillingWorld.Operator,
                    BillingWorld.Month,
                    new PageRequest(),
                    default
                )
            )
                .Value
                .Rows
                .Items
        );
        Assert.Equal(
            (1600, 600, 1000, 1000, true),
            (row.Rated.Minor, row.Credited.Minor, row.Invoiced.Minor, row.Paid.Minor, row.IsBalanced)
        );

        var december = BillingWorld.Month.Next;
        _world.Use(Meter.Write, december.Start.AddDays(3), 12);
        _world.Clock.SetUtcNow(december.End.AddHours(25));
        _world.Ledger.CompleteTo = _world.Clock.GetUtcNow();
        await _world.CloseMonth.RunAsync(BillingWorld.Operator, december, false, default);
        await _world.RunAsync();
        Assert.Equal(1600, (await _world.InvoicesAsync())[1].TotalMinor);
    }

    [Fact]
    public async Task All_of_a_month_taken_off_is_an_invoice_over_nothing()
    {
        await CreateAsync(new("FREE-MONTH", 100, null, null, 1, null, null));
        await Redeeming.RunAsync(BillingWorld.Owner, "northwind", "FREE-MONTH", default);
        _world.Use(Meter.Write, BillingWorld.November.AddDays(12), 12);
        _world.Gateway.HasCard = false;
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal((0L, -1600L), (invoice.TotalMinor, invoice.Adjustments.Single().AmountMinor));
    }

    [Fact]
    public async Task However_closes_cut_the_month_the_same_share_comes_off()
    {
        var random = new Random(30112026);
        for (var history = 0; history < 6; history++)
        {
            var percent = random.Next(1, 101);
            var used = Enumerable.Range(0, 4).Select(_ => random.Next(1, 40) / 4m).ToList();
            var (whole, cut) = (await OffAsync(percent, used, cuts: false), await OffAsync(percent, used, cuts: true));
            Assert.Equal(whole.Off, cut.Off);
            Assert.Equal(whole.Rated - whole.Off, cut.Invoiced + cut.Carried);
            Assert.Equal(whole.Rated, cut.Rated);
        }
    }

    [Fact]
    public async Task An_amount_becomes_a_promised_credit_that_ends_with_its_months()
    {
        await CreateAsync(new("WELCOME-50", null, 5000, "usd", 3, null, null));
        var redemption = (await Redeeming.RunAsync(BillingWorld.Owner, "northwind", "welcome-50", default)).Value;
        var credit = (await _world.ReadAsync(session => session.Credits.OpenAsync(_world.Northwind, default))).Single();
        Assert.Equal(
            (redemption.CreditId, 5000L, CreditKind.Promised, "Promotion code WELCOME-50"),
            (credit.Id, credit.LeftMinor, credit.Kind, credit.Reason)
        );
        Assert.Equal(new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero), credit.ExpiresAt);
    }

    [Fact]
    public async Task A_code_works_once_for_each_as_often_as_it_may_until_it_ends()
    {
        await _world.OrganizationAsync("southwind", BillingWorld.Owner);
        await CreateAsync(new("ONCE", null, 500, "usd", null, 1, null));
        await CreateAsync(new("TWO-DAYS", 10, null, null, 2, null, _world.Clock.GetUtcNow().AddDays(2)));
        await CreateAsync(new("OTHER-SHARE", 20, null, null, 1, null, null));
        Assert.Equal(
            "promotion-code-taken",
            (await Creating.RunAsync(BillingWorld.Operator, new("once", 5, null, null, 1, null, null), default)).Problem!.Code
        );
        Assert.Equal("promotion-code-unknown", await RefusedAsync("northwind", "NOBODY-KNOWS"));
        // No invoice could use it, and the code can still be redeemed by somebody else.
        await CreateAsync(new("EUROS", null, 500, "eur", null, 1, null));
        Assert.Equal("promotion-currency", await RefusedAsync("northwind", "EUROS"));
        Assert.Equal("promotion-code-unknown", await RefusedAsync("northwind", "'; drop table"));
        Assert.Null(await RefusedAsync("northwind", "ONCE"));
        Assert.Equal("promotion-code-redeemed", await RefusedAsync("northwind", "ONCE"));
        Assert.Equal("promotion-code-used-up", await RefusedAsync("southwind", "ONCE"));
        Assert.Null(await RefusedAsync("northwind", "TWO-DAYS"));
        Assert.Equal("promotion-active", await RefusedAsync("northwind", "OTHER-SHARE"));
        _world.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal("promotion-code-ended", await RefusedAsync("southwind", "TWO-DAYS"));
        await new WithdrawPromotionCode(_world.Guard, _world.Database, _world.Clock).RunAsync(
            BillingWorld.Operator,
            "OTHER-SHARE",
            default
        );
        Assert.Equal("promotion-code-ended", await RefusedAsync("southwind", "OTHER-SHARE"));
        _tries.Left = 0;
        Assert.Equal("too-many-attempts", await RefusedAsync("southwind", "GUESS"));
        Assert.Equal(
            1,
            (await new ListPromotionCodes(_world.Guard, _world.Database).RunAsync(BillingWorld.Operator, new PageRequest(), default))
                .Value.Items.Single(one => one.Code == "ONCE")
                .Redemptions
        );
    }

    [Theory]
    [InlineData("ab", 10, null, null, 1, "promotion-code-malformed")]
    [InlineData("GOOD", 0, null, null, 1, "promotion-percent-range")]
    [InlineData("GOOD", 101, null, null, 1, "promotion-percent-range")]
    [InlineData("GOOD", 10, null, null, null, "promotion-months-range")]
    [InlineData("GOOD", 10, null, null, 61, "promotion-months-range")]
    [InlineData("GOOD", 10, 500L, "usd", 1, "promotion-offer-unclear")]
    [InlineData("GOOD", null, null, null, 1, "promotion-offer-unclear")]
    [InlineData("GOOD", null, 0L, "usd", 1, "credit-amount-range")]
    [InlineData("GOOD", null, 5L, "gold", 1, "currency-unknown")]
    public async Task A_code_that_makes_no_sense_is_refused_with_what_to_mend(
        string code,
        int? percent,
        long? amount,
        string? currency,
        int? months,
        string refusal
    )
    {
        Assert.Equal(
            refusal,
            (await Creating.RunAsync(BillingWorld.Operator, new(code, percent, amount, currency, months, null, null), default))
                .Problem!
                .Code
        );
        Assert.Equal(
            "operator-only",
            (await Creating.RunAsync(BillingWorld.Owner, new("MINE", 100, null, null, 60, null, null), default)).Problem!.Code
        );
    }

    /// <summary>What a month that is used in four parts comes to: closed at once, or after each part.</summary>
    private static async Task<(long Rated, long Off, long Invoiced, long Carried)> OffAsync(
        int percent,
        IReadOnlyList<decimal> used,
        bool cuts
    )
    {
        await using var world = await BillingWorld.CreateAsync();
        await new CreatePromotionCode(world.Guard, world.Database, world.Clock).RunAsync(
            BillingWorld.Operator,
            new("SHARE", percent, null, null, 1, null, null),
            default
        );
        Assert.True(
            (
                await new RedeemPromotionCode(world.Guard, world.Database, new Tries(), world.Clock).RunAsync(
                    BillingWorld.Owner,
                    "northwind",
                    "SHARE",
                    default
                )
            ).IsOk
        );
        foreach (var (index, mebibytes) in used.Index())
        {
            world.Clock.SetUtcNow(BillingWorld.November.AddDays(12 + 3 * index));
            world.Use(Meter.Write, world.Clock.GetUtcNow().AddHours(-2), mebibytes);
            world.Ledger.CompleteTo = world.Clock.GetUtcNow();
            if (cuts)
                await world.CloseAsync(early: true);
        }
        world.GoToMonthsEnd();
        await world.CloseAsync(early: false);
        var row = Assert.Single(
            (
                await new GetBooks(world.Guard, world.Database, world.Ledger, world.Clock).RunAsync(
                    BillingWorld.Operator,
                    BillingWorld.Month,
                    new PageRequest(),
                    default
                )
            )
                .Value
                .Rows
                .Items
        );
        Assert.True(row.IsBalanced);
        Assert.Equal(row.Invoiced.Minor, row.Rated.Minor + row.Carried.Minor - row.Credited.Minor);
        return (row.Rated.Minor, row.Credited.Minor, row.Invoiced.Minor, (await world.FindAsync(world.Northwind)).CarriedMinor);
    }

    private async Task CreateAsync(NewPromotionCode wanted) =>
        Assert.True((await Creating.RunAsync(BillingWorld.Operator, wanted, default)).IsOk);

    private async Task<string?> RefusedAsync(string organization, string code) =>
        (await Redeeming.RunAsync(BillingWorld.Owner, organization, code, default)).Problem?.Code;

    /// <summary>As many as are left.</summary>
    private sealed class Tries : IAttemptLimiter
    {
        public int Left { get; set; } = 1_000;

        public TimeSpan? Refuse(Actor actor, Attempt attempt, string? account) => Left-- > 0 ? null : TimeSpan.FromMinutes(1);

        public void Failed(Actor actor, string account) { }
    }
}
