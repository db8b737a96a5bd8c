using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>What people need to know of a setting beyond what the connector's author wrote of it. All of it may be left out.</summary>
/// <param name="Label">In place of the setting's name on forms.</param>
/// <param name="Help">In place of the author's.</param>
/// <param name="Choices">Nothing else is taken.</param>
/// <param name="Pattern">A regular expression that a text has to match.</param>
/// <param name="PatternSays">The sentence for one that does not.</param>
/// <param name="Leads">
/// false when no value of it can change where the connector's secrets go: neither the server nor how it signs in there. Only
/// then may it be changed without entering them again.
/// </param>
/// <param name="Keys">Of a map: the only names that it may hold. Without them, names that reach the worker itself are refused
/// (<see cref="WorkerReach"/>).</param>
/// <param name="KeepsPlace">true where the other system remembers under this name how far was read: a trial uses a name of its own.</param>
public sealed record FieldGuide(
    string Name,
    string? Label,
    string? Help,
    string? Example,
    IReadOnlyList<string>? Choices,
    string? Pattern,
    string? PatternSays,
    bool Leads = true,
    bool KeepsPlace = false,
    IReadOnlyList<string>? Keys = null
)
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(100);
    private Regex? _regex;

    internal bool Fits(string text)
    {
        if (Pattern is null)
            return true;
        try
        {
            return (_regex ??= Compiled(Pattern)).IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            // Some patterns keep others' files safe: what can't be told is not taken.
            return false;
        }
    }

    private static Regex Compiled(string pattern)
    {
        try
        {
            return new(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, LongestMatch);
        }
        catch (NotSupportedException)
        {
            // An operator's own may look around.
            return new(pattern, RegexOptions.CultureInvariant, LongestMatch);
        }
    }
}

/// <summary>An exception of a connector in words that help.</summary>
/// <param name="Contains">Part of the exception, in any case.</param>
/// <param name="Says">A sentence; <c>{field}</c> stands for a setting's value.</param>
/// <param name="Field">The setting to look at.</param>
public sealed record TroubleGuide(string Contains, string Says, string? Field);

/// <summary>Something to copy that follows the settings, such as the statement that makes a table.</summary>
/// <param name="Code"><c>{field}</c> stands for a setting's value.</param>
public sealed record SnippetGuide(string Label, string Code);

/// <summary>
/// A file that makes one built-in connector easier to use: words, an order of its settings, checks, and what its exceptions
/// mean. What the cluster's own definition does not have is passed over, so that one file serves several versions.
/// </summary>
/// <param name="Types">The cluster's names of it.</param>
/// <param name="Example">Of a function: its settings as JSON.</param>
public sealed partial record ConnectorGuide(
    string Kind,
    IReadOnlyList<string> Types,
    string? Title,
    string? Category,
    string? Description,
    string? Example,
    IReadOnlyList<FieldGuide>? Fields,
    SnippetGuide? Snippet,
    IReadOnlyList<TroubleGuide>? Troubles
)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <exception cref="JsonException">It is no guide; the message says why.</exception>
    public static ConnectorGuide Read(string json)
    {
        var guide = JsonSerializer.Deserialize<ConnectorGuide>(json, Format) ?? throw new JsonException("It is empty.");
        if (!ConnectorWords.TryKind(guide.Kind, out _))
            throw new JsonException("kind is source, sink or function.");
        if (guide.Types is not { Count: > 0 })
            throw new JsonException("types names no connector.");
        foreach (var field in guide.Fields ?? [])
        {
            if (string.IsNullOrEmpty(field.Name))
                throw new JsonException("A field has no name.");
            if (field.Pattern is null)
                continue;
            try
            {
                field.Fits("");
            }
            catch (ArgumentException)
            {
                throw new JsonException($"The pattern of {field.Name} is no regular expression.");
            }
        }
        return (guide.Troubles ?? []).All(trouble => trouble is { Contains.Length: > 0, Says.Length: > 0 })
            ? guide
            : throw new JsonException("A trouble needs contains and says.");
    }

    /// <summary>The settings in the guide's order and words, then those that it does not know.</summary>
    internal IReadOnlyList<ConnectorField> Guided(IReadOnlyList<ConnectorField> fields)
    {
        var known = Fields ?? [];
        return
        [
            .. known
                .Select(guide => (guide, field: fields.FirstOrDefault(field => field.Name == guide.Name)))
                .Where(pair => pair.field is not null)
                .Select(pair => pair.field! with { Guide = pair.guide }),
            .. fields.Where(field => known.All(guide => guide.Name != field.Name)),
        ];
    }

    /// <summary>What an exception means; the same text where nothing is known of it.</summary>
    /// <param name="valueOf">A setting's value; null for none. Never a secret's.</param>
    internal ExplainedTrouble Explain(string trouble, Func<string, string?> valueOf) =>
        Troubles?.FirstOrDefault(one => trouble.Contains(one.Contains, StringComparison.OrdinalIgnoreCase)) is { } found
            ? new(Filled(found.Says, valueOf), found.Field)
            : new(trouble, null);

    /// <summary>
    /// With what the settings say, and with examples where they say nothing. A value is put in as it is, cut at 200
    /// characters: what looks like a mark inside it is none, or values that name each other would multiply.
    /// </summary>
    public string Filled(string text, Func<string, string?> valueOf) =>
        Marks()
            .Replace(
                text,
                mark =>
                {
                    if ((Fields ?? []).FirstOrDefault(field => field.Name == mark.Groups[1].Value) is not { } field)
                        return mark.Value;
                    return valueOf(field.Name) is { Length: > 0 } value
                        ? value.Length <= LongestValue
                            ? value
                            : value[..LongestValue] + "…"
                        : field.Example ?? field.Label ?? field.Name;
                }
            );

    private const int LongestValue = 200;

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Marks();
}

