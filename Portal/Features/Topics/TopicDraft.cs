using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Features.Topics;

/// <summary>A topic as somebody types it, step by step. What is wrong with it is asked for by field.</summary>
public sealed class TopicDraft
{
    public const string NameStep = "name",
        ShapeStep = "shape",
        KeepingStep = "keeping",
        SchemaStep = "schema",
        SubscriptionsStep = "subscriptions",
        ReviewStep = "review";

    /// <summary>As they are walked; the heading is the page's.</summary>
    internal static readonly (string Key, string Text, string Heading)[] Steps =
    [
        (NameStep, "Name", "Name the topic"),
        (ShapeStep, "Shape", "Storage and partitions"),
        (KeepingStep, "Retention", "How long messages are kept"),
        (SchemaStep, "Schema", "What messages look like"),
        (SubscriptionsStep, "Subscriptions", "Who reads it"),
        (ReviewStep, "Review", "Review and create"),
    ];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string? Namespace { get; set; }

    public string Name { get; set; } = "";

    public bool Persistent { get; set; } = true;

    public string Partitions { get; set; } = "0";

    /// <summary>Messages a second; empty for not known.</summary>
    public string Rate { get; set; } = "";

    /// <summary>KiB.</summary>
    public string MessageSize { get; set; } = "1";

    /// <summary>As Pulsar calls it; empty for no schema.</summary>
    public string SchemaType { get; set; } = "";

    public string Definition { get; set; } = "";

    /// <summary>A name on each line.</summary>
    public string Subscriptions { get; set; } = "";

    public bool FromEarliest { get; set; } = true;

    public bool DeadLetters { get; set; }

    public bool Retries { get; set; }

    /// <summary>What the browser kept, by the ids of the fields.</summary>
    /// <param name="namespaces">Those that there are.</param>
    public void Take(IReadOnlyDictionary<string, string> kept, IReadOnlyCollection<string> namespaces)
    {
        Namespace = kept.TryGetValue("namespace", out var inside) && namespaces.Contains(inside) ? inside : Namespace;
        Name = kept.GetValueOrDefault("name", Name);
        Persistent = kept.GetValueOrDefault("storage", Persistent ? "persistent" : "") == "persistent";
        Partitions = kept.GetValueOrDefault("partitions", Partitions);
        Rate = kept.GetValueOrDefault("rate", Rate);
        MessageSize = kept.GetValueOrDefault("message-size", MessageSize);
        SchemaType =
            kept.GetValueOrDefault("schema", SchemaType) is var type && (type.Length == 0 || SchemaDefinition.Types.Contains(type))
                ? type
                : SchemaType;
        Definition = kept.GetValueOrDefault("definition", Definition);
        Subscriptions = kept.GetValueOrDefault("subscriptions", Subscriptions);
        FromEarliest = kept.GetValueOrDefault("position", FromEarliest ? "earliest" : "latest") != "latest";
        DeadLetters = kept.GetValueOrDefault("dead-letters", DeadLetters ? "true" : "false") == "true";
        Retries = kept.GetValueOrDefault("retries", Retries ? "true" : "false") == "true";
    }

    public IReadOnlyList<string> SubscriptionNames =>
        Persistent
            ?
            [
                .. Subscriptions
                    .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Distinct(StringComparer.Ordinal),
            ]
            : [];

    /// <summary>How many topics come with it, for retries and dead letters.</summary>
    public int Aside => SubscriptionNames.Count * ((DeadLetters ? 1 : 0) + (Retries ? 1 : 0));

