using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using LocalPulsar.Topics;

namespace LocalPulsar.Functions;

/// <summary>
/// The sink <c>http-post</c>: each message's bytes to an address. Any answer but 2xx ends it, and the message comes again.
/// </summary>
internal sealed class HttpPost(
    IReadOnlyList<TopicName> inputs,
    string subscription,
    string? url,
    long timeout,
    string? authorization,
    string name,
    TopicDirectory directory,
    Broker broker,
    HttpClient http
) : IConnectorCode, IConsumerClient
{
    private const int AtOnce = 100;
    private readonly Channel<(Consumer Consumer, Entry Entry)> _queue = Channel.CreateUnbounded<(Consumer, Entry)>();

    public async Task RunAsync(Instance instance, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(url))
            throw new InvalidOperationException("url is required");
        var consumers = new List<Consumer>();
        try
        {
            foreach (var input in inputs)
            {
                foreach (var topic in await directory.ForClientAsync(input, cancellationToken))
                {
                    topic.AddSubscription(
                        subscription,
                        durable: true,
                        Position.Latest,
                        startExcluded: false,
                        new Dictionary<string, string>()
                    );
                    var consumer = new Consumer(
                        topic,
                        name,
                        SubscriptionType.Shared,
                        0,
                        this,
                        "functions-worker",
                        broker.Clock.GetUtcNow()
                    );
                    topic.Join(consumer, subscription);
                    consumers.Add(consumer);
                }
            }
            instance.Opened();
            consumers.ForEach(consumer => consumer.Flow(AtOnce));
            await foreach (var (consumer, entry) in _queue.Reader.ReadAllAsync(cancellationToken))
            {
                instance.CameIn();
                await PostAsync(entry.Payload, cancellationToken);
                consumer.Acknowledge(entry.Position);
                consumer.Flow(1);
                instance.WentOut();
            }
            throw new InvalidOperationException("The topic was unloaded");
        }
        finally
        {
            consumers.ForEach(consumer => consumer.Close());
        }
    }

    /// <summary>One for all: a name is looked up here, and the connection goes to an address that may be connected to or nowhere.</summary>
    public static HttpClient Client(Func<IPAddress, bool> mayConnectTo) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
                    if (addresses.Length == 0 || !addresses.All(mayConnectTo))
                        throw new HttpRequestException($"'{context.DnsEndPoint.Host}' is not on the public internet");
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
                },
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

    public void Deliver(Consumer consumer, Entry entry, int redeliveries) => _queue.Writer.TryWrite((consumer, entry));

    public void Detached() => _queue.Writer.TryComplete();

    private async Task PostAsync(byte[] payload, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new InvalidOperationException("URI with undefined scheme");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(payload) };
        if (!string.IsNullOrEmpty(authorization))
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(TimeSpan.FromMilliseconds(Math.Clamp(timeout, 1, int.MaxValue)));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over.Token);
            if (!response.IsSuccessStatusCode)
                throw new InvalidOperationException($"{url} answered {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException("java.net.http.HttpTimeoutException: request timed out");
        }
        catch (HttpRequestException)
        {
            throw new InvalidOperationException("java.net.ConnectException: Connection refused");
        }
    }
}
