using CsCheck;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

/// <summary>Credits from the grant to the invoices that use them.</summary>
public sealed class CreditTests : IAsyncLifetime
{
    private static readonly OrganizationId Anybody = new(Guid.CreateVersion7());
    private BillingWorld _world = null!;

    private GrantCredit Granting => new(_world.Guard, _world.Database, _world.Clock);

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_credit_is_a_line_of_its_own_and_what_is_left_reduces_the_next_invoice()
    {
        await GrantAsync(2500, "Sorry for the outage");
        _world.Use(Meter.Write, Day(3), 12);
        _world.GoToMonthsEnd();
        var bill = await BillAsync(BillingWorld.Month);
        Assert.Equal((1600, -1600, 0), (bill.Total.Minor, bill.Adjustments.Single().Amount.Minor, bill.ToPay.Minor));
        await _world.CloseAsync(early: false);
        var first = await _world.InvoiceAsync();
        Assert.Equal(
            (1600L, 0L, InvoiceStatus.Paid, 0),
            (first.Lines.Single().AmountMinor, first.TotalMinor, first.Status, _world.Gateway.Payments - 1)
        );
        var adjustment = Assert.Single(first.Adjustments);
        Assert.Equal((AdjustmentKind.Credit, -1600L, "Sorry for the outage"), (adjustment.Kind, adjustment.AmountMinor, adjustment.Reason));
        Assert.Equal(2, Assert.Single(_world.Gateway.Invoices).LineAmounts.Count);
        Assert.StartsWith("ii_", adjustment.StripeItemId, StringComparison.Ordinal);

        _world.Use(Meter.Write, BillingWorld.Month.End.AddHours(2), 20);
        _world.Clock.SetUtcNow(BillingWorld.Month.Next.End.AddHours(25));
        _world.Ledger.CompleteTo = _world.Clock.GetUtcNow();
        await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month.Next, false, default);
        await _world.RunAsync();
        var second = (await _world.InvoicesAsync())[1];
        Assert.Equal(
            (4000L, -900L, 3100L, 3100L),
            (second.Lines.Single().AmountMinor, second.Adjustments.Single().AmountMinor, second.TotalMinor, second.AmountPaidMinor)
        );
        Assert.Equal(
            [
                (CreditMove.Grant, 2500L, null),
                (CreditMove.Use, -1600L, "northwind-2026-11-1"),
                (CreditMove.Use, -900L, "northwind-2026-12-1"),
            ],
            (await EntriesAsync()).Select(entry => (entry.Move, entry.AmountMinor, entry.InvoiceNumber))
        );

