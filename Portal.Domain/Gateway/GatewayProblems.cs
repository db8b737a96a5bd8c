using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Gateway;

/// <summary>What a WebSocket client hears: at the handshake as a problem document, later as the reason of the close frame.</summary>
public static class GatewayProblems
{
    public static readonly Problem.NotFound NoSuchAddress = new(
        "gateway-address-unknown",
        "There is no such WebSocket address. Use /ws/v2/producer, /ws/v2/consumer or /ws/v2/reader, then "
            + "/persistent/{tenant}/{namespace}/{topic}, and for a consumer /{subscription}."
    );

    public static readonly Problem.NotFound GatewayOnly = new(
        "gateway-only",
        "This address serves WebSocket clients only, under /ws/v2/. Pages and the REST API are at Portal's own address."
    );

    public static readonly Problem.Invalid NotWebSocket = new(
        "websocket-expected",
        "Only WebSocket connections are accepted here. Connect with a WebSocket client, using a ws:// or wss:// address."
    );

    public static readonly Problem.Unauthenticated NoToken = new(
        "pulsar-key-missing",
        "Send the token of a key for Pulsar clients as 'Authorization: Bearer …', or in the token parameter."
    );

    public static readonly Problem.Unauthenticated KeyRefused = new(
        "pulsar-key-refused",
        "This token isn't valid for this cluster, or its key was deleted. Create a key on the tenant's Connect tab and use its token."
    );

    public static readonly Problem.Unauthenticated KeyExpired = new(
        "pulsar-key-expired",
        "This key has expired. Create a new one on the tenant's Connect tab."
    );

    public static readonly Problem.Unauthenticated KeyDeleted = new("pulsar-key-deleted", "This key was deleted. Use another key.");

    public static readonly Problem.Forbidden Suspended = new(
        "organization-suspended",
        "This key's organization is suspended. Ask an owner of the organization to sign in and check billing."
    );

    public static readonly Problem.Forbidden Closed = new("organization-not-active", "This key's organization is closed.");

    public static readonly Problem.Forbidden PublishingBlocked = new(
        "publishing-blocked",
        "Publishing is blocked: the organization has reached the hard cap of its budget, or has an overdue invoice. "
            + "Its Billing page shows which, and what to do."
    );

    public static readonly Problem.Forbidden DeadLettersBlocked = new(
        "dead-letters-blocked",
        "Publishing is blocked, and dead letters are published. Connect without maxRedeliverCount, or see the Billing page."
    );

    public static readonly Problem.Forbidden NotInKey = new(
        "topic-not-in-key",
        "This key doesn't cover this topic, or the topic doesn't exist. Use a key that lists the topic, or one for all topics in "
            + "its namespace."
    );

    public static readonly Problem.Forbidden MayNotProduce = new(
        "key-without-produce",
        "This key can't produce messages. Use a key with the produce permission."
    );

    public static readonly Problem.Forbidden MayNotConsume = new(
        "key-without-consume",
        "This key can't consume messages. Use a key with the consume permission."
    );

    public static readonly Problem.NotFound NoPartition = new(
        "partition-not-found",
        "The topic has no such partition. Connect to the topic itself, or to one of its partitions."
    );

    public static readonly Problem.NotFound TopicDeleted = new("topic-deleted", "The topic was deleted.");

    public static readonly Problem.Unavailable Restarting = new("gateway-restarting", "The gateway is restarting. Connect again.");

    public static readonly Problem.Invalid DeadLettersWithoutCount = new(
        "dead-letters-without-count",
        "deadLetterTopic needs maxRedeliverCount: after how many redeliveries a message becomes a dead letter.",
        "maxRedeliverCount"
    );

    public static Problem UnknownParameter(string name, SessionKind kind, IEnumerable<string> known) =>
        new Problem.Invalid(
            "parameter-unknown",
            $"The parameter '{Short(name)}' isn't supported for a {GatewayAddress.Word(kind)}. Supported: "
                + $"{string.Join(", ", known.Order(StringComparer.Ordinal))}.",
            Short(name)
        );

    public static Problem Twice(string name) =>
        new Problem.Invalid("parameter-repeated", $"The parameter '{name}' was given more than once. Give it once.", name);

    public static Problem WrongValue(string name, string wanted) =>
        new Problem.Invalid("parameter-invalid", $"The parameter '{name}' must be {wanted}.", name);

    public static Problem OwnName(string name) =>
        new Problem.Invalid("name-reserved", $"Names that start with portal- are reserved. Choose another {name}.", name);

    public static Problem DeadLettersElsewhere(string topic) =>
        new Problem.Forbidden(
            "dead-letters-not-in-key",
            $"Dead letters would go to '{Short(topic)}', where this key can't produce. "
                + "Create that topic, and use a key that can produce to it, or name another topic with deadLetterTopic."
        );

    public static Problem TooManySessions(int limit) =>
        new Problem.TooMany(
            "gateway-sessions-limit",
            $"This key already has {limit} open WebSocket connections, the limit. Close some, or use another key.",
            TimeSpan.FromSeconds(10)
        );

    /// <param name="allows">Up to the number: <c>The Free plan allows</c>.</param>
    public static Problem.OverLimit TooManyOfPlan(string allows, int limit, string? lifted) =>
        new(
            "websocket-sessions-limit",
            $"{allows} {LimitKind.WebSocketSessions.Words(limit)} WebSocket connection{(limit == 1 ? "" : "s")} at once, and all are open. "
                + (lifted is null ? "Close some first." : $"Close some, or change to {lifted}."),
            limit,
            limit,
            lifted
        );

    /// <summary>Also the reason of a close frame, which holds 123 bytes.</summary>
    public static Problem.OverLimit MessageTooLarge(string allows, long limit, string? lifted) =>
        new(
            "websocket-message-too-large",
            $"{allows} {LimitKind.WebSocketMessageBytes.Words(limit)} per message. "
                + (lifted is null ? "Send smaller ones." : $"Send smaller ones, or change to {lifted}."),
            limit,
            limit + 1,
            lifted
        );

    private static string Short(string text) => new([.. (text.Length > 100 ? text[..100] + "…" : text).Where(one => !char.IsControl(one))]);
}
