using System.Net;
using System.Net.Sockets;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>One test of a connection, a step after the other. What comes after a failure is not reached.</summary>
/// <param name="told">Hears of each step once it is over: somebody who stops in the middle of the next is known to have passed it.</param>
internal sealed class KafkaTest(KafkaReach reach, KafkaConnection connection, Action<ConnectionCheck>? told = null)
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(8);

    private readonly List<ConnectionCheck> _checks = [];
    private string? _clusterId;
    private int _brokers;

    public async Task<ConnectionTest> RunAsync(CancellationToken cancellationToken)
    {
        await WalkAsync(cancellationToken);
        foreach (var step in Enum.GetValues<ConnectionStep>())
        {
            if (step == ConnectionStep.Tls && !connection.Security.UsesTls() || _checks.Any(check => check.Step == step))
                continue;
            _checks.Add(new(step, CheckState.NotReached, null, "Not reached."));
        }
        return new([.. _checks.OrderBy(check => check.Step)], _clusterId, _brokers);
    }

    private async Task WalkAsync(CancellationToken cancellationToken)
    {
        var hosts = KafkaHost.ParseAll(connection.BootstrapServers).Value;
        if (await ResolveAsync(hosts, cancellationToken) is not { } known)
            return;
        if (await ConnectAsync(known, cancellationToken) is not { } open)
            return;
        await using (open.Stream)
        {
            Stream stream = open.Stream;
            if (connection.Security.UsesTls())
            {
                var (check, secured) = await KafkaTls.OpenAsync(stream, open.Host, connection.CertificateAuthority, cancellationToken);
                Add(check);
                if (secured is null)
                    return;
                stream = secured;
            }
            await using (stream)
            {
                if (!await AskAsync(stream, open.Host, cancellationToken))
                    return;
            }
        }
        await using var session = new KafkaSession(reach, connection);
        if (await SignInAsync(session, cancellationToken) is not { } brokers)
            return;
        if (!await ReachBrokersAsync(brokers, cancellationToken))
            return;
        var (permissions, cluster) = await KafkaPermissions.CheckAsync(session, cancellationToken);
        (_clusterId, _brokers) = (cluster, brokers.Count);
        Add(permissions);
    }

    private async Task<List<(KafkaHost Host, IPAddress[] Addresses)>?> ResolveAsync(
        IReadOnlyList<KafkaHost> hosts,
        CancellationToken cancellationToken
    )
    {
        var known = new List<(KafkaHost, IPAddress[])>();
        Problem? unknown = null;
        foreach (var host in hosts)
        {
            var resolved = await reach.ResolveAsync(host, cancellationToken);
            if (resolved.Problem is Problem.Forbidden elsewhere)
                return Fail<List<(KafkaHost, IPAddress[])>>(ConnectionStep.Name, elsewhere.Code, elsewhere.Message);
            if (resolved.Problem is { } problem)
                unknown ??= problem;
            else
                known.Add((host, resolved.Value));
        }
        if (known.Count == 0)
            return Fail<List<(KafkaHost, IPAddress[])>>(ConnectionStep.Name, unknown!.Code, unknown.Message);
        Settle(
            ConnectionStep.Name,
            unknown is null ? null : (unknown.Code, $"{unknown.Message} Portal uses the other servers."),
            Counted.Of(known.Count, "host name", " resolves", "s resolve")
        );
        return known;
    }

    private async Task<(NetworkStream Stream, KafkaHost Host)?> ConnectAsync(
        List<(KafkaHost Host, IPAddress[] Addresses)> hosts,
        CancellationToken cancellationToken
    )
    {
        (NetworkStream, KafkaHost)? first = null;
        (string Code, string Message)? closed = null;
        foreach (var (host, addresses) in hosts)
        {
            var (stream, refused) = await ConnectAsync(host, addresses, cancellationToken);
            if (stream is null)
                closed ??= refused;
            else if (first is null)
                first = (stream, host);
            else
                await stream.DisposeAsync();
        }
        if (first is null)
        {
            Fail<string>(ConnectionStep.Port, closed!.Value.Code, closed.Value.Message);
            return null;
        }
        Settle(
            ConnectionStep.Port,
            closed is { } one ? (one.Code, $"{one.Message} Portal uses the other servers.") : null,
            "Connections are accepted."
        );
        return first;
    }

    private static async Task<(NetworkStream? Stream, (string, string)? Refused)> ConnectAsync(
        KafkaHost host,
        IPAddress[] addresses,
        CancellationToken cancellationToken
    )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectWithin);
        try
        {
            await socket.ConnectAsync(addresses, host.Port, limit.Token);
            return (new NetworkStream(socket, ownsSocket: true), null);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            return (
                null,
                (
                    "kafka-port-closed",
                    exception.SocketErrorCode == SocketError.ConnectionRefused
                        ? $"{host} refuses connections. Check the port, and that the broker is running and listens on this address."
                        : $"{host} isn't reachable from here ({exception.SocketErrorCode}). Check the address and its network."
                )
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            return (
                null,
                (
                    "kafka-port-silent",
                    $"{host} didn't answer within {ConnectWithin.TotalSeconds:0} seconds. "
                        + "A firewall may drop connections from Portal; allow its address."
                )
            );
        }
    }

    private async Task<bool> AskAsync(Stream stream, KafkaHost host, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWithin);
        try
        {
            var wanted = connection.Security.Mechanism();
            (string Code, string Message)? failure = await KafkaWire.AskAsync(stream, wanted ?? "PLAIN", limit.Token) switch
            {
                KafkaWire.Answer.Tls => ("kafka-needs-tls", $"{host} speaks TLS. Choose a kind of security with TLS."),
                KafkaWire.Answer.Closed when !connection.Security.UsesTls() => (
                    "kafka-closed",
                    $"{host} closed the connection. It may expect TLS: choose a kind of security with TLS, or use the port of the "
                        + "plaintext listener."
                ),
                KafkaWire.Answer.Closed => (
                    "kafka-closed",
                    $"{host} closed the connection. It may ask for client certificates, which Portal doesn't support."
                ),
                KafkaWire.Answer.Other => ("kafka-not-kafka", $"What answers at {host} isn't Kafka. Check the address and port."),
                KafkaWire.Answer.Kafka { AsksForSignIn: true } kafka when wanted is null => (
                    "kafka-needs-sign-in",
                    $"{host} asks clients to sign in with {Or(kafka.Mechanisms)}. Choose a kind of security with a password."
                ),
                KafkaWire.Answer.Kafka { AsksForSignIn: false } when wanted is not null => (
                    "kafka-no-sign-in",
                    $"{host} doesn't ask clients to sign in. Choose a kind of security without a password, or use the port of the "
                        + "SASL listener."
                ),
                KafkaWire.Answer.Kafka kafka when wanted is not null && !kafka.Mechanisms.Contains(wanted) => (
                    "kafka-mechanism-missing",
                    $"{host} doesn't offer {wanted}. It offers {Or(kafka.Mechanisms)}."
                ),
                _ => null,
            };
            if (failure is { } wrong)
                return Fail<string>(ConnectionStep.Kafka, wrong.Code, wrong.Message) is not null;
            Settle(ConnectionStep.Kafka, null, $"{host} speaks Kafka.");
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Fail<string>(
                ConnectionStep.Kafka,
                "kafka-silent",
                $"{host} accepts connections but doesn't answer. Check that the broker is healthy, and that the port is Kafka's."
            );
            return false;
        }
    }

    private async Task<IReadOnlyList<KafkaHost>?> SignInAsync(KafkaSession session, CancellationToken cancellationToken)
    {
        var asked = await KafkaCluster.BrokersAsync(session, cancellationToken);
        if (asked.Problem is { } problem)
            return Fail<IReadOnlyList<KafkaHost>>(ConnectionStep.SignIn, problem.Code, SignInMessage(problem));
        Settle(ConnectionStep.SignIn, null, connection.User is { } user ? $"Signed in as {user}." : "No sign-in is needed.");
        return asked.Value;
    }

    private string SignInMessage(Problem problem) =>
        problem.Code == "kafka-sign-in-failed"
            ? $"Kafka didn't accept this user and password with {connection.Security.Mechanism()}. Check both; "
                + "passwords for PLAIN and SCRAM are set apart."
            : problem.Message;

    private async Task<bool> ReachBrokersAsync(IReadOnlyList<KafkaHost> brokers, CancellationToken cancellationToken)
    {
        // All of them, before any is connected to: the client that goes on from here knows them all.
        if (await reach.RefuseAsync(brokers, cancellationToken) is { } inside)
        {
            Fail<string>(ConnectionStep.Brokers, inside.Code, $"{inside.Message} {Advertised}");
            return false;
        }
        var looks = await Task.WhenAll(
            brokers
                .Take(50)
                .Select(async broker =>
                {
                    var resolved = await reach.ResolveAsync(broker, cancellationToken);
                    if (resolved.Problem is { } unknown)
                        return (Code: unknown.Code, unknown.Message, Private: unknown is Problem.Forbidden);
                    var (stream, refused) = await ConnectAsync(broker, resolved.Value, cancellationToken);
                    if (stream is not null)
                        await stream.DisposeAsync();
                    return (Code: refused?.Item1 ?? "", Message: refused?.Item2 ?? "", Private: false);
                })
        );
        var bad = looks.Where(look => look.Code.Length > 0).ToList();
        if (bad.Count > 0 && (bad.Count == looks.Length || bad.Any(look => look.Private)))
        {
            var (code, message, _) = bad.OrderByDescending(look => look.Private).First();
            Fail<string>(ConnectionStep.Brokers, code, $"{message} {Advertised}");
            return false;
        }
        Settle(
            ConnectionStep.Brokers,
            bad.Count > 0
                ? (
                    bad[0].Code,
                    $"{bad[0].Message} {bad.Count} of {looks.Length} brokers can't be reached; partitions they lead can't be read."
                )
                : null,
            Counted.Of(looks.Length, "broker", " is reachable", "s are reachable")
        );
        return true;
    }

    private const string Advertised =
        "The cluster names its brokers that way, so clients go there: set advertised.listeners to addresses that Portal can reach.";

    private void Settle(ConnectionStep step, (string Code, string Message)? warning, string passed) =>
        Add(
            warning is { } warned ? new(step, CheckState.Warning, warned.Code, warned.Message) : new(step, CheckState.Passed, null, passed)
        );

    private T? Fail<T>(ConnectionStep step, string code, string message)
        where T : class
    {
        Add(new(step, CheckState.Failed, code, message));
        return null;
    }

    private void Add(ConnectionCheck check)
    {
        _checks.Add(check);
        told?.Invoke(check);
    }

    private static string Or(IReadOnlyList<string> mechanisms) => mechanisms.Count == 0 ? "no mechanism" : string.Join(" or ", mechanisms);

    private static class Counted
    {
        internal static string Of(int count, string what, string one, string many) =>
            count == 1 ? $"1 {what}{one}." : $"{count} {what}{many}.";
    }
}
