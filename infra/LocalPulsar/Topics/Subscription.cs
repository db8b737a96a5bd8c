using LocalPulsar.Storage;

namespace LocalPulsar.Topics;

/// <summary>
/// A subscription: its cursor, its consumers, and what goes to which of them. Guarded by the topic's lock.
/// </summary>
internal sealed class Subscription
{
    private readonly Topic _topic;
    private readonly LedgerLog _log;
    private readonly SortedSet<long> _replay = [];
    private readonly PriorityQueue<long, long> _delayed = new();
    private readonly Dictionary<long, int> _redeliveries = [];
    private long _read;
    private int _next;
    private bool _saving;

    public Subscription(
        Topic topic,
        LedgerLog log,
        string name,
        bool durable,
        Cursor cursor,
        IReadOnlyDictionary<string, string> properties
    )
    {
        (_topic, _log, Name, Durable, Cursor, Properties) = (topic, log, name, durable, cursor, properties);
        _read = cursor.MarkDelete + 1;
        Gate = new RateGate(topic.Clock);
    }

    public string Name { get; }
    public bool Durable { get; }
    public Cursor Cursor { get; }
    public IReadOnlyDictionary<string, string> Properties { get; set; }
    public List<Consumer> Consumers { get; } = [];

    /// <summary>The type of the consumers it has or last had; null: there was none since the topic was loaded.</summary>
    public SubscriptionType? Type { get; private set; }
    public RateGate Gate { get; }
    public Meter Out { get; } = new();
    public Meter Acks { get; } = new();
    public Meter Redelivered { get; } = new();
    public Meter Expired { get; } = new();
    public Meter Dropped { get; } = new();
    public long LastFlow { get; private set; }
    public long LastMarkDelete { get; private set; }
    public long LastExpire { get; set; }
    public long ReadOffset => _read;
    public int Delayed => _delayed.Count;
    public int InReplay => _replay.Count;
    public bool IsIndividual => Type is SubscriptionType.Shared or SubscriptionType.KeyShared;
    public Consumer? Active => IsIndividual || Consumers.Count == 0 ? null : Consumers[0];
    public int Unacked => IsIndividual ? Consumers.Sum(c => c.Pending.Count) : 0;

    public void Join(Consumer consumer)
    {
        if (Consumers.Count > 0 && Type != consumer.Type)
        {
            throw new TopicRefusalException(
                RefusalKind.ConsumerBusy,
                $"Subscription is of different type. Active subscription type of '{Wire(Type)}' is different than the connecting "
                    + $"consumer's type '{Wire(consumer.Type)}'."
            );
        }
        if (Consumers.Count > 0 && consumer.Type == SubscriptionType.Exclusive)
            throw new TopicRefusalException(RefusalKind.ConsumerBusy, "Exclusive consumer is already connected");
        Type = consumer.Type;
        consumer.Subscription = this;
        var active = Active;
        var place = consumer.Type == SubscriptionType.Failover ? Consumers.FindIndex(c => c.Priority > consumer.Priority) : -1;
        Consumers.Insert(place < 0 ? Consumers.Count : place, consumer);
        if (active is not null && Active != active)
            Rewind();
    }

    public void Leave(Consumer consumer)
    {
        var wasActive = Active == consumer;
        if (!Consumers.Remove(consumer))
            return;
        if (Consumers.Count == 0)
            _redeliveries.Clear();
        if (Consumers.Count == 0 || wasActive)
            Rewind();
        else if (IsIndividual)
            _replay.UnionWith(consumer.Pending);
        consumer.Pending.Clear();
    }

    public void Flow(Consumer consumer, int permits)
    {
        consumer.Permits += permits;
        consumer.LastFlow = LastFlow = _topic.Now;
    }

    public void Acknowledge(Consumer? consumer, long offset)
    {
        var before = Cursor.MarkDelete;
        if (!Cursor.Acknowledge(offset))
            return;
        if (consumer is not null)
        {
            consumer.LastAcked = _topic.Now;
            consumer.Acks.Count(0);
        }
        foreach (var other in Consumers)
            other.Pending.Remove(offset);
        Acks.Count(0);
        if (Cursor.MarkDelete != before)
            LastMarkDelete = _topic.Now;
        Moved(before);
    }

    public void AcknowledgeUpTo(long offset)
    {
        var before = Cursor.MarkDelete;
        Cursor.AcknowledgeUpTo(offset);
        _read = Math.Max(_read, Cursor.MarkDelete + 1);
        foreach (var consumer in Consumers)
            consumer.Pending.RemoveWhere(o => o <= Cursor.MarkDelete);
        Moved(before);
    }

    /// <summary>Acknowledges the oldest unacknowledged entries.</summary>
    public void Skip(long count)
    {
        for (var offset = Cursor.MarkDelete + 1; count > 0 && offset < _log.End; offset++)
        {
            if (!Cursor.IsAcknowledged(offset))
                count--;
            if (count == 0 || offset == _log.End - 1)
                AcknowledgeUpTo(offset);
        }
    }

    /// <summary>Acknowledges what was published before an instant; false when there was nothing of it.</summary>
    public bool ExpireBefore(long time)
    {
        var offset = Math.Min(_log.FirstSince(time), _log.End) - 1;
        if (offset <= Cursor.MarkDelete)
            return false;
        Expire(offset);
        return true;
    }

    public void Expire(long offset)
    {
        var before = Cursor.Backlog;
        AcknowledgeUpTo(offset);
        for (var i = Cursor.Backlog; i < before; i++)
            Expired.Count(0);
        LastExpire = _topic.Now;
    }

