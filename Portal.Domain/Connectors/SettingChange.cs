using System.Globalization;
using System.Text.Json.Nodes;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>What a change does to one setting, in words. Secrets are never among them.</summary>
/// <param name="Before">Null for a setting that is not there.</param>
/// <param name="After">Null for one that goes.</param>
public sealed record SettingChange(string Name, string? Before, string? After)
{
    private const string Hidden = "saved, hidden";

    /// <summary>By name, instances first; empty when nothing changes.</summary>
    /// <param name="configuration">The whole of it: a secret that it leaves out stays.</param>
    /// <param name="package">What of a package it is to run.</param>
    /// <param name="also">Names of settings that become secrets, whatever they are called.</param>
    public static IReadOnlyList<SettingChange> Between(
        Connector connector,
        int instances,
        JsonObject configuration,
        IReadOnlyList<string>? also = null,
        PackageUse? package = null
    )
    {
        var changes = new List<SettingChange>();
        if (instances != connector.Instances)
            changes.Add(new("instances", Text(connector.Instances), Text(instances)));
        if (package is not null && connector.Package is { } runs)
        {
            if (package.Version != runs.Version)
                changes.Add(new("package version", runs.Version, package.Version));
            if (package.Class != runs.Class)
                changes.Add(new("class", runs.Class, package.Class));
        }
        var present = (JsonObject)ForeignJson.ParseNode(connector.Configuration)!;
        foreach (
            var name in present
                .Select(pair => pair.Key)
                .Union(configuration.Select(pair => pair.Key), StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
        )
        {
            if (connector.SecretFields.Contains(name, StringComparer.Ordinal))
            {
                // What is left out stays as it is.
                if (configuration.ContainsKey(name))
                    changes.Add(new(name, Hidden, configuration[name] is null ? null : "new value, hidden"));
            }
            else if (!JsonNode.DeepEquals(present[name], configuration[name]))
                changes.Add(new(name, Shown(name, present[name], null), Shown(name, configuration[name], also)));
        }
        return changes;
    }

    private static string? Shown(string name, JsonNode? value, IReadOnlyList<string>? also) =>
        value is null ? null
        : ConnectorField.SoundsSecret(name) || also?.Contains(name) == true ? "new value, hidden"
        : ConnectorConfiguration.Shown(value);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
