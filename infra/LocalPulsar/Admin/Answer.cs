using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalPulsar.Admin;

/// <summary>An HTTP answer as a broker gives it.</summary>
internal sealed record Answer(int Status, string? ContentType = null, ReadOnlyMemory<byte> Body = default)
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The web server's own page, which it shows to GET, HEAD and POST alone.</summary>
    public bool IsPage { get; private init; }

    /// <summary>Most changes: 204, no body.</summary>
    public static readonly Answer Done = new(204);

    /// <summary>An unset policy of a namespace: 200, no body.</summary>
    public static readonly Answer Empty = new(200);

    public static Answer Json(JsonNode value, int status = 200) =>
        new(status, "application/json", Encoding.UTF8.GetBytes(value.ToJsonString(_options)));

    public static Answer Json(object value, int status = 200) =>
        new(status, "application/json", JsonSerializer.SerializeToUtf8Bytes(value, _options));

    /// <summary>Text that is called JSON without being it: versions, single properties.</summary>
    public static Answer Bare(string text) => new(200, "application/json", Encoding.UTF8.GetBytes(text));

    public static Answer Refused(int status, string reason) => Json(new { reason }, status);

    /// <summary>500 with what a broker says of an exception that nobody foresaw.</summary>
    public static Answer Unforeseen(string message) =>
        Refused(500, $"\n --- An unexpected error occurred in the server ---\n\nMessage: {message}\n\nStacktrace:\n\n");

    public static Answer PlainText(int status, string text) => new(status, "text/plain", Encoding.UTF8.GetBytes(text));

    /// <summary>The page of the web server itself, for what never reached the admin API; the sentence is in its title.</summary>
    public static Answer Page(int status, string sentence, string path)
    {
        var text = WebUtility.HtmlEncode(sentence).Replace("&#39;", "&apos;", StringComparison.Ordinal);
        var page = $"""
            <html>
            <head>
            <meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>
            <title>Error {status} {text}</title>
            </head>
            <body><h2>HTTP ERROR {status} {text}</h2>
            <table>
            <tr><th>URI:</th><td>{WebUtility.HtmlEncode(path)}</td></tr>
            <tr><th>STATUS:</th><td>{status}</td></tr>
            <tr><th>MESSAGE:</th><td>{text}</td></tr>
            </table>
            </body>
            </html>

            """;
        return new(status, "text/html;charset=iso-8859-1", Encoding.Latin1.GetBytes(page)) { IsPage = true };
    }

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        foreach (var (name, value) in Headers)
            context.Response.Headers.Append(name, value);
        if (Status is 204 or 304 || IsPage && context.Request.Method is not ("GET" or "HEAD" or "POST"))
            return;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = Body.Length;
        await context.Response.Body.WriteAsync(Body, context.RequestAborted);
    }
}

/// <summary>A request is refused: ends the handler with the answer that says so.</summary>
internal sealed class RefusalException(Answer answer) : Exception
{
    public RefusalException(int status, string reason)
        : this(Answer.Refused(status, reason)) { }

    public Answer Answer { get; } = answer;
}
