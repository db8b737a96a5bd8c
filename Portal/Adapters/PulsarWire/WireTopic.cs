using System.Security.Cryptography.X509Certificates;
using Portal.Domain.Common;

namespace Portal.Adapters.PulsarWire;

/// <summary>Finds the broker that owns a topic, or one partition, and connects to it.</summary>
/// <param name="Addresses"><c>pulsar://</c> or <c>pulsar+ssl://</c>, with several hosts where the first may be away.</param>
internal sealed record WireTopic(
    string Cluster,
    string Addresses,
    string Topic,
    Func<Outcome<string>>? Token,
    X509Certificate2Collection? Authorities
)
{
    private const string Plain = "pulsar://";
    private const string Tls = "pulsar+ssl://";
    private const int MostHops = 10;

    public async Task<Outcome<WireConnection>> ConnectAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        if (Entries() is not { Count: > 0 } entries)
            return WireProblems.NoAddress(Cluster);
        Problem? last = null;
        foreach (var entry in entries)
        {
            var connected = await ThroughAsync(entry, clock, cancellationToken);
            if (connected.IsOk)
                return connected;
            last = connected.Problem;
            // Another entrance helps where this one is closed; what a broker says of the topic holds everywhere.
            if (last.Code is not ("cluster-unreachable" or "broker-connection-ended" or "cluster-timeout"))
                break;
        }
        return last!;
    }

    private async Task<Outcome<WireConnection>> ThroughAsync(WireTarget entry, TimeProvider clock, CancellationToken cancellationToken)
    {
        var opened = await WireConnection.OpenAsync(entry, Topic, clock, cancellationToken);
        var (at, authoritative) = (entry, false);
        for (var hop = 0; opened.TryGet(out var connection, out _) && hop < MostHops; hop++)
        {
            var asked = await connection.AskAsync(number => WireCommands.Lookup(Topic, number, authoritative), cancellationToken);
            if (!asked.TryGet(out var found, out var problem) || found.Lookup == 2)
            {
                await connection.DisposeAsync();
                return problem ?? WireProblems.OfBroker(Cluster, Topic, found!.Error);
            }
            if (Next(entry, found) is not { } next)
            {
                await connection.DisposeAsync();
                return WireProblems.NoOwner(Topic);
            }
            if (next.Equals(at) && found.Lookup == 1)
                return connection;
            // A proxy asks on for us, where it came in by; brokers want to be asked themselves.
            authoritative = found.Authoritative;
            if (next.Equals(at) || (found.ThroughProxy && found.Lookup == 0))
                continue;
            await connection.DisposeAsync();
            opened = await WireConnection.OpenAsync(next, Topic, clock, cancellationToken);
            if (found.Lookup == 1)
                return opened;
            at = next;
        }
        if (!opened.TryGet(out var left, out _))
            return opened;
        await left.DisposeAsync();
        return WireProblems.NoOwner(Topic);
    }

    /// <summary>Where an answer leads. It never leads from TLS to none.</summary>
    private WireTarget? Next(WireTarget entry, WireAnswer found)
    {
        var address = entry.Tls ? found.BrokerTls : found.Broker;
        if (string.IsNullOrEmpty(address) || !Uri.TryCreate(address, UriKind.Absolute, out var broker) || broker.Port < 0)
            return null;
        return found.ThroughProxy && found.Lookup == 1 ? entry with { ThroughProxyTo = $"{broker.Host}:{broker.Port}" }
            : found.ThroughProxy ? entry
            : entry with { Host = broker.Host, Port = broker.Port };
    }

    private List<WireTarget> Entries()
    {
        var tls = Addresses.StartsWith(Tls, StringComparison.OrdinalIgnoreCase);
        if (!tls && !Addresses.StartsWith(Plain, StringComparison.OrdinalIgnoreCase))
            return [];
        return
        [
            .. Addresses[(tls ? Tls : Plain).Length..]
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(host => Uri.TryCreate($"{Plain}{host.TrimEnd('/')}", UriKind.Absolute, out var uri) ? uri : null)
                .OfType<Uri>()
                .Select(uri => new WireTarget(
                    Cluster,
                    uri.Host,
                    uri.Port < 0 ? (tls ? 6651 : 6650) : uri.Port,
                    tls,
                    null,
                    Token,
                    Authorities
                )),
        ];
    }
}
