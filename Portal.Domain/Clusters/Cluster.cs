namespace Portal.Domain.Clusters;

/// <summary>A Pulsar cluster that the portal sells. Its credentials stay with who speaks to it (<see cref="IClusterAccess"/>).</summary>
/// <param name="Name">The portal's name of it.</param>
/// <param name="BrokerUrl">For customers' clients: <c>pulsar://host:6650</c>, or several hosts separated by commas; null where there is no
/// binary protocol.</param>
/// <param name="WebSocketUrl">For Portal's gateway, which customers connect to in its place: <c>ws://host:8080</c>; null where there is
/// none.</param>
/// <param name="IsStandIn">LocalPulsar: pages say so.</param>
/// <param name="TakesTenants">False while it is drained.</param>
public sealed record Cluster(string Name, string? BrokerUrl, Uri? WebSocketUrl, bool IsStandIn, bool TakesTenants = true)
{
    /// <summary>Where it runs, as its operator calls it: <c>eu-central-1</c>, <c>Frankfurt</c>; null where nobody said.</summary>
    public string? Region { get; init; }

    /// <summary>How readers of the portal's own are named, by which they are told from a customer's subscriptions.</summary>
    public const string OwnReaderPrefix = "portal-reader-";

    /// <summary>How the portal's own producers are named: no customer's client begins so, and none of them is in its way.</summary>
    public const string OwnProducerPrefix = "portal-producer-";
}

public interface IClusterCatalog
{
    /// <summary>
    /// Those of the settings in their order, then those registered in the portal; the first that takes tenants is the default for new ones.
    /// </summary>
    IReadOnlyList<Cluster> All { get; }

    Cluster? Find(string name);

    /// <summary>Reads again what is registered, so that this replica knows a change before it is answered. The others hear of it.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);
}
