using System.Globalization;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

/// <summary>Takes one broker through the scenario and writes down what it answers, volatile values replaced by their names.</summary>
/// <param name="recorded">What a real broker comes to answer: it counts, acknowledges and forgets a little after the call
/// that asked for it, so what only looks is asked again until it says this.</param>
internal sealed partial class TranscriptRun(PulsarEndpoint pulsar, Placeholders placeholders, bool real, JsonArray? recorded = null)
    : IAsyncDisposable
{
    private const int MostTries = 200;

    /// <summary>A field of an answer; of <c>cursors/a+b</c>, a map of objects, their fields a and b.</summary>
    private static KeyValuePair<string, JsonNode?> Picked(JsonObject all, string name)
    {
        if (name.Split('/') is not [var map, var fields])
            return KeyValuePair.Create(name, all[name]?.DeepClone());
        return KeyValuePair.Create<string, JsonNode?>(
            map,
            all[map] is not JsonObject objects
                ? null
                : new JsonObject(
                    objects.Select(one =>
                        KeyValuePair.Create<string, JsonNode?>(
                            one.Key,
                            one.Value is not JsonObject inner
                                ? null
                                : new JsonObject(
                                    fields
                                        .Split('+')
                                        .Where(inner.ContainsKey)
                                        .Select(field => KeyValuePair.Create(field, inner[field]?.DeepClone()))
                                )
                        )
                    )
                )
        );
    }

    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly Dictionary<string, ClientWebSocket> _sockets = [];
    private readonly Dictionary<string, (string Id, string? PublishTime)> _kept = [];
    private readonly byte[] _buffer = new byte[1 << 20];

    // For the whole scenario: a broker that changed is told apart within half a minute.
    private int _looksLeft = 600;
    private readonly Dictionary<string, JsonNode> _recorded = (recorded ?? []).ToDictionary(
        entry => (string)entry!["step"]!,
        entry => entry!
    );

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>One object for each step that is answered, in the order of the steps.</summary>
    public async Task<JsonArray> PlayAsync(IEnumerable<Step> steps)
    {
        var transcript = new JsonArray();
        foreach (var step in steps)
        {
            switch (step)
            {
                case Call call:
                    transcript.Add(await AnswerAsync(call));
                    break;
                case Refused refused:
                    transcript.Add(await AnswerAsync(refused));
                    break;
                case Receive receive:
                    transcript.Add(Entry(receive.Name, $"frame to {receive.Client}", await FrameAsync(receive)));
                    break;
                case Connect connect:
                    await ConnectAsync(connect);
                    break;
                case Send send:
                    await _sockets[send.Client]
                        .SendAsync(Encoding.UTF8.GetBytes(Filled(send.Frame)), WebSocketMessageType.Text, endOfMessage: true, Cancelled);
                    break;
                case Close close:
                    await CloseAsync(close.Client);
                    break;
                default:
                    throw new InvalidOperationException($"{step} is no step that can be played.");
            }
        }
        return transcript;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets.Values)
            socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static JsonObject Entry(string name, string what, JsonObject answer)
    {
        var entry = new JsonObject { ["step"] = name, ["what"] = what };
        foreach (var (field, value) in answer)
            entry[field] = value?.DeepClone();
        return entry;
    }

    private async Task<JsonObject> AnswerAsync(Call call)
    {
        var seen = placeholders.Ledgers;
        for (var tries = 1; ; tries++)
        {
            using var request = Request(
                new HttpMethod(call.Method),
                pulsar.AdminUrl,
                call.Path.StartsWith('/') ? Filled(call.Path) : $"/admin/v2/{Filled(call.Path)}",
                call.As
            );
            if (call.Body is not null)
                request.Content = new StringContent(call.Body, Encoding.UTF8, MediaTypeHeaderValue.Parse(call.ContentType));
            using var response = await Http.SendAsync(request, Cancelled);
            var (body, text) = Parsed(await response.Content.ReadAsStringAsync(Cancelled));
            if (call.Until is { } until && tries < MostTries && !Says(body, until))
            {
                await Task.Delay(50, Cancelled);
                continue;
            }
            if (call.Within is { } within)
                body = Part(body, within)?.DeepClone();
            if (real && call.Only is { } only && body is JsonObject all)
                body = new JsonObject(only.Select(name => Picked(all, name)).Where(field => all.ContainsKey(field.Key)));
            var what =
                $"{call.Method} {(call.Path.StartsWith('/') ? "" : "/admin/v2/")}{call.Path}{(call.Body is null ? "" : $" {call.Body}")} "
                + $"{Role(call.As)}";
            var entry = Entry(call.Name, what, Answer(response, body, text));
            if (
                call.Method != "GET"
                || tries >= MostTries
                || !_recorded.TryGetValue(call.Name, out var expected)
                || Differences.Between(expected, entry).Count == 0
                || _looksLeft-- <= 0
            )
                return entry;
            placeholders.Forget(seen);
            await Task.Delay(50, Cancelled);
        }
    }

    // A limit takes hold a little after it was set: asked again until it does.
    private async Task<JsonObject> AnswerAsync(Refused refused)
    {
        for (var tries = 1; ; tries++)
        {
            using var request = Request(
                HttpMethod.Get,
                new Uri($"http://{pulsar.WebSocketUrl.Authority}"),
                $"/ws/v2/{refused.Path}",
                refused.As
            );
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.Add(new("websocket"));
            request.Headers.Add("Sec-WebSocket-Version", "13");
            request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
            using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
            var opened = response.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols;
            if (opened && tries < MostTries)
            {
                await Task.Delay(50, Cancelled);
                continue;
            }
            var (body, text) = opened ? (null, "") : Parsed(await response.Content.ReadAsStringAsync(Cancelled));
            return Entry(refused.Name, $"WebSocket /ws/v2/{refused.Path} {Role(refused.As)}", Answer(response, body, text));
        }
    }

    private JsonObject Answer(HttpResponseMessage response, JsonNode? body, string text)
    {
        var answer = new JsonObject { ["status"] = (int)response.StatusCode };
        if (response.Content.Headers.ContentType is { } type)
            answer["type"] = type.ToString().ToLowerInvariant();
        var headers = response
            .Headers.Where(header => header.Key.StartsWith("X-Pulsar-", StringComparison.OrdinalIgnoreCase))
            .OrderBy(header => header.Key, StringComparer.Ordinal)
            .Select(header =>
                KeyValuePair.Create(header.Key, placeholders.In(JsonValue.Create(string.Join(',', header.Value)), header.Key))
            )
            .ToList();
        if (headers.Count > 0)
            answer["headers"] = new JsonObject(headers);
        if (body is not null || text.Length > 0)
            answer["answer"] = placeholders.In(body ?? JsonValue.Create(text), "");
        return answer;
    }

    private HttpRequestMessage Request(HttpMethod method, Uri server, string path, string? role)
    {
        var request = new HttpRequestMessage(method, new Uri(server.GetLeftPart(UriPartial.Authority) + path));
        if (Token(role) is { } token)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return request;
    }

    private string? Token(string? role) =>
        role switch
        {
            null => null,
            "!" => "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl",
            Scenario.Expired => pulsar.Token(Scenario.Admin, DateTimeOffset.UnixEpoch),
            _ => pulsar.Token(role),
        };

    private static string Role(string? role) =>
        role switch
        {
            null => "without a token",
            "!" => "with a forged token",
            Scenario.Expired => "with an expired token",
            _ => $"as {role}",
        };

    private async Task ConnectAsync(Connect connect)
    {
        var (socket, status) = await pulsar.ConnectAsync(Filled(connect.Path), pulsar.Token(connect.As));
        Assert.True(socket is not null, $"/ws/v2/{connect.Path} was refused: {(int)status}");
        _sockets.Add(connect.Client, socket);
    }

    private async Task CloseAsync(string client)
    {
        _sockets.Remove(client, out var socket);
        await socket!.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        socket.Dispose();
    }

    private async Task<JsonObject> FrameAsync(Receive receive)
    {
        var length = 0;
        WebSocketReceiveResult part;
        try
        {
            do
            {
                part = await _sockets[receive.Client]
                    .ReceiveAsync(new ArraySegment<byte>(_buffer, length, _buffer.Length - length), Cancelled);
                length += part.Count;
            } while (!part.EndOfMessage);
        }
        catch (WebSocketException)
        {
            return new JsonObject { ["ends"] = "without a close frame" };
        }
        if (part.MessageType == WebSocketMessageType.Close)
            return new JsonObject { ["ends"] = (int?)part.CloseStatus };
        var frame = JsonNode.Parse(_buffer.AsSpan(0, length))!;
        if (receive.Keep is { } name)
            _kept[name] = ((string)frame["messageId"]!, (string?)frame["publishTime"]);
        return new JsonObject { ["frame"] = placeholders.In(frame, "") };
    }

    private string Filled(string text) =>
        Kept()
            .Replace(
                text,
                match =>
                    match.Groups[1].Value switch
                    {
                        "id" => _kept[match.Groups[2].Value].Id,
                        "entry" => Entry(_kept[match.Groups[2].Value].Id),
                        _ =>
                            $"{DateTimeOffset.Parse(_kept[match.Groups[2].Value].PublishTime!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()}",
                    }
            );

    /// <summary>The place that an id names, as a path: its first two numbers.</summary>
    private static string Entry(string id)
    {
        var bytes = Convert.FromBase64String(id);
        var (at, numbers) = (0, new long[2]);
        for (var field = 0; field < 2; field++)
        {
            if (bytes[at] != (byte)((field + 1) << 3))
                continue; // zero is left out
            at++;
            for (var shift = 0; ; shift += 7)
            {
                numbers[field] |= (long)(bytes[at] & 0x7f) << shift;
                if (bytes[at++] < 0x80)
                    break;
            }
        }
        return string.Create(CultureInfo.InvariantCulture, $"ledger/{numbers[0]}/entry/{numbers[1]}");
    }

    private static (JsonNode? Body, string Text) Parsed(string text)
    {
        try
        {
            return text.Length == 0 ? (null, "") : (JsonNode.Parse(text), "");
        }
        catch (JsonException)
        {
            return (null, text);
        }
    }

    private static bool Says(JsonNode? body, string until)
    {
        var (path, wanted) = (until[..until.LastIndexOf('=')], until[(until.LastIndexOf('=') + 1)..]);
        var found = Part(body, path);
        return wanted == "*" ? found is not null : found?.ToString() == wanted;
    }

    // A slash inside a name is written as ~; # is the first member, whatever its name.
    private static JsonNode? Part(JsonNode? node, string path)
    {
        foreach (var name in path.Split('/').Select(name => name.Replace('~', '/')))
        {
            node = node switch
            {
                JsonObject { Count: > 0 } whole when name == "#" => whole.First().Value,
                JsonObject whole => whole[name],
                JsonArray items when int.TryParse(name, CultureInfo.InvariantCulture, out var index) && index < items.Count => items[index],
                _ => null,
            };
        }
        return node;
    }

    [GeneratedRegex(@"\{(id|time|entry) (\w+)\}")]
    private static partial Regex Kept();
}
