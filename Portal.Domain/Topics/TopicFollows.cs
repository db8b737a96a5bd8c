using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>
/// New messages of topics for people who follow them. However many follow the same topic here, it is read once, and not at
/// all while nobody does: each reader takes one of the few places that a plan leaves the portal, and what it reads is metered.
/// </summary>
public sealed class TopicFollows(IMessageClient messages, ISchemaAdmin schemas, SchemaCache cache, TimeProvider clock)
{
    /// <summary>Messages of one topic that are held for those who have not seen them yet.</summary>
    public const int Kept = 200;

    /// <summary>And their <see cref="Message.Weight"/>.</summary>
    public const long KeptBytes = 2 * 1024 * 1024;

    /// <summary>Messages of one topic that are taken in a second; of a topic that has more, some are passed over.</summary>
    public const int MostInSecond = 100;

    /// <summary>And their <see cref="Message.Weight"/>: nobody reads more, and all of it is charged.</summary>
    public const long MostBytesInSecond = 1024 * 1024;

    /// <summary>Topics that are followed at once on this replica, and of them by one organization.</summary>
    internal const int MostTopics = 200;
    internal const int MostOfOrganization = 10;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private static readonly Problem.Unavailable Busy = new(
        "follows-busy",
        "Too many topics are being followed at the same time. Stop following another topic, or try again in a minute.",
        TimeSpan.FromMinutes(1)
    );

    private readonly Lock _lock = new();
    private readonly Dictionary<TopicId, Source> _sources = [];

    /// <summary>Follows with all others who do, from now on; the first one makes the reading begin.</summary>
    /// <returns>Whoever asked disposes it.</returns>
    internal Outcome<Seat> Join(Namespace @namespace, Topic topic)
    {
        lock (_lock)
        {
            if (!_sources.TryGetValue(topic.Id, out var source))
            {
                if (
                    _sources.Count >= MostTopics
                    || _sources.Values.Count(one => one.Topic.OrganizationId == topic.OrganizationId) >= MostOfOrganization
                )
                    return Busy;
                _sources[topic.Id] = source = new Source(this, @namespace, topic);
                source.Begin();
            }
            source.Followers++;
            return new Seat(source, source.Came);
        }
    }

    /// <summary>What one follower has not seen yet.</summary>
    /// <param name="Items">Oldest first.</param>
    /// <param name="Missed">Messages that were read and are held no longer.</param>
    /// <param name="Skipped">Some were never read: they came too fast, or the connection was lost for a while.</param>
    /// <param name="Trouble">Why nothing comes at the moment; null while the topic is being read.</param>
    internal sealed record News(IReadOnlyList<Message> Items, long Missed, bool Skipped, Problem? Trouble);

    /// <summary>A follower's place in what came.</summary>
    internal sealed class Seat(Source source, long seen) : IDisposable
    {
        private long _seen = seen;
        private long _skips = source.Skips;
        private Problem? _trouble;
        private bool _left;

        /// <summary>At once if there are any; else as soon as there are, or when the time is over.</summary>
        internal async Task<News> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
        {
            var news = Take(out var next);
            if (!IsNothing(news))
                return news;
            try
            {
                await next.WaitAsync(patience, source.Clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                return news;
            }
            return Take(out _);
        }

        /// <summary>Whether the topic is being read at the moment: what is sent from now on comes.</summary>
        internal bool IsReading => source.IsReading;

        public void Dispose()
        {
            if (_left)
                return;
            _left = true;
            source.Leave();
        }

        private bool IsNothing(News news) =>
            news is { Items.Count: 0, Missed: 0, Skipped: false } && ReferenceEquals(news.Trouble, _trouble);

        private News Take(out Task next)
        {
            var news = source.After(_seen, _skips, out next, out var came, out var skips);
            if (!IsNothing(news))
                _trouble = news.Trouble;
            (_seen, _skips) = (came, skips);
            return news;
        }
    }

    /// <summary>One topic that is followed: what came lately, and the loop that reads it until the last follower has left.</summary>
    internal sealed class Source(TopicFollows all, Namespace @namespace, Topic topic) : IDisposable
    {
        private readonly CancellationTokenSource _left = new();
        private readonly Queue<Message> _kept = [];
        private long _weight;
        private Problem? _trouble;
        private TaskCompletionSource _next = NewNext();

        internal Topic Topic => topic;

        internal TimeProvider Clock => all.Clock;

        internal int Followers { get; set; }

        internal bool IsReading { get; private set; }

