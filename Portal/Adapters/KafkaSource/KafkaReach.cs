using System.Net;
using System.Net.Sockets;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>
/// Where the portal lets itself be sent by an address that a customer, or a customer's cluster, named. Names are looked at
/// before the Kafka client gets them, bootstrap servers and the brokers that the cluster advertises alike, so that there is
/// a sentence about it; where the client then connects to is decided for each connection by <see cref="KafkaGate"/>.
/// </summary>
/// <param name="Allows">Whether an address may be reached.</param>
public sealed record KafkaReach(Func<IPAddress, bool> Allows)
{
    private static readonly TimeSpan ResolveWithin = TimeSpan.FromSeconds(3);

    // Large clusters have hundreds. What is not looked at is not gone to.
    private const int MostHosts = 1_000;
    private const int AtOnce = 50;

    /// <summary>For an operator who allows private addresses.</summary>
    public static KafkaReach Anywhere { get; } = new(_ => true);

    /// <summary>The addresses of a host; NotFound when its name is unknown, Forbidden for a private address.</summary>
    internal async Task<Outcome<IPAddress[]>> ResolveAsync(KafkaHost host, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ResolveWithin);
            var addresses = IPAddress.TryParse(host.Name, out var literal)
                ? [literal]
                : await Dns.GetHostAddressesAsync(host.Name, limit.Token);
            if (addresses.Length == 0)
                return Unknown(host);
            return addresses.All(Allows) ? addresses : KafkaProblems.PrivateAddress(host.ToString());
        }
        catch (Exception exception)
            when (exception is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return Unknown(host);
        }
    }

    /// <summary>The first of the hosts that may not be reached; null when all may. An unknown name is reached by nobody.</summary>
    internal async Task<Problem?> RefuseAsync(IEnumerable<KafkaHost> hosts, CancellationToken cancellationToken)
    {
        var all = hosts.Distinct().ToList();
        if (all.Count > MostHosts)
            return KafkaProblems.TooManyServers(all.Count, MostHosts);
        foreach (var some in all.Chunk(AtOnce))
        {
            var resolved = await Task.WhenAll(some.Select(host => ResolveAsync(host, cancellationToken)));
            if (resolved.Select(one => one.Problem).OfType<Problem.Forbidden>().FirstOrDefault() is { } refused)
                return refused;
        }
        return null;
    }

    private static Problem.NotFound Unknown(KafkaHost host) =>
        new(
            "kafka-name-unknown",
            $"The name {host.Name} doesn't resolve. Check its spelling, or enter a name or address that can be resolved from here."
        );
}
