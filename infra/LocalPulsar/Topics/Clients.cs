namespace LocalPulsar.Topics;

/// <summary>How the consumers of a subscription share its messages.</summary>
internal enum SubscriptionType
{
    Exclusive,
    Shared,
    Failover,
    KeyShared,
}

/// <summary>The client behind a producer or consumer; told when the topic is unloaded or deleted, so that it may connect again.</summary>
internal interface ITopicClient
{
    void Detached();
}

/// <summary>The client behind a consumer. Called under the topic's lock: it only queues.</summary>
internal interface IConsumerClient : ITopicClient
{
    void Deliver(Consumer consumer, Entry entry, int redeliveries);
}

/// <summary>A producer connected to a topic.</summary>
internal sealed class Producer(long id, string name, ITopicClient client, string address, DateTimeOffset since)
{
    public long Id { get; } = id;
    public string Name { get; } = name;
    public ITopicClient Client { get; } = client;
    public string Address { get; } = address;
    public DateTimeOffset Since { get; } = since;
    public Meter In { get; } = new();
}

/// <summary>A consumer connected to a subscription. Its state is guarded by the topic's lock.</summary>
internal sealed class Consumer(
    Topic topic,
    string name,
    SubscriptionType type,
    int priority,
    IConsumerClient client,
    string address,
    DateTimeOffset since
)
{
    public Topic Topic { get; } = topic;
    public Subscription Subscription { get; set; } = null!;
    public string Name { get; } = name;
    public SubscriptionType Type { get; } = type;
    public int Priority { get; } = priority;
    public IConsumerClient Client { get; } = client;
    public string Address { get; } = address;
    public DateTimeOffset Since { get; } = since;
    public Meter Out { get; } = new();
    public Meter Acks { get; } = new();
    public Meter Redelivered { get; } = new();

    /// <summary>Messages the client is ready to take.</summary>
    public int Permits { get; set; }

    /// <summary>Offsets sent and not yet acknowledged.</summary>
    public SortedSet<long> Pending { get; } = [];
    public long LastFlow { get; set; }
    public long LastConsumed { get; set; }
    public long LastAcked { get; set; }

    public void Flow(int permits) => Topic.Flow(this, permits);

    public void Acknowledge(Position position) => Topic.Acknowledge(this, position);

    public void Redeliver(Position position) => Topic.Redeliver(this, position);

    public void Close() => Topic.Leave(this);
}
