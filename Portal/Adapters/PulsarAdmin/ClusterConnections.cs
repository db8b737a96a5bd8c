using System.Collections.Concurrent;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>A connection for each cluster that is registered, made anew when its addresses or credentials change.</summary>
internal sealed class ClusterConnections(IClusterAccess clusters, TimeProvider clock, ILoggerFactory logs) : IDisposable
{
    private readonly HttpClient _http = ClusterConnection.NewHttpClient();
    private readonly ConcurrentDictionary<string, ClusterConnection> _connections = new(StringComparer.Ordinal);

    /// <summary>The connection, or a problem when the cluster is not registered or its credentials cannot be decrypted.</summary>
    public Outcome<ClusterConnection> Find(string name)
    {
        if (clusters.Access(name) is not { } registration)
        {
            _connections.TryRemove(name, out _);
            return PulsarProblems.UnknownCluster(name);
        }
        if (registration.IsUnreadable)
            return PulsarProblems.CredentialsUnreadable(name);
        return _connections.AddOrUpdate(
            name,
            _ => To(registration),
            (_, known) => ReferenceEquals(known.Registration, registration) ? known : To(registration)
        );
    }

    /// <summary>Does something on a cluster, or says why it cannot be reached.</summary>
    public async Task<Outcome<T>> OnAsync<T>(string cluster, Func<ClusterConnection, Task<Outcome<T>>> action) =>
        Find(cluster).TryGet(out var connection, out var problem) ? await action(connection) : problem;

    /// <summary>A connection that is not kept.</summary>
    public ClusterConnection To(ClusterRegistration registration) =>
        new(registration, _http, clock, logs.CreateLogger<ClusterConnection>());

    public void Dispose() => _http.Dispose();
}
