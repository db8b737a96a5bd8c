using System.Net;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>What goes wrong over Pulsar's WebSocket API, as problems, in this one place.</summary>
internal static class MessageProblems
{
    /// <summary>Pulsar takes frames of 1 MiB of JSON (webSocketMaxTextFrameSize) and drops the connection beyond.</summary>
    public const int FrameLimit = 1024 * 1024;

    public static Problem NoWebSocket(string cluster) =>
        new Problem.Unavailable(
            "messages-unavailable",
            $"Messages cannot be sent or read here: the portal has no WebSocket address of the cluster '{cluster}'. "
                + "The operator has to set WebSocketUrl."
        );

    public static Problem Unreachable(string cluster) =>
        new Problem.Unavailable(
            "cluster-unreachable",
            $"We can't reach the cluster '{cluster}' for messages right now. Try again in a moment."
        );

    public static Problem Timeout(Topic topic) =>
        new Problem.Unavailable("cluster-timeout", $"The cluster did not answer for {topic.Address} in time. Try again in a moment.");

    public static Problem BacklogFull(Topic topic, long quota, long backlog) =>
        new Problem.OverLimit(
            "backlog-full",
            $"{topic.Address} takes no messages: its backlog of {ByteSize.Text(backlog)} has reached the quota of "
                + $"{ByteSize.Text(quota)}. Let consumers catch up, or delete subscriptions that nobody uses.",
            quota,
            backlog,
            LiftedBy: null
        );

    public static Problem TooLarge(int size) =>
        new Problem.Invalid(
            "message-too-large",
            $"A message of {ByteSize.Text(size)} is too large to be sent from here: "
                + "with key and properties it may have about 750 KiB. Use a Pulsar client for larger ones.",
            "payload"
        );

    public static Problem IdUnknown() =>
        new Problem.Invalid("message-id-unknown", "This isn't a message ID of this topic. Copy one from the list of messages.", "from");

    public static Problem IdUnreadable() =>
        new Problem.Invalid(
            "message-id-unknown",
            "This isn't a message ID. Copy one from the topic's messages, or enter ledger:entry as Pulsar's tools show it.",
            "messageId"
        );

    /// <summary>As many bytes as the portal spares are being read already.</summary>
    public static Problem ReadsBusy() =>
        new Problem.Unavailable(
            "reads-busy",
            "Too many messages are being read at the same time. Try again in a few seconds.",
            TimeSpan.FromSeconds(5)
        );

    /// <summary>The connection broke after the message went out.</summary>
    public static Problem Uncertain(Topic topic) =>
        new Problem.Unavailable(
            "message-uncertain",
            $"The connection to {topic.Address} broke before the message was confirmed. Look whether it arrived before you send it again."
        );

    /// <summary>A refusal inside a producer's session.</summary>
    public static Problem SendRefused(Topic topic) =>
        new Problem.Unavailable(
            "message-refused",
            $"The cluster did not take the message for {topic.Address}. Try again; if it goes on, look at the topic's backlog and state."
        );

    /// <summary>The handshake was answered, but not with a connection.</summary>
    /// <param name="ahead">How far the portal's clock is ahead of the cluster's, when that is too far.</param>
    public static Problem OfHandshake(Topic topic, HttpStatusCode status, TimeSpan? ahead) =>
        status switch
        {
            HttpStatusCode.Unauthorized when ahead is { } skew => ClockSkew.Refused(topic.Cluster, skew),
            HttpStatusCode.BadRequest => IdUnknown(),
            HttpStatusCode.Unauthorized => new Problem.Unavailable(
                "cluster-unauthorized",
                $"The cluster '{topic.Cluster}' does not accept tokens that the portal signs. "
                    + "The operator has to check that TokenPrivateKeyFile fits the brokers' tokenPublicKey."
            ),
            HttpStatusCode.Forbidden => new Problem.Unavailable(
                "messages-not-granted",
                $"The portal may not yet send or read in {topic.Address}. It is given that right right after the topic is made; "
                    + "try again in a moment."
            ),
            HttpStatusCode.NotFound => new Problem.NotFound(
                "topic-not-on-cluster",
                $"The topic {topic.Address} is not on the cluster. Create it again."
            ),
            HttpStatusCode.Conflict => new Problem.Unavailable(
                "topic-busy",
                $"As many clients as the plan allows are connected to {topic.Address}. Try again when one has gone."
            ),
            HttpStatusCode.ServiceUnavailable => new Problem.Conflict(
                "topic-terminated",
                $"{topic.Address} was terminated and takes no more messages."
            ),
            HttpStatusCode.GatewayTimeout or HttpStatusCode.RequestTimeout => Timeout(topic),
            _ => new Problem.Unavailable(
                "cluster-error",
                $"The cluster '{topic.Cluster}' answered with an error ({(int)status}). Try again in a moment."
            ),
        };
}
