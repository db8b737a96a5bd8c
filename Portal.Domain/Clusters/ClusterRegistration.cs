namespace Portal.Domain.Clusters;

/// <summary>How a cluster is reached, with its credentials in the clear. Only the adapters that speak to the cluster read them.</summary>
/// <param name="Name">Portal's name of the cluster.</param>
/// <param name="AdminUrls">One or several brokers, or what stands in front of them; all of one cluster.</param>
/// <param name="BrokerUrl">For customers' clients, one or several hosts; null where there is no binary protocol.</param>
/// <param name="WebSocketUrl">For Portal's gateway and its own sending and reading; customers never connect to it. Null where there is
/// none.</param>
/// <param name="AdminToken">A superuser's token; null where the cluster has no authentication.</param>
/// <param name="TokenPrivateKey">PKCS#8, DER or PEM; null where Portal signs no keys.</param>
/// <param name="IsStandIn">LocalPulsar: pages say so.</param>
public sealed record ClusterRegistration(
    string Name,
    IReadOnlyList<Uri> AdminUrls,
    string? BrokerUrl,
    Uri? WebSocketUrl,
    string? AdminToken,
    ReadOnlyMemory<byte>? TokenPrivateKey,
    bool IsStandIn = false
)
{
    /// <summary>Where it runs, for people; null where nobody said.</summary>
    public string? Region { get; init; }

    /// <summary>
    /// Its stored credentials cannot be decrypted with the key ring that is there: it cannot be used until they are entered again.
    /// </summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Without the credentials, so that none reaches a log.</summary>
    public override string ToString() => $"{Name} ({string.Join(", ", AdminUrls)})";
}

/// <summary>The clusters' addresses and credentials as they are now, for the adapters that speak to them.</summary>
public interface IClusterAccess
{
    /// <summary>The same instance for as long as nothing of it changes; null when there is no such cluster.</summary>
    ClusterRegistration? Access(string name);
}
