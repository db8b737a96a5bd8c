namespace LocalPulsar.Topics;

/// <summary>Why a topic does not take a producer, consumer or subscription: the name of the binary protocol's error.</summary>
internal enum RefusalKind
{
    ProducerBusy,
    ConsumerBusy,
    NotAllowed,
    TopicNotFound,
    SubscriptionNotFound,
    QuotaExceeded,
    EncryptionRequired,
    Terminated,
    Fenced,
}

/// <summary>A topic refused a client, with a broker's sentence.</summary>
internal sealed class TopicRefusalException(RefusalKind kind, string message) : Exception(message)
{
    public RefusalKind Kind { get; } = kind;
}
