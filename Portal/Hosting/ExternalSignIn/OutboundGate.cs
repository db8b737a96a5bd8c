using System.Net;
using System.Net.Sockets;

namespace Portal.Hosting.ExternalSignIn;

/// <summary>
/// Where the portal lets itself be sent by an address that a customer typed: to the public internet, never to itself, its
/// neighbours or a cloud's metadata. The name is resolved here and the connection goes to the very address that was
/// looked at, so that a name cannot change its mind in between.
/// </summary>
public sealed class OutboundGate
{
    private const int LongestAnswer = 1024 * 1024;
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    private static readonly IPNetwork[] Inside =
    [
        .. new[]
        {
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "3fff::/20",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    // All that IPv6 has given out for the public internet so far. The rest is local, translated, or nobody's.
    private static readonly IPNetwork PublicSix = IPNetwork.Parse("2000::/3");

    public HttpMessageHandler Handler(bool everywhere)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = everywhere,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = ConnectWithin,
        };
        if (!everywhere)
            sockets.ConnectCallback = ConnectAsync;
        return new Bounded(everywhere) { InnerHandler = sockets };
    }

    public static bool IsPublic(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetwork || PublicSix.Contains(plain))
            && !Inside.Any(network => network.Contains(plain));
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        if (addresses.Length == 0 || !addresses.All(IsPublic))
            throw new HttpRequestException($"'{context.DnsEndPoint.Host}' is not on the public internet.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Encrypted only, and no more than a document's worth.</summary>
    private sealed class Bounded(bool everywhere) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!everywhere && request.RequestUri?.Scheme != Uri.UriSchemeHttps)
                throw new HttpRequestException("A provider is asked over https only.");
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(LongestAnswer, cancellationToken);
            return answer;
        }
    }
}
