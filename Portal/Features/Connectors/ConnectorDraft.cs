using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Features.Connectors;

/// <summary>
/// Settings while somebody types them: in fields, or as JSON beside the fields of secrets. Changing the view carries over
/// what is there; what no field can hold keeps the view as JSON until it is mended.
/// </summary>
public sealed class ConnectorDraft
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="settings">What is there already; a secret among them was typed on this page.</param>
    public ConnectorDraft(ConnectorDefinition definition, JsonObject settings)
    {
        Definition = definition;
        Take(settings);
        foreach (var (name, value) in settings.Where(pair => IsSecret(pair.Key)))
            Values[name] = ConnectorConfiguration.Shown(value);
        // Of which no field is known, or what no field knows: only the text can show it.
        if (definition.IsOpen || settings.Any(pair => definition.Find(pair.Key) is null))
            (IsJson, Json) = (true, Text(settings));
    }

    public ConnectorDefinition Definition { get; }

    /// <summary>What stands in the fields, by name.</summary>
    public Dictionary<string, string> Values { get; } = [];

    /// <summary>Stored secrets that are to go.</summary>
    public HashSet<string> Removed { get; } = new(StringComparer.Ordinal);

    /// <summary>A secret of what takes settings of any name.</summary>
    public sealed class HiddenSetting
    {
        public string Name { get; set; } = "";
        public string Value { get; set; } = "";
    }

    /// <summary>The field of a problem with a secret that has no name.</summary>
    internal const string Unnamed = "secrets";

    /// <summary>What is to be kept as a secret, whatever it is called; empty where the definition knows its secrets.</summary>
    public List<HiddenSetting> Hidden { get; } = [];

    /// <summary>Names of those.</summary>
    public IReadOnlyList<string> HiddenNames => [.. Hidden.Where(row => row.Value.Length > 0).Select(row => row.Name.Trim())];

    /// <summary>The settings without secrets, as text.</summary>
    public string Json { get; set; } = "";

    public bool IsJson { get; private set; }

    /// <summary>Fields, where there are any: a function says nothing of its settings.</summary>
    public bool HasFields => !Definition.IsOpen;

    /// <summary>What is meant; Invalid for a text that is no JSON object.</summary>
    public Outcome<JsonObject> Configuration()
    {
        return (IsJson ? ConnectorConfiguration.Parse(Json) : ConnectorConfiguration.Typed(Definition, Values)).Then<JsonObject>(settings =>
        {
            foreach (var row in Hidden)
            {
                var name = row.Name.Trim();
                if (name.Length == 0 && row.Value.Length == 0)
                    continue;
                if (name.Length == 0)
                    return new Problem.Invalid("connector-field-name", "Enter a name for this secret setting.", Unnamed);
                if (row.Value.Length == 0)
                    return new Problem.Invalid(
                        "connector-field-required",
                        $"Enter a value for {name}, or remove it.",
                        ConnectorConfiguration.FieldName(name)
                    );
                if (settings.ContainsKey(name))
                    return new Problem.Invalid(
                        "connector-field-name",
                        $"{name} is set twice. Remove it from the JSON, or from the secret settings.",
                        ConnectorConfiguration.FieldName(name)
                    );
                settings[name] = row.Value;
            }
            foreach (var name in Removed.Where(name => settings[name] is null))
                settings[name] = null;
            foreach (var field in Definition.Fields.Where(field => field.IsSecret && !settings.ContainsKey(field.Name)))
            {
                if (ConnectorConfiguration.Typed(field, Values.GetValueOrDefault(field.Name)) is { } typed)
                    settings[field.Name] = typed;
            }
            return settings;
        });
    }

    /// <summary>A setting as it stands now; empty for none, and for a secret.</summary>
    public string ValueOf(string name) =>
        Definition.Find(name) is { IsSecret: true } ? ""
        : !IsJson ? Values.GetValueOrDefault(name, "")
        : ConnectorConfiguration.Parse(Json).TryGet(out var settings, out _) ? ConnectorConfiguration.Shown(settings[name])
        : "";

    public void ShowJson()
    {
        (IsJson, Json) = (true, Text(ConnectorConfiguration.Typed(Definition, Values)));
    }

    /// <summary>Null when the fields can hold all of it.</summary>
    public Problem.Invalid? ShowFields()
    {
        if (!ConnectorConfiguration.Parse(Json).TryGet(out var settings, out var malformed))
            return (Problem.Invalid)malformed;
        if (
            ConnectorConfiguration
                .Check(Definition, settings, [.. Definition.Fields.Select(field => field.Name)])
                .FirstOrDefault(problem => problem.Code == "connector-field-unknown") is
            { } unknown
        )
            return unknown;
        Take(settings);
        IsJson = false;
        return null;
    }

    private void Take(JsonObject settings)
    {
        foreach (var field in Definition.Fields.Where(field => !field.IsSecret))
            Values[field.Name] = ConnectorConfiguration.Shown(settings[field.Name]);
        foreach (var (name, value) in settings.Where(pair => IsSecret(pair.Key) && pair.Value is not null))
            Values[name] = ConnectorConfiguration.Shown(value);
    }

    /// <summary>A secret has a field of its own, where nobody can read it over a shoulder.</summary>
    private string Text(JsonObject settings)
    {
        var shown = new JsonObject();
        foreach (var (name, value) in settings.Where(pair => Definition.IsOpen || !IsSecret(pair.Key)))
            shown[name] = value?.DeepClone();
        return shown.Count == 0 ? "" : shown.ToJsonString(Indented);
    }

    private bool IsSecret(string name) => !Definition.IsOpen && Definition.Find(name) is { IsSecret: true };
}
