using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

/// <summary>On SQLite a write has the database to itself; on PostgreSQL the row is locked.</summary>
internal sealed class ClusterStore(PortalDbContext context, bool isSqlite) : IClusterStore
{
    private DbSet<RegisteredCluster> Clusters => context.Set<RegisteredCluster>();

    public async Task<IReadOnlyList<RegisteredCluster>> ListAsync(CancellationToken cancellationToken) =>
        await Clusters
            .Where(cluster => cluster.State != ClusterState.Removed)
            .OrderByDescending(cluster => cluster.IsFromSettings)
            .ThenBy(cluster => cluster.IsFromSettings ? cluster.Position : 0)
            .ThenBy(cluster => cluster.CreatedAt)
            .ThenBy(cluster => cluster.Name)
            .ToListAsync(cancellationToken);

    public Task<RegisteredCluster?> FindAsync(string name, CancellationToken cancellationToken) =>
        Clusters.SingleOrDefaultAsync(cluster => cluster.Name == name, cancellationToken);

    public async Task<RegisteredCluster?> FindToUseAsync(string name, CancellationToken cancellationToken)
    {
        if (!isSqlite)
            await context.Database.ExecuteSqlAsync($"SELECT 1 FROM clusters WHERE name = {name} FOR SHARE", cancellationToken);
        return await FindAsync(name, cancellationToken);
    }

    public async Task<RegisteredCluster?> FindToChangeAsync(string name, CancellationToken cancellationToken)
    {
        if (!isSqlite)
            await context.Database.ExecuteSqlAsync($"SELECT 1 FROM clusters WHERE name = {name} FOR UPDATE", cancellationToken);
        return await FindAsync(name, cancellationToken);
    }

    public Task<int> CountTenantsAsync(string name, CancellationToken cancellationToken) =>
        context.Tenants.CountAsync(tenant => tenant.Cluster == name && tenant.State != ResourceState.Deleted, cancellationToken);

    public void Add(RegisteredCluster cluster) => context.Add(cluster);
}