    /// <summary>Sets the cursor before an offset and sends again from there.</summary>
    public void Reset(long offset)
    {
        Cursor.Reset(offset - 1);
        _redeliveries.Clear();
        Rewind();
        Save();
    }

    public void Redeliver(Consumer consumer, long offset)
    {
        if (!IsIndividual)
        {
            Rewind();
            return;
        }
        if (!consumer.Pending.Remove(offset))
            return;
        _redeliveries[offset] = _redeliveries.GetValueOrDefault(offset) + 1;
        _replay.Add(offset);
    }

    /// <summary>Sends what may be sent now. Returns how long to wait before trying again, null: until something happens.</summary>
    public TimeSpan? Dispatch()
    {
        var now = _topic.Now;
        while (_delayed.TryPeek(out var due, out var at) && at <= now)
        {
            _delayed.Dequeue();
            _replay.Add(due);
        }
        while (Next() is { } offset)
        {
            var entry = _log.Read(offset);
            if (IsIndividual && entry.Decoded.DeliverAt > now && !_redeliveries.ContainsKey(offset))
            {
                Passed(offset);
                _delayed.Enqueue(offset, entry.Decoded.DeliverAt.Value);
                continue;
            }
            if (Choose(entry) is not { } consumer)
                break;
            if (_topic.DispatchWait(this) is { } wait && wait > TimeSpan.Zero)
                return wait;
            Passed(offset);
            Send(consumer, offset, entry);
        }
        return _delayed.TryPeek(out _, out var next) ? TimeSpan.FromMilliseconds(Math.Max(1, next - now)) : null;
    }

    /// <summary>Sends a message of a non-persistent topic to a consumer that is ready, or drops it.</summary>
    public void SendNow(Entry entry)
    {
        if (Choose(entry) is not { } consumer)
        {
            Dropped.Count(entry.Index.Size);
            return;
        }
        Count(consumer, entry.Index.Size);
        consumer.Client.Deliver(consumer, entry, 0);
    }

    /// <summary>Writes the cursor, once for all changes that wait for the journal together.</summary>
    public void Save()
    {
        if (!Durable || _saving || !_topic.Name.Persistent)
            return;
        _saving = true;
        _topic.Journal.Enqueue(WriteCursor);
    }

    /// <summary>Queues the cursor as it is now, where a write is outstanding: the topic is about to go.</summary>
    public void SaveBeforeClose()
    {
        if (!_saving)
            return;
        var document = Cursor.Save(Properties);
        _topic.Journal.Enqueue(tables => tables.PutCursor(_topic.Name.Full, Name, document));
    }

    public void Tick(double seconds)
    {
        foreach (var meter in (Meter[])[Out, Acks, Redelivered, Expired, Dropped])
            meter.Tick(seconds);
        foreach (var consumer in Consumers)
        {
            consumer.Out.Tick(seconds);
            consumer.Acks.Tick(seconds);
            consumer.Redelivered.Tick(seconds);
        }
    }

    public static string Wire(SubscriptionType? type) =>
        type switch
        {
            null => "None",
            SubscriptionType.KeyShared => "Key_Shared",
            _ => type.Value.ToString(),
        };

    private void WriteCursor(Tables tables)
    {
        string document;
        lock (_topic.Gate)
        {
            _saving = false;
            if (!_topic.IsOpen || _topic.Find(Name) != this)
                return;
            document = Cursor.Save(Properties);
        }
        tables.PutCursor(_topic.Name.Full, Name, document);
    }

    private void Moved(long before)
    {
        if (Cursor.MarkDelete != before)
            _topic.TrimConsumed();
        Save();
    }

    private void Rewind()
    {
        _read = Cursor.MarkDelete + 1;
        _replay.Clear();
        _delayed.Clear();
        foreach (var consumer in Consumers)
            consumer.Pending.Clear();
    }

    private long? Next()
    {
        while (_replay.Count > 0)
        {
            if (!Cursor.IsAcknowledged(_replay.Min))
                return _replay.Min;
            _replay.Remove(_replay.Min);
        }
        _read = Math.Max(_read, Cursor.MarkDelete + 1);
        while (_read < _log.End && Cursor.IsAcknowledged(_read))
            _read++;
        return _read < _log.End ? _read : null;
    }

    private void Passed(long offset)
    {
        if (!_replay.Remove(offset))
            _read = offset + 1;
    }

    private Consumer? Choose(Entry entry)
    {
        if (Consumers.Count == 0)
            return null;
        if (Active is { } active)
            return active.Permits > 0 ? active : null;
        if (Type == SubscriptionType.KeyShared && entry.Decoded.Key is { } key)
        {
            var owner = Consumers[(key.GetHashCode(StringComparison.Ordinal) & int.MaxValue) % Consumers.Count];
            return owner.Permits > 0 ? owner : null;
        }
        for (var i = 0; i < Consumers.Count; i++)
        {
            _next = (_next + 1) % Consumers.Count;
            if (Consumers[_next].Permits > 0)
                return Consumers[_next];
        }
        return null;
    }

    private void Send(Consumer consumer, long offset, Entry entry)
    {
        var size = entry.Index.Size;
        var times = _redeliveries.GetValueOrDefault(offset);
        consumer.Pending.Add(offset);
        Count(consumer, size);
        if (times > 0)
        {
            consumer.Redelivered.Count(size);
            Redelivered.Count(size);
        }
        consumer.Client.Deliver(consumer, entry, times);
    }

    // Every dispatch counts, redeliveries too, whether or not it is acknowledged later.
    private void Count(Consumer consumer, int size)
    {
        consumer.Permits--;
        consumer.LastConsumed = _topic.Now;
        consumer.Out.Count(size);
        Out.Count(size);
        _topic.Out.Count(size);
    }
}
