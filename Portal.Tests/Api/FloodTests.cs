using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>What anybody can send without an account holds no more of this process than is set aside for it.</summary>
public sealed class FloodTests
{
    private const string Stripe = "/webhooks/stripe";

    [Fact]
    public async Task A_webhook_that_does_not_say_how_long_it_is_is_read_to_the_limit_and_no_further()
    {
        await using var portal = new PortalHost();
        using var anybody = portal.CreateClient();
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge,
            (await anybody.PostAsync(Stripe, new StreamContent(new Endless(2 * 1024 * 1024)))).StatusCode
        );
        // One of a usual size is looked at: its signature is wrong.
        Assert.Equal(HttpStatusCode.BadRequest, (await anybody.PostAsync(Stripe, new StreamContent(new Endless(1000)))).StatusCode);
    }

    [Fact]
    public async Task No_address_takes_a_body_beyond_the_limit_and_none_breaks_on_it()
    {
        await using var portal = await PortalHere.StartAsync();
        using var anybody = new HttpClient { BaseAddress = portal.Url };
        foreach (
            var (path, type) in new[]
            {
                ("/connect/token", "application/x-www-form-urlencoded"),
                ("/connect/introspect", "application/x-www-form-urlencoded"),
                ("/sign-in", "application/x-www-form-urlencoded"),
                ("/sign-out", "application/x-www-form-urlencoded"),
                (Stripe, "application/json"),
                ("/api/v1/organizations", "application/json"),
            }
        )
        {
            using var body = new StreamContent(new Endless(5 * 1024 * 1024)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            var status = await StatusAsync(anybody, path, body);
            // Null where the server closed the connection on what it would not read.
            Assert.True(status is null or (>= 400 and < 500), $"{path}: {status}");
        }
        // Over a connection of its own: the server may be about to close the others.
        using var somebody = new HttpClient { BaseAddress = portal.Url };
        var odd = await somebody.PostAsync(
            "/connect/token",
            new StringContent(new string('a', 3000), Encoding.ASCII, "application/x-www-form-urlencoded")
        );
        Assert.Equal(
            (HttpStatusCode.BadRequest, "invalid_request"),
            (odd.StatusCode, (string?)(await odd.Content.ReadFromJsonAsync<JsonNode>())!["error"])
        );
    }

    /// <summary>Of a size that no number holds.</summary>
    [Fact]
    public async Task A_chunk_that_is_none_is_the_senders_error()
    {
        await using var portal = await PortalHere.StartAsync();
        foreach (var size in new[] { "FFFFFFFFFFFFFFFF", "7FFFFFFFFFFFFFFF", "zz", "-1" })
        {
            using var wire = new TcpClient();
            await wire.ConnectAsync(IPAddress.Loopback, portal.Url.Port, TestContext.Current.CancellationToken);
            await wire.GetStream()
                .WriteAsync(
                    Encoding.ASCII.GetBytes(
                        $"POST {Stripe} HTTP/1.1\r\nHost: localhost:{portal.Url.Port}\r\nTransfer-Encoding: "
                            + $"chunked\r\nConnection: close\r\n\r\n{size}\r\nab\r\n0\r\n\r\n"
                    ),
                    TestContext.Current.CancellationToken
                );
            using var answer = new StreamReader(wire.GetStream(), Encoding.ASCII);
            Assert.Matches("^HTTP/1.1 4[0-9][0-9]", await answer.ReadLineAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Methods_that_somebody_made_up_leave_nothing_in_the_metrics()
    {
        await using var portal = new PortalHost();
        using var anybody = portal.CreateClient();
        foreach (var path in new[] { "/", "/api/v1/organizations", "/ws/v2/producer", "/_blazor" })
        {
            using var request = new HttpRequestMessage(new HttpMethod("MADEUP"), path);
            Assert.Equal(HttpStatusCode.NotImplemented, (await anybody.SendAsync(request)).StatusCode);
        }
        using var api = portal.Api();
        Assert.DoesNotContain("MADEUP", await api.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_opens_more_pages_than_the_limit_and_a_closed_one_makes_room()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Limits:OpenPagesPerVisitor"] = "2" } };
        using var known = await portal.SignedUpAsync("ada@example.com");
        using var first = await OpenAsync(portal);
        using var second = await OpenAsync(portal);
        await Assert.ThrowsAnyAsync<Exception>(() => OpenAsync(portal));
        // Who polls holds a page as well, between two requests too.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await portal.Browser().GetAsync("/_blazor?id=made-up")).StatusCode);
        // Strangers at the same address keep nobody out who is signed in.
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await known.GetAsync("/_blazor?id=made-up")).StatusCode);

        await first.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        WebSocket? third = null;
        await Eventually.TrueAsync(async () => (third = await TryAsync(portal)) is not null, "the place is free again");
        third!.Dispose();
    }

    private static async Task<int?> StatusAsync(HttpClient client, string path, HttpContent body)
    {
        try
        {
            using var answer = await client.PostAsync(path, body);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<WebSocket> OpenAsync(PortalHost portal)
    {
        var client = portal.Server.CreateWebSocketClient();
        var socket = await client.ConnectAsync(new Uri("ws://localhost/_blazor"), CancellationToken.None);
        await socket.SendAsync(
            "{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray(),
            WebSocketMessageType.Text,
            true,
            CancellationToken.None
        );
        return socket;
    }

    private static async Task<WebSocket?> TryAsync(PortalHost portal)
    {
        try
        {
            return await OpenAsync(portal);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>So many bytes, of a length that nobody is told.</summary>
    private sealed class Endless(long length) : Stream
    {
        private long _given;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, length - _given);
            buffer.AsSpan(offset, given).Fill((byte)'x');
            _given += given;
            return given;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
