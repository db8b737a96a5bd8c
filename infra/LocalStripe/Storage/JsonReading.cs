using System.Text.Json.Nodes;

namespace LocalStripe.Storage;

/// <summary>Short ways to read stored objects; a missing field there is a bug of ours and throws.</summary>
internal static class JsonReading
{
    public static string Text(this JsonObject body, string field) =>
        body.TextOrNull(field) ?? throw new InvalidOperationException($"A stored object has no {field}.");

    public static string? TextOrNull(this JsonObject body, string field) =>
        body[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Also of an object that was made a moment ago, whose numbers still have the type they were given.</summary>
    public static long Number(this JsonObject body, string field) =>
        body[field] is not JsonValue value ? 0
        : value.TryGetValue<long>(out var number) ? number
        : value.GetValue<int>();

    public static bool Flag(this JsonObject body, string field) => body[field]?.GetValue<bool>() ?? false;

    public static JsonObject Sub(this JsonObject body, string field) => body[field]!.AsObject();
}