        /// <summary>Messages so far.</summary>
        internal long Came { get; private set; }

        /// <summary>How often some were passed over.</summary>
        internal long Skips { get; private set; }

        internal void Begin()
        {
            var left = _left.Token;
            _ = Task.Run(() => RunAsync(left), CancellationToken.None);
        }

        internal News After(long seen, long skipsSeen, out Task next, out long came, out long skips)
        {
            lock (all._lock)
            {
                (next, came, skips) = (_next.Task, Came, Skips);
                var held = Math.Min(_kept.Count, Came - seen);
                return new([.. _kept.TakeLast((int)held)], Came - seen - held, Skips > skipsSeen, _trouble);
            }
        }

        internal void Leave()
        {
            lock (all._lock)
            {
                if (--Followers > 0)
                    return;
                if (all._sources.GetValueOrDefault(topic.Id) == this)
                    all._sources.Remove(topic.Id);
            }
            Dispose();
        }

        public void Dispose()
        {
            _left.Cancel();
            _left.Dispose();
        }

        private async Task RunAsync(CancellationToken left)
        {
            var failures = 0;
            try
            {
                while (true)
                {
                    var opened = await all.Messages.FollowAsync(@namespace, topic, left);
                    if (opened.TryGet(out var feed, out var problem))
                    {
                        await using (feed)
                        {
                            IsReading = true;
                            Say(null, skipped: failures > 0);
                            failures = 0;
                            if (await TakeAsync(feed, left))
                            {
                                Say(null, skipped: true);
                                continue;
                            }
                        }
                    }
                    failures = Math.Min(failures + 1, 6);
                    IsReading = false;
                    Say(
                        problem
                            ?? new Problem.Unavailable(
                                "cluster-unreachable",
                                $"The connection to {topic.Address} was lost. Portal keeps trying to reconnect."
                            ),
                        skipped: false
                    );
                    var pause = TimeSpan.FromSeconds(Math.Pow(2, failures - 1));
                    await Task.Delay(pause < LongestPause ? pause : LongestPause, all.Clock, left);
                }
            }
            catch (OperationCanceledException) when (left.IsCancellationRequested)
            {
                // Nobody follows any more.
            }
            catch (Exception bug)
            {
                // It breaks the pages that follow; the next one who comes begins anew.
                lock (all._lock)
                {
                    if (all._sources.GetValueOrDefault(topic.Id) == this)
                        all._sources.Remove(topic.Id);
                    _next.TrySetException(bug);
                }
            }
        }

        /// <summary>Until the connection ends, or more comes than anybody can look at.</summary>
        /// <returns>Whether it was too much: the reader has to begin anew at the end, since it fell behind.</returns>
        private async Task<bool> TakeAsync(IMessageFeed feed, CancellationToken left)
        {
            var (second, count, weight) = (all.Clock.GetTimestamp(), 0, 0L);
            var decoder = new MessageDecoder(all.Schemas, all.Cache, all.Messages, topic);
            while (await feed.NextAsync(left) is { } message)
            {
                if (all.Clock.GetElapsedTime(second) >= Second)
                    (second, count, weight) = (all.Clock.GetTimestamp(), 0, 0);
                count++;
                weight += message.Weight;
                Add((await decoder.DecodeAsync([message], left))[0]);
                if (count < MostInSecond && weight < MostBytesInSecond)
                    continue;
                var rest = Second - all.Clock.GetElapsedTime(second);
                if (rest <= TimeSpan.Zero)
                    continue;
                await Task.Delay(rest, all.Clock, left);
                return true;
            }
            return false;
        }

        private void Add(Message message)
        {
            lock (all._lock)
            {
                _kept.Enqueue(message);
                _weight += message.Weight;
                Came++;
                while (_kept.Count > Kept || _kept.Count > 1 && _weight > KeptBytes)
                    _weight -= _kept.Dequeue().Weight;
                Tell();
            }
        }

        private void Say(Problem? trouble, bool skipped)
        {
            lock (all._lock)
            {
                if (skipped)
                    Skips++;
                if (!skipped && ReferenceEquals(trouble, _trouble))
                    return;
                _trouble = trouble;
                Tell();
            }
        }

        private void Tell()
        {
            _next.SetResult();
            _next = NewNext();
        }

        private static TaskCompletionSource NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private TimeProvider Clock => clock;

    private IMessageClient Messages => messages;

    private ISchemaAdmin Schemas => schemas;

    private SchemaCache Cache => cache;
}
