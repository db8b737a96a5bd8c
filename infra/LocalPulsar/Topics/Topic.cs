using LocalPulsar.Metadata;
using LocalPulsar.Storage;

namespace LocalPulsar.Topics;

/// <summary>
/// A loaded topic (or partition): its entries, subscriptions, clients and counters. The counters begin at 0 each time it
/// is loaded; what is stored survives. <see cref="Gate"/> guards all of it; nothing is awaited under it.
/// </summary>
internal sealed partial class Topic
{
    private readonly Func<NamespacePolicies?> _policies;
    private readonly Dictionary<string, Subscription> _subscriptions = [];
    private readonly List<Producer> _producers = [];
    private readonly Dictionary<string, long> _lastSequence = [];
    private readonly RateGate _publishGate;
    private readonly RateGate _dispatchGate;
    private int _dispatching;
    private ITimer? _retry;
    private long _pending;

    public Topic(
        TopicName name,
        Journal journal,
        Archive archive,
        TimeProvider clock,
        Func<long> newLedger,
        Func<NamespacePolicies?> policies,
        bool terminated
    )
    {
        (Name, Journal, Clock, _policies, Terminated) = (name, journal, clock, policies, terminated);
        _publishGate = new RateGate(clock);
        _dispatchGate = new RateGate(clock);
        Log = new LedgerLog(name.Full, journal, archive, clock, newLedger);
        LastActive = Now;
        if (!name.Persistent)
            return;
        foreach (var (subscription, json) in archive.Cursors(name.Full))
        {
            var saved = System.Text.Json.JsonSerializer.Deserialize<CursorDocument>(json)!;
            _subscriptions.Add(
                subscription,
                new Subscription(this, Log, subscription, durable: true, new Cursor(Log, saved), saved.Properties)
            );
        }
        if (_subscriptions.Count > 0)
            TrimConsumed();
    }

    public Lock Gate { get; } = new();
    public TopicName Name { get; }
    public Journal Journal { get; }
    public TimeProvider Clock { get; }
    public LedgerLog Log { get; }
    public bool IsOpen { get; private set; } = true;
    public bool Terminated { get; private set; }

    /// <summary>The backlog quota was exceeded when it was last checked: no publishing.</summary>
    public BacklogQuota? Exceeded { get; private set; }
    public Meter In { get; } = new();
    public Meter Out { get; } = new();
    public long LastActive { get; private set; }
    public IReadOnlyCollection<Subscription> Subscriptions => _subscriptions.Values;
    public IReadOnlyList<Producer> Producers => _producers;
    public int ConsumerCount => _subscriptions.Values.Sum(s => s.Consumers.Count);
    public bool HasClients => _producers.Count > 0 || ConsumerCount > 0;
    public NamespacePolicies? Policies => _policies();
    public long Now => Clock.GetUtcNow().ToUnixTimeMilliseconds();
    public long PendingWrites => Interlocked.Read(ref _pending);

    public Subscription? Find(string name) => _subscriptions.GetValueOrDefault(name);

    public void Join(Producer producer)
    {
        lock (Gate)
        {
            EnsureOpen();
            if (Terminated)
                throw new TopicRefusalException(
                    RefusalKind.Terminated,
                    "org.apache.pulsar.broker.service.BrokerServiceException$TopicTerminatedException: Topic was already terminated"
                );
            if (_producers.Exists(p => p.Name == producer.Name))
            {
                throw new TopicRefusalException(
                    RefusalKind.ProducerBusy,
                    "org.apache.pulsar.broker.service.BrokerServiceException$NamingException: "
                        + $"Producer with name '{producer.Name}' is already connected to topic '{Name}'"
                );
            }
            if (Policies is { MaxProducersPerTopic: > 0 and var most } && _producers.Count >= most)
                throw new TopicRefusalException(RefusalKind.ProducerBusy, $"Topic '{Name}' reached max producers limit");
            if (Policies is { EncryptionRequired: true })
                throw new TopicRefusalException(RefusalKind.EncryptionRequired, $"Encryption is required in {Name}");
            if (Exceeded is not null)
                throw new TopicRefusalException(RefusalKind.QuotaExceeded, "Cannot create producer on topic with backlog quota exceeded");
            _producers.Add(producer);
            LastActive = Now;
        }
    }

