using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>A new key beside an old one, over a real database: both open the same until the overlap is over, and then one.</summary>
public sealed class KeyRotationTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 10, 9, 0, 0, TimeSpan.Zero);
    private static readonly Actor Owner = new(new AccountId(Guid.CreateVersion7()), "elena@northwind.example", false);

    private readonly FakeTimeProvider _clock = new(Nine);
    private readonly StandingCluster _cluster = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_keys_work_during_the_overlap_and_the_old_one_is_cut_off_after_it()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var old = await SetUpAsync(data, allTopics: true, expiresAt: null);
        var made = (await RotateAsync(data, old.Id, 2)).Value;
        Assert.NotEqual(old.Role, made.Key.Role);
        Assert.Equal(
            ("web", KeyPermissions.Produce, true, null),
            (made.Key.Name, made.Key.Permissions, made.Key.AllTopics, made.Key.ExpiresAt)
        );
        Assert.Contains(made.Key.Role, made.Token, StringComparison.Ordinal);
        await CarryOutAsync(data);
        Assert.Equal(Grants(old, made.Key), _cluster.Granted.Order());

        _clock.SetUtcNow(Nine.AddHours(1).AddMinutes(59));
        await CarryOutAsync(data);
        Assert.Equal(Grants(old, made.Key), _cluster.Granted.Order());
        _clock.SetUtcNow(Nine.AddHours(2));
        // A client that its broker does not let go of is cut off as one of a deleted key is.
        _cluster.Stuck.Add(("orders", old.Role));
        await CarryOutAsync(data);
        Assert.Equal(Grants(made.Key), _cluster.Granted.Order());
        Assert.Equal(["orders"], _cluster.Unloaded);
        Assert.Equal(ResourceState.Deleted, (await FindAsync(data, old.Id))!.State);
        Assert.Equal(ResourceState.Ready, (await FindAsync(data, made.Key.Id))!.State);
        Assert.Equal("key.expire", (await data.Audit.ListAsync(old.OrganizationId, new(), new PageRequest(1), Now)).Items[0].Operation);
    }

    [Fact]
    public async Task Without_an_overlap_the_old_key_ends_at_once()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var old = await SetUpAsync(data, allTopics: false, expiresAt: null);
        var made = (await RotateAsync(data, old.Id, 0)).Value;
        await CarryOutAsync(data);
        Assert.Equal([("orders", made.Key.Role)], _cluster.Granted);
        Assert.Equal("key-not-found", (await RotateAsync(data, old.Id, 0)).Problem?.Code);
    }

    [Fact]
    public async Task A_key_is_rotated_once_and_never_lives_longer_for_it_and_its_successor_lives_as_long_as_it_was_to()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var old = await SetUpAsync(data, allTopics: false, expiresAt: Nine.AddDays(30));
        Assert.Equal("overlap-out-of-range", (await RotateAsync(data, old.Id, 721)).Problem?.Code);
        _clock.SetUtcNow(Nine.AddDays(29).AddHours(12));
        var made = (await RotateAsync(data, old.Id, 24)).Value;
        var now = (await FindAsync(data, old.Id))!;
        Assert.Equal((made.Key.Id, Nine.AddDays(30)), (now.ReplacedBy, now.ExpiresAt));
        Assert.Equal(_clock.Now().AddDays(30), made.Key.ExpiresAt);
        Assert.Equal("key-rotated", (await RotateAsync(data, old.Id, 24)).Problem?.Code);
        _clock.SetUtcNow(Nine.AddDays(30));
        Assert.Equal("key-ending", (await RotateAsync(data, old.Id, 24)).Problem?.Code);
    }

    [Fact]
    public async Task A_key_that_expires_by_itself_ends_at_the_broker_too()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var key = await SetUpAsync(data, allTopics: true, expiresAt: Nine.AddDays(1));
        await CarryOutAsync(data);
        Assert.Equal(Grants(key), _cluster.Granted.Order());
        _clock.SetUtcNow(Nine.AddDays(1));
        await CarryOutAsync(data);
        Assert.Empty(_cluster.Granted);
    }

    private static IEnumerable<(string, string)> Grants(params PulsarKey[] keys) => keys.Select(key => ("orders", key.Role)).Order();

    private static Task<PulsarKey?> FindAsync(TestDatabase data, KeyId key) =>
        data.Database.ReadAsync(session => session.Keys.FindAsync(key, Now), Now);

    private Task<Outcome<NewKey>> RotateAsync(TestDatabase data, KeyId key, int hours) =>
        new RotateKey(new(data.Database, data.Audit, _clock), data.Database, new RoleSigner(), _clock).RunAsync(
            Owner,
            "northwind",
            key,
            hours,
            Now
        );

    private async Task<PulsarKey> SetUpAsync(TestDatabase data, bool allTopics, DateTimeOffset? expiresAt)
    {
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", Nine.AddDays(-5));
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", Nine);
        var @namespace = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, Nine);
        var topic = new Topic(new(_clock.NewUuid()), @namespace, TopicName.Create("orders").Value, true, 3, Nine);
        topic.Ready(Nine);
        var key = new PulsarKey(new(_clock.NewUuid()), @namespace, "web", KeyPermissions.Produce, allTopics, false, Nine, expiresAt);
        await data.Database.UpdateAsync(
            null,
            session =>
            {
                session.Organizations.Add(organization);
                session.Organizations.Add(new Membership(organization.Id, Owner.AccountId!.Value, Role.Owner, Nine));
                session.Tenants.Add(tenant);
                session.Tenants.Add(@namespace);
                session.Topics.Add(topic);
                session.Keys.Add(key);
                session.Keys.Add(new KeyGrant(key.Id, topic.Id));
                session.Work.Add(_clock, new GrantKeysWork(@namespace.Id), GrantKeysWork.Place(@namespace));
                session.Work.Add(_clock, new EndKeysWork(), new("upkeep", EndKeysWork.Kind, null, "expired keys", WorkPriority.TakeAway));
                return Task.FromResult(true);
            },
            Now
        );
        return key;
    }

    private async Task CarryOutAsync(TestDatabase data)
    {
        var pump = new WorkPump(
            data.Database,
            _clock,
            new KeySteps(
                data.Database,
                _cluster,
                new CutKeyConnections(_cluster, _cluster, TimeProvider.System),
                new NoKillPoints(),
                _clock
            ),
            new EndExpiredKeys(data.Database, _clock)
        );
        for (var second = 0; second < 4; second++)
        {
            await pump.RunAsync();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(pump.Failures);
    }

    private sealed class RoleSigner : ITokenSigner
    {
        public Outcome<string> Sign(string cluster, string role, DateTimeOffset? expiresAt) => $"token-of-{role}";
    }
}
