using System.Net;
using System.Net.WebSockets;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Gateway;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// Opens customers' WebSocket sessions at their cluster. Of what a client sent only its token goes along, always as a header.
/// </summary>
internal sealed class BrokerSockets(IClusterCatalog clusters, TimeProvider clock) : IBrokerSockets, IDisposable
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    // Over a full backlog quota the handshake of a producer is never answered.
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(15);

    private readonly HttpMessageInvoker _http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        }
    );

    public async Task<Outcome<WebSocket>> OpenAsync(Admission admission, string token, CancellationToken cancellationToken)
    {
        if (clusters.Find(admission.Cluster)?.WebSocketUrl is not { } server)
            return NoWebSocket(admission.Cluster);
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = KeepAlive;
        using var timeout = new CancellationTokenSource(Handshake, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(
                new Uri(server, admission.Address.Path + (admission.Query.Length == 0 ? "" : "?" + admission.Query)),
                _http,
                both.Token
            );
            return socket;
        }
        catch (WebSocketException)
        {
            var (status, ahead) = (socket.HttpStatusCode, SocketDates.Ahead(socket, clock.Now()));
            socket.Dispose();
            return status == default ? MessageProblems.Unreachable(admission.Cluster) : Refused(admission, status, ahead);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            return Silent(admission.Address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    private static Problem.Unavailable NoWebSocket(string cluster) =>
        new Problem.Unavailable(
            "gateway-without-cluster",
            $"The cluster '{cluster}' doesn't offer WebSocket connections. Use a client for Pulsar's binary protocol, or ask the operator."
        );

    private static Problem.Unavailable Silent(GatewayAddress address) =>
        new Problem.Unavailable(
            "cluster-timeout",
            address.Kind == SessionKind.Producer
                ? "The cluster didn't answer in time. If the topic's backlog quota is used up, let consumers catch up; "
                    + "otherwise try again in a moment."
                : "The cluster didn't answer in time. Try again in a moment."
        );

    /// <param name="ahead">How far Portal's clock is ahead of the cluster's, when that is too far.</param>
    private static Problem Refused(Admission admission, HttpStatusCode status, TimeSpan? ahead) =>
        status switch
        {
            HttpStatusCode.Unauthorized when ahead is { } skew => ClockSkew.Refused(admission.Cluster, skew),
            HttpStatusCode.Unauthorized => new Problem.Unauthenticated(
                "cluster-refused-key",
                "The cluster didn't accept this key's token. Create a new key; if that doesn't help, ask the operator."
            ),
            HttpStatusCode.Forbidden => new Problem.Forbidden(
                "key-not-granted",
                "The cluster doesn't let this key use this topic yet. A new key needs a few seconds; check its state on the Connect tab."
            ),
            HttpStatusCode.NotFound => new Problem.NotFound(
                "topic-not-on-cluster",
                $"The topic {admission.Address.TopicAddress} isn't on the cluster. Check its state in Portal."
            ),
            HttpStatusCode.Conflict => new Problem.Conflict(
                "topic-busy",
                "The topic or subscription doesn't take another client: a limit of the plan is reached, the name is in use, or "
                    + "the subscription is exclusive."
            ),
            HttpStatusCode.BadRequest => new Problem.Invalid(
                "cluster-refused-parameters",
                "The cluster didn't accept the parameters of this connection. Check their values."
            ),
            HttpStatusCode.ServiceUnavailable => new Problem.Conflict(
                "topic-terminated",
                $"{admission.Address.TopicAddress} was terminated and takes no more messages."
            ),
            _ => new Problem.Unavailable("cluster-error", $"The cluster answered with an error ({(int)status}). Try again in a moment."),
        };
}
