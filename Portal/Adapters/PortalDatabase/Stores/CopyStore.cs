using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class CopyStore(PortalDbContext context) : ICopyStore
{
    public Task<CopySettings?> SettingsAsync(MigrationId migration, CancellationToken cancellationToken) =>
        context.Set<CopySettings>().SingleOrDefaultAsync(settings => settings.MigrationId == migration, cancellationToken);

    public Task<CopiedPartition?> FindAsync(CopyId id, CancellationToken cancellationToken) =>
        context.Set<CopiedPartition>().SingleOrDefaultAsync(partition => partition.Id == id, cancellationToken);

    public Task<PageOf<CopiedPartition>> ListAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken) =>
        context.Set<CopiedPartition>().Where(partition => partition.MigrationId == migration)
            .PageAsync(page, "copied-partitions", partition => partition.SourceTopic, partition => partition.Id, newestFirst: false, cancellationToken);

    public Task<PartitionProof?> ProofAsync(CopyId partition, CancellationToken cancellationToken) =>
        context.Set<PartitionProof>().SingleOrDefaultAsync(proof => proof.PartitionId == partition, cancellationToken);

    public void Add(CopySettings settings) => context.Add(settings);

    public void Add(CopiedPartition partition) => context.Add(partition);

    public void Add(PartitionProof proof) => context.Add(proof);
}
