using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Tenants;

/// <summary>What a broker does with a producer, or with messages, when a backlog reaches its quota.</summary>
public enum BacklogFull
{
    /// <summary>Producers are refused with an error.</summary>
    RefusePublishing,

    /// <summary>Producers wait until there is room.</summary>
    HoldPublishing,

    /// <summary>The oldest messages are taken out of the backlog, read or not.</summary>
    DropOldest,
}

/// <summary>Which schemas a topic takes after its first.</summary>
public enum SchemaCompatibility
{
    AlwaysIncompatible,
    AlwaysCompatible,
    Backward,
    BackwardTransitive,
    Forward,
    ForwardTransitive,
    Full,
    FullTransitive,
}

/// <summary>Pulsar's own words, which scripts read and write.</summary>
public static class PolicyWords
{
    public static string Text(this BacklogFull full) =>
        full switch
        {
            BacklogFull.RefusePublishing => "producer_exception",
            BacklogFull.HoldPublishing => "producer_request_hold",
            BacklogFull.DropOldest => "consumer_backlog_eviction",
        };

    public static string Text(this SchemaCompatibility compatibility) =>
        compatibility switch
        {
            SchemaCompatibility.AlwaysIncompatible => "ALWAYS_INCOMPATIBLE",
            SchemaCompatibility.AlwaysCompatible => "ALWAYS_COMPATIBLE",
            SchemaCompatibility.Backward => "BACKWARD",
            SchemaCompatibility.BackwardTransitive => "BACKWARD_TRANSITIVE",
            SchemaCompatibility.Forward => "FORWARD",
            SchemaCompatibility.ForwardTransitive => "FORWARD_TRANSITIVE",
            SchemaCompatibility.Full => "FULL",
            SchemaCompatibility.FullTransitive => "FULL_TRANSITIVE",
        };

    /// <summary>Null for a word that is none of them.</summary>
    public static BacklogFull? BacklogFullOf(string? word) => Find<BacklogFull>(word, Text);

    /// <summary>Null for a word that is none of them.</summary>
    public static SchemaCompatibility? SchemaCompatibilityOf(string? word) => Find<SchemaCompatibility>(word, Text);

    private static T? Find<T>(string? word, Func<T, string> text)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
            if (text(value) == word)
                return value;
        return null;
    }
}

/// <summary>
/// What a customer wishes of a namespace. Null leaves it to the plan, or where plans say nothing, to the cluster. Kept
/// through every change of plan.
/// </summary>
/// <param name="RetentionTime">How long messages are kept after every subscription has read them.</param>
/// <param name="RetentionBytes">How much of them is kept.</param>
public sealed record NamespaceWishes(TimeSpan? RetentionTime = null, long? RetentionBytes = null)
{
    /// <summary>
    /// What is wrong with it whatever the plan says; null when nothing is. For pages, which say all that is wrong at once.
    /// </summary>
    [JsonIgnore]
    public Problem.Invalid? Refusal => WishRules.Refuse(this);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static NamespaceWishes None { get; } = new();

    /// <summary>What a subscription has not acknowledged for so long is acknowledged in its place.</summary>
    public TimeSpan? MessageTtl { get; init; }

    public long? BacklogQuotaBytes { get; init; }

    public BacklogFull? WhenBacklogFull { get; init; }

    /// <summary>Of each partition.</summary>
    public RateLimit? PublishRate { get; init; }

    /// <summary>Of each partition, to all of its subscriptions together.</summary>
    public RateLimit? DispatchRate { get; init; }

    /// <summary>Messages that a producer sends twice under one sequence number are kept once.</summary>
    public bool? Deduplication { get; init; }

    public SchemaCompatibility? SchemaCompatibility { get; init; }

    /// <summary>Producers without a schema are refused by topics that have one.</summary>
    public bool? SchemaValidation { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static NamespaceWishes Read(string json) => JsonSerializer.Deserialize<NamespaceWishes>(json, Json)!;

    /// <summary>
    /// These wishes where they differ from those that somebody began with, and what stands now in the rest: of two who change
    /// at once neither takes back what the other did.
    /// </summary>
    public NamespaceWishes Over(NamespaceWishes began, NamespaceWishes now)
    {
        return new(Changed(wish => wish.RetentionTime), Changed(wish => wish.RetentionBytes))
        {
            MessageTtl = Changed(wish => wish.MessageTtl),
            BacklogQuotaBytes = Changed(wish => wish.BacklogQuotaBytes),
            WhenBacklogFull = Changed(wish => wish.WhenBacklogFull),
            PublishRate = Changed(wish => wish.PublishRate),
            DispatchRate = Changed(wish => wish.DispatchRate),
            Deduplication = Changed(wish => wish.Deduplication),
            SchemaCompatibility = Changed(wish => wish.SchemaCompatibility),
            SchemaValidation = Changed(wish => wish.SchemaValidation),
        };

        T Changed<T>(Func<NamespaceWishes, T> part) => Equals(part(this), part(began)) ? part(now) : part(this);
    }

    /// <summary>Each wish by its name and in words, for the audit log; those that are left to the plan are not there.</summary>
    public IReadOnlyDictionary<string, string> Words() =>
        new (string Name, string? Text)[]
        {
            ("retention time", RetentionTime?.ToString()),
            ("retention size", RetentionBytes is { } kept ? ByteSize.Text(kept) : null),
            ("message TTL", MessageTtl?.ToString()),
            ("backlog quota", BacklogQuotaBytes is { } quota ? ByteSize.Text(quota) : null),
            ("when the backlog is full", WhenBacklogFull?.Text()),
            ("publish rate", PublishRate?.Text()),
            ("dispatch rate", DispatchRate?.Text()),
            (
                "deduplication",
                Deduplication switch
                {
                    true => "on",
                    false => "off",
                    null => null,
                }
            ),
            ("schema compatibility", SchemaCompatibility?.Text()),
            (
                "schema validation",
                SchemaValidation switch
                {
                    true => "on",
                    false => "off",
                    null => null,
                }
            ),
        }
            .Where(wish => wish.Text is not null)
            .ToDictionary(wish => wish.Name, wish => wish.Text!);
}
