using Confluent.Kafka;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>What goes wrong while records are read from Kafka, as problems, in this one place.</summary>
internal static class KafkaReadProblems
{
    public static Problem Of(Error error, KafkaPartition partition) =>
        error.Code switch
        {
            ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition => new Problem.Conflict(
                "kafka-topic-missing",
                $"Kafka says that it has no partition {partition.Number} of the topic {partition.Topic}. "
                    + "If the topic was deleted, stop its copy."
            ),
            ErrorCode.TopicAuthorizationFailed => new Problem.Unavailable(
                "kafka-not-allowed",
                $"Kafka doesn't let this user read {partition.Topic}. Grant it READ and DESCRIBE on the topic. We'll keep trying."
            ),
            ErrorCode.OffsetOutOfRange or ErrorCode.Local_AutoOffsetReset => new Problem.Conflict(
                "kafka-offset-gone",
                $"Kafka no longer has the next offset of {partition}."
            ),
            ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => new Problem.Unavailable(
                "kafka-unauthorized",
                "Kafka doesn't accept the user or the password. Correct them; we'll keep trying."
            ),
            ErrorCode.Local_Ssl => new Problem.Unavailable(
                "kafka-tls",
                "The TLS connection to Kafka failed. Check the certificate authority; we'll keep trying."
            ),
            _ => Away,
        };

    public static Problem Away { get; } = new Problem.Unavailable("kafka-unreachable", "We couldn't reach Kafka. We'll keep trying.");

    /// <summary>Worth to be said when nothing comes: others heal unnoticed.</summary>
    public static bool IsTelling(Error error) =>
        error.IsFatal
        || error.Code
            is ErrorCode.Local_AllBrokersDown
                or ErrorCode.Local_Transport
                or ErrorCode.Local_Resolve
                or ErrorCode.Local_Authentication
                or ErrorCode.SaslAuthenticationFailed
                or ErrorCode.Local_Ssl
                or ErrorCode.TopicAuthorizationFailed;
}
