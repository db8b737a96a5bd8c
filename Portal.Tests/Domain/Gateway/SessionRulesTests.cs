using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Gateway;
using Portal.Domain.Plans;

namespace Portal.Tests.Domain.Gateway;

/// <summary>When a session may not begin, and when one that is open ends.</summary>
public sealed class SessionRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly KeyId Key = new(Guid.Parse("01900000-0000-7000-8000-000000000001"));
    private static readonly TopicId Topic = new(Guid.Parse("01900000-0000-7000-8000-000000000002"));
    private static readonly TopicId Letters = new(Guid.Parse("01900000-0000-7000-8000-000000000003"));
    private static readonly HashSet<TopicId> NoneDeleted = [];

    [Theory]
    [InlineData(ResourceState.Creating, OrganizationState.Active, null)]
    [InlineData(ResourceState.Ready, OrganizationState.Active, null)]
    [InlineData(ResourceState.Failed, OrganizationState.Active, null)]
    [InlineData(ResourceState.Deleting, OrganizationState.Active, "pulsar-key-deleted")]
    [InlineData(ResourceState.Deleted, OrganizationState.Active, "pulsar-key-deleted")]
    [InlineData(ResourceState.Ready, OrganizationState.Suspended, "organization-suspended")]
    [InlineData(ResourceState.Ready, OrganizationState.Closed, "organization-not-active")]
    public void A_session_lasts_as_long_as_its_key_and_its_organization(ResourceState key, OrganizationState organization, string? reason)
    {
        var standing = new KeyStanding(Key, key, null, organization);
        Assert.Equal(reason, SessionRules.WhyRefused(standing, SessionKind.Consumer, false, Now)?.Code);
        Assert.Equal(reason, SessionRules.WhyEnded(Admitted(null), standing, NoneDeleted, Now)?.Code);
    }

    [Theory]
    [InlineData(SessionKind.Producer, "publishing-blocked")]
    [InlineData(SessionKind.Consumer, null)]
    [InlineData(SessionKind.Reader, null)]
    public void A_hard_cap_ends_producers_and_nobody_else(SessionKind kind, string? reason)
    {
        var standing = new KeyStanding(Key, ResourceState.Ready, null, OrganizationState.Active, PublishingBlocked: true);
        Assert.Equal(reason, SessionRules.WhyRefused(standing, kind, false, Now)?.Code);
    }

    [Fact]
    public void A_hard_cap_ends_consumers_whose_dead_letters_the_broker_publishes()
    {
        var standing = new KeyStanding(Key, ResourceState.Ready, null, OrganizationState.Active, PublishingBlocked: true);
        Assert.Equal("dead-letters-blocked", SessionRules.WhyRefused(standing, SessionKind.Consumer, true, Now)?.Code);
        Assert.Equal("dead-letters-blocked", SessionRules.WhyEnded(Admitted(null), standing, NoneDeleted, Now)?.Code);
        Assert.Null(SessionRules.WhyEnded(Admitted(null) with { Topics = [Topic] }, standing, NoneDeleted, Now));
        Assert.Null(SessionRules.WhyRefused(standing with { PublishingBlocked = false }, SessionKind.Consumer, true, Now));
        Assert.InRange(Encoding.UTF8.GetByteCount(GatewayProblems.DeadLettersBlocked.Message), 1, 123);
    }

    [Fact]
    public void A_session_ends_with_its_token_at_the_second()
    {
        var standing = new KeyStanding(Key, ResourceState.Ready, null, OrganizationState.Active);
        Assert.Null(SessionRules.WhyEnded(Admitted(Now.AddSeconds(1)), standing, NoneDeleted, Now));
        Assert.Equal("pulsar-key-expired", SessionRules.WhyEnded(Admitted(Now), standing, NoneDeleted, Now)!.Code);
    }

    [Fact]
    public void A_session_that_began_before_a_rotation_ends_with_the_overlap()
    {
        var standing = new KeyStanding(Key, ResourceState.Ready, Now, OrganizationState.Active);
        Assert.Equal("pulsar-key-expired", SessionRules.WhyEnded(Admitted(Now.AddDays(30)), standing, NoneDeleted, Now)!.Code);
        Assert.Equal("pulsar-key-expired", SessionRules.WhyEnded(Admitted(null), standing, NoneDeleted, Now)!.Code);
        Assert.Null(SessionRules.WhyEnded(Admitted(null), standing with { ExpiresAt = Now.AddSeconds(1) }, NoneDeleted, Now));
    }

    [Fact]
    public void A_session_ends_with_its_topic_and_with_that_of_its_dead_letters()
    {
        var standing = new KeyStanding(Key, ResourceState.Ready, null, OrganizationState.Active);
        Assert.Equal("topic-deleted", SessionRules.WhyEnded(Admitted(null), standing, new HashSet<TopicId> { Topic }, Now)!.Code);
        Assert.Equal("topic-deleted", SessionRules.WhyEnded(Admitted(null), standing, new HashSet<TopicId> { Letters }, Now)!.Code);
    }

    [Fact]
    public void A_key_has_so_many_places_and_gets_one_back_when_a_session_is_over()
    {
        var sessions = new GatewaySessions(new GatewayLimits(2));
        using var first = sessions.Begin(Admitted(null)).Value;
        var second = sessions.Begin(Admitted(null)).Value;
        Assert.Equal("gateway-sessions-limit", sessions.Begin(Admitted(null)).Problem!.Code);
        using var other = sessions.Begin(Admitted(null) with { Key = new(Guid.Parse("01900000-0000-7000-8000-000000000009")) }).Value;
        second.Dispose();
        second.Dispose();
        using var third = sessions.Begin(Admitted(null)).Value;
        Assert.Equal("gateway-sessions-limit", sessions.Begin(Admitted(null)).Problem!.Code);
    }

    [Fact]
    public void All_keys_of_an_organization_share_the_places_of_its_plan()
    {
        var sessions = new GatewaySessions(GatewayLimits.Default);
        var limits = SessionLimits.Of(
            new PlanCatalog([]).For(PlanCode.Free, new(new Dictionary<LimitKind, long?> { [LimitKind.WebSocketSessions] = 2 }))
        );
        var (one, other) = (
            Admitted(null) with
            {
                Limits = limits,
            },
            Admitted(null) with
            {
                Limits = limits,
                Key = new(Guid.Parse("01900000-0000-7000-8000-000000000009")),
            }
        );
        var first = sessions.Begin(one).Value;
        using var second = sessions.Begin(other).Value;
        var refused = Assert.IsType<Problem.OverLimit>(sessions.Begin(other).Problem);
        Assert.Equal(
            (
                "websocket-sessions-limit",
                2L,
                "Your organization's own limit is 2 WebSocket connections at once, and all are open. Close some first."
            ),
            (refused.Code, refused.Limit, refused.Message)
        );
        // Another organization has its own places.
        using var stranger = sessions.Begin(other with { Organization = new(Guid.Parse("01900000-0000-7000-8000-000000000007")) }).Value;
        first.Dispose();
        using var again = sessions.Begin(other).Value;
        Assert.Equal("websocket-sessions-limit", sessions.Begin(one).Problem!.Code);
    }

    [Fact]
    public void Both_limits_of_a_plan_name_the_plan_that_lifts_them_and_the_sentence_fits_a_close_frame()
    {
        var limits = SessionLimits.Of(new PlanCatalog([]).For(PlanCode.Free, OwnLimits.None));
        Assert.Equal(
            "The Free plan allows 50 WebSocket connections at once, and all are open. Close some, or change to Pay as you go.",
            limits.TooMany!.Message
        );
        Assert.Equal("The Free plan allows 1.0 MiB per message. Send smaller ones, or change to Dedicated.", limits.TooLarge!.Message);
        Assert.InRange(Encoding.UTF8.GetByteCount(limits.TooLarge.Message), 1, 123);
        Assert.Equal(SessionLimits.None, SessionLimits.Of(new PlanCatalog([]).For(PlanCode.Dedicated, OwnLimits.None)));
    }

    [Fact]
    public async Task What_begins_while_the_portal_stops_is_ended_too()
    {
        var sessions = new GatewaySessions(GatewayLimits.Default);
        using var before = sessions.Begin(Admitted(null)).Value;
        sessions.EndAll(GatewayProblems.Restarting);
        using var after = sessions.Begin(Admitted(null)).Value;
        Assert.Equal(GatewayProblems.Restarting, await before.Ended);
        Assert.Equal(GatewayProblems.Restarting, await after.Ended);
    }

    private static Admission Admitted(DateTimeOffset? expiresAt) =>
        new(
            GatewayAddress.Parse("/ws/v2/consumer/persistent/shop/default/orders/s").Value,
            Key,
            new OrganizationId(Guid.Empty),
            "local",
            [Topic, Letters],
            expiresAt,
            "",
            SessionLimits.None
        );
}
