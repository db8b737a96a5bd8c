using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Desired;
using Portal.Domain.Notices;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Desired;

/// <summary>What the reconciler does about what it finds, over a real database and a cluster that a test alters.</summary>
public sealed class ReconcileClusterTests : INamespaceState, IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));
    private readonly StandingCluster _cluster = new();
    private TestDatabase _data = null!;
    private Namespace _namespace = null!;
    private Topic _orders = null!;
    private Topic _returns = null!;
    private PulsarKey _key = null!;
    private NamespaceOnCluster? _there;

    public async ValueTask InitializeAsync()
    {
        _data = await TestDatabase.SqliteAsync(_clock);
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", _clock.Now());
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", _clock.Now());
        tenant.Ready(_clock.Now());
        _namespace = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, _clock.Now());
        _namespace.PoliciesSet(DesiredNamespace.Of(ShippedPlans.Of(PlanCode.Free).Limits, NamespaceWishes.None, Publishing.Open));
        _namespace.Ready(_clock.Now());
        (_orders, _returns) = (Topic("orders"), Topic("returns"));
        _key = new PulsarKey(new(_clock.NewUuid()), _namespace, "web", KeyPermissions.Produce, true, false, _clock.Now(), null);
        _key.Ready(_clock.Now());
        await ChangeAsync(session =>
        {
            session.Organizations.Add(organization);
            session.Tenants.Add(tenant);
            session.Tenants.Add(_namespace);
            foreach (var topic in new[] { _orders, _returns })
            {
                session.Topics.Add(topic);
                var grant = new KeyGrant(_key.Id, topic.Id);
                grant.Granted(_clock.Now());
                session.Keys.Add(grant);
            }
            session.Keys.Add(_key);
            return Task.CompletedTask;
        });
        _there = AsItShouldBe();
        await Recurring.EnsureAsync(
            _data.Database,
            _clock,
            new ReconcileClusterWork("local"),
            new ReconcileClusterWork("local").Place(),
            default
        );
    }

    public ValueTask DisposeAsync() => _data.DisposeAsync();

    public Task<Outcome<NamespaceOnCluster?>> ReadAsync(
        NamespaceAddress @namespace,
        NamespacePolicies wanted,
        CancellationToken cancellationToken
    ) => Task.FromResult(Outcome.Of(_there));

    [Fact]
    public async Task Where_all_is_as_it_should_be_nothing_is_done()
    {
        await PassesAsync(5);
        Assert.Empty(await DifferencesAsync());
        Assert.Equal(["cluster.reconcile"], (await WorkAsync()).Select(item => item.Kind).Distinct());
    }

    [Fact]
    public async Task A_policy_changed_behind_the_portals_back_is_set_again_and_the_difference_ends()
    {
        _there = AsItShouldBe() with { DifferingPolicies = ["retention"] };
        await PassesAsync(1);
        Assert.Contains(await WorkAsync(), item => item.Kind == ApplyPoliciesWork.Kind && item.State == WorkState.Done);
        var found = Assert.Single(await DifferencesAsync());
        Assert.Equal((DifferenceKind.Policy, "retention", true, null), (found.Kind, found.Subject, found.Repairs, found.EndedAt));
        _there = AsItShouldBe();
        await PassesAsync(2);
        Assert.NotNull(Assert.Single(await DifferencesAsync()).EndedAt);
    }

    [Fact]
    public async Task Policies_that_a_change_of_limits_has_not_reached_yet_are_set_and_no_difference_is_reported()
    {
        await ChangeAsync(session =>
        {
            session.Plans.Add(
                new PlanVersion(
                    PlanCode.Free,
                    1,
                    "Free",
                    ShippedPlans.Of(PlanCode.Free).Limits.With(LimitKind.ProducersPerTopic, 7),
                    _clock.Now(),
                    "operator",
                    "More producers"
                )
            );
            return Task.CompletedTask;
        });
        _there = AsItShouldBe() with { DifferingPolicies = ["maxProducersPerTopic"] };
        await PassesAsync(1);
        Assert.Empty(await DifferencesAsync());
        Assert.Equal(9, _cluster.Policies[_namespace.Path].MaxProducersPerTopic);
        // Set once, what differs again is somebody else's doing.
        await PassesAsync(1);
        Assert.Equal(DifferenceKind.Policy, Assert.Single(await DifferencesAsync()).Kind);
    }

    [Fact]
    public async Task A_grant_that_is_gone_is_given_again()
    {
        var grants = new Dictionary<(string, string), GrantedActions>(AsItShouldBe().TopicGrants);
        grants.Remove((_orders.Address, _key.Role));
        _there = AsItShouldBe() with { TopicGrants = grants };
        await PassesAsync(1);
        Assert.Equal([("orders", _key.Role)], _cluster.Granted);
        Assert.Equal(ResourceState.Ready, (await KeyAsync()).State);
    }

    [Fact]
    public async Task A_grant_of_a_deleted_key_is_taken_away_and_a_strangers_is_listed_and_left()
    {
        _cluster.Granted.Add(("orders", _key.Role));
        await ChangeAsync(async session =>
        {
            (await session.Keys.FindAsync(_key.Id, default))!.Deleted(_clock.Now());
            foreach (var grant in await session.Keys.GrantsAsync(_key.Id, default))
                session.Keys.Remove(grant);
        });
        _there = AsItShouldBe() with
        {
            TopicGrants = new Dictionary<(string, string), GrantedActions>
            {
                [(_orders.Address, _key.Role)] = new(true, false),
                [(_orders.Address, "theirs")] = new(true, true),
            },
        };
        await PassesAsync(1);
        Assert.Empty(_cluster.Granted);
        Assert.Equal(
            [(DifferenceKind.GrantSurplus, true), (DifferenceKind.ForeignGrant, false)],
            (await DifferencesAsync()).OrderBy(one => one.Kind == DifferenceKind.ForeignGrant).Select(one => (one.Kind, one.Repairs))
        );
    }

    [Fact]
    public async Task A_topic_deleted_on_the_cluster_is_no_longer_billed_and_says_so_once_two_passes_miss_it()
    {
        var member = new AccountId(Guid.CreateVersion7());
        await ChangeAsync(session =>
        {
            session.Organizations.Add(new Membership(_orders.OrganizationId, member, Role.Developer, _clock.Now()));
            return Task.CompletedTask;
        });
        _there = AsItShouldBe() with { PersistentTopics = new HashSet<string> { _returns.Address } };
        await PassesAsync(1);
        Assert.Equal(ResourceState.Ready, (await TopicAsync(_orders.Id)).State);
        await PassesAsync(1);
        var lost = await TopicAsync(_orders.Id);
        Assert.Equal((ResourceState.Failed, "topic-gone", true), (lost.State, lost.ProblemCode, lost.IsLost));
        var reach = new NoticeReach(
            member,
            NoticesSession.Seen.ToDictionary(permission => permission, _ => (IReadOnlyList<OrganizationId>)[lost.OrganizationId])
        );
        var told = Assert
            .Single(
                (await _data.Database.ReadAsync(session => session.Notices.ListAsync(reach, null, false, new(), default), default)).Items
            )
            .Notice;
        Assert.Equal(("Topic orders is no longer on its cluster", "o/northwind/tenants/shop/default/orders"), (told.Title, told.Path));
        Assert.NotNull(lost.DeleteRequestedAt);
        Assert.Equal(ResourceState.Ready, (await TopicAsync(_returns.Id)).State);
    }

    [Fact]
    public async Task A_topic_missed_by_one_pass_alone_stays()
    {
        _there = AsItShouldBe() with { PersistentTopics = new HashSet<string> { _returns.Address } };
        await PassesAsync(1);
        _there = AsItShouldBe();
        await PassesAsync(2);
        _there = AsItShouldBe() with { PersistentTopics = new HashSet<string> { _returns.Address } };
        await PassesAsync(1);
        Assert.Equal(ResourceState.Ready, (await TopicAsync(_orders.Id)).State);
    }

    [Fact]
    public async Task Created_again_a_lost_topic_is_another_one_with_the_keys_that_named_it()
    {
        _there = AsItShouldBe() with { PersistentTopics = new HashSet<string> { _returns.Address } };
        await PassesAsync(2);
        await ChangeAsync(async session =>
        {
            var inside = (await session.Tenants.FindNamespaceAsync(_namespace.Id, default))!;
            await (await session.Topics.FindAsync(_orders.Id, default))!.ReplaceAsync(
                session,
                inside,
                true,
                0,
                null,
                new KeysOfTopics(_clock),
                _clock,
                default
            );
        });
        Assert.Equal(ResourceState.Deleted, (await TopicAsync(_orders.Id)).State);
        var again = (await _data.Database.ReadAsync(session => session.Topics.FindAsync(_namespace.Id, "orders", null, default), default))!;
        Assert.NotEqual(_orders.Id, again.Id);
        Assert.Equal(
            [_key.Id],
            (await _data.Database.ReadAsync(session => session.Keys.GrantsOfTopicAsync(again.Id, default), default)).Select(grant =>
                grant.KeyId
            )
        );
    }

    [Fact]
    public async Task A_topic_that_the_portal_did_not_make_and_a_namespace_that_is_gone_are_listed_and_left_alone()
    {
        _there = AsItShouldBe() with
        {
            PersistentTopics = new HashSet<string> { _orders.Address, _returns.Address, "persistent://shop/default/by-hand" },
        };
        await PassesAsync(3);
        Assert.Equal(DifferenceKind.UnknownTopic, Assert.Single(await DifferencesAsync()).Kind);
        _there = null;
        await PassesAsync(3);
        Assert.Contains(await DifferencesAsync(), one => one is { Kind: DifferenceKind.NamespaceMissing, EndedAt: null });
        Assert.Equal(ResourceState.Ready, (await TopicAsync(_orders.Id)).State);
    }

    private NamespaceOnCluster AsItShouldBe() =>
        new(
            [],
            new Dictionary<(string, string), GrantedActions>
            {
                [(_orders.Address, _key.Role)] = new(true, false),
                [(_returns.Address, _key.Role)] = new(true, false),
            },
            new Dictionary<string, GrantedActions> { [_namespace.MessagesRole] = new(true, true) },
            new HashSet<string> { _orders.Address, _returns.Address }
        );

    private Topic Topic(string name)
    {
        var topic = new Topic(new(_clock.NewUuid()), _namespace, TopicName.Create(name).Value, true, 0, _clock.Now());
        topic.Ready(_clock.Now());
        return topic;
    }

    /// <summary>So many passes, with what they wrote carried out.</summary>
    private async Task PassesAsync(int count)
    {
        var pump = new WorkPump(
            _data.Database,
            _clock,
            new ReconcileCluster(_data.Database, this, ReconcileSettings.Default, _clock),
            new KeySteps(
                _data.Database,
                _cluster,
                new CutKeyConnections(_cluster, _cluster, TimeProvider.System),
                new NoKillPoints(),
                _clock
            ),
            new NamespaceSteps(_data.Database, _cluster, new NoKillPoints(), _clock),
            new TakeGrant(_data.Database, _cluster)
        );
        for (var pass = 0; pass < count; pass++)
        {
            for (var step = 0; step < 4; step++)
            {
                await pump.RunAsync();
                _clock.Advance(TimeSpan.FromSeconds(2));
            }
            _clock.Advance(TimeSpan.FromSeconds(20));
        }
        Assert.Empty(pump.Failures);
    }

    private Task ChangeAsync(Func<IPortalSession, Task> change) =>
        _data.Database.UpdateAsync(
            null,
            async session =>
            {
                await change(session);
                return true;
            },
            default
        );

    private async Task<IReadOnlyList<ClusterDifference>> DifferencesAsync() =>
        (await _data.Database.ReadAsync(session => session.Differences.ListAsync(new(), default), default)).Items;

    private async Task<IReadOnlyList<WorkItem>> WorkAsync() =>
        (await _data.Database.ReadAsync(session => session.Work.ListAsync(new(), new(), default), default)).Items;

    private Task<Topic> TopicAsync(TopicId id) =>
        _data.Database.ReadAsync(async session => (await session.Topics.FindAsync(id, default))!, default);

    private Task<PulsarKey> KeyAsync() =>
        _data.Database.ReadAsync(async session => (await session.Keys.FindAsync(_key.Id, default))!, default);
}
