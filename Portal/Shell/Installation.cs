namespace Portal.Shell;

/// <summary>What every page says about where it runs.</summary>
/// <param name="StandIns">The outside systems that run embedded, by name: <c>LocalPulsar</c>, <c>LocalStripe</c>; empty for the real
/// thing.</param>
/// <param name="IsProduction">Stand-ins in Production are said in a banner.</param>
public sealed record Installation(string Version, IReadOnlyList<string> StandIns, bool IsProduction)
{
    /// <summary>Then there is a page of all components, for whoever changes one.</summary>
    public bool IsDevelopment { get; init; }

    public static Installation Default { get; } =
        new(typeof(Installation).Assembly.GetName().Version is { } version ? $"{version.Major}.{version.Minor}" : "0", [], false);
}
