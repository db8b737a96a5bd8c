using System.Collections.Concurrent;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Tests.Domain.Topics;

/// <summary>However many people look at a topic, its cluster is asked as for one.</summary>
public sealed class TopicLooksTests
{
    private static readonly TopicAddress Orders = new(
        new NamespaceAddress("c", "shop", "default", new(default, default, default)),
        "orders",
        true,
        0
    );
    private readonly Pauses _clock = new();
    private readonly Broker _broker = new();

    [Fact]
    public async Task Three_watchers_cost_one_question_a_look_and_see_the_same()
    {
        var looks = new TopicLooks(_broker, _clock);
        using var first = looks.Watch(Orders);
        Assert.Equal(1, (await first.NextAsync(Cancelled)).Value.Producers);
        using var second = looks.Watch(Orders);
        using var third = looks.Watch(Orders);
        // Who comes later has the newest look at once.
        Assert.Equal(1, (await second.NextAsync(Cancelled)).Value.Producers);
        Assert.Equal(1, (await third.NextAsync(Cancelled)).Value.Producers);

        for (var look = 2; look < 6; look++)
        {
            var seen = new[] { first, second, third }.Select(watch => watch.NextAsync(Cancelled)).ToArray();
            await _clock.EndOneAsync();
            await Task.WhenAll(seen);
            Assert.All(seen, one => Assert.Equal(look, one.Result.Value.Producers));
        }
        Assert.Equal(5, _broker.Asked);
    }

    [Fact]
    public async Task Nobody_watches_and_nothing_is_asked()
    {
        var looks = new TopicLooks(_broker, _clock);
        var watch = looks.Watch(Orders);
        await watch.NextAsync(Cancelled);
        watch.Dispose();
        watch.Dispose();

        await _clock.NoneAsync();
        Assert.Equal(1, _broker.Asked);

        using var again = looks.Watch(Orders);
        Assert.Equal(2, (await again.NextAsync(Cancelled)).Value.Producers);
    }

    [Fact]
    public async Task A_cluster_that_fails_is_asked_less_and_less_and_says_so_to_all()
    {
        var looks = new TopicLooks(_broker, _clock);
        _broker.Trouble = new Problem.Unavailable("cluster-away", "The cluster does not answer.");
        using var watch = looks.Watch(Orders);
        for (var look = 0; look < 6; look++)
        {
            Assert.Equal("cluster-away", (await watch.NextAsync(Cancelled)).Problem?.Code);
            await _clock.EndOneAsync();
        }
        _broker.Trouble = null;
        while (!(await watch.NextAsync(Cancelled)).IsOk)
            await _clock.EndOneAsync();
        await _clock.EndOneAsync();

        Assert.Equal([10, 20, 40, 60, 60, 60], _clock.Lengths.Take(6));
        Assert.Equal(5, _clock.Lengths[^1]);
    }

    [Fact]
    public async Task What_was_just_done_is_seen_without_waiting()
    {
        var looks = new TopicLooks(_broker, _clock);
        using var watch = looks.Watch(Orders);
        await watch.NextAsync(Cancelled);
        looks.LookNow(Orders);
        Assert.Equal(2, (await watch.NextAsync(Cancelled)).Value.Producers);
    }

    [Fact]
    public async Task What_is_done_while_a_look_is_under_way_is_seen_by_one_look_more()
    {
        var looks = new TopicLooks(_broker, _clock);
        _broker.Hold = new TaskCompletionSource();
        using var watch = looks.Watch(Orders);
        while (_broker.Asked == 0)
            await Task.Delay(1, Cancelled);
        looks.LookNow(Orders);
        _broker.Hold.SetResult();

        var seen = (await watch.NextAsync(Cancelled)).Value.Producers;
        if (seen == 1)
            seen = (await watch.NextAsync(Cancelled)).Value.Producers;
        Assert.Equal(2, seen);
    }

    [Fact]
    public async Task What_breaks_the_look_reaches_the_watchers_and_the_next_one_begins_anew()
    {
        var looks = new TopicLooks(_broker, _clock);
        using var watch = looks.Watch(Orders);
        await watch.NextAsync(Cancelled);
        _broker.Bug = new InvalidOperationException("A bug.");
        var next = watch.NextAsync(Cancelled);
        watch.LookNow();
        Assert.Equal("A bug.", (await Assert.ThrowsAsync<InvalidOperationException>(() => next)).Message);

        _broker.Bug = null;
        using var later = looks.Watch(Orders);
        Assert.True((await later.NextAsync(Cancelled)).IsOk);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A clock whose pauses end when the test says so.</summary>
    private sealed class Pauses : TimeProvider
    {
        private readonly ConcurrentDictionary<Pause, bool> _open = [];
        private readonly ConcurrentQueue<double> _lengths = [];

        /// <summary>How long each pause was asked for, in seconds, in order.</summary>
        public IReadOnlyList<double> Lengths => [.. _lengths];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _lengths.Enqueue(dueTime.TotalSeconds);
            var pause = new Pause(this, () => callback(state));
            _open[pause] = true;
            return pause;
        }

        public async Task EndOneAsync()
        {
            while (_open.IsEmpty)
                await Task.Delay(1, Cancelled);
            foreach (var pause in _open.Keys)
                pause.End();
        }

        public async Task NoneAsync()
        {
            while (!_open.IsEmpty)
                await Task.Delay(1, Cancelled);
        }

        private sealed class Pause(Pauses all, Action end) : ITimer
        {
            public void End()
            {
                if (all._open.TryRemove(this, out _))
                    end();
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose() => all._open.TryRemove(this, out _);

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }

    private sealed class Broker : ITopicAdmin
    {
        public int Asked { get; private set; }

        public Problem? Trouble { get; set; }

        public Exception? Bug { get; set; }

        public TaskCompletionSource? Hold { get; set; }

        public async Task<Outcome<TopicStats>> StatsAsync(TopicAddress topic, CancellationToken cancellationToken)
        {
            var asked = ++Asked;
            if (Bug is not null)
                throw Bug;
            if (Hold is { } hold)
                await hold.Task;
            return Trouble is { } trouble ? trouble : new TopicStats(0, 0, 0, 0, 0, 0, asked, [], null);
        }

        public Task<Outcome<Done>> EnsureAsync(TopicAddress topic, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Outcome<TopicSchema?>> SchemaAsync(TopicAddress topic, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Outcome<Done>> DeleteAsync(TopicAddress topic, bool force, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Outcome<Done>> CreateSubscriptionAsync(
            TopicAddress topic,
            SubscriptionName name,
            bool fromEarliest,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<Outcome<Done>> DeleteSubscriptionAsync(
            TopicAddress topic,
            SubscriptionName name,
            bool force,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }
}
