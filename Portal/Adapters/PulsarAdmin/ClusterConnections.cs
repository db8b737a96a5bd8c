using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>The clusters that the portal knows, each with its connection.</summary>
internal sealed class ClusterConnections : IClusterCatalog, IDisposable
{
    private readonly HttpClient _http;
    private readonly Dictionary<string, ClusterConnection> _byName;

    public ClusterConnections(IReadOnlyList<ClusterRegistration> registrations, TimeProvider clock, ILoggerFactory logs)
    {
        _http = ClusterConnection.NewHttpClient();
        _byName = registrations.ToDictionary(
            registration => registration.Name, registration => new ClusterConnection(registration, _http, clock, logs.CreateLogger<ClusterConnection>()), StringComparer.Ordinal);
        All = [.. registrations.Select(registration => new Cluster(registration.Name, registration.BrokerUrl, registration.WebSocketUrl, registration.IsStandIn))];
    }

    public IReadOnlyList<Cluster> All { get; }

    Cluster? IClusterCatalog.Find(string name) => All.FirstOrDefault(cluster => cluster.Name == name);

    /// <summary>The connection, or a problem when the settings no longer name the cluster.</summary>
    public Outcome<ClusterConnection> Find(string name) => _byName.TryGetValue(name, out var connection) ? connection : PulsarProblems.UnknownCluster(name);

    public void Dispose() => _http.Dispose();
}
