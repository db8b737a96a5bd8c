using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>
/// The registered clusters as this replica knows them, held in memory: they are asked for with every message and every
/// poll. Read again at every change; a cluster that did not change stays the same instance, so that who keeps
/// connections to it sees when to make new ones.
/// </summary>
public sealed class ClusterDirectory(IPortalDatabase database, ISecretSeal seal) : IClusterCatalog, IClusterAccess, IDisposable
{
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile IReadOnlyList<Known> _entries = [];

    public IReadOnlyList<Cluster> All => [.. _entries.Select(entry => entry.Cluster)];

    public Cluster? Find(string name) => Entry(name)?.Cluster;

    public ClusterRegistration? Access(string name) => Entry(name)?.Registration;

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // In turns: an older reading must not replace a newer one.
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var rows = await database.ReadAsync(session => session.Clusters.ListAsync(cancellationToken), cancellationToken);
            _entries = [.. rows.Select(row => new Known(row.ToCluster(), Same(row) ?? row.Open(seal), Mark(row)))];
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private Known? Entry(string name) => _entries.FirstOrDefault(entry => entry.Cluster.Name == name);

    private ClusterRegistration? Same(RegisteredCluster row) =>
        Entry(row.Name) is { } entry && entry.Mark == Mark(row) ? entry.Registration : null;

    /// <summary>Sealing the same secret again gives another text, so equal texts are equal secrets.</summary>
    private static string Mark(RegisteredCluster row) =>
        string.Join(
            '\n',
            row.AdminUrls,
            row.BrokerUrl,
            row.WebSocketUrl,
            row.SealedAdminToken,
            row.SealedTokenPrivateKey,
            row.IsStandIn,
            row.Region
        );

    private sealed record Known(Cluster Cluster, ClusterRegistration Registration, string Mark);
}
