using System.Globalization;
using System.Security.Cryptography;
using LocalPulsar.Admin;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.WebSockets;

/// <summary>
/// <c>/ws/v2/{producer|consumer|reader}/…</c>: checks the handshake, then runs the session. Refusals are pages whose
/// title holds the sentence. A session outlives the expiry and revocation of what opened it, as on a broker.
/// </summary>
internal sealed class WebSocketApi(TopicDirectory topics, Broker broker, Access access, Tokens tokens, Sessions sessions)
{
    private long _requests;

    public async Task HandleAsync(HttpContext context, string target)
    {
        var path = target.Split('?', 2)[0];
        var parts = Router.Split(path);
        if (parts is not ["ws", "v2", "producer" or "consumer" or "reader", ..])
        {
            await Answer.Page(404, "Not Found", path).WriteAsync(context);
            return;
        }
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Answer.Page(405, $"HTTP method {context.Request.Method} is not supported by this URL", path).WriteAsync(context);
            return;
        }
        ISession? session = null;
        try
        {
            session = await OpenAsync(context, parts, path);
            if (session is null)
                return;
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            using var frames = new Frames(socket, context);
            sessions.Add(context);
            await session.RunAsync(frames);
        }
        catch (RefusalException refusal)
        {
            await refusal.Answer.WriteAsync(context);
        }
        catch (OperationCanceledException)
        {
            // The client left.
        }
        finally
        {
            sessions.Remove(context);
            session?.Dispose();
        }
    }

    private async Task<ISession?> OpenAsync(HttpContext context, List<string> parts, string path)
    {
        var (state, role) = AdminApi.Token(context) is { } token ? await tokens.CheckAsync(token) : (TokenState.Refused, "");
        if (state != TokenState.Valid)
            throw Page(401, "Authentication required", path);
        var kind = parts[2];
        if (parts.Count < (kind == "consumer" ? 8 : 7))
            throw kind == "consumer"
                ? Page(400, "Invalid query params: Invalid topic name format", path)
                : Page(500, "java.lang.IllegalArgumentException: Invalid topic name format", path);
        if (parts[3] is not ("persistent" or "non-persistent"))
            throw Page(500, "java.lang.IllegalArgumentException", path);
        var name = new TopicName(parts[3] == "persistent", parts[4], parts[5], parts[6]);
        ISession session;
        try
        {
            session = kind switch
            {
                "producer" => new ProducerSession(name, topics, broker, new ProducerOptions(context.Request.Query), Remote(context)),
                "consumer" => new ConsumerSession(
                    name,
                    topics,
                    broker,
                    ConsumerOptions.ForConsumer(context.Request.Query, parts[7]),
                    Remote(context)
                ),
                _ => new ConsumerSession(name, topics, broker, ConsumerOptions.ForReader(context.Request.Query), Remote(context)),
            };
        }
        catch (FormatException e) when (kind == "reader" && e.Message.StartsWith("messageId", StringComparison.Ordinal))
        {
            throw Page(500, "Failed to create reader: java.lang.IndexOutOfBoundsException", path);
        }
        catch (FormatException e)
        {
            throw Page(400, $"Invalid query params: {e.Message}", path);
        }
        Authorize(role, kind, name, parts, path);
        return await ConnectAsync(session, kind, context, path) ? session : null;
    }

    private void Authorize(string role, string kind, TopicName name, List<string> parts, string path)
    {
        if (!Access.IsSuperUser(role) && !broker.State.Tenants.ContainsKey(name.Tenant))
            throw Page(500, "Server error", path);
        var allowed = kind switch
        {
            "producer" => access.MayUse(role, name, Grant.Produce),
            "consumer" => access.MaySubscribe(role, name, parts[7]),
            _ => access.MayUse(role, name, Grant.Consume),
        };
        if (!allowed)
            throw Page(403, "Not authorized", path);
        if (
            kind == "consumer"
            && !access.IsTenantAdmin(role, name.Tenant)
            && broker.State.Namespaces[name.Namespace].PrefixedSubscriptions
            && !parts[7].StartsWith(role, StringComparison.Ordinal)
        )
        {
            throw Page(
                500,
                "Failed to create consumer - The subscription name needs to be prefixed by the authentication role, like "
                    + $"{role}-xxxx for topic: {name}",
                path
            );
        }
    }

    // Over the quota, or without the encryption that is required, a broker's service keeps trying and the handshake hangs.
    private async Task<bool> ConnectAsync(ISession session, string kind, HttpContext context, string path)
    {
        while (true)
        {
            try
            {
                await session.ConnectAsync(context.RequestAborted);
                return true;
            }
            catch (TopicRefusalException refusal) when (refusal.Kind is RefusalKind.QuotaExceeded or RefusalKind.EncryptionRequired)
            {
                session.Close();
                await Task.Delay(TimeSpan.FromSeconds(1), broker.Clock, context.RequestAborted);
            }
            catch (TopicRefusalException refusal) when (refusal.Kind is RefusalKind.Fenced)
            {
                session.Close();
            }
            catch (TopicRefusalException refusal)
            {
                session.Close();
                throw Refused(refusal, kind, context, path);
            }
        }
    }

    private RefusalException Refused(TopicRefusalException refusal, string kind, HttpContext context, string path)
    {
        var status = refusal.Kind switch
        {
            _ when kind == "reader" => 500,
            RefusalKind.TopicNotFound => 404,
            RefusalKind.ProducerBusy or RefusalKind.ConsumerBusy => 409,
            RefusalKind.Terminated => 503,
            _ => 500,
        };
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"errorMsg":"{{refusal.Message}}","reqId":{{Interlocked.Increment(
                ref _requests
            )}}, "remote":"127.0.0.1/127.0.0.1:{{context.Connection.LocalPort}}", "local":"{{Remote(context)}}"}
            """
        );
        return Page(status, $"Failed to create {(kind == "reader" ? "reader" : "producer/consumer")}: {text}", path);
    }

    private static string Remote(HttpContext context) => $"/127.0.0.1:{context.Connection.RemotePort}";

    private static RefusalException Page(int status, string sentence, string path) => new(Answer.Page(status, sentence, path));

    public static string RandomName() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5));
}

/// <summary>A producer, consumer or reader behind one WebSocket.</summary>
internal interface ISession : IDisposable
{
    /// <summary>Takes its places at the topics.</summary>
    Task ConnectAsync(CancellationToken cancellationToken);

    Task RunAsync(Frames frames);

    void Close();
}