    public void Leave(Producer producer)
    {
        lock (Gate)
        {
            _producers.Remove(producer);
            LastActive = Now;
        }
    }

    /// <summary>
    /// Stores a message and sends it on. The message is counted when it comes in, also where it is then refused;
    /// the task ends when it is on disk. Position -1:-1: dropped as a duplicate.
    /// </summary>
    public Task<Position> Publish(Producer producer, MessageMetadata metadata, byte[] payload)
    {
        var encoded = metadata.Encode();
        lock (Gate)
        {
            EnsureOpen();
            if (Terminated)
                throw new TopicRefusalException(RefusalKind.Terminated, "Topic was already terminated");
            if (Exceeded is not null)
                throw new TopicRefusalException(
                    RefusalKind.QuotaExceeded,
                    $"The backlog quota of the topic {Name} that the producer {producer.Name} produces to is exceeded"
                );
            var size = new Entry(default, encoded, payload).Index.Size;
            In.Count(size);
            producer.In.Count(size);
            _publishGate.Configure(Policies?.PublishRate ?? RateLimit.None);
            _publishGate.Take(size);
            LastActive = Now;
            if (!Name.Persistent)
            {
                var passing = new Entry(Log.Assign(size), encoded, payload);
                DispatchNow(passing);
                return Task.FromResult(passing.Position);
            }
            if (
                Policies is { Deduplication: true }
                && _lastSequence.TryGetValue(producer.Name, out var last)
                && metadata.SequenceId <= last
            )
                return Task.FromResult(Position.Earliest);
            _lastSequence[producer.Name] = metadata.SequenceId;
            var entry = new Entry(Log.Assign(size), encoded, payload);
            return Store(entry);
        }
    }

    /// <summary>How long the producer has to pause for the publish rate. A broker stops reading from it: no error.</summary>
    public TimeSpan PublishWait()
    {
        lock (Gate)
        {
            _publishGate.Configure(Policies?.PublishRate ?? RateLimit.None);
            return _publishGate.Wait();
        }
    }

    /// <summary>Makes a subscription. <paramref name="start"/> is the position before which all counts as acknowledged.</summary>
    public Subscription AddSubscription(
        string name,
        bool durable,
        Position start,
        bool startExcluded,
        IReadOnlyDictionary<string, string> properties
    )
    {
        lock (Gate)
        {
            EnsureOpen();
            if (_subscriptions.TryGetValue(name, out var existing))
                return existing;
            if (Policies is { MaxSubscriptionsPerTopic: > 0 and var most } && _subscriptions.Count >= most)
                throw new TopicRefusalException(RefusalKind.NotAllowed, $"Exceed the maximum number of subscriptions of the topic: {Name}");
            var before =
                start == Position.Latest ? Log.End - 1
                : start == Position.Earliest ? Log.First - 1
                : Log.Floor(startExcluded ? start : start with { EntryId = start.EntryId - 1 });
            // A non-persistent topic keeps nothing, not even its subscriptions.
            var subscription = new Subscription(this, Log, name, durable && Name.Persistent, new Cursor(Log, before), properties);
            _subscriptions.Add(name, subscription);
            subscription.Save();
            return subscription;
        }
    }

    public void RemoveSubscription(Subscription subscription)
    {
        List<Consumer> consumers;
        lock (Gate)
        {
            _subscriptions.Remove(subscription.Name);
            consumers = [.. subscription.Consumers];
            subscription.Consumers.Clear();
            if (subscription.Durable && Name.Persistent)
                Journal.Enqueue(tables => tables.DeleteCursor(Name.Full, subscription.Name));
        }
        consumers.ForEach(c => c.Client.Detached());
    }

    public void Join(Consumer consumer, string subscription)
    {
        lock (Gate)
        {
            EnsureOpen();
            if (Policies is { MaxConsumersPerTopic: > 0 and var most } && ConsumerCount >= most)
                throw new TopicRefusalException(RefusalKind.ConsumerBusy, "Topic reached max consumers limit");
            var joined = _subscriptions[subscription];
            if (Policies is { MaxConsumersPerSubscription: > 0 and var each } && joined.Consumers.Count >= each)
                throw new TopicRefusalException(RefusalKind.ConsumerBusy, "Subscription reached max consumers limit");
            joined.Join(consumer);
            LastActive = Now;
        }
        Wake();
    }