        // The books balance with the credits as a column of their own.
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
            (1600, 0, 1600, 0, 0, 0, true),
            (row.Rated.Minor, row.Carried.Minor, row.Credited.Minor, row.Invoiced.Minor, row.Paid.Minor, row.Balance.Minor, row.IsBalanced)
        );
    }

    [Fact]
    public async Task A_close_that_is_killed_at_any_point_uses_each_credit_once()
    {
        for (var point = 0; ; point++)
        {
            await using var world = await BillingWorld.CreateAsync();
            var grant = new GrantCredit(world.Guard, world.Database, world.Clock);
            foreach (var amount in new[] { 300, 400 })
                await grant.RunAsync(BillingWorld.Operator, "northwind", amount, "usd", null, $"Credit of {amount}", null, default);
            world.Use(Meter.Write, Day(3), 12);
            world.Kill.KillAt = point;
            await world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month, true, default);
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
                await world.RunAsync();
            }
            var invoice = await world.InvoiceAsync();
            Assert.Equal((900L, InvoiceStatus.Paid, 1), (invoice.TotalMinor, invoice.Status, world.Gateway.Payments));
            Assert.Equal([-400, -300, 1600], Assert.Single(world.Gateway.Invoices).LineAmounts.Values.Order());
            var (open, entries) = await world.ReadAsync(async session =>
                (
                    await session.Credits.OpenAsync(world.Northwind, default),
                    await session.Credits.EntriesAsync(world.Northwind, new PageRequest(), default)
                )
            );
            Assert.Empty(open);
            Assert.Equal(0, entries.Items.Sum(entry => entry.AmountMinor));
            Assert.Equal(2, entries.Items.Count(entry => entry.Move == CreditMove.Use));
            if (!killed)
                return;
        }
    }

    [Fact]
    public async Task A_credit_applies_to_periods_that_end_by_its_end_and_what_is_left_then_expires()
    {
        await GrantAsync(500, "Ends within the month", Day(20));
        await GrantAsync(700, "Ends with the month", BillingWorld.Month.End);
        _world.Use(Meter.Write, Day(3), 6);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal((-600L, 0L), (invoice.Adjustments.Single().AmountMinor, invoice.TotalMinor));
        Assert.Equal(
            [("Ends within the month", 0L), ("Ends with the month", 100L)],
            (await _world.ReadAsync(session => session.Credits.ListAsync(_world.Northwind, new PageRequest(), default)))
                .Items.Reverse()
                .Select(credit => (credit.Reason, credit.LeftMinor))
        );
        Assert.Contains((CreditMove.Expire, -500L), (await EntriesAsync()).Select(entry => (entry.Move, entry.AmountMinor)));
        Assert.Empty(
            (
                await new GetCredits(_world.Guard, _world.Database, _world.Clock).RunAsync(
                    BillingWorld.Owner,
                    "northwind",
                    new PageRequest(),
                    default
                )
            )
                .Value
                .Balances
        );
    }

    [Fact]
    public async Task What_is_too_small_to_charge_is_carried_over_and_keeps_its_credit()
    {
        await GrantAsync(1000, "Welcome");
        _world.Use(Meter.Read, Day(3), 1);
        await _world.CloseAsync(early: true);
        Assert.Empty(await _world.InvoicesAsync());
        Assert.Equal(1000, (await _world.ReadAsync(session => session.Credits.OpenAsync(_world.Northwind, default))).Single().LeftMinor);
    }

    [Fact]
    public async Task Only_an_operator_grants_and_withdraws_and_each_refusal_names_its_field()
    {
        Assert.Equal(
            "operator-only",
            (await Granting.RunAsync(BillingWorld.Owner, "northwind", 500, "usd", null, "Mine", null, default)).Problem!.Code
        );
        Assert.Equal(
            "credit-amount-range",
            (await Granting.RunAsync(BillingWorld.Operator, "northwind", 0, "usd", null, "Nothing", null, default)).Problem!.Code
        );
        Assert.Equal(
            "credit-amount-step",
            (await Granting.RunAsync(BillingWorld.Operator, "northwind", 5, "kwd", null, "Odd", null, default)).Problem!.Code
        );
        Assert.Equal(
            "currency-unknown",
            (await Granting.RunAsync(BillingWorld.Operator, "northwind", 5, "gold", null, "Odd", null, default)).Problem!.Code
        );
        Assert.Equal(
            "credit-kind-unknown",
            (await Granting.RunAsync(BillingWorld.Operator, "northwind", 5, "usd", "stolen", "Odd", null, default)).Problem!.Code
        );
        Assert.Equal(
            "credit-ends-in-past",
            (await Granting.RunAsync(BillingWorld.Operator, "northwind", 5, "usd", null, "Late", Day(1), default)).Problem!.Code
        );
        Assert.Equal(
            "credit-reason-length",
            (await Granting.RunAsync(BillingWorld.Operator, "northwind", 5, "usd", null, " ", null, default)).Problem!.Code
        );
        Assert.Equal(
            "organization-not-found",
            (await Granting.RunAsync(BillingWorld.Operator, "southwind", 5, "usd", null, "Who", null, default)).Problem!.Code
        );

        // Without a currency it is the one that is charged.
        var credit = (await Granting.RunAsync(BillingWorld.Operator, "northwind", 500, null, "bought", "Prepaid", null, default)).Value;
        Assert.Equal(("usd", CreditKind.Bought), (credit.CurrencyCode, credit.Kind));
        var withdraw = new WithdrawCredit(_world.Guard, _world.Database, _world.Clock);
        Assert.Equal("operator-only", (await withdraw.RunAsync(BillingWorld.Owner, "northwind", credit.Id, "No", default)).Problem!.Code);
        Assert.Equal(
            "credit-not-found",
            (await withdraw.RunAsync(BillingWorld.Operator, "northwind", new CreditId(Guid.NewGuid()), "No", default)).Problem!.Code
        );
        Assert.Equal(0, (await withdraw.RunAsync(BillingWorld.Operator, "northwind", credit.Id, "Paid back", default)).Value.LeftMinor);
        Assert.Equal(
            "credit-used-up",
            (await withdraw.RunAsync(BillingWorld.Operator, "northwind", credit.Id, "Again", default)).Problem!.Code
        );
        Assert.Equal([CreditMove.Grant, CreditMove.Withdraw], (await EntriesAsync()).Select(entry => entry.Move));
    }

    [Theory]
    [InlineData("a:100:20 b:100:10 c:100:-", 150, "b:100 a:50")]
    [InlineData("bought:100:10:b promised:100:10:p", 150, "promised:100 bought:50")]
    [InlineData("early:100:- late:100:-", 50, "early:50")]
    [InlineData("all:100:-", 120, "all:70")]
    [InlineData("all:100:-", 150, "all:100")]
    [InlineData("all:100:-", 49, "")]
    [InlineData("over:100:-1 good:60:0", 60, "good:60")]
    public void The_first_to_end_is_used_first_and_what_remains_can_be_charged(string credits, long owed, string expected)
    {
        var end = BillingWorld.Month.End;
        var given = credits
            .Split(' ')
            .Select(
                (text, index) =>
                    text.Split(':') is var part
                        ? Give(
                            part[0],
                            long.Parse(part[1]),
                            part[2] == "-" ? null : end.AddDays(int.Parse(part[2])),
                            part.ElementAtOrDefault(3) == "b" ? CreditKind.Bought : CreditKind.Promised,
                            index
                        )
                        : null!
            )
            .ToList();
        Assert.Equal(
            expected,
            string.Join(' ', CreditUse.Plan(new Money(owed, Currency.Usd), given, end).Select(part => $"{part.Credit.Reason}:{part.Minor}"))
        );
    }

    /// <summary>
    /// Over random histories: every credit's entries add up to what is left of it, nothing is below zero, and no invoice is.
    /// </summary>
    [Fact]
    public void The_ledger_balances_over_any_history_and_no_bill_is_below_zero() =>
        Gen.Select(Gen.Int[0, 3], Gen.Long[1, 30_000], Gen.Int[0, 120])
            .List[1, 60]
            .Sample(
                history =>
                {
                    var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(BillingWorld.November);
                    var (credits, entries) = (new List<Credit>(), new List<CreditEntry>());
                    foreach (var (act, minor, days) in history)
                    {
                        clock.Advance(TimeSpan.FromDays(days % 7));
                        if (act == 0)
                        {
                            var (credit, entry) = Credit.Grant(
                                Anybody,
                                new Money(minor, Currency.Usd),
                                (CreditKind)(days % 2),
                                "A credit",
                                days % 3 == 0 ? null : clock.GetUtcNow().AddDays(days),
                                "operator",
                                clock
                            );
                            credits.Add(credit);
                            entries.Add(entry);
                        }
                        else if (act == 1 && credits.Find(credit => credit.LeftMinor > 0) is { } some)
                        {
                            entries.Add(some.Take(CreditMove.Withdraw, some.LeftMinor, null, "operator", clock));
                        }
                        else
                        {
                            var now = clock.GetUtcNow();
                            var parts = CreditUse.Plan(new Money(minor, Currency.Usd), credits, now);
                            var rest = minor - parts.Sum();
                            Assert.True(rest == minor || rest == 0 || rest >= SmallestCharge.Of(Currency.Usd).Minor);
                            Assert.True(rest >= 0);
                            Assert.All(parts, part => Assert.False(part.Credit.ExpiresAt < now));
                            entries.AddRange(parts.Select(part => part.Credit.Take(CreditMove.Use, part.Minor, null, "close", clock)));
                            entries.AddRange(
                                credits
                                    .Where(credit => credit.LeftMinor > 0 && credit.ExpiresAt < now)
                                    .Select(credit => credit.Take(CreditMove.Expire, credit.LeftMinor, null, "close", clock))
                            );
                        }
                    }
                    Assert.All(
                        credits,
                        credit =>
                        {
                            var sum = entries.Where(entry => entry.CreditId == credit.Id).Sum(entry => entry.AmountMinor);
                            Assert.Equal(credit.LeftMinor, sum);
                            Assert.InRange(credit.LeftMinor, 0, credit.GrantedMinor);
                        }
                    );
                },
                iter: 2_000
            );

    /// <summary>However a month is cut by closes, the same amount of credit is used, but for what is too small to be charged.</summary>
    [Fact]
    public void Cutting_a_month_changes_nothing_of_what_credits_pay() =>
        Gen.Select(Gen.Long[50, 20_000].List[1, 6], Gen.Long[1, 60_000])
            .Sample(
                (parts, credit) =>
                {
                    var whole = Used([parts.Sum()], credit);
                    var cut = Used(parts, credit);
                    Assert.InRange(
                        whole - cut,
                        -SmallestCharge.Of(Currency.Usd).Minor * parts.Count,
                        SmallestCharge.Of(Currency.Usd).Minor * parts.Count
                    );
                    if (credit >= parts.Sum())
                        Assert.Equal(parts.Sum(), cut);
                },
                iter: 5_000
            );

    private static long Used(IReadOnlyList<long> bills, long credit)
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(BillingWorld.November);
        var given = Credit.Grant(Anybody, new Money(credit, Currency.Usd), CreditKind.Promised, "A credit", null, "operator", clock).Credit;
        foreach (var bill in bills)
        foreach (var part in CreditUse.Plan(new Money(bill, Currency.Usd), [given], BillingWorld.Month.End))
            given.Take(CreditMove.Use, part.Minor, null, "close", clock);
        return credit - given.LeftMinor;
    }

    private static Credit Give(string reason, long minor, DateTimeOffset? end, CreditKind kind, int index) =>
        Credit
            .Grant(
                Anybody,
                new Money(minor, Currency.Usd),
                kind,
                reason,
                end,
                "operator",
                new Microsoft.Extensions.Time.Testing.FakeTimeProvider(BillingWorld.November.AddMinutes(index))
            )
            .Credit;

    private async Task GrantAsync(long minor, string reason, DateTimeOffset? ends = null) =>
        Assert.True((await Granting.RunAsync(BillingWorld.Operator, "northwind", minor, "usd", null, reason, ends, default)).IsOk);

    private async Task<CurrentBill> BillAsync(Month month) =>
        (
            await new GetCurrentBill(_world.Guard, _world.Database, _world.Ledger, _world.Clock).OfMonthAsync(
                BillingWorld.Owner,
                "northwind",
                month,
                default
            )
        ).Value;

    /// <summary>Oldest first.</summary>
    private async Task<IReadOnlyList<CreditEntry>> EntriesAsync() =>
        [
            .. (
                await new ListCreditEntries(_world.Guard, _world.Database).RunAsync(
                    BillingWorld.Owner,
                    "northwind",
                    new PageRequest(),
                    default
                )
            ).Value.Items.Reverse(),
        ];

    private static DateTimeOffset Day(int day) => BillingWorld.November.AddDays(day - 1);
}
