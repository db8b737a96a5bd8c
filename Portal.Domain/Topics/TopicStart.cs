using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>A topic that somebody wants, with all that it is to begin with.</summary>
/// <param name="Partitions">0 = not partitioned.</param>
public sealed record NewTopic(string? Name, bool Persistent = true, int Partitions = 0)
{
    /// <summary>Null for a topic without a schema.</summary>
    public NewSchema? Schema { get; init; }

    public IReadOnlyList<NewTopicSubscription> Subscriptions { get; init; } = [];
}

/// <param name="Type">As Pulsar calls it: <c>AVRO</c>, <c>JSON</c>, <c>STRING</c>, …</param>
public sealed record NewSchema(string? Type, string? Definition);

/// <param name="FromEarliest">It keeps every message from the first on; else it begins with what is sent after it was made.</param>
/// <param name="DeadLetters">A topic beside it takes the messages that its consumers give up on.</param>
/// <param name="Retries">A topic beside it takes the messages that its consumers want again later.</param>
public sealed record NewTopicSubscription(string? Name, bool FromEarliest = true, bool DeadLetters = false, bool Retries = false)
{
    /// <summary>How many topics come with it.</summary>
    public int Aside => (DeadLetters ? 1 : 0) + (Retries ? 1 : 0);

    /// <summary>What Pulsar's clients call it unless they are told another name.</summary>
    public static string DeadLetterTopic(string topic, string subscription) => $"{topic}-{subscription}-DLQ";

    /// <inheritdoc cref="DeadLetterTopic"/>
    public static string RetryTopic(string topic, string subscription) => $"{topic}-{subscription}-RETRY";

    /// <summary>
    /// The topics beside it, with what each begins with: consumers read retries with the subscription that they read the topic with.
    /// </summary>
    /// <param name="name">Its name, as it is spelled on the cluster.</param>
    internal IEnumerable<(string Name, string Words, TopicStart Start)> Topics(string topic, string name)
    {
        if (Retries)
            yield return (RetryTopic(topic, name), "retry topic", new(null, null, [new(name, true)]));
        if (DeadLetters)
            yield return (DeadLetterTopic(topic, name), "dead letter topic", TopicStart.OfDeadLetters);
    }

    /// <summary>Of a dead letter topic: without it a message that a client gave up on would be kept by nobody.</summary>
    public const string DeadLetterSubscription = "dead-letters";
}

/// <summary>
/// What a topic is given before it is ready: kept with it, so that whoever tries again gives it the same, and dropped once
/// it is there. Null where there is nothing to give.
/// </summary>
/// <param name="SchemaType">Null for no schema.</param>
public sealed record TopicStart(string? SchemaType, string? Schema, IReadOnlyList<TopicStart.Subscription> Subscriptions)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static TopicStart Read(string json) => JsonSerializer.Deserialize<TopicStart>(json, Json)!;

    public sealed record Subscription(string Name, bool FromEarliest);

    internal static TopicStart OfDeadLetters { get; } = new(null, null, [new(NewTopicSubscription.DeadLetterSubscription, true)]);

    /// <summary>Looked through as far as that goes without the plan and the cluster.</summary>
    internal static Outcome<TopicStart?> Of(NewTopic wanted)
    {
        SchemaDefinition? schema = null;
        if (wanted.Schema is { } given)
        {
            if (!SchemaDefinition.Create(given.Type, given.Definition).TryGet(out schema, out var malformed))
                return malformed;
        }
        if (wanted is { Persistent: false, Subscriptions.Count: > 0 })
            return new Problem.Conflict(
                "topic-keeps-nothing",
                "A non-persistent topic doesn't store messages, so it can't start with subscriptions. "
                    + "Remove them, or make the topic persistent.",
                "subscriptions"
            );
        var subscriptions = new List<Subscription>(wanted.Subscriptions.Count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in wanted.Subscriptions)
        {
            if (!SubscriptionName.Create(one.Name).TryGet(out var name, out var refused))
                return new Problem.Invalid(refused.Code, refused.Message, "subscriptions");
            if (!names.Add(name.Value))
                return new Problem.Invalid(
                    "subscription-twice",
                    $"The subscription “{name}” is listed twice. Remove one of them.",
                    "subscriptions"
                );
            subscriptions.Add(new(name.Value, one.FromEarliest));
        }
        return schema is null && subscriptions.Count == 0
            ? Outcome.Of<TopicStart?>(null)
            : new TopicStart(schema?.Type, schema?.Text, subscriptions);
    }
}
