using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>A request to the admin API: who calls, the parts of the path, query and body.</summary>
internal sealed class Call(HttpContext context, string path, string role, IReadOnlyDictionary<string, string> segments)
{
    /// <summary>The authenticated role; an empty one is a role like any other.</summary>
    public string Role => role;
    public string Path => path;
    public HttpContext Http => context;
    public CancellationToken Cancelled => context.RequestAborted;

    /// <summary>A decoded part of the path by its name in the route.</summary>
    public string this[string name] => name == "sub" ? DecodedAgain(segments[name]) : segments[name];
    public string Tenant => segments["tenant"];
    public string Namespace => $"{segments["tenant"]}/{segments["ns"]}";
    public TopicName Topic => new(segments["domain"] == "persistent", segments["tenant"], segments["ns"], segments["topic"]);

    public string? Query(string name) => context.Request.Query.TryGetValue(name, out var values) ? values[0] : null;

    public bool Flag(string name) => string.Equals(Query(name), "true", StringComparison.OrdinalIgnoreCase);

    public long Number(string name) =>
        long.TryParse(segments[name], CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new RefusalException(Answer.Page(404, "Not Found", path));

    public int Integer(string name) =>
        int.TryParse(segments[name], CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new RefusalException(Answer.Page(404, "Not Found", path));

    /// <summary>The body as JSON; null when there is none.</summary>
    /// <exception cref="RefusalException">400 with the parser's text, 415 for another content type.</exception>
    public async Task<JsonNode?> BodyAsync()
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, Cancelled);
        if (buffer.Length == 0)
            return null;
        var type = context.Request.ContentType;
        if (type is not null && !type.Contains("json", StringComparison.OrdinalIgnoreCase))
            throw new RefusalException(Answer.Page(415, "Unsupported Media Type", path));
        try
        {
            return JsonNode.Parse(buffer.ToArray());
        }
        catch (JsonException e)
        {
            throw Unreadable(e.Message);
        }
    }

    public async Task<JsonObject> ObjectAsync() =>
        await BodyAsync() switch
        {
            JsonObject document => document,
            null => [],
            var other => throw Unreadable($"Cannot deserialize value from {other.GetValueKind()} value"),
        };

    public async Task<long> IntegerAsync()
    {
        var body = await BodyAsync();
        if (body is JsonValue value)
        {
            if (value.TryGetValue<long>(out var number))
                return number;
            if (value.TryGetValue<string>(out var text))
            {
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
                    ? number
                    : throw Unreadable($"Cannot deserialize value of type `int` from String \"{text}\": not a valid `int` value");
            }
        }
        throw Unreadable("Cannot deserialize value of type `int`");
    }

    public async Task<bool> BooleanAsync()
    {
        var body = await BodyAsync();
        if (body is JsonValue value)
        {
            if (value.TryGetValue<bool>(out var flag))
                return flag;
            if (value.TryGetValue<string>(out var text))
            {
                return bool.TryParse(text, out flag)
                    ? flag
                    : throw Unreadable(
                        $"Cannot deserialize value of type `boolean` from String \"{text}\": "
                            + "only \"true\"/\"True\"/\"TRUE\" or \"false\"/\"False\"/\"FALSE\" recognized"
                    );
            }
        }
        throw Unreadable("Cannot deserialize value of type `boolean`");
    }

    public async Task<IReadOnlyList<string?>> TextsAsync() =>
        await BodyAsync() switch
        {
            JsonArray array =>
            [
                .. array.Select(item => item is JsonValue value && value.TryGetValue<string>(out var text) ? text : item?.ToJsonString()),
            ],
            _ => throw Unreadable("Cannot deserialize value of type `java.util.HashSet<java.lang.String>`"),
        };

    /// <summary>A map of texts; numbers and truth values count as their text.</summary>
    public static Dictionary<string, string> Texts(JsonNode? node)
    {
        var texts = new Dictionary<string, string>();
        foreach (var (name, value) in node as JsonObject ?? [])
            texts[name] = value is JsonValue plain && plain.TryGetValue<string>(out var text) ? text : value?.ToJsonString() ?? "";
        return texts;
    }

    // A broker decodes a subscription's name once more than the other parts, as a form's value.
    private static string DecodedAgain(string name)
    {
        for (var at = name.IndexOf('%', StringComparison.Ordinal); at >= 0; at = name.IndexOf('%', at + 1))
        {
            if (at + 2 >= name.Length || !char.IsAsciiHexDigit(name[at + 1]) || !char.IsAsciiHexDigit(name[at + 2]))
                throw new RefusalException(Answer.Unforeseen("URLDecoder: Incomplete trailing escape (%) pattern"));
        }
        return Uri.UnescapeDataString(name.Replace("+", "%20", StringComparison.Ordinal));
    }

    public static RefusalException Unreadable(string sentence) =>
        new(
            Answer.PlainText(
                400,
                $"{sentence}\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]"
            )
        );
}
