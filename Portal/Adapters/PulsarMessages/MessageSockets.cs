using System.Net.WebSockets;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>Opens WebSocket connections as the namespace's own role, with a token of a minute.</summary>
internal sealed class MessageSockets(
    IClusterCatalog clusters,
    ITokenSigner tokens,
    INamespaceAdmin namespaces,
    ITopicAdmin topics,
    TimeProvider clock
)
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(60);

    // Over a full backlog quota the handshake of a producer is never answered.
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);

    /// <summary>Where the topic's cluster takes WebSocket connections at the moment.</summary>
    public Uri? ServerOf(Topic topic) => clusters.Find(topic.Cluster)?.WebSocketUrl;

    /// <param name="kind"><c>producer</c> or <c>reader</c>.</param>
    /// <param name="partition">One partition's own address; null for the topic.</param>
    /// <param name="alive">For a connection that may be silent for long: how often it is asked whether it still is one.</param>
    public async Task<Outcome<ClientWebSocket>> OpenAsync(
        Namespace @namespace,
        Topic topic,
        string kind,
        int? partition,
        string query,
        CancellationToken cancellationToken,
        TimeSpan? alive = null
    )
    {
        if (ServerOf(topic) is not { } server)
            return MessageProblems.NoWebSocket(topic.Cluster);
        if (!tokens.Sign(topic.Cluster, @namespace.MessagesRole, clock.Now() + TokenLife).TryGet(out var token, out var problem))
            return problem;
        var name = partition is { } number ? $"{topic.Name}-partition-{number}" : topic.Name;
        string[] segments = [topic.Persistent ? "persistent" : "non-persistent", topic.TenantName, topic.NamespaceName, name];
        var address = new Uri(server, $"/ws/v2/{kind}/{string.Join('/', segments.Select(Uri.EscapeDataString))}?{query}");
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        socket.Options.CollectHttpResponseDetails = true;
        if (alive is { } every)
            (socket.Options.KeepAliveInterval, socket.Options.KeepAliveTimeout) = (every, every * 2);
        using var timeout = new CancellationTokenSource(Handshake, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(address, both.Token);
            return socket;
        }
        catch (WebSocketException)
        {
            var (status, ahead) = (socket.HttpStatusCode, SocketDates.Ahead(socket, clock.Now()));
            socket.Dispose();
            return status == default ? MessageProblems.Unreachable(topic.Cluster) : MessageProblems.OfHandshake(topic, status, ahead);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            return await WhySilentAsync(@namespace, topic, MessageProblems.Timeout(topic), cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The backlog quota, when it is that which stands in the way; else the problem given.</summary>
    public async Task<Problem> WhySilentAsync(Namespace @namespace, Topic topic, Problem otherwise, CancellationToken cancellationToken)
    {
        if (
            await namespaces.ReadPoliciesAsync(@namespace.OnCluster, cancellationToken)
            is not { IsOk: true, Value.BacklogQuotaBytes: { } quota }
        )
            return otherwise;
        // The quota counts per partition: below it altogether, no partition can be full.
        return
            await topics.StatsAsync(topic.OnCluster, cancellationToken) is { IsOk: true, Value.BacklogBytes: var backlog }
            && backlog >= quota
            ? MessageProblems.BacklogFull(topic, quota, backlog)
            : otherwise;
    }
}
