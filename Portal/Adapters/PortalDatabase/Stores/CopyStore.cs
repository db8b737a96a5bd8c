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

    public Task<int> CountAsync(MigrationId migration, CancellationToken cancellationToken) =>
        context.Set<CopiedPartition>().CountAsync(partition => partition.MigrationId == migration, cancellationToken);

    public Task<bool> IsCopiedAsync(MigrationId migration, string sourceTopic, CancellationToken cancellationToken) =>
        context.Set<CopiedPartition>().AnyAsync(partition => partition.MigrationId == migration && partition.SourceTopic == sourceTopic, cancellationToken);

    public async Task<CopySums> SumsAsync(MigrationId migration, CancellationToken cancellationToken)
    {
        var states = await context.Set<CopiedPartition>().Where(partition => partition.MigrationId == migration)
            .GroupBy(partition => partition.State)
            .Select(group => new
            {
                group.Key, Count = group.Count(), Messages = group.Sum(one => one.Messages), Bytes = group.Sum(one => one.Bytes), Skipped = group.Sum(one => one.Skipped),
                Lag = group.Sum(one => one.SourceEnd - one.NextOffset),
            })
            .ToListAsync(cancellationToken);
        var proofs = await context.Set<PartitionProof>().Where(proof => proof.MigrationId == migration)
            .GroupBy(proof => proof.State).Select(group => new { group.Key, Count = group.Count() }).ToListAsync(cancellationToken);
        int In(CopyState state) => states.Where(one => one.Key == state).Sum(one => one.Count);
        int Proofs(ProofState state) => proofs.Where(one => one.Key == state).Sum(one => one.Count);
        return new(
            states.Sum(one => one.Count), In(CopyState.Following), In(CopyState.Paused), In(CopyState.Stopped), In(CopyState.Failed), states.Sum(one => one.Messages),
            states.Sum(one => one.Bytes), states.Sum(one => one.Skipped), Math.Max(0, states.Sum(one => one.Lag)), Proofs(ProofState.Equal), Proofs(ProofState.Different));
    }

    public async Task<IReadOnlyDictionary<CopyId, PartitionProof>> ProofsAsync(IReadOnlyCollection<CopyId> partitions, CancellationToken cancellationToken) =>
        await context.Set<PartitionProof>().Where(proof => partitions.Contains(proof.PartitionId)).ToDictionaryAsync(proof => proof.PartitionId, cancellationToken);

    public async Task RemoveAsync(MigrationId migration, CancellationToken cancellationToken)
    {
        await context.Set<PartitionProof>().Where(proof => proof.MigrationId == migration).ExecuteDeleteAsync(cancellationToken);
        await context.Set<CopiedPartition>().Where(partition => partition.MigrationId == migration).ExecuteDeleteAsync(cancellationToken);
        await context.Set<CopySettings>().Where(settings => settings.MigrationId == migration).ExecuteDeleteAsync(cancellationToken);
    }

    public Task<PartitionProof?> ProofAsync(CopyId partition, CancellationToken cancellationToken) =>
        context.Set<PartitionProof>().SingleOrDefaultAsync(proof => proof.PartitionId == partition, cancellationToken);

    public void Add(CopySettings settings) => context.Add(settings);

    public void Add(CopiedPartition partition) => context.Add(partition);

    public void Add(PartitionProof proof) => context.Add(proof);
}
