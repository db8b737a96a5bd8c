using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Credentials;

/// <summary>
/// Who is connected with a key of many topics, at brokers that take their time: bounded, and honest about what was not asked.
/// </summary>
public sealed class GetKeyUseTests : IConnectedClients, IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));
    private readonly Lock _gate = new();
    private readonly HashSet<string> _asked = [];
    private readonly Actor _owner = new(new AccountId(Guid.NewGuid()), "owner@example.com", false);
    private TestDatabase _data = null!;
    private Func<string, CancellationToken, Task> _takes = (_, _) => Task.CompletedTask;
    private int _now;
    private int _widest;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _data = await TestDatabase.SqliteAsync(_clock);

    public ValueTask DisposeAsync() => _data.DisposeAsync();

    [Fact]
    public async Task Few_topics_are_all_asked()
    {
        var use = (await UseAsync(topics: 7)).Value;
        Assert.Equal((7, true, 7), (use.Consumers, use.IsComplete, _asked.Count));
    }

    [Fact]
    public async Task Of_very_many_some_are_asked_a_few_at_a_time_and_the_answer_says_so()
    {
        _takes = (_, stop) => Task.Delay(1, stop);
        var use = (await UseAsync(topics: 60)).Value;
        Assert.Equal((50, false, 50), (use.Consumers, use.IsComplete, _asked.Count));
        Assert.InRange(_widest, 2, 4);
    }

    [Fact]
    public async Task A_broker_that_hangs_costs_four_seconds_and_what_was_heard_until_then_counts()
    {
        // The first two that are asked answer, the rest never does.
        var asked = 0;
        _takes = (_, stop) => Interlocked.Increment(ref asked) <= 2 ? Task.CompletedTask : Task.Delay(Timeout.InfiniteTimeSpan, stop);
        var asking = UseAsync(topics: 20);
        await Eventually(() => _now == 4 && asked == 6);
        Assert.False(asking.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(4));
        var use = (await asking).Value;
        Assert.Equal((2, false), (use.Consumers, use.IsComplete));
        Assert.InRange(_asked.Count, 2, 6);
    }

    async Task<Outcome<int>> IConnectedClients.CountAsync(TopicAddress topic, string role, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _asked.Add(topic.Name);
            _widest = Math.Max(_widest, ++_now);
        }
        try
        {
            await _takes(topic.Name, cancellationToken);
            return 1;
        }
        finally
        {
            lock (_gate)
                _now--;
        }
    }

    Task<Outcome<Done>> IConnectedClients.UnloadAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private async Task<Outcome<KeyUse>> UseAsync(int topics)
    {
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("north").Value, "North", _clock.Now());
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", _clock.Now());
        var inside = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, _clock.Now());
        var key = new PulsarKey(new(_clock.NewUuid()), inside, "web", KeyPermissions.Consume, true, false, _clock.Now(), null);
        await _data.Database.UpdateAsync(
            null,
            session =>
            {
                session.Organizations.Add(organization);
                session.Organizations.Add(new Membership(organization.Id, _owner.AccountId!.Value, Role.Owner, _clock.Now()));
                session.Tenants.Add(tenant);
                session.Tenants.Add(inside);
                session.Keys.Add(key);
                for (var number = 0; number < topics; number++)
                {
                    var topic = new Topic(new(_clock.NewUuid()), inside, TopicName.Create($"t{number:00}").Value, true, 0, _clock.Now());
                    session.Topics.Add(topic);
                    var grant = new KeyGrant(key.Id, topic.Id);
                    grant.Granted(_clock.Now());
                    session.Keys.Add(grant);
                }
                return Task.FromResult(true);
            },
            Now
        );
        return await new GetKeyUse(new AccessGuard(_data.Database, _data.Audit, _clock), _data.Database, this, _clock).RunAsync(
            _owner,
            "north",
            key.Id,
            Now
        );
    }

    private static async Task Eventually(Func<bool> there)
    {
        for (var look = 0; look < 500 && !there(); look++)
            await Task.Delay(10, Now);
        Assert.True(there());
    }
}
