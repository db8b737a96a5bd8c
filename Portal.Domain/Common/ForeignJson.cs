using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Domain.Common;

/// <summary>
/// JSON that others wrote. <see cref="JsonDocument"/> takes a document whose texts escape half a surrogate pair and throws
/// <see cref="InvalidOperationException"/> later, at the property that reads it; here such a document is malformed from the start.
/// </summary>
public static class ForeignJson
{
    /// <exception cref="JsonException">It is not JSON, or a name or a text in it is no Unicode.</exception>
    public static JsonDocument Parse(string json, JsonDocumentOptions options = default) => Parse(Encoding.UTF8.GetBytes(json), options);

    /// <param name="json">UTF-8; owned by the document from here on.</param>
    /// <param name="options">As <see cref="JsonDocument"/> takes them.</param>
    /// <exception cref="JsonException">It is not JSON, or a name or a text in it is no Unicode.</exception>
    public static JsonDocument Parse(byte[] json, JsonDocumentOptions options = default)
    {
        // First, for the search for doubled names reads them.
        CheckTexts(json, options);
        return JsonDocument.Parse(json, options);
    }

    /// <summary>
    /// To be changed or walked as nodes; a name that comes twice is malformed too, for nodes throw at it only when they are read.
    /// </summary>
    /// <exception cref="JsonException">It is not JSON, a name comes twice, or a name or a text in it is no Unicode.</exception>
    public static JsonNode? ParseNode(string json) => ParseNode(Encoding.UTF8.GetBytes(json));

    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">It is not JSON, a name comes twice, or a name or a text in it is no Unicode.</exception>
    public static JsonNode? ParseNode(byte[] json)
    {
        var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
        CheckTexts(json, options);
        return JsonNode.Parse(json, documentOptions: options);
    }

    private static void CheckTexts(byte[] json, JsonDocumentOptions options)
    {
        var reader = new Utf8JsonReader(
            json,
            new JsonReaderOptions
            {
                MaxDepth = options.MaxDepth,
                CommentHandling = options.CommentHandling,
                AllowTrailingCommas = options.AllowTrailingCommas,
            }
        );
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
                continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException broken)
            {
                var before = json.AsSpan(0, (int)reader.TokenStartIndex);
                throw new JsonException(
                    "A text is not valid Unicode.",
                    path: null,
                    before.Count((byte)'\n'),
                    before.Length - 1 - before.LastIndexOf((byte)'\n'),
                    broken
                );
            }
        }
    }
}
