using System.Text.Json;
using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>Exceptions of connectors and functions, which are Java's, for people.</summary>
public static partial class ExceptionWords
{
    private const int Longest = 400;

    /// <summary>One sentence or two, at most 400 characters; null for nothing.</summary>
    /// <param name="kind">What failed.</param>
    public static string? Of(string? exception, ConnectorKind kind = ConnectorKind.Source)
    {
        if (string.IsNullOrWhiteSpace(exception))
            return null;
        var lines = exception.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        // The cause that is named last is what happened; what stands above it only says who came across it.
        var line = lines.LastOrDefault(one => one.StartsWith("Caused by: ", StringComparison.Ordinal))?["Caused by: ".Length..] ?? lines[0];
        var names = Names().Match(line);
        var (type, said) = (names.Groups["type"].Value, line[names.Length..].Trim());
        if (Known(kind, type, said) is { } sentence)
            return sentence;
        if (kind == ConnectorKind.Function && type == "NumberFormatException")
            return Cut($"The function needs a number in a setting or a message. {said}");
        if (kind == ConnectorKind.Function && type is "JsonParseException" or "MismatchedInputException" or "JsonEOFException")
            return Cut($"The message isn't valid JSON: {said}");
        return Cut(
            said.Length > 0 ? said
            : type.Length > 0 ? $"The {kind.Noun()} failed with {type} and gave no reason."
            : $"The {kind.Noun()} failed and gave no reason."
        );
    }

    private static string? Known(ConnectorKind kind, string type, string said) =>
        type switch
        {
            "ConnectException" or "HttpConnectTimeoutException" =>
                $"The {kind.Noun()} couldn't connect{To(said)}. Check the address, and that the server accepts connections from "
                    + "the cluster.",
            "UnknownHostException" or "UnresolvedAddressException" =>
                $"The host{(said.Length > 0 ? $" {Cut(said)}" : "")} couldn't be found. Check its name.",
            "HttpTimeoutException" or "SocketTimeoutException" or "TimeoutException" =>
                "The server didn't answer in time. Check that it's reachable, or raise the timeout.",
            "IncompatibleSchemaException" => Cut($"The {kind.Noun()} doesn't fit the schema of its topic. {Message(said)}"),
            "SSLHandshakeException" or "SSLException" => Cut($"The TLS connection failed: {said}"),
            _ => null,
        };

    /// <summary>A broker's refusal comes with the addresses of both ends around it.</summary>
    private static string Message(string said)
    {
        try
        {
            using var told = ForeignJson.Parse(said);
            return told.RootElement.TryGetProperty("errorMsg", out var message) && message.GetString() is { Length: > 0 } text
                ? text
                : said;
        }
        catch (JsonException)
        {
            return said;
        }
    }

    private static string To(string said) =>
        said.Length == 0 || said.StartsWith("Connection refused", StringComparison.OrdinalIgnoreCase) ? "" : $" ({Cut(said)})";

    private static string Cut(string text) => text.Length <= Longest ? text : text[..Longest] + "…";

    // java.util.concurrent.ExecutionException: java.net.ConnectException: Connection refused, or [java.lang.IllegalArgumentException]: URI
    [GeneratedRegex(@"^(?:\[?(?:[\w$]+\.)+(?<type>[\w$]*(?:Exception|Error))\]?:? ?)+")]
    private static partial Regex Names();
}