/// <summary>What an exception means.</summary>
/// <param name="Field">The setting that it is about; null where that is not known.</param>
public sealed record ExplainedTrouble(string Says, string? Field);

/// <summary>All guides: those that come with the portal, and an operator's own in front of them.</summary>
public sealed class ConnectorGuides
{
    private const string Prefix = "Portal.Domain.Connectors.Guides.";
    private readonly Dictionary<string, ConnectorGuide> _byKey = new(StringComparer.Ordinal);

    /// <param name="own">Take the place of those that come with the portal.</param>
    public ConnectorGuides(IEnumerable<ConnectorGuide> own)
    {
        foreach (var guide in BuiltIn().Concat(own))
        {
            ConnectorWords.TryKind(guide.Kind, out var kind);
            foreach (var type in guide.Types)
                _byKey[ConnectorType.KeyOf(kind, type)] = guide;
        }
    }

    public ConnectorGuide? Find(ConnectorKind kind, string type) => _byKey.GetValueOrDefault(ConnectorType.KeyOf(kind, type));

    /// <summary>An instance's exception in words that help, without the connector's secrets.</summary>
    /// <param name="secrets">In the clear; null when they cannot be opened, and then nothing of the exception is said.</param>
    internal ExplainedTrouble? Explain(Connector connector, string? exception, JsonObject? secrets) =>
        exception is null
            ? null
            : Explain(connector.Kind, connector.Type, (JsonObject)ForeignJson.ParseNode(connector.Configuration)!, exception, secrets);

    /// <param name="plain">The configuration without secrets.</param>
    internal ExplainedTrouble? Explain(ConnectorKind kind, string type, JsonObject plain, string? exception, JsonObject? secrets)
    {
        if (string.IsNullOrWhiteSpace(exception))
            return null;
        if (secrets is null)
            return new(
                $"The {kind.Noun()} failed. Its exception isn't shown, because its secrets can't be read and it may contain them.",
                null
            );
        // Before anything is cut: half a secret is not found any more.
        var said = ExceptionWords.Of(SecretWords.Without(exception, secrets), kind)!;
        return Find(kind, type) is not { } guide ? new(said, null) : guide.Explain(said, name => ConnectorConfiguration.Shown(plain[name]));
    }

    /// <summary>
    /// What is to be made outside so that a connector with such a trouble can run, such as the statement for its table; null for nothing.
    /// </summary>
    internal SnippetGuide? Remedy(Connector connector, string? troubleField) =>
        Remedy(connector.Kind, connector.Type, (JsonObject)ForeignJson.ParseNode(connector.Configuration)!, troubleField);

    /// <param name="plain">The configuration without secrets.</param>
    internal SnippetGuide? Remedy(ConnectorKind kind, string type, JsonObject plain, string? troubleField) =>
        troubleField is null
        || Find(kind, type) is not { Snippet: { } snippet } guide
        || !snippet.Code.Contains($"{{{troubleField}}}", StringComparison.Ordinal)
            ? null
            : snippet with
            {
                Code = guide.Filled(snippet.Code, name => ConnectorConfiguration.Shown(plain[name])),
            };

    private static IEnumerable<ConnectorGuide> BuiltIn()
    {
        var assembly = typeof(ConnectorGuides).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return ConnectorGuide.Read(reader.ReadToEnd());
        }
    }
}
