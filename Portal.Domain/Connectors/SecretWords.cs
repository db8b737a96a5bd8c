using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Domain.Connectors;

/// <summary>
/// Secrets in what others say. Connectors put what they were told into their exceptions: whole, line by line, or the part that was refused.
/// </summary>
public static class SecretWords
{
    /// <summary>Characters. What is shorter is found in every text.</summary>
    private const int Shortest = 4;

    /// <summary>Characters of a part that stands alone between blanks; what is quoted is a secret from <see cref="Shortest"/> on.</summary>
    private const int ShortestPart = 6;

    private static readonly char[] Blanks = [' ', '\t', '\r', '\n', '=', ';', ',', '&'];

    /// <summary>They stand beside secrets and are none: the scheme of a header, the words of a JAAS line.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "Bearer",
        "Digest",
        "ApiKey",
        "required",
        "requisite",
        "sufficient",
        "optional",
        "username",
        "password",
        "serviceName",
        "accessToken",
    };

    /// <summary>The same text with marks in their place.</summary>
    /// <param name="secrets">By name, in the clear.</param>
    public static string Without(string text, JsonObject secrets) =>
        secrets
            .SelectMany(pair => Texts(pair.Value))
            .SelectMany(Parts)
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(part => part.Length)
            .Aggregate(text, (rest, part) => rest.Replace(part, "•••", StringComparison.Ordinal));

    private static IEnumerable<string> Texts(JsonNode? node) =>
        node switch
        {
            JsonObject map => map.SelectMany(pair => Texts(pair.Value)).Append(map.ToJsonString()),
            JsonArray list => list.SelectMany(Texts).Append(list.ToJsonString()),
            JsonValue value when value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number =>
            [
                ConnectorConfiguration.Shown(value),
            ],
            _ => [],
        };

    private static IEnumerable<string> Parts(string secret)
    {
        // Quoted in odd positions: one "two" three 'four'.
        var quoted = secret.Split('"').Where((_, index) => index % 2 == 1).Concat(secret.Split('\'').Where((_, index) => index % 2 == 1));
        var parts = secret
            .Split(Blanks)
            .Select(part => part.Trim('"', '\''))
            .Where(part => part.Length >= ShortestPart && !Known.Contains(part) && !part.EndsWith("LoginModule", StringComparison.Ordinal));
        foreach (
            var part in quoted
                .Concat(secret.Split('\n'))
                .Select(part => part.Trim())
                .Append(secret)
                .Concat(parts)
                .Where(part => part.Length >= Shortest && !Known.Contains(part))
        )
        {
            yield return part;
            // As it stands in an address, or in a text that was put into JSON.
            if (Uri.EscapeDataString(part) is var inAddress && inAddress != part)
                yield return inAddress;
            if (
                JsonEncodedText.Encode(part, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString() is var inJson
                && inJson != part
            )
                yield return inJson;
        }
    }
}
