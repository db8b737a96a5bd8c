using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>
/// A connector's name: ASCII letters, digits and <c>- _ .</c>, 1 to 64 characters. Unique in its namespace among sources, sinks and
/// functions.
/// </summary>
public readonly partial record struct ConnectorName
{
    private ConnectorName(string value) => Value = value;

    public string Value { get; }

    /// <param name="kind">What it is to name.</param>
    public static Outcome<ConnectorName> Create(string? text, ConnectorKind kind = ConnectorKind.Source)
    {
        if (string.IsNullOrEmpty(text))
            return new Problem.Invalid("connector-name-length", "Enter a name.", "name");
        if (text.Length > 64)
            return new Problem.Invalid("connector-name-length", $"A {kind.Noun()}'s name can have at most 64 characters.", "name");
        return Allowed().IsMatch(text)
            ? new ConnectorName(text)
            : new Problem.Invalid(
                "connector-name-malformed",
                $"A {kind.Noun()}'s name can contain the letters a–z and A–Z, digits and - _ . and must start with a letter or digit.",
                "name"
            );
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[A-Za-z0-9][-._A-Za-z0-9]*\z")]
    private static partial Regex Allowed();
}

/// <summary>Where a connector lives, as a cluster is told.</summary>
public sealed record ConnectorAddress(string Cluster, string Tenant, string Namespace, string Name, ConnectorKind Kind);
