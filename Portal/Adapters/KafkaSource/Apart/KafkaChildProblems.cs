using Portal.Domain.Common;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>Why the process of a Kafka client is no longer there.</summary>
internal enum KafkaChildEnd
{
    /// <summary>Nobody needed it any more.</summary>
    Idle,

    /// <summary>Somebody else's turn came.</summary>
    Turn,

    /// <summary>It couldn't be started.</summary>
    Unstarted,

    /// <summary>It ended by itself.</summary>
    Exited,

    /// <summary>It took more memory than it may.</summary>
    Memory,

    /// <summary>A call had no answer in its time.</summary>
    Deadline,

    /// <summary>It said what it can't mean.</summary>
    Answer,
}

/// <summary>What goes wrong with the process of a Kafka client, whatever the Kafka behind it does.</summary>
internal static class KafkaChildProblems
{
    public static Problem Busy { get; } =
        new Problem.Unavailable(
            "kafka-busy",
            "Portal is talking to as many Kafka clusters as it can at the moment. Try again in a minute; copies go on by themselves.",
            TimeSpan.FromSeconds(15)
        );

    /// <summary>The client lives on.</summary>
    public static Problem Odd { get; } =
        new Problem.Unavailable(
            "kafka-answer-odd",
            "Portal's Kafka client can't make sense of what this Kafka answered. "
                + "Check that the bootstrap servers are Kafka brokers, and their logs. We'll keep trying."
        );

    /// <param name="pause">How long it is left alone; null where it is tried again at once.</param>
    public static Problem.Unavailable Died(KafkaChildEnd end, long memoryBytes, TimeSpan? pause = null) =>
        new(
            "kafka-client-died",
            end switch
            {
                KafkaChildEnd.Memory => "Portal's Kafka client stopped while talking to this Kafka: its answers took more than "
                    + $"{ByteSize.Text(memoryBytes)} of memory. Write to its topics in smaller batches, or ask the operator to "
                    + "raise Portal:Migrations:KafkaMemoryMegabytes.",
                KafkaChildEnd.Deadline => "Portal's Kafka client stopped while talking to this Kafka: it had no answer for minutes. "
                    + "Check that the brokers are healthy, then test the connection.",
                KafkaChildEnd.Unstarted =>
                    "Portal couldn't start its Kafka client. Try again in a minute; if it goes on, contact the operator.",
                _ => "Portal's Kafka client stopped while talking to this Kafka. Check that the bootstrap servers are brokers of "
                    + "Kafka 0.11 or later, then test the connection; if it goes on, contact the operator.",
            } + (pause is null ? " We'll keep trying." : " It stopped several times, so we'll wait before we try again."),
            pause
        );
}
