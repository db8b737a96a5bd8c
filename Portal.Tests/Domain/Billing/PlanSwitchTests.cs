using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Billing;

/// <summary>A customer looks at another plan, asks for it, and takes it back.</summary>
public sealed class PlanSwitchTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    private ChangePlan Change => new(_world.Guard, _world.Database, _world.Gateway, Fit, _world.Clock);
    private KeepPlan Keep => new(_world.Guard, _world.Database);
    private CompleteCheckout Complete => new(_world.Guard, _world.Database, _world.Gateway, _world.Clock);
    private PreviewPlanChange Preview => new(_world.Guard, _world.Database, _world.Gateway, _world.Ledger, Fit, _world.Clock);
    private PlanFit Fit => new(_world.Database, new StandingCluster());

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task An_upgrade_that_was_taken_back_does_not_start_with_a_card_of_an_old_checkout()
    {
        var fabrikam = await FreeAsync("fabrikam");
        _world.Gateway.HasCard = false;
        Assert.True((await Change.RunAsync(BillingWorld.Owner, "fabrikam", PlanCode.Payg, default)).Value.NeedsCard);
        Assert.Equal(PlanCode.Payg, (await _world.FindAsync(fabrikam)).PendingUpgrade);

        Assert.Null((await Keep.RunAsync(BillingWorld.Owner, "fabrikam", default)).Value.PendingUpgrade);
        Assert.True((await Keep.RunAsync(BillingWorld.Owner, "fabrikam", default)).IsOk);
        _world.Gateway.HasCard = true;
        var done = (await Complete.RunAsync(BillingWorld.Owner, "fabrikam", default)).Value;
        Assert.Equal((true, false, PlanCode.Free), (done.HasCard, done.PlanBegan, done.Organization.Plan));
        Assert.Empty(await _world.PlansAsync(fabrikam));
    }

    [Fact]
    public async Task A_card_that_the_present_plan_lacks_stays_asked_for()
    {
        await _world.ChangeAsync(async session =>
            (await session.Organizations.FindAsync(_world.Northwind, default))!.AwaitCardFor(PlanCode.Payg)
        );
        var kept = (await Keep.RunAsync(BillingWorld.Owner, "northwind", default)).Value;
        Assert.Equal((PlanCode.Payg, null), (kept.AwaitingCardFor, kept.PendingUpgrade));
    }

    [Fact]
    public async Task A_plan_that_the_operator_sets_meanwhile_stays()
    {
        var fabrikam = await FreeAsync("fabrikam");
        _world.Gateway.Meanwhile = () =>
            _world.ChangeAsync(async session =>
                (await session.Organizations.FindAsync(fabrikam, default))!.ChangePlan(PlanCode.Dedicated, PayBy.Invoice)
            );
        Assert.Equal("plan-by-operator", (await Change.RunAsync(BillingWorld.Owner, "fabrikam", PlanCode.Payg, default)).Problem?.Code);
        Assert.Equal(
            (PlanCode.Dedicated, PayBy.Invoice),
            ((await _world.FindAsync(fabrikam)).Plan, (await _world.FindAsync(fabrikam)).PayBy)
        );
    }

    /// <summary>The browser's return and Stripe's event come at the same time.</summary>
    [Fact]
    public async Task Two_who_see_the_card_at_once_begin_the_plan_once_and_the_log_says_so_once()
    {
        var fabrikam = await FreeAsync("fabrikam");
        await _world.ChangeAsync(async session => (await session.Organizations.FindAsync(fabrikam, default))!.AwaitCardFor(PlanCode.Payg));
        _world.Gateway.Meanwhile = async () =>
        {
            _world.Gateway.Meanwhile = () => Task.CompletedTask;
            Assert.True((await Complete.RunAsync(BillingWorld.Owner, "fabrikam", default)).Value.PlanBegan);
        };
        var second = (await Complete.RunAsync(BillingWorld.Owner, "fabrikam", default)).Value;
        Assert.Equal((true, false, PlanCode.Payg), (second.HasCard, second.PlanBegan, second.Organization.Plan));
        Assert.Single(await _world.AuditAsync(fabrikam), record => record.Operation == "plan.begin");
    }

    [Fact]
    public async Task A_stranger_takes_nothing_back()
    {
        var fabrikam = await FreeAsync("fabrikam");
        await _world.ChangeAsync(async session => (await session.Organizations.FindAsync(fabrikam, default))!.AwaitCardFor(PlanCode.Payg));
        var stranger = BillingWorld.Owner with { AccountId = new AccountId(Guid.NewGuid()) };
        Assert.Equal("organization-not-found", (await Keep.RunAsync(stranger, "fabrikam", default)).Problem?.Code);
        Assert.Equal(PlanCode.Payg, (await _world.FindAsync(fabrikam)).PendingUpgrade);
    }

    [Fact]
    public async Task A_way_down_says_what_is_still_invoiced_when_charges_stop_and_which_limits_get_lower()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Clock.Advance(TimeSpan.FromMinutes(25));
        var preview = (await Preview.RunAsync(BillingWorld.Owner, "northwind", "free", default)).Value;
        Assert.Equal((new Money(1600, Currency.Usd), false, false), (preview.Unbilled, preview.TooSmallToCharge, preview.NeedsCard));
        Assert.Equal(_world.Clock.Now().HourStart().AddHours(1), preview.ChargesChange);
        Assert.Empty(preview.Obstacles);
        Assert.Null(preview.Prices);
        Assert.Contains(new LimitMove(LimitKind.TopicsPerNamespace, 100, 5), preview.Limits);
        Assert.All(preview.Limits, move => Assert.True(move.IsLower));
        Assert.Equal(PlanCode.Payg, (await _world.FindAsync(_world.Northwind)).Plan);
    }

    [Fact]
    public async Task A_way_down_names_everything_that_has_to_go_first()
    {
        await _world.ChangeAsync(session =>
        {
            session.Tenants.Add(
                new Tenant(
                    new TenantId(_world.Clock.NewUuid()),
                    _world.Northwind,
                    TenantName.Create("northwind-office").Value,
                    "local",
                    BillingWorld.November
                )
            );
            return Task.CompletedTask;
        });
        var preview = (await Preview.RunAsync(BillingWorld.Owner, "northwind", "free", default)).Value;
        var obstacle = Assert.Single(preview.Obstacles);
        Assert.Equal("plan-too-small", obstacle.Code);
        Assert.Equal(obstacle, (await Change.RunAsync(BillingWorld.Owner, "northwind", PlanCode.Free, default)).Problem);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_way_up_says_its_prices_and_whether_a_card_is_missing(bool hasCard)
    {
        var fabrikam = await FreeAsync("fabrikam");
        _world.Gateway.HasCard = hasCard;
        var preview = (await Preview.RunAsync(BillingWorld.Owner, "fabrikam", "payg", default)).Value;
        Assert.Equal(
            ("dear", !hasCard, hasCard ? _world.Clock.Now().HourStart() : (DateTimeOffset?)null),
            (preview.Prices?.Version, preview.NeedsCard, preview.ChargesChange)
        );
        Assert.Null((await _world.FindAsync(fabrikam)).AwaitingCardFor);
    }

    [Fact]
    public async Task Dedicated_is_the_operators_in_a_preview_too() =>
        Assert.Equal("plan-by-operator", (await Preview.RunAsync(BillingWorld.Owner, "northwind", "dedicated", default)).Problem?.Code);

    private async Task<OrganizationId> FreeAsync(string slug)
    {
        var id = await _world.OrganizationAsync(slug, BillingWorld.Owner);
        await _world.ChangeAsync(async session => (await session.Organizations.FindAsync(id, default))!.SetStripeCustomer($"cus_{slug}"));
        return id;
    }
}
