using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;

namespace Portal.Tests.Domain.Plans;

/// <summary>What limits can be, and what an organization's own make of its plan's.</summary>
public sealed class PlanLimitsTests
{
    private static readonly PlanLimits Free = ShippedPlans.Of(PlanCode.Free).Limits;
    private static readonly PlanCatalog Shipped = new([]);

    public static TheoryData<LimitKind> Kinds => [.. LimitKinds.All];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_own_limit_replaces_the_plans_and_no_other(LimitKind kind)
    {
        foreach (long? own in (long?[])[3, null])
        {
            var plan = Shipped.For(PlanCode.Free, new(new Dictionary<LimitKind, long?> { [kind] = own }));
            Assert.Equal(own, plan.Limits[kind]);
            Assert.Equal(Free.With(kind, own), plan.Limits);
            Assert.All(LimitKinds.All, other => Assert.Equal(other == kind, plan.Own.Holds(other)));
        }
    }

    [Fact]
    public void Without_own_limits_the_newest_version_of_the_plan_holds()
    {
        var second = new PlanVersion(PlanCode.Free, 2, "Starter", Free.With(LimitKind.Tenants, 4), default, "", "");
        var plan = new PlanCatalog([second]).For(PlanCode.Free, OwnLimits.None);
        Assert.Equal(("Starter", 2, 4), (plan.Name, plan.Version.Version, plan.Limits.Tenants));
        Assert.Equal(ShippedPlans.Of(PlanCode.Payg).Limits, plan.Plans[PlanCode.Payg].Limits);
    }

    [Fact]
    public void What_is_kept_comes_back_as_it_was()
    {
        foreach (var code in Plan.All)
        {
            var shipped = ShippedPlans.Of(code).Limits;
            Assert.Equal(shipped, PlanLimits.Read(shipped.ToJson()));
        }
        var own = OwnLimits.Read(
            new OwnLimits(new Dictionary<LimitKind, long?> { [LimitKind.Tenants] = 9, [LimitKind.Connectors] = null }).ToJson()
        );
        Assert.Equal(
            [(LimitKind.Tenants, 9L), (LimitKind.Connectors, (long?)null)],
            own.Values.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))
        );
        Assert.Empty(OwnLimits.Read("""{"ofANewerVersion": 3}""").Values);
    }

    [Theory]
    [InlineData("tenants", 0L, "limit-out-of-range")]
    [InlineData("tenants", -1L, "limit-out-of-range")]
    [InlineData("tenants", long.MaxValue, "limit-out-of-range")]
    [InlineData("retentionMinutes", 0L, "limit-out-of-range")]
    [InlineData("retentionMinutes", 3660L * 24 * 60 + 1, "limit-out-of-range")]
    [InlineData("retentionBytes", 1023L * 1024, "limit-out-of-range")]
    [InlineData("retentionBytes", 256L << 20, "backlog-over-retention")]
    [InlineData("connectors", -1L, "limit-out-of-range")]
    [InlineData("seats", 3L, "limit-unknown")]
    [InlineData("connectors", 0L, null)]
    [InlineData("tenants", null, null)]
    [InlineData("retentionMinutes", 1L, null)]
    public void A_limit_is_positive_and_within_bounds(string name, long? value, string? code)
    {
        var limits = new Dictionary<string, long?>(Free.ByName()) { [name] = value };
        Assert.Equal(code, PublishPlan.Check("Free", limits, "Because")?.Code);
    }

    [Fact]
    public void A_plan_names_every_limit_and_says_why_it_changes()
    {
        var limits = new Dictionary<string, long?>(Free.ByName());
        Assert.Equal("name-length", PublishPlan.Check(" ", limits, "Because")?.Code);
        foreach (var note in (string?[])[null, "  ", new string('x', 301), "two\nlines"])
            Assert.Equal("note-length", PublishPlan.Check("Free", limits, note)?.Code);
        limits.Remove("topicsPerNamespace");
        var missing = Assert.IsType<Problem.Invalid>(PublishPlan.Check("Free", limits, "Because"));
        Assert.Equal(("limit-missing", "topicsPerNamespace"), (missing.Code, missing.Field));
        Assert.Equal("limits-missing", PublishPlan.Check("Free", null, "Because")?.Code);
    }

    [Fact]
    public void A_refusal_names_the_limit_the_use_and_the_plan_that_really_lifts_it()
    {
        var plain = Shipped.For(PlanCode.Free, OwnLimits.None).RefuseOneMore(LimitKind.Tenants, "tenants-limit", "tenant", null, 1)!;
        Assert.Equal(
            ("The Free plan allows 1 tenant; 1 is in use. Pay as you go allows more, or delete one first.", 1, 1, "Pay as you go"),
            (plain.Message, plain.Limit, plain.Used, plain.LiftedBy)
        );
        var narrow = new PlanCatalog([
            new(PlanCode.Payg, 2, "Pay as you go", ShippedPlans.Of(PlanCode.Payg).Limits.With(LimitKind.Tenants, 1), default, "", ""),
        ]);
        Assert.Equal(
            "Dedicated",
            narrow.For(PlanCode.Free, OwnLimits.None).RefuseOneMore(LimitKind.Tenants, "tenants-limit", "tenant", null, 1)!.LiftedBy
        );
        var own = Shipped.For(PlanCode.Free, new(new Dictionary<LimitKind, long?> { [LimitKind.Tenants] = 20 }));
        Assert.Null(own.RefuseOneMore(LimitKind.Tenants, "tenants-limit", "tenant", null, 19));
        var over = own.RefuseOneMore(LimitKind.Tenants, "tenants-limit", "tenant", null, 20)!;
        Assert.Equal(
            ("Your organization's own limit is 20 tenants; 20 are in use. Delete one first.", null),
            (over.Message, over.LiftedBy)
        );
        Assert.Null(
            Shipped.For(PlanCode.Dedicated, OwnLimits.None).RefuseOneMore(LimitKind.Tenants, "tenants-limit", "tenant", null, 1_000_000)
        );
    }

    [Fact]
    public void A_wish_is_in_force_where_it_fits_and_otherwise_as_far_as_it_fits()
    {
        var week = new NamespaceWishes(TimeSpan.FromDays(7), 8 * ByteSize.GiB);
        Assert.Equal((TimeSpan.FromDays(7), 8 * ByteSize.GiB), Retention(ShippedPlans.Of(PlanCode.Payg).Limits, week));
        Assert.Equal((TimeSpan.FromDays(2), 512 * ByteSize.MiB), Retention(Free, week));
        Assert.Equal((TimeSpan.FromDays(5), 512 * ByteSize.MiB), Retention(Free.With(LimitKind.RetentionMinutes, 5 * 24 * 60), week));
        // Without a wish a namespace keeps a day, or less where no more is allowed.
        Assert.Equal(TimeSpan.FromHours(6), Retention(Free.With(LimitKind.RetentionMinutes, 6 * 60), NamespaceWishes.None).Item1);
    }

    [Fact]
    public void Huge_limits_do_not_overflow_what_a_broker_counts()
    {
        var limits = Free.With(LimitKind.TopicsPerNamespace, 1_000_000).With(LimitKind.PartitionsPerTopic, 10_000);
        Assert.Equal(int.MaxValue, NamespacePolicies.Of(limits).MaxTopics);
    }

    private static (TimeSpan?, long?) Retention(PlanLimits limits, NamespaceWishes wishes) =>
        DesiredNamespace.Of(limits, wishes, Publishing.Open) is var policies ? (policies.RetentionTime, policies.RetentionSize) : default;
}