    /// <summary>Null for what is no number of partitions.</summary>
    public int? PartitionCount =>
        int.TryParse(Partitions.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    /// <summary>Null where no rate was given, or none that can be read.</summary>
    public decimal? MessagesPerSecond => Number(Rate) is > 0 and <= 1_000_000_000m and var rate ? rate : null;

    public decimal? BytesPerMessage => Number(MessageSize) is > 0 and <= 1_000_000m and var size ? size * ByteSize.KiB : null;

    public bool HasDefinition => SchemaType is "JSON" or "AVRO";

    /// <summary>What is wrong, by field; empty when the topic can be asked for.</summary>
    /// <param name="step">Of one step; null for all of them.</param>
    /// <param name="mostPartitions">Of the plan; null for no limit, and while it isn't known.</param>
    public IReadOnlyDictionary<string, string> Wrong(string? step = null, int? mostPartitions = null)
    {
        var wrong = new Dictionary<string, string>();
        void At(string at, string field, string? message)
        {
            if ((step is null || step == at) && message is not null)
                wrong[field] = message;
        }

        At(NameStep, "name", TopicName.Create(Name.Trim()).Problem?.Message);
        At(
            ShapeStep,
            "partitions",
            PartitionCount is null ? "Enter a whole number, or 0 for a topic without partitions."
                : PartitionCount > mostPartitions ? $"A topic can have up to {mostPartitions} partitions here. Choose fewer."
                : null
        );
        At(
            ShapeStep,
            "rate",
            Rate.Trim().Length > 0 && MessagesPerSecond is null ? "Enter a number of messages per second, or leave it empty." : null
        );
        At(ShapeStep, "message-size", BytesPerMessage is null ? "Enter the average size of a message in KiB, such as 0.5 or 4." : null);
        At(
            SchemaStep,
            "definition",
            SchemaType.Length > 0 ? SchemaDefinition.Create(SchemaType, HasDefinition ? Definition : "").Problem?.Message : null
        );
        At(
            SubscriptionsStep,
            "subscriptions",
            SubscriptionNames
                .Select(name => SubscriptionName.Create(name).Problem?.Message is { } message ? $"“{name}”: {message}" : null)
                .FirstOrDefault(message => message is not null)
        );
        return wrong;
    }

    /// <summary>The step that a field stands in; null for what is no field of the wizard.</summary>
    public static string? StepOf(string? field) =>
        field switch
        {
            "name" => NameStep,
            "partitions" or "rate" or "message-size" => ShapeStep,
            "definition" or "type" or "schema" => SchemaStep,
            "subscriptions" => SubscriptionsStep,
            _ => null,
        };

    public NewTopic Wanted() =>
        new(Name.Trim(), Persistent, PartitionCount ?? 0)
        {
            Schema = SchemaType.Length > 0 ? new(SchemaType, HasDefinition ? Definition : null) : null,
            Subscriptions = [.. SubscriptionNames.Select(name => new NewTopicSubscription(name, FromEarliest, DeadLetters, Retries))],
        };

    /// <param name="policies">What is in force in the namespace; null while it is not known.</param>
    public ExpectedTopic Expected(NamespacePolicies? policies) =>
        new(
            PartitionCount ?? 0,
            Aside,
            MessagesPerSecond ?? 0m,
            BytesPerMessage ?? 0m,
            Math.Max(1, SubscriptionNames.Count),
            policies?.RetentionTime,
            policies?.RetentionSize,
            Persistent
        );

    /// <summary>What a script sends for the same topic; what is as it is by default is left out.</summary>
    public string Body()
    {
        var wanted = Wanted();
        return JsonSerializer.Serialize(
            new TopicsEndpoints.CreateTopicBody(
                wanted.Name,
                wanted.Persistent ? null : false,
                wanted.Partitions == 0 ? null : wanted.Partitions,
                wanted.Schema is { } schema ? new(schema.Type, schema.Definition) : null,
                wanted.Subscriptions.Count == 0
                    ? null
                    :
                    [
                        .. wanted.Subscriptions.Select(one => new TopicsEndpoints.NewTopicSubscriptionBody(
                            one.Name,
                            one.FromEarliest ? null : "latest",
                            one.DeadLetters ? true : null,
                            one.Retries ? true : null
                        )),
                    ]
            ),
            Json
        );
    }

    private static decimal? Number(string text) =>
        decimal.TryParse(
            text.Trim(),
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;
}
