using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>A tenant's name: ASCII letters, digits and <c>- _ . = :</c>, 2 to 64 characters. Given once on the platform.</summary>
public readonly partial record struct TenantName
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase) { "public", "pulsar", "functions", "new" };

    private TenantName(string value) => Value = value;

    public string Value { get; }

    public static Outcome<TenantName> Create(string? text)
    {
        if (PulsarName.Refuse(text, "tenant", 2, 64) is { } problem)
            return problem;
        return Reserved.Contains(text!)
            ? new Problem.Invalid("tenant-name-reserved", $"The name '{text}' is reserved. Choose another one.", "name")
            : new TenantName(text!);
    }

    public override string ToString() => Value;
}

/// <summary>A namespace's name: as a tenant's, 1 to 64 characters.</summary>
public readonly record struct NamespaceName
{
    private NamespaceName(string value) => Value = value;

    public static NamespaceName Default { get; } = new("default");

    public string Value { get; }

    public static Outcome<NamespaceName> Create(string? text) =>
        PulsarName.Refuse(text, "namespace", 1, 64) is { } problem ? problem : new NamespaceName(text!);

    public override string ToString() => Value;
}

internal static partial class PulsarName
{
    /// <summary>What Pulsar takes for tenants and namespaces (<c>^[-=:.\w]*$</c>) less what makes trouble elsewhere.</summary>
    internal static Problem.Invalid? Refuse(string? text, string kind, int min, int max)
    {
        if (string.IsNullOrEmpty(text) || text.Length < min || text.Length > max)
            return new($"{kind}-name-length", $"A {kind}'s name must have {min} to {max} characters.", "name");
        if (!Allowed().IsMatch(text))
            return new(
                $"{kind}-name-malformed",
                $"A {kind}'s name can contain the letters a–z and A–Z, digits and - _ . = : and must start with a letter or digit.",
                "name"
            );
        return PartitionSuffix().IsMatch(text)
            ? new(
                $"{kind}-name-malformed",
                $"A {kind}'s name can't end in -partition- and a number. Pulsar reserves that for partitions.",
                "name"
            )
            : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][-=:._A-Za-z0-9]*\z")]
    private static partial Regex Allowed();

    [GeneratedRegex(@"-partition-[0-9]+\z")]
    internal static partial Regex PartitionSuffix();
}
