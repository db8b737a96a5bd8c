using System.Globalization;

namespace Portal.Features.Topics;

/// <summary>How connected clients and their rates are said.</summary>
internal static class ClientText
{
    internal static string Name(string name) => name.Length == 0 ? "(no name)" : name;

    /// <summary>What is known of where a client comes from.</summary>
    internal static string From(string? address, string? version) =>
        string.Join(" · ", new[] { address, version }.Where(part => !string.IsNullOrEmpty(part)));

    internal static string Rate(double perSecond) => $"{PerSecond(perSecond)} msg/s";

    internal static string PerSecond(double perSecond) =>
        perSecond.ToString(perSecond is > 0 and < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    internal static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
