using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>
/// A configuration against the definition of its connector. A cluster accepts what cannot run (missing fields, unknown
/// ones), so nothing reaches it that was not checked here.
/// </summary>
public static class ConnectorConfiguration
{
    /// <summary>Bytes of a whole configuration as JSON.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Characters of one text.</summary>
    public const int MaxText = 16 * 1024;

    private const int MaxDepth = 8;

    /// <summary>Settings of a function whose names only it knows, and characters of such a name.</summary>
    private const int MostSettings = 100,
        MostName = 100;

    /// <summary>What is wrong, one problem a field, in the order of the definition; empty when it can run as far as can be told.</summary>
    /// <param name="given">Fields by name; null for an empty one.</param>
    /// <param name="kept">Secrets that are stored already: leaving them out keeps them.</param>
    public static IReadOnlyList<Problem.Invalid> Check(ConnectorDefinition definition, JsonObject given, IReadOnlyCollection<string> kept)
    {
        if (Encoding.UTF8.GetByteCount(given.ToJsonString()) > MaxBytes)
            return
            [
                new Problem.Invalid(
                    "connector-configuration-size",
                    $"The configuration is too large. It can have at most {MaxBytes / 1024} KiB.",
                    "configuration"
                ),
            ];
        List<Problem.Invalid> problems =
        [
            .. given.Where(pair => definition.Find(pair.Key) is null).Take(20).Select(pair => Unknown(definition, pair.Key)),
        ];
        if (definition.IsOpen)
            return CheckOpen(definition, given, kept);
        foreach (var field in definition.Fields)
        {
            if (Check(definition, field, given, kept) is { } problem)
                problems.Add(problem);
        }
        return problems;
    }

    /// <summary>Settings whose names only the function knows: what can be said of them is that they are names and values.</summary>
    private static List<Problem.Invalid> CheckOpen(ConnectorDefinition definition, JsonObject given, IReadOnlyCollection<string> kept)
    {
        if (given.Select(pair => pair.Key).FirstOrDefault(definition.Terms.Closes) is { } closed)
            return [Unknown(definition, closed)];
        if (given.Count > MostSettings)
            return
            [
                new Problem.Invalid("connector-configuration-size", $"A function takes at most {MostSettings} settings.", "configuration"),
            ];
        if (given.FirstOrDefault(pair => pair.Key.Length is 0 or > MostName || pair.Key.Any(char.IsControl)) is { Key: not null } wrong)
            return
            [
                new Problem.Invalid(
                    "connector-field-name",
                    $"A setting's name must have 1 to {MostName} characters, without control characters.",
                    FieldName(Shortened(wrong.Key))
                ),
            ];
        return [.. given.Select(pair => Check(definition, definition.Find(pair.Key)!, given, kept)).OfType<Problem.Invalid>()];
    }

