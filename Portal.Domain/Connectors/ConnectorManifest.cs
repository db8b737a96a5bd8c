using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>
/// A connector or function as a document: what it is to be, without its secrets and without what it does at the moment. It
/// can be kept in a repository and applied again, to the same place or to another tenant.
/// </summary>
/// <param name="Topics">As <c>namespace/topic</c>: what a source writes to, or what a sink or function reads.</param>
/// <param name="Output">Of a function, as <c>namespace/topic</c>; null for sources and sinks.</param>
/// <param name="CreateOutput">What a source or function writes to is created where there is none.</param>
/// <param name="Subscription">Null for one called as the connector, or for what it has.</param>
/// <param name="FromEarliest">Where its subscription starts; null for latest, or for what it has.</param>
/// <param name="Guarantee">Null for at-least-once, or for what it has.</param>
/// <param name="Instances">Null for 1, or for what it has.</param>
/// <param name="Configuration">The whole of it; a secret that it leaves out is kept.</param>
/// <param name="Secrets">Settings that have to be stored as secrets, here or already.</param>
/// <param name="Wish">Null to run a new one, and to leave the present one as it is.</param>
public sealed record ConnectorManifest(
    ConnectorKind Kind,
    string? Type,
    IReadOnlyList<string> Topics,
    string? Output,
    bool CreateOutput,
    string? Subscription,
    bool? FromEarliest,
    Guarantee? Guarantee,
    int? Instances,
    JsonObject Configuration,
    IReadOnlyList<string> Secrets,
    ConnectorWish? Wish
)
{
    /// <summary>Where its subscription starts in time; null for one end of the topic, or for what it has.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Of a sink; null for none, or for what it has.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>Of a sink, as <c>namespace/topic</c>; null for none, or for what it has.</summary>
    public string? DeadLetterTopic { get; init; }

    /// <summary>The dead letter topic is created where there is none.</summary>
    public bool CreateDeadLetterTopic { get; init; }

    /// <summary>Of what runs a package; null for the newest version, or for what it has.</summary>
    public string? PackageVersion { get; init; }

    /// <summary>Of what runs a package; null for its only class, or for what it has.</summary>
    public string? ClassName { get; init; }

    /// <summary>What could not be understood of what was sent: told once it is known that the one who asks may.</summary>
    public Problem.Invalid? Unreadable { get; init; }

    private const string Earliest = "earliest",
        Latest = "latest";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly HashSet<string> Members =
    [
        .. typeof(Document).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)),
    ];

    /// <summary>As the document has it.</summary>
    private sealed record Document(
        string? Kind,
        string? Type,
        IReadOnlyList<string>? Topics,
        IReadOnlyList<string>? Inputs,
        string? Output,
        bool? CreateTopic,
        bool? CreateOutput,
        string? Subscription,
        string? Position,
        string? Guarantee,
        int? Instances,
        JsonObject? Configuration,
        IReadOnlyList<string>? Secrets,
        string? Wanted,
        DateTimeOffset? StartAt = null,
        int? MaxRetries = null,
        string? DeadLetterTopic = null,
        bool? CreateDeadLetterTopic = null,
        string? PackageVersion = null,
        string? ClassName = null
    );

    public static ConnectorManifest Of(Connector connector) =>
        new(
            connector.Kind,
            connector.Type,
            [.. connector.Topics.Select(Connector.ShortTopic)],
            connector.Output is { } output ? Connector.ShortTopic(output) : null,
            false,
            connector.Subscription,
            connector.Subscription is null || connector.StartAt is not null ? null : connector.FromEarliest,
            connector.Guarantee,
            connector.Instances,
            (JsonObject)ForeignJson.ParseNode(connector.Configuration)!,
            connector.SecretFields,
            connector.Wish
        )
        {
            StartAt = connector.StartAt,
            MaxRetries = connector.MaxRetries,
            DeadLetterTopic = connector.DeadLetterTopic is { } letters ? Connector.ShortTopic(letters) : null,
            PackageVersion = connector.Package?.Version,
            ClassName = connector.Package?.Class,
        };

    /// <summary>The document, for people to read and keep.</summary>
    public string Write()
    {
        var isFunction = Kind == ConnectorKind.Function;
        return JsonSerializer.Serialize(
            new Document(
                Kind.Text(),
                Type,
                isFunction ? null : Topics,
                isFunction ? Topics : null,
                Output,
                CreateOutput && !isFunction ? true : null,
                CreateOutput && isFunction ? true : null,
                Subscription,
                PositionText(FromEarliest),
                Guarantee?.Text(),
                Instances,
                Configuration,
                Secrets.Count == 0 ? null : Secrets,
                Wish?.Text(),
                StartAt,
                MaxRetries,
                DeadLetterTopic,
                CreateDeadLetterTopic ? true : null,
                PackageVersion,
                ClassName
            ),
            Format
        );
    }

    /// <summary>Invalid <c>manifest-malformed</c> for what is none.</summary>
    public static Outcome<ConnectorManifest> Read(string? text)
    {
        JsonObject? written;
        Document document;
        try
        {
            written = ForeignJson.ParseNode(text ?? "") as JsonObject;
        }
        catch (JsonException wrong)
        {
            return Malformed($"Check line {(wrong.LineNumber ?? 0) + 1}");
        }
        if (written is null)
            return Malformed("Paste one JSON object");
        if (written.Select(pair => pair.Key).FirstOrDefault(name => !Members.Contains(name)) is { } unknown)
            return Malformed($"Remove {Operation.Brief(unknown)}, or check its spelling");
        try
        {
            document = written.Deserialize<Document>(Format)!;
        }
        catch (JsonException wrong)
        {
            return Malformed($"Check {wrong.Path?.TrimStart('$', '.')}");
        }
        if (!ConnectorWords.TryKind(document.Kind, out var kind))
            return Malformed("Set kind to source, sink or function");
        if (!TryPosition(document.Position, out var fromEarliest))
            return Malformed("Set position to earliest or latest");
        if (!ConnectorWords.TryGuarantee(document.Guarantee, out var guarantee))
            return Malformed("Set guarantee to at-least-once, at-most-once or effectively-once");
        if (!TryWish(document.Wanted, out var wish))
            return Malformed("Set wanted to running or stopped");
        return new ConnectorManifest(
            kind,
            document.Type,
            document.Inputs ?? document.Topics ?? [],
            document.Output,
            document.CreateOutput ?? document.CreateTopic ?? false,
            document.Subscription,
            fromEarliest,
            document.Guarantee is null ? null : guarantee,
            document.Instances,
            document.Configuration ?? [],
            document.Secrets ?? [],
            wish
        )
        {
            StartAt = document.StartAt,
            MaxRetries = document.MaxRetries,
            DeadLetterTopic = document.DeadLetterTopic,
            CreateDeadLetterTopic = document.CreateDeadLetterTopic ?? false,
            PackageVersion = document.PackageVersion,
            ClassName = document.ClassName,
        };
    }

    public static bool TryPosition(string? text, out bool? fromEarliest)
    {
        fromEarliest = text switch
        {
            Earliest => true,
            Latest => false,
            _ => null,
        };
        return text is null || fromEarliest is not null;
    }

    public static bool TryWish(string? text, out ConnectorWish? wish)
    {
        wish = text switch
        {
            "running" => ConnectorWish.Run,
            "stopped" => ConnectorWish.Stop,
            _ => null,
        };
        return text is null || wish is not null;
    }

    public static string? PositionText(bool? fromEarliest) =>
        fromEarliest switch
        {
            true => Earliest,
            false => Latest,
            null => null,
        };

    private static Problem.Invalid Malformed(string what) =>
        new("manifest-malformed", $"This isn't a connector manifest. {what}, then try again.", "manifest");
}
