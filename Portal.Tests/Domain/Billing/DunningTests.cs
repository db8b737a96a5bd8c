using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

/// <summary>From a failed payment through reminders and limits to the payment that ends them.</summary>
public sealed partial class DunningTests : IAsyncLifetime
{
    private static readonly Account Elena = new(
        BillingWorld.Owner.AccountId!.Value,
        "elena@northwind.example",
        true,
        false,
        BillingWorld.November
    );
    private static readonly DateTimeOffset Due = new(2026, 12, 2, 1, 0, 0, TimeSpan.Zero);

    private BillingWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BillingWorld.CreateAsync();
        _world.People[Elena.Id] = Elena;
        await _world.ChangeAsync(async session =>
        {
            (await session.Organizations.FindAsync(_world.Northwind, default))!.SetStripeCustomer("cus_northwind");
            await Task.CompletedTask;
        });
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(-1, null, false, null)]
    [InlineData(0, null, false, Arrears.Notice)]
    [InlineData(6, null, false, Arrears.Notice)]
    [InlineData(7, null, false, Arrears.Restricted)]
    [InlineData(13, null, false, Arrears.Restricted)]
    [InlineData(14, null, false, Arrears.PublishingBlocked)]
    [InlineData(30, null, false, Arrears.Suspended)]
    [InlineData(300, null, false, Arrears.Suspended)]
    [InlineData(30, 31, false, Arrears.Notice)]
    [InlineData(37, 31, false, Arrears.Notice)]
    [InlineData(38, 31, false, Arrears.Restricted)]
    [InlineData(300, null, true, Arrears.None)]
    public void What_is_in_force_follows_from_dates(int day, int? extendedTo, bool isOff, Arrears? expected) =>
        Assert.Equal(
            expected,
            DunningStanding.Of(DunningSettings.Default, Due, extendedTo is { } to ? Due.AddDays(to) : null, isOff, Due.AddDays(day))?.Stage
        );

    [Fact]
    public void A_step_that_is_left_out_does_not_come_and_the_others_do()
    {
        var settings = DunningSettings.Default with { RestrictAfterDays = 0, SuspendAfterDays = 0 };
        Assert.Equal(Arrears.Notice, DunningStanding.Of(settings, Due, null, false, Due.AddDays(10))!.Stage);
        var last = DunningStanding.Of(settings, Due, null, false, Due.AddDays(100))!;
        Assert.Equal((Arrears.PublishingBlocked, 0), (last.Stage, last.Ahead.Count));
        Assert.Equal(Arrears.None, DunningStanding.Of(settings with { Enabled = false }, Due, null, false, Due.AddDays(100))!.Stage);
    }

    [Fact]
    public async Task An_unpaid_invoice_limits_step_by_step_says_each_once_and_its_payment_ends_all_at_once()
    {
        await FailAsync();
        Assert.Equal((Arrears.Notice, "Payment failed for invoice northwind-2026-11-1"), await StandsAsync(day: 0));
        var first = Assert.Single(_world.Mailer);
        Assert.Equal(Elena.Email, first.To);
        Assert.Contains("$16.00. The last payment attempt failed: There is no card on file.", first.Body, StringComparison.Ordinal);
        Assert.Contains(
            "on December 9, changes that can raise your bill are paused; on December 16, publishing is blocked; "
                + "on January 1, the organization is suspended.",
            first.Body,
            StringComparison.Ordinal
        );
        Assert.Equal((Arrears.Notice, null), await StandsAsync(day: 2));
        Assert.Equal((Arrears.Notice, "Reminder: invoice northwind-2026-11-1 is overdue"), await StandsAsync(day: 3));
        Assert.Equal((Arrears.Notice, null), await StandsAsync(day: 6));
        Assert.Null(await RefusalAsync("topic.create"));

        Assert.Equal(
            (Arrears.Restricted, "Changes that can raise your bill are paused: invoice northwind-2026-11-1 is overdue"),
            await StandsAsync(day: 7)
        );
        Assert.Equal("payment-overdue", await RefusalAsync("topic.create"));
        Assert.Equal("payment-overdue", await RefusalAsync("connector.start"));
        Assert.Equal("payment-overdue", await RefusalAsync("function.create"));
        Assert.Equal("payment-overdue", await RefusalAsync("function.start"));
        Assert.Null(await RefusalAsync("topic.delete"));
        Assert.Equal(Publishing.Open, (await _world.FindAsync(_world.Northwind)).Publishing);

        Assert.Equal((Arrears.Restricted, "Reminder: invoice northwind-2026-11-1 is overdue"), await StandsAsync(day: 10));
        Assert.Equal(
            (Arrears.PublishingBlocked, "Publishing is blocked: invoice northwind-2026-11-1 is overdue"),
            await StandsAsync(day: 14)
        );
        Assert.Equal(Publishing.Blocked, (await _world.FindAsync(_world.Northwind)).Publishing);
        Assert.Equal((Arrears.PublishingBlocked, "Reminder: invoice northwind-2026-11-1 is overdue"), await StandsAsync(day: 21));
        Assert.Equal((Arrears.Suspended, "northwind is suspended: invoice northwind-2026-11-1 is overdue"), await StandsAsync(day: 30));
        var stopped = await _world.FindAsync(_world.Northwind);
        Assert.Equal((OrganizationState.Suspended, "Invoice northwind-2026-11-1 is overdue"), (stopped.State, stopped.SuspendedFor));
        Assert.Equal(
            "suspended-for-payment",
            (
                await new ResumeOrganization(_world.Guard, _world.Database, _world.Clock).RunAsync(
                    BillingWorld.Operator,
                    "northwind",
                    default
                )
            )
                .Problem!
                .Code
        );
        Assert.Equal((Arrears.Suspended, null), await StandsAsync(day: 60));

        await PayAsync();
        Assert.Equal((Arrears.None, "Thank you for your payment: everything works again"), await NowAsync());
        var back = await _world.FindAsync(_world.Northwind);
        Assert.Equal((OrganizationState.Active, Publishing.Open), (back.State, back.Publishing));
        Assert.Equal(InvoiceStatus.Paid, (await _world.InvoiceAsync()).Status);
        Assert.Null(await _world.ReadAsync(session => session.Dunning.FindAsync(_world.Northwind, default)));
        Assert.Equal((Arrears.None, null), await StandsAsync(day: 90));
    }

    [Theory]
    [InlineData(Publishing.Open, null)]
    [InlineData(Publishing.Slowed, null)]
    [InlineData(Publishing.Blocked, "budget-reached")]
    public async Task While_a_hard_cap_blocks_publishing_nothing_is_made_that_costs_more(Publishing capped, string? refusal)
    {
        var organization = await _world.FindAsync(_world.Northwind);
        organization.Cap(capped);
        Assert.Equal(refusal, CostlyChanges.Refuse(organization)?.Code);
    }

    [Fact]
    public async Task An_invoice_that_is_sent_is_overdue_from_its_due_date()
    {
        await _world.ChangeAsync(async session =>
            (await session.Organizations.FindAsync(_world.Northwind, default))!.ChangePlan(PlanCode.Payg, PayBy.Invoice)
        );
        await FailAsync();
        Assert.Equal((Arrears.None, null), await StandsAsync(day: 29));
        var (stage, subject) = await StandsAsync(day: 31);
        Assert.Equal((Arrears.Notice, "Reminder: invoice northwind-2026-11-1 is overdue"), (stage, subject));
        Assert.Equal(Arrears.Restricted, (await StandsAsync(day: 38)).Stage);
    }

    [Fact]
    public async Task Killed_after_each_act_nothing_is_said_or_done_twice()
    {
        await FailAsync();
        foreach (var day in new[] { 3, 7, 10, 14, 21, 30 })
        {
            _world.Clock.SetUtcNow(Due.AddDays(day).AddMinutes(1));
            _world.Kill.KillAtName = KillPoint.DunningAfterCommit;
            await Assert.ThrowsAsync<KilledException>(NowAsync);
            _world.Kill.KillAtName = null;
            _world.Kill.Revive();
            await NowAsync();
        }
        Assert.Equal(7, _world.Mailer.Count);
        _world.Clock.Advance(TimeSpan.FromDays(1));
        await PayAsync(killed: true);
        await NowAsync();
        Assert.Equal(8, _world.Mailer.Count);
        Assert.Equal(OrganizationState.Active, (await _world.FindAsync(_world.Northwind)).State);
    }

    [Fact]
    public async Task More_time_lifts_limits_and_begins_anew_when_it_is_over()
    {
        await FailAsync();
        Assert.Equal(Arrears.PublishingBlocked, (await StandsAsync(day: 14)).Stage);
        var extend = new ExtendPaymentTime(_world.Guard, _world.Database, _world.People, _world.Dunning, _world.Address, _world.Clock);
        Assert.Equal("days-range", (await extend.RunAsync(BillingWorld.Operator, "northwind", 0, "They asked", default)).Problem!.Code);
        Assert.Equal("reason-length", (await extend.RunAsync(BillingWorld.Operator, "northwind", 5, " ", default)).Problem!.Code);
        Assert.Equal("operator-only", (await extend.RunAsync(BillingWorld.Owner, "northwind", 5, "Mine", default)).Problem!.Code);
        _world.Mailer.Clear();
        Assert.Equal(
            Arrears.Notice,
            (await extend.RunAsync(BillingWorld.Operator, "northwind", 5, "Their bank has a holiday", default)).Value.InForce
        );
        Assert.Equal((Arrears.Notice, "You have until December 21 to pay"), await NowAsync());
        Assert.Equal(Publishing.Open, (await _world.FindAsync(_world.Northwind)).Publishing);
        Assert.Equal((Arrears.Notice, null), await StandsAsync(day: 18));
        Assert.Equal((Arrears.Notice, "Reminder: invoice northwind-2026-11-1 is overdue"), await StandsAsync(day: 20));
        Assert.Equal(Arrears.Restricted, (await StandsAsync(day: 27)).Stage);
    }

    [Fact]
    public async Task Turned_off_for_one_it_neither_reminds_nor_limits_until_it_is_on_again()
    {
        await FailAsync();
        Assert.Equal(Arrears.Suspended, (await StandsAsync(day: 30)).Stage);
        var off = await new TurnOffDunning(_world.Guard, _world.Database, _world.Dunning, _world.Clock).RunAsync(
            BillingWorld.Operator,
            "northwind",
            "A friend of the house",
            default
        );
        Assert.Equal((Arrears.None, OrganizationState.Active), (off.Value.InForce, (await _world.FindAsync(_world.Northwind)).State));
        await NowAsync();
        Assert.Equal((Arrears.None, null), await StandsAsync(day: 60));
        var row = Assert.Single(
            (
                await new ListOverdue(_world.Guard, _world.Database, _world.Dunning, _world.Clock).RunAsync(
                    BillingWorld.Operator,
                    new PageRequest(),
                    default
                )
            )
                .Value
                .Items
        );
        Assert.Equal((true, "A friend of the house", 1), (row.Case!.IsOff, row.Case.Reason, row.Invoices.Count));

        var on = new TurnOnDunning(_world.Guard, _world.Database, _world.Dunning, _world.Clock);
        Assert.Equal(Arrears.Notice, (await on.RunAsync(BillingWorld.Operator, "northwind", default)).Value.InForce);
        Assert.Equal("dunning-is-on", (await on.RunAsync(BillingWorld.Operator, "northwind", default)).Problem!.Code);
        Assert.Equal(Arrears.Notice, (await StandsAsync(day: 66)).Stage);
        Assert.Equal(Arrears.Restricted, (await StandsAsync(day: 68)).Stage);
    }

    [Fact]
    public async Task An_operators_own_suspension_is_not_taken_over_and_no_payment_ends_it()
    {
        await FailAsync();
        await new SuspendOrganization(_world.Guard, _world.Database, _world.Clock).RunAsync(
            BillingWorld.Operator,
            "northwind",
            "abuse",
            default
        );
        Assert.Equal(Arrears.PublishingBlocked, (await StandsAsync(day: 40)).Stage);
        await PayAsync();
        Assert.Equal(Arrears.None, (await NowAsync()).Stage);
        var still = await _world.FindAsync(_world.Northwind);
        Assert.Equal((OrganizationState.Suspended, "abuse"), (still.State, still.SuspendedFor));
    }

    [Fact]
    public async Task A_hard_cap_holds_on_when_the_invoice_is_paid()
    {
        await FailAsync();
        await StandsAsync(day: 14);
        await _world.ChangeAsync(async session =>
            (await session.Organizations.FindAsync(_world.Northwind, default))!.Cap(Publishing.Blocked)
        );
        await PayAsync();
        Assert.Equal(Arrears.None, (await NowAsync()).Stage);
        Assert.Equal(Publishing.Blocked, (await _world.FindAsync(_world.Northwind)).Publishing);
    }

    /// <summary>November's invoice, $16.00, cannot be charged at 1 AM on December 2.</summary>
    private async Task FailAsync()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        _world.Gateway.HasCard = false;
        await _world.CloseAsync(early: false);
        Assert.Equal(InvoiceStatus.Open, (await _world.InvoiceAsync()).Status);
    }

    private async Task PayAsync(bool killed = false)
    {
        _world.Mailer.RemoveAll(_ => !killed);
        (_world.Gateway.HasCard, _world.Gateway.Card) = (true, "pm_new");
        Assert.True(
            (
                await new CompleteCheckout(_world.Guard, _world.Database, _world.Gateway, _world.Clock).RunAsync(
                    BillingWorld.Owner,
                    "northwind",
                    default
                )
            )
                .Value
                .Paying
        );
        if (!killed)
            return;
        _world.Kill.KillAtName = KillPoint.DunningAfterCommit;
        await Assert.ThrowsAsync<KilledException>(NowAsync);
        _world.Kill.KillAtName = null;
        _world.Kill.Revive();
    }

    /// <summary>What is in force a minute into that day, and the subject of the email that it brought.</summary>
    private Task<(Arrears Stage, string? Subject)> StandsAsync(int day)
    {
        _world.Clock.SetUtcNow(Due.AddDays(day).AddMinutes(1));
        return NowAsync(forgetting: true);
    }

    private Task<(Arrears Stage, string? Subject)> NowAsync() => NowAsync(forgetting: false);

    private async Task<(Arrears Stage, string? Subject)> NowAsync(bool forgetting)
    {
        if (forgetting && _world.Clock.GetUtcNow() > Due.AddHours(1))
            _world.Mailer.Clear();
        await Recurring.EnsureAsync(_world.Database, _world.Clock, new CheckDunningWork(), Lanes.Billing, "overdue invoices", default);
        await _world.Work.RunAsync();
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await _world.Work.RunAsync();
        return ((await _world.FindAsync(_world.Northwind)).Arrears, _world.Mailer.LastOrDefault()?.Subject);
    }

    private async Task<string?> RefusalAsync(string operation) =>
        (
            await _world.Guard.EnterAsync(
                BillingWorld.Owner,
                "northwind",
                new Operation(Permission.ManageResources, operation, "shop/default/orders"),
                default
            )
        )
            .Problem
            ?.Code;
}
