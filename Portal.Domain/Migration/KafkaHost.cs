using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>A server of a Kafka cluster.</summary>
public readonly record struct KafkaHost(string Name, int Port)
{
    private const int MostServers = 20;
    private const int LongestName = 253;

    /// <summary>One or more <c>host:port</c>, separated by commas; an IPv6 address stands in brackets.</summary>
    public static Outcome<IReadOnlyList<KafkaHost>> ParseAll(string? text)
    {
        var parts = (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > MostServers)
            return new Problem.Invalid(
                "kafka-servers-count",
                $"List 1 to {MostServers} bootstrap servers as host:port, separated by commas.",
                "bootstrapServers"
            );
        var hosts = new List<KafkaHost>();
        foreach (var part in parts)
        {
            if (Parse(part) is not { } host)
                return new Problem.Invalid(
                    "kafka-server-malformed",
                    $"“{Cut(part)}” isn't a bootstrap server. Write each one as host:port, for example kafka-1.example.com:9092.",
                    "bootstrapServers"
                );
            if (!hosts.Contains(host))
                hosts.Add(host);
        }
        return hosts;
    }

    /// <summary>As <c>bootstrap.servers</c> has it.</summary>
    public override string ToString() =>
        Name.Contains(':', StringComparison.Ordinal)
            ? $"[{Name}]:{Port.ToString(CultureInfo.InvariantCulture)}"
            : $"{Name}:{Port.ToString(CultureInfo.InvariantCulture)}";

    private static KafkaHost? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (
            colon <= 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > 65535
        )
            return null;
        var name = text[..colon];
        if (name is ['[', .. var inner, ']'] && System.Net.IPAddress.TryParse(inner, out _))
            return new(inner, port);
        return name.Length <= LongestName && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_')
            ? new(name, port)
            : null;
    }

    private static string Cut(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
