using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;

namespace Portal.Tests.Domain.Tenants;

/// <summary>What a customer wishes of a namespace, and what it comes to.</summary>
public sealed class NamespaceWishesTests
{
    private static readonly PlanLimits Free = ShippedPlans.Of(PlanCode.Free).Limits;
    private static readonly PlanLimits Dedicated = ShippedPlans.Of(PlanCode.Dedicated).Limits;

    private static readonly NamespaceWishes Everything = new(TimeSpan.FromHours(36), 3 * ByteSize.GiB)
    {
        MessageTtl = TimeSpan.FromSeconds(90),
        BacklogQuotaBytes = 64 * ByteSize.MiB,
        WhenBacklogFull = BacklogFull.DropOldest,
        PublishRate = new(10, null),
        DispatchRate = new(null, 32 * ByteSize.KiB),
        Deduplication = false,
        SchemaCompatibility = SchemaCompatibility.ForwardTransitive,
        SchemaValidation = true,
    };

    [Fact]
    public void What_is_kept_reads_as_it_was_written()
    {
        Assert.Equal(Everything, NamespaceWishes.Read(Everything.ToJson()));
        Assert.Equal(NamespaceWishes.None, NamespaceWishes.Read(NamespaceWishes.None.ToJson()));
        Assert.Equal("{}", NamespaceWishes.None.ToJson());
    }

    [Fact]
    public void Every_wish_is_named_in_the_audit_log()
    {
        Assert.Equal(10, Everything.Words().Count);
        Assert.Equal(
            ("consumer_backlog_eviction", "10 msg/s", "off"),
            (Everything.Words()["when the backlog is full"], Everything.Words()["publish rate"], Everything.Words()["deduplication"])
        );
        Assert.Empty(NamespaceWishes.None.Words());
    }

    [Fact]
    public void A_wish_is_in_force_as_far_as_the_plan_goes_and_what_plans_say_nothing_of_is_in_force_as_it_is()
    {
        var wishes = Everything with
        {
            BacklogQuotaBytes = 100 * ByteSize.GiB,
            PublishRate = new(1_000_000, 1),
            DispatchRate = new(1, 64 * ByteSize.GiB),
        };
        var policies = DesiredNamespace.Of(Free, wishes, Publishing.Open);

        Assert.Equal(
            (Free.BacklogQuotaBytes, Free.RatePerPartition!.MessagesPerSecond, 1L),
            (policies.BacklogQuotaBytes, policies.PublishRate!.MessagesPerSecond, policies.PublishRate.BytesPerSecond)
        );
        Assert.Equal(
            (1, Free.RatePerPartition.BytesPerSecond),
            (policies.DispatchRate!.MessagesPerSecond, policies.DispatchRate.BytesPerSecond)
        );
        Assert.Equal(
            (TimeSpan.FromSeconds(90), BacklogFull.DropOldest, false, SchemaCompatibility.ForwardTransitive, true),
            (policies.MessageTtl, policies.WhenBacklogFull, policies.Deduplication, policies.SchemaCompatibility, policies.SchemaValidation)
        );
    }

    [Fact]
    public void A_rate_that_is_wished_holds_where_the_plan_has_none()
    {
        Assert.Null(DesiredNamespace.Of(Dedicated, NamespaceWishes.None, Publishing.Open).PublishRate);
        Assert.Equal(new RateLimit(10, null), DesiredNamespace.Of(Dedicated, Everything, Publishing.Open).PublishRate);
    }

    [Fact]
    public void Retention_stays_above_the_backlog_quota_that_is_in_force()
    {
        var small = new NamespaceWishes(null, 10 * ByteSize.MiB);
        Assert.Equal(Free.BacklogQuotaBytes + ByteSize.MiB, DesiredNamespace.Of(Free, small, Publishing.Open).RetentionSize);
        Assert.Equal(
            10 * ByteSize.MiB,
            DesiredNamespace.Of(Free, small with { BacklogQuotaBytes = 5 * ByteSize.MiB }, Publishing.Open).RetentionSize
        );
    }

    [Fact]
    public void Of_two_who_change_at_once_neither_takes_back_what_the_other_did()
    {
        Assert.Equal(Everything, Everything.Over(NamespaceWishes.None, NamespaceWishes.None));
        Assert.Equal(Everything, NamespaceWishes.None.Over(NamespaceWishes.None, Everything));
        Assert.Equal(NamespaceWishes.None, NamespaceWishes.None.Over(Everything, Everything));
        var (mine, theirs) = (Everything with { MessageTtl = null }, Everything with { Deduplication = true });
        Assert.Equal(Everything with { MessageTtl = null, Deduplication = true }, mine.Over(Everything, theirs));
    }

    [Fact]
    public void Other_policies_have_another_fingerprint()
    {
        NamespaceWishes[] each =
        [
            NamespaceWishes.None,
            new(TimeSpan.FromMinutes(1)),
            new(null, ByteSize.GiB),
            new() { MessageTtl = TimeSpan.FromSeconds(1) },
            new() { BacklogQuotaBytes = ByteSize.MiB },
            new() { WhenBacklogFull = BacklogFull.HoldPublishing },
            new() { PublishRate = new(1, null) },
            new() { DispatchRate = new(1, null) },
            new() { Deduplication = true },
            new() { Deduplication = false },
            new() { SchemaCompatibility = SchemaCompatibility.Full },
            new() { SchemaValidation = true },
        ];
        Assert.Equal(
            each.Length,
            each.Select(wishes => DesiredNamespace.Of(Dedicated, wishes, Publishing.Open).Fingerprint()).Distinct().Count()
        );
    }

    [Theory]
    [InlineData(Publishing.Slowed)]
    [InlineData(Publishing.Blocked)]
    public void A_hard_cap_leaves_a_tenth_of_the_publish_rate_and_touches_nothing_else(Publishing publishing)
    {
        var (open, held) = (
            DesiredNamespace.Of(Free, NamespaceWishes.None, Publishing.Open),
            DesiredNamespace.Of(Free, NamespaceWishes.None, publishing)
        );
        Assert.Equal(new RateLimit(open.PublishRate!.MessagesPerSecond / 10, open.PublishRate.BytesPerSecond / 10), held.PublishRate);
        Assert.Equal(open, held with { PublishRate = open.PublishRate });
        Assert.Equal(DesiredNamespace.SlowedWithoutLimit, DesiredNamespace.Of(Dedicated, NamespaceWishes.None, publishing).PublishRate);
        Assert.Equal(
            new RateLimit(1, null),
            DesiredNamespace.Of(Dedicated, NamespaceWishes.None with { PublishRate = new(3, null) }, publishing).PublishRate
        );
    }

    [Fact]
    public void Pulsars_words_are_read_as_they_are_written()
    {
        Assert.All(Enum.GetValues<BacklogFull>(), full => Assert.Equal(full, PolicyWords.BacklogFullOf(full.Text())));
        Assert.All(Enum.GetValues<SchemaCompatibility>(), one => Assert.Equal(one, PolicyWords.SchemaCompatibilityOf(one.Text())));
        Assert.Null(PolicyWords.SchemaCompatibilityOf("UNDEFINED"));
        Assert.Null(PolicyWords.BacklogFullOf(null));
    }
}
