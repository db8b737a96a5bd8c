using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>Senders that take their time: what they hold is bounded, on the wire as it is served.</summary>
public sealed class SlowBodyTests
{
    // The grace, a look of the server's each second, and a machine that has other things to do.
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Who_sends_a_byte_a_second_is_hung_up_on_wherever_they_send_it()
    {
        await using var portal = await PortalHere.StartAsync();
        string[] requests =
        [
            "POST /sign-in HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            "POST /webhooks/stripe HTTP/1.1\r\nContent-Type: application/json\r\nStripe-Signature: t=1,v1=00\r\n",
            "POST /api/v1/organizations HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: "
                + $"Bearer {RunningPortal.OperatorKey}\r\n",
            "POST /connect/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        ];
        await Task.WhenAll(
            requests.Select(async request =>
            {
                var held = await HeldAsync(
                    portal.Url,
                    request + $"Host: localhost:{portal.Url.Port}\r\nContent-Length: 100000\r\n\r\n",
                    (byte)'a'
                );
                Assert.True(held < AtMost, $"{request.Split(' ')[1]}: {held}");
            })
        );
        // Headers that never end.
        Assert.True(
            await HeldAsync(portal.Url, $"GET / HTTP/1.1\r\nHost: localhost:{portal.Url.Port}\r\nX-Slow: ", (byte)'a')
                < TimeSpan.FromSeconds(30),
            "headers"
        );
    }

    /// <summary>How long the server bears a byte a second after the beginning; what it answers before it hangs up is read away.</summary>
    private static async Task<TimeSpan> HeldAsync(Uri portal, string beginning, byte drop)
    {
        using var client = new TcpClient("localhost", portal.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(beginning));
        var began = Stopwatch.GetTimestamp();
        var over = ReadToEndAsync(stream);
        while (!over.IsCompleted && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60))
        {
            try
            {
                await stream.WriteAsync(new[] { drop });
            }
            catch (IOException)
            {
                break;
            }
            await Task.WhenAny(over, Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        }
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task ReadToEndAsync(NetworkStream stream)
    {
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer) > 0)
            {
                // The answer, if any.
            }
        }
        catch (IOException)
        {
            // Reset.
        }
    }
}