    /// <summary>
    /// A function's settings as somebody typed them: one JSON object. Nothing typed is none. Invalid
    /// <c>connector-configuration-malformed</c> says where it stops being one.
    /// </summary>
    public static Outcome<JsonObject> Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return new JsonObject();
        try
        {
            return ForeignJson.ParseNode(text) is JsonObject settings
                ? settings
                : new Problem.Invalid(
                    "connector-configuration-malformed",
                    "Settings must be one JSON object, for example {\"threshold\": 3}.",
                    "configuration"
                );
        }
        catch (JsonException wrong)
        {
            var place = wrong is { LineNumber: { } line, BytePositionInLine: { } position }
                ? $" (line {line + 1}, position {position + 1})"
                : "";
            return new Problem.Invalid(
                "connector-configuration-malformed",
                $"This isn't valid JSON{place}. Write the settings as an object, for example {{\"threshold\": 3}}.",
                "configuration"
            );
        }
    }

    /// <summary>The name of a problem's field in what is sent: <c>configuration.url</c>.</summary>
    public static string FieldName(string field) => $"configuration.{field}";

    /// <summary>
    /// The secrets of a configuration apart from what may be shown. A map with a part that is called like a secret is one as a whole.
    /// </summary>
    /// <param name="also">Names of settings that somebody wants kept as secrets.</param>
    public static (JsonObject Plain, JsonObject Secrets) Split(
        ConnectorDefinition definition,
        JsonObject given,
        IReadOnlyCollection<string>? also = null
    )
    {
        var (plain, secrets) = (new JsonObject(), new JsonObject());
        foreach (var (name, value) in definition.Terms.Without(given))
        {
            if (value is null)
                continue;
            (definition.Find(name) is not { IsSecret: false } || HoldsSecret(value) || also?.Contains(name) == true ? secrets : plain)[
                name
            ] = value.DeepClone();
        }
        return (plain, secrets);
    }

    /// <summary>
    /// A field as somebody typed it into a form, as the value that its kind wants; null for an empty one. What does not fit stays text, for
    /// <see cref="Check"/> to say so.
    /// </summary>
    public static JsonNode? Typed(ConnectorField field, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var trimmed = text.Trim();
        return field.Kind switch
        {
            FieldKind.Whole
            or FieldKind.LargeWhole
                when long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            FieldKind.Number
                when double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && double.IsFinite(number) => number,
            FieldKind.Flag when bool.TryParse(trimmed, out var flag) => flag,
            FieldKind.Map or FieldKind.List => Parsed(trimmed) ?? JsonValue.Create(text),
            FieldKind.Anything when trimmed[0] is '{' or '[' => Parsed(trimmed) ?? JsonValue.Create(text),
            _ => JsonValue.Create(text),
        };
    }

    /// <summary>A whole form: fields by name.</summary>
    public static JsonObject Typed(ConnectorDefinition definition, IReadOnlyDictionary<string, string> fields)
    {
        var configuration = new JsonObject();
        foreach (var field in definition.Fields)
        {
            if (Typed(field, fields.GetValueOrDefault(field.Name)) is { } value)
                configuration[field.Name] = value;
        }
        return configuration;
    }

    /// <summary>The same the other way round.</summary>
    public static string Shown(JsonNode? value) =>
        value switch
        {
            null => "",
            JsonValue plain when plain.TryGetValue<string>(out var text) => text,
            _ => value.ToJsonString(),
        };

    private static Problem.Invalid? Check(
        ConnectorDefinition definition,
        ConnectorField field,
        JsonObject given,
        IReadOnlyCollection<string> kept
    )
    {
        var isSent = given.TryGetPropertyValue(field.Name, out var value);
        var isEmpty =
            value is null || value is JsonValue text && text.TryGetValue<string>(out var written) && string.IsNullOrWhiteSpace(written);
        if (isEmpty)
        {
            return field is { Required: true, Default: null } && (isSent || !kept.Contains(field.Name))
                ? new Problem.Invalid(
                    "connector-field-required",
                    $"Enter a value for {field.Label}. The {definition.Type.Kind.Noun()} can't run without it.",
                    FieldName(field.Name)
                )
                : null;
        }
        // A function's settings go to the function alone, which knows what they are.
        return CheckKind(field, value!)
            ?? (definition.Type.Kind == ConnectorKind.Function ? null : WorkerReach.Check(field, value!))
            ?? CheckGuide(field, value!);
    }

    /// <summary>An operator's own value: it may name files of the workers, and what a guide keeps from customers.</summary>
    internal static Problem.Invalid? CheckOperators(ConnectorField field, JsonNode value) => CheckKind(field, value);

    private static Problem.Invalid? CheckKind(ConnectorField field, JsonNode value) =>
        field.Kind switch
        {
            FieldKind.Text => value.GetValueKind() != JsonValueKind.String
                ? new Problem.Invalid("connector-field-type", $"{field.Label} must be text.", FieldName(field.Name))
                : CheckText(field, value),
            FieldKind.Whole => CheckWhole(field, value, int.MinValue, int.MaxValue),
            FieldKind.LargeWhole => CheckWhole(field, value, long.MinValue, long.MaxValue),
            FieldKind.Number => value.GetValueKind() == JsonValueKind.Number
                ? null
                : new Problem.Invalid("connector-field-type", $"{field.Label} must be a number.", FieldName(field.Name)),
            FieldKind.Flag => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False
                ? null
                : new Problem.Invalid("connector-field-type", $"{field.Label} must be true or false.", FieldName(field.Name)),
            FieldKind.Map => value is JsonObject
                ? CheckDepth(field, value)
                : new Problem.Invalid(
                    "connector-field-type",
                    $"{field.Label} must be a JSON object, for example {{\"key\": \"value\"}}.",
                    FieldName(field.Name)
                ),
            FieldKind.List => value is JsonArray
                ? CheckDepth(field, value)
                : new Problem.Invalid(
                    "connector-field-type",
                    $"{field.Label} must be a JSON array, for example [\"a\", \"b\"].",
                    FieldName(field.Name)
                ),
            _ => value.GetValueKind() == JsonValueKind.String ? CheckText(field, value) : CheckDepth(field, value),
        };

    /// <summary>What a guide knows of a setting that the cluster's definition does not say.</summary>
    private static Problem.Invalid? CheckGuide(ConnectorField field, JsonNode value)
    {
        if (field.Guide is not { } guide || value is not JsonValue || Shown(value).Trim() is not { Length: > 0 } text)
            return null;
        if (guide.Choices is { Count: > 0 } choices && !choices.Contains(text, StringComparer.Ordinal))
            return new Problem.Invalid(
                "connector-field-choice",
                $"{field.Label} can't be '{Shortened(text)}'. Use one of {string.Join(", ", choices)}.",
                FieldName(field.Name)
            );
        return guide.Fits(text)
            ? null
            : new Problem.Invalid(
                "connector-field-format",
                guide.PatternSays ?? $"{field.Label} doesn't have the right format.",
                FieldName(field.Name)
            );
    }

    private static Problem.Invalid? CheckText(ConnectorField field, JsonNode value)
    {
        var text = value.GetValue<string>();
        if (text.Length > MaxText)
            return new Problem.Invalid(
                "connector-field-size",
                $"{field.Label} is too long. It can have at most {MaxText:N0} characters.",
                FieldName(field.Name)
            );
        return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
            ? new Problem.Invalid("connector-field-type", $"{field.Label} contains control characters. Remove them.", FieldName(field.Name))
            : null;
    }

    private static Problem.Invalid? CheckWhole(ConnectorField field, JsonNode value, long least, long most)
    {
        if (value.GetValueKind() != JsonValueKind.Number)
            return new Problem.Invalid("connector-field-type", $"{field.Label} must be a whole number.", FieldName(field.Name));
        if (!decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return new Problem.Invalid(
                "connector-field-range",
                $"{field.Label} is out of range. Use a number from {least} to {most}.",
                FieldName(field.Name)
            );
        if (number != decimal.Truncate(number))
            return new Problem.Invalid("connector-field-type", $"{field.Label} must be a whole number.", FieldName(field.Name));
        return number < least || number > most
            ? new Problem.Invalid(
                "connector-field-range",
                $"{field.Label} is out of range. Use a number from {least} to {most}.",
                FieldName(field.Name)
            )
            : null;
    }

    private static Problem.Invalid? CheckDepth(ConnectorField field, JsonNode value) =>
        Depth(value) > MaxDepth
            ? new Problem.Invalid(
                "connector-field-size",
                $"{field.Label} is nested too deeply. Use at most {MaxDepth} levels.",
                FieldName(field.Name)
            )
            : null;

    private static int Depth(JsonNode? node) =>
        node switch
        {
            JsonObject map => 1 + map.Select(pair => Depth(pair.Value)).DefaultIfEmpty(0).Max(),
            JsonArray list => 1 + list.Select(Depth).DefaultIfEmpty(0).Max(),
            _ => 0,
        };

    private static bool HoldsSecret(JsonNode? node) =>
        node switch
        {
            JsonObject map => map.Any(pair => ConnectorField.SoundsSecret(pair.Key) || HoldsSecret(pair.Value)),
            JsonArray list => list.Any(HoldsSecret),
            _ => false,
        };

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return ForeignJson.ParseNode(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Problem.Invalid Unknown(ConnectorDefinition definition, string name)
    {
        var shown = Shortened(name);
        if (definition.Terms.Closes(name))
            return new Problem.Invalid(
                "connector-field-closed",
                $"{shown} is set by the operator of this cluster. Remove it from the configuration.",
                FieldName(shown)
            );
        return new Problem.Invalid(
            "connector-field-unknown",
            $"{definition.Type.Name} has no setting named '{shown}'. Remove it, or check its spelling.",
            FieldName(shown)
        );
    }

    internal static string Shortened(string name) => name.Length <= 60 ? name : name[..60] + "…";
}
