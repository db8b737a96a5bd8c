using Portal.Domain.Common;

namespace Portal.Adapters.PulsarWire;

/// <summary>What goes wrong over Pulsar's binary protocol, as problems, in this one place.</summary>
internal static class WireProblems
{
    public static Problem NoAddress(string cluster) =>
        new Problem.Unavailable(
            "broker-address-missing",
            $"Portal has no broker address of the cluster '{cluster}'. The operator has to set BrokerUrl."
        );

    public static Problem Unreachable(string cluster) =>
        new Problem.Unavailable("cluster-unreachable", $"We couldn't reach the brokers of the cluster '{cluster}'. We'll keep trying.");

    public static Problem Untrusted(string cluster, string why) =>
        new Problem.Unavailable(
            "broker-certificate",
            $"The certificate of a broker of the cluster '{cluster}' isn't trusted: "
                + $"{why} The operator has to add its authority to the machine's trusted certificates."
        );

    public static Problem Silent(string topic) =>
        new Problem.Unavailable("cluster-timeout", $"The cluster didn't answer for {topic} in time. We'll keep trying.");

    public static Problem Ended(string topic) =>
        new Problem.Unavailable("broker-connection-ended", $"The connection to the broker of {topic} ended. We'll keep trying.");

    /// <summary>The broker hands the topic to another one.</summary>
    public static Problem Moved(string topic) =>
        new Problem.Unavailable(
            "topic-moved",
            $"The topic {topic} is moving to another broker. We'll keep trying.",
            TimeSpan.FromMilliseconds(500)
        );

    public static Problem Unreadable(string topic) =>
        new Problem.Unavailable(
            "broker-answer-unreadable",
            $"A broker sent something about {topic} that Portal can't read. We'll keep trying; "
                + "the operator should look at the broker's version."
        );

    public static Problem NoOwner(string topic) =>
        new Problem.Unavailable("topic-owner-unknown", $"No broker owns {topic} at the moment. We'll keep trying.");

    public static Problem Held(string topic) =>
        new Problem.Unavailable(
            "backlog-full",
            $"{topic} takes no messages: its backlog quota is reached. Let consumers catch up, delete subscriptions that nobody "
                + "uses, or raise the quota."
        );

    /// <summary>Larger than the broker takes.</summary>
    /// <param name="most">In bytes; null where the broker does not say.</param>
    public static Problem TooLarge(string topic, int size, long? most) =>
        new Problem.Invalid(
            "message-too-large",
            most is { } limit
                ? $"A message of {ByteSize.Text(size)} is larger than the {ByteSize.Text(limit)} that {topic} takes."
                : $"A message of {ByteSize.Text(size)} is larger than {topic} takes."
        );

    public static Problem SizeLowered(string topic) =>
        new Problem.Unavailable(
            "message-size-lowered",
            $"{topic} takes smaller messages than it did a moment ago. We'll go on with the new limit."
        );

    /// <summary>An ERROR, SEND_ERROR or failed lookup. Numbers are Pulsar's.</summary>
    public static Problem OfBroker(string cluster, string topic, int error) =>
        error switch
        {
            3 => new Problem.Unavailable(
                "cluster-unauthorized",
                $"The cluster '{cluster}' does not accept tokens that the portal signs. "
                    + "The operator has to check that TokenPrivateKeyFile fits the brokers' tokenPublicKey."
            ),
            4 => new Problem.Unavailable(
                "messages-not-granted",
                $"Portal may not read or write {topic} yet. The right is given with the namespace; we'll keep trying."
            ),
            7 or 8 => Held(topic),
            11 or 17 => new Problem.NotFound("topic-not-on-cluster", $"The topic {topic} is not on the cluster. Create it again."),
            15 => new Problem.Conflict("topic-terminated", $"{topic} was terminated and takes no more messages."),
            16 => new Problem.Unavailable(
                "copy-elsewhere",
                $"Another copy is still connected to {topic}. We'll start as soon as it has gone.",
                TimeSpan.FromSeconds(2)
            ),
            18 => new Problem.Conflict(
                "schema-refused",
                $"{topic} takes only messages with a schema. Switch off schema validation for its namespace while you copy."
            ),
            _ => new Problem.Unavailable(
                "cluster-error",
                $"The cluster '{cluster}' answered with an error for {topic} ({Word(error)}). We'll keep trying."
            ),
        };

    private static string Word(int error) =>
        error switch
        {
            1 => "metadata",
            2 => "storage",
            6 => "not ready",
            9 => "checksum",
            14 => "too many requests",
            _ => $"number {error}",
        };
}
