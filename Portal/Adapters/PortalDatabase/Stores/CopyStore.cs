using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class CopyStore(PortalDbContext context) : ICopyStore
{
    private DbSet<CopiedPartition> Partitions => context.Set<CopiedPartition>();

    public Task<CopySettings?> SettingsAsync(MigrationId migration, CancellationToken cancellationToken) =>
        context.Set<CopySettings>().SingleOrDefaultAsync(settings => settings.MigrationId == migration, cancellationToken);

    public Task<CopiedPartition?> FindAsync(CopyId id, CancellationToken cancellationToken) =>
        context.Set<CopiedPartition>().SingleOrDefaultAsync(partition => partition.Id == id, cancellationToken);

    public Task<PageOf<CopiedPartition>> ListAsync(
        MigrationId migration,
        string? sourceTopic,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var found = Partitions.Where(partition => partition.MigrationId == migration);
        // One topic's are in the order of their numbers; ids are made in that order.
        return sourceTopic is null
            ? found.PageAsync(
                page,
                "copied-partitions",
                partition => partition.SourceTopic,
                partition => partition.Id,
                newestFirst: false,
                cancellationToken
            )
            : found
                .Where(partition => partition.SourceTopic == sourceTopic)
                .PageAsync(
                    page,
                    "copied-partitions-of-topic",
                    partition => (long)partition.Number,
                    partition => partition.Id,
                    newestFirst: false,
                    cancellationToken
                );
    }

    public async Task<PageOf<CopiedTopic>> TopicsAsync(
        MigrationId migration,
        string? only,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        const string list = "copied-topics";
        var all = Partitions.Where(partition => partition.MigrationId == migration);
        if (only is not null)
            all = all.Where(partition => partition.SourceTopic == only);
        if (page.Search is { } search)
        {
            var needle = Keyset.Needle(search);
#pragma warning disable CA1304, CA1311, CA1862 // Runs in the database, where lower() knows a–z only.
            all = all.Where(partition => partition.SourceTopic.ToLower().Contains(needle));
#pragma warning restore CA1304, CA1311, CA1862
        }
        if (Cursor<string, Guid>.Of(list, page) is { Key: var after })
            all = all.Where(partition => string.Compare(partition.SourceTopic, after) > 0);
        var limit = Math.Clamp(page.Limit, 1, PageRequest.MaxLimit);
        var names = await all.Select(partition => partition.SourceTopic)
            .Distinct()
            .OrderBy(name => name)
            .Take(limit + 1)
            .ToListAsync(cancellationToken);
        var more = names.Count > limit;
        if (more)
            names.RemoveAt(limit);
        // Without the marks, which are long.
        var rows = await Partitions
            .Where(partition => partition.MigrationId == migration && names.Contains(partition.SourceTopic))
            .OrderBy(one => one.Number)
            .Select(one => new
            {
                one.Id,
                one.SourceTopic,
                one.Address,
                one.Number,
                one.State,
                one.Wish,
                one.FirstOffset,
                one.NextOffset,
                one.SourceEnd,
                one.Messages,
                one.Bytes,
                one.Skipped,
                one.RemarkJson,
                one.LastTimestamp,
                one.MessagesPerSecond,
                one.BytesPerSecond,
                one.ProblemMessage,
            })
            .ToListAsync(cancellationToken);
        var proofs = await context
            .Set<PartitionProof>()
            .Join(Partitions.Where(one => names.Contains(one.SourceTopic)), proof => proof.PartitionId, one => one.Id, (proof, _) => proof)
            .Where(proof => proof.MigrationId == migration)
            .Select(proof => new
            {
                proof.PartitionId,
                Line = new ProofLine(
                    proof.State,
                    proof.IsSampled,
                    proof.SourceCount,
                    proof.TargetCount,
                    proof.Differences,
                    proof.ProblemMessage,
                    proof.EndedAt
                ),
            })
            .ToDictionaryAsync(proof => proof.PartitionId, proof => proof.Line, cancellationToken);
        var topics = rows.GroupBy(row => row.SourceTopic)
            .ToDictionary(
                group => group.Key,
                group => new CopiedTopic(
                    group.Key,
                    group.First().Address,
                    [
                        .. group.Select(row => new CopyLine(
                            row.Number,
                            row.State,
                            row.Wish,
                            row.FirstOffset,
                            row.NextOffset,
                            row.SourceEnd,
                            row.Messages,
                            row.Bytes,
                            row.Skipped,
                            CopiedPartition.RemarksOf(row.RemarkJson),
                            row.LastTimestamp,
                            row.MessagesPerSecond,
                            row.BytesPerSecond,
                            row.ProblemMessage,
                            proofs.GetValueOrDefault(row.Id)
                        )),
                    ]
                )
            );
        return new(
            [.. names.Where(topics.ContainsKey).Select(name => topics[name])],
            more ? new Cursor<string, Guid>(names[^1], Guid.Empty).Encode(list) : null
        );
    }

    public async Task<IReadOnlyList<(int Number, PartitionProof Proof)>> DifferentAsync(
        MigrationId migration,
        string sourceTopic,
        int from,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var found = await Partitions
            .Where(one => one.MigrationId == migration && one.SourceTopic == sourceTopic && one.Number >= from)
            .Join(
                context.Set<PartitionProof>().Where(proof => proof.Differences > 0),
                one => one.Id,
                proof => proof.PartitionId,
                (one, proof) => new { one.Number, Proof = proof }
            )
            .OrderBy(one => one.Number)
            .Take(limit)
            .ToListAsync(cancellationToken);
        return found.ConvertAll(one => (one.Number, one.Proof));
    }

    public Task<int> CountWaitingAsync(MigrationId migration, CancellationToken cancellationToken) =>
        context
            .Set<MigrationTopic>()
            .CountAsync(
                topic =>
                    topic.MigrationId == migration
                    && topic.TargetPath != null
                    && !topic.IsBlocked
                    && !topic.IsAlike
                    && !Partitions.Any(one => one.MigrationId == migration && one.SourceTopic == topic.Name),
                cancellationToken
            );

    public Task<bool> IsTargetAsync(MigrationId migration, string sourceTopic, TopicId target, CancellationToken cancellationToken) =>
        Partitions.AnyAsync(
            one => one.MigrationId == migration && one.SourceTopic == sourceTopic && one.TopicId == target,
            cancellationToken
        );

    public Task<int> CountTargetsAsync(MigrationId migration, NamespaceId inside, CancellationToken cancellationToken) =>
        context.Topics.CountAsync(
            topic =>
                topic.NamespaceId == inside
                && topic.State != ResourceState.Deleted
                && Partitions.Any(one => one.MigrationId == migration && one.TopicId == topic.Id),
            cancellationToken
        );

    public async Task<IReadOnlyList<Scope>> PlacesAsync(MigrationId migration, CancellationToken cancellationToken)
    {
        var places = await Partitions
            .Where(one => one.MigrationId == migration)
            .Join(context.Topics, one => one.TopicId, topic => topic.Id, (_, topic) => new { topic.TenantName, topic.NamespaceName })
            .Distinct()
            .ToListAsync(cancellationToken);
        return [.. places.Select(place => new Scope(place.TenantName, place.NamespaceName))];
    }

    public Task<int> CountAsync(MigrationId migration, CancellationToken cancellationToken) =>
        context.Set<CopiedPartition>().CountAsync(partition => partition.MigrationId == migration, cancellationToken);

    public Task<bool> IsCopiedAsync(MigrationId migration, string sourceTopic, CancellationToken cancellationToken) =>
        context
            .Set<CopiedPartition>()
            .AnyAsync(partition => partition.MigrationId == migration && partition.SourceTopic == sourceTopic, cancellationToken);

    public async Task<CopySums> SumsAsync(MigrationId migration, CancellationToken cancellationToken) =>
        (await SumsAsync([migration], cancellationToken)).GetValueOrDefault(migration) ?? new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public async Task<IReadOnlyDictionary<MigrationId, CopySums>> SumsAsync(
        IReadOnlyCollection<MigrationId> migrations,
        CancellationToken cancellationToken
    )
    {
        var states = await context
            .Set<CopiedPartition>()
            .Where(partition => migrations.Contains(partition.MigrationId))
            .GroupBy(partition => new { partition.MigrationId, partition.State })
            .Select(group => new
            {
                group.Key,
                Count = group.Count(),
                Messages = group.Sum(one => one.Messages),
                Bytes = group.Sum(one => one.Bytes),
                Skipped = group.Sum(one => one.Skipped),
                Lag = group.Sum(one => one.SourceEnd - one.NextOffset),
            })
            .ToListAsync(cancellationToken);
        var proofs = await context
            .Set<PartitionProof>()
            .Where(proof => migrations.Contains(proof.MigrationId))
            .GroupBy(proof => new { proof.MigrationId, proof.State })
            .Select(group => new { group.Key, Count = group.Count() })
            .ToListAsync(cancellationToken);
        return states
            .GroupBy(one => one.Key.MigrationId)
            .ToDictionary(
                all => all.Key,
                all =>
                {
                    int In(CopyState state) => all.Where(one => one.Key.State == state).Sum(one => one.Count);
                    int Proofs(ProofState state) =>
                        proofs.Where(one => one.Key.MigrationId == all.Key && one.Key.State == state).Sum(one => one.Count);
                    return new CopySums(
                        all.Sum(one => one.Count),
                        In(CopyState.Following),
                        In(CopyState.Paused),
                        In(CopyState.Stopped),
                        In(CopyState.Failed),
                        all.Sum(one => one.Messages),
                        all.Sum(one => one.Bytes),
                        all.Sum(one => one.Skipped),
                        Math.Max(0, all.Sum(one => one.Lag)),
                        Proofs(ProofState.Equal),
                        Proofs(ProofState.Different)
                    );
                }
            );
    }

    public async Task<IReadOnlyDictionary<ProofState, int>> CountProofsAsync(MigrationId migration, CancellationToken cancellationToken) =>
        await context
            .Set<PartitionProof>()
            .Where(proof => proof.MigrationId == migration)
            .GroupBy(proof => proof.State)
            .Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(one => one.Key, one => one.Count, cancellationToken);

    public async Task<IReadOnlyDictionary<CopyId, PartitionProof>> ProofsAsync(
        IReadOnlyCollection<CopyId> partitions,
        CancellationToken cancellationToken
    ) =>
        await context
            .Set<PartitionProof>()
            .Where(proof => partitions.Contains(proof.PartitionId))
            .ToDictionaryAsync(proof => proof.PartitionId, cancellationToken);

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
