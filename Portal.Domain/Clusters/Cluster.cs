namespace Portal.Domain.Clusters;

/// <summary>A Pulsar cluster that the portal sells. The credentials stay in the adapter.</summary>
/// <param name="Name">The portal's name of it.</param>
/// <param name="BrokerUrl">For customers' clients: <c>pulsar://host:6650</c>; null where there is no binary protocol.</param>
/// <param name="WebSocketUrl">For customers' clients: <c>ws://host:8080</c>; null where there is none.</param>
/// <param name="IsStandIn">LocalPulsar: pages say so.</param>
public sealed record Cluster(string Name, Uri? BrokerUrl, Uri? WebSocketUrl, bool IsStandIn)
{
    /// <summary>How readers of the portal's own are named, by which they are told from a customer's subscriptions.</summary>
    public const string OwnReaderPrefix = "portal-reader-";

    /// <summary>How the portal's own producers are named: no customer's client begins so, and none of them is in its way.</summary>
    public const string OwnProducerPrefix = "portal-producer-";
}

public interface IClusterCatalog
{
    /// <summary>In the order of the settings; the first is the default for new tenants.</summary>
    IReadOnlyList<Cluster> All { get; }

    Cluster? Find(string name);
}