    public void Leave(Consumer consumer)
    {
        lock (Gate)
        {
            var left = consumer.Subscription;
            left.Leave(consumer);
            LastActive = Now;
            if (!left.Durable && left.Consumers.Count == 0 && Find(left.Name) == left)
                _subscriptions.Remove(left.Name);
        }
        Wake();
    }

    public void Flow(Consumer consumer, int permits)
    {
        lock (Gate)
            consumer.Subscription.Flow(consumer, permits);
        Wake();
    }

    public void Acknowledge(Consumer consumer, Position position)
    {
        lock (Gate)
        {
            var offset = Log.Floor(position);
            if (IsOpen && offset >= Log.First && Log[offset].Position == position)
                consumer.Subscription.Acknowledge(consumer, offset);
        }
    }

    public void Redeliver(Consumer consumer, Position position)
    {
        lock (Gate)
        {
            if (IsOpen)
                consumer.Subscription.Redeliver(consumer, Log.Floor(position));
        }
        Wake();
    }

    /// <summary>Takes the tokens of one message for a subscription, or says how long there is none.</summary>
    public TimeSpan? DispatchWait(Subscription subscription)
    {
        if (Policies is not { } policies)
            return null;
        _dispatchGate.Configure(policies.DispatchRate);
        subscription.Gate.Configure(policies.SubscriptionDispatchRate);
        var wait = _dispatchGate.Wait();
        if (subscription.Gate.Wait() is var second && second > wait)
            wait = second;
        if (wait > TimeSpan.Zero)
            return wait;
        var size = subscription.ReadOffset < Log.End ? Log[subscription.ReadOffset].Size : 0;
        _dispatchGate.Take(size);
        subscription.Gate.Take(size);
        return null;
    }

    /// <summary>Lets the thread pool send what there is, once for all reasons that come together.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _dispatching, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static topic => topic.Dispatch(), this, preferLocal: false);
    }

    public void Terminate()
    {
        lock (Gate)
            Terminated = true;
    }

    public void Tick(double seconds)
    {
        lock (Gate)
        {
            In.Tick(seconds);
            Out.Tick(seconds);
            _producers.ForEach(p => p.In.Tick(seconds));
            foreach (var subscription in _subscriptions.Values)
                subscription.Tick(seconds);
        }
    }

    /// <summary>Ends this life of the topic: the clients are told and connect again if they can.</summary>
    public void Close()
    {
        List<ITopicClient> clients;
        lock (Gate)
        {
            if (!IsOpen)
                return;
            foreach (var subscription in _subscriptions.Values)
                subscription.SaveBeforeClose();
            IsOpen = false;
            Log.CloseCurrent();
            _retry?.Dispose();
            clients = [.. _producers.Select(p => p.Client), .. _subscriptions.Values.SelectMany(s => s.Consumers).Select(c => c.Client)];
        }
        clients.ForEach(c => c.Detached());
    }

    private Task<Position> Store(Entry entry)
    {
        var done = new TaskCompletionSource<Position>(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Increment(ref _pending);
        Journal.Enqueue(
            tables =>
            {
                if (entry.Position.EntryId == 0)
                    tables.PutLedger(entry.Position.Ledger, Name.Full);
                tables.PutEntry(entry);
            },
            error =>
            {
                Interlocked.Decrement(ref _pending);
                if (error is not null)
                {
                    done.SetException(error);
                    return;
                }
                lock (Gate)
                    Log.Append(entry);
                Wake();
                done.SetResult(entry.Position);
            }
        );
        return done.Task;
    }

    private void Dispatch()
    {
        Interlocked.Exchange(ref _dispatching, 0);
        lock (Gate)
        {
            if (!IsOpen || !Name.Persistent)
                return;
            TimeSpan? soonest = null;
            foreach (var subscription in _subscriptions.Values)
            {
                if (subscription.Dispatch() is { } wait && !(soonest < wait))
                    soonest = wait;
            }
            if (soonest is { } next)
            {
                _retry ??= Clock.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _retry.Change(next, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // A non-persistent message goes to who is there and ready, and is gone.
    private void DispatchNow(Entry entry)
    {
        foreach (var subscription in _subscriptions.Values)
            subscription.SendNow(entry);
    }

    private void EnsureOpen()
    {
        if (!IsOpen)
            throw new TopicRefusalException(RefusalKind.Fenced, "Topic is temporarily unavailable");
    }
}
