using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>A proof in brief.</summary>
public sealed record ProofLine(
    ProofState State,
    bool IsSampled,
    long SourceCount,
    long TargetCount,
    long Differences,
    string? Problem,
    DateTimeOffset? EndedAt
);

/// <summary>A partition's copy in brief.</summary>
/// <param name="Remarks">What its owner should know; empty for most.</param>
/// <param name="Problem">Why it waits or has failed.</param>
public sealed record CopyLine(
    int Number,
    CopyState State,
    CopyWish Wish,
    long? FirstOffset,
    long NextOffset,
    long SourceEnd,
    long Messages,
    long Bytes,
    long Skipped,
    IReadOnlyList<CopyRemark> Remarks,
    long LastTimestamp,
    double? MessagesPerSecond,
    double? BytesPerSecond,
    string? Problem,
    ProofLine? Proof
)
{
    public long Done => NextOffset - (FirstOffset ?? NextOffset);

    /// <summary>Offsets between where the copy began and Kafka's end.</summary>
    public long Total => FirstOffset is { } first ? Math.Max(SourceEnd, NextOffset) - first : 0;

    public long Lag => Math.Max(0, SourceEnd - NextOffset);
}

/// <summary>How a topic's copy stands, all of its partitions together; the one in need of somebody decides.</summary>
public enum CopiedTopicState
{
    Failed,
    Stopping,
    Waiting,
    Copying,
    Paused,
    Following,
    Stopped,
}

/// <summary>All partitions of one topic of a copy.</summary>
/// <param name="Name">In Kafka.</param>
/// <param name="Address">In Pulsar.</param>
/// <param name="Partitions">At least one, by number.</param>
public sealed record CopiedTopic(string Name, string Address, IReadOnlyList<CopyLine> Partitions)
{
    public CopiedTopicState State =>
        Any(CopyState.Failed) ? CopiedTopicState.Failed
        : Partitions.Any(one => one.Wish == CopyWish.Stop && one.State != CopyState.Stopped) ? CopiedTopicState.Stopping
        : Partitions.Any(one => one is { State: CopyState.Copying, FirstOffset: null }) ? CopiedTopicState.Waiting
        : Any(CopyState.Copying) ? CopiedTopicState.Copying
        : Any(CopyState.Paused) ? CopiedTopicState.Paused
        : Any(CopyState.Following) ? CopiedTopicState.Following
        : CopiedTopicState.Stopped;

    public long Done => Partitions.Sum(one => one.Done);
    public long Total => Partitions.Sum(one => one.Total);
    public long Messages => Partitions.Sum(one => one.Messages);
    public long Bytes => Partitions.Sum(one => one.Bytes);
    public long Skipped => Partitions.Sum(one => one.Skipped);
    public long Lag => Partitions.Sum(one => one.Lag);
    public int Remarks => Partitions.Sum(one => one.Remarks.Count);

    /// <summary>Null while nothing is measured.</summary>
    public double? MessagesPerSecond =>
        Partitions.Sum(one => one.MessagesPerSecond) is var sum && Partitions.Any(one => one.MessagesPerSecond is not null) ? sum : null;

    /// <summary>As <see cref="MessagesPerSecond"/>.</summary>
    public double? BytesPerSecond =>
        Partitions.Sum(one => one.BytesPerSecond) is var sum && Partitions.Any(one => one.BytesPerSecond is not null) ? sum : null;

    /// <summary>The first of its partitions', with how many have one.</summary>
    public (string Text, int Partitions)? Problem =>
        Partitions.OrderBy(one => one.State != CopyState.Failed).FirstOrDefault(one => one.Problem is not null) is { Problem: { } text }
            ? (text, Partitions.Count(one => one.Problem is not null))
            : null;

    public bool CanPause => Partitions.Any(one => one is { State: CopyState.Copying or CopyState.Following, Wish: CopyWish.Copy });
    public bool CanResume => Partitions.Any(one => one is { State: CopyState.Paused or CopyState.Failed, Wish: not CopyWish.Stop });
    public bool CanStop => Partitions.Any(one => one.State != CopyState.Stopped && one.Wish != CopyWish.Stop);
    public bool CanProve => Partitions.Any(one => one.FirstOffset is not null);

    /// <summary>How old the last copied record is where more wait; null where nothing does.</summary>
    public TimeSpan? Behind(DateTimeOffset now)
    {
        var oldest = Partitions
            .Where(one => one is { Lag: > 0, LastTimestamp: > 0 })
            .Select(one => one.LastTimestamp)
            .DefaultIfEmpty(0)
            .Min();
        return oldest == 0 ? null
            : now - DateTimeOffset.FromUnixTimeMilliseconds(oldest) is { Ticks: > 0 } age ? age
            : TimeSpan.Zero;
    }

    private bool Any(CopyState state) => Partitions.Any(one => one.State == state);
}

/// <summary>A difference with its partition.</summary>
public sealed record PartitionDifference(int Partition, Difference Difference);

/// <summary>The topics of a copy by name, each with its partitions in brief.</summary>
public sealed class ListCopiedTopics(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<CopiedTopic>>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.copies", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<CopiedTopic>>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing
                    ? missing
                    : await session.Copies.TopicsAsync(id, null, page, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>One topic of a copy.</summary>
public sealed class GetCopiedTopic(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="topic">In Kafka.</param>
    public async Task<Outcome<CopiedTopic>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.copies", $"{id}/{topic}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<CopiedTopic>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing ? missing
                : (await session.Copies.TopicsAsync(id, topic, new(1), cancellationToken)).Items is [var found] ? found
                : CopyProblems.NotCopied(topic),
            cancellationToken
        );
    }
}

/// <summary>The differences that the newest proofs of a topic list, by partition and in the order they were found.</summary>
public sealed class ListCopyDifferences(AccessGuard guard, IPortalDatabase database)
{
    private const int PartitionsAtOnce = 10;

    /// <param name="topic">In Kafka.</param>
    public async Task<Outcome<PageOf<PartitionDifference>>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string topic,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.copies", $"{id}/{topic}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var (partition, index) = Place(page);
        return await database.ReadAsync<Outcome<PageOf<PartitionDifference>>>(
            async session =>
            {
                if ((await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing)
                    return missing;
                var found = new List<PartitionDifference>();
                while (
                    await session.Copies.DifferentAsync(id, topic, partition, PartitionsAtOnce, cancellationToken) is { Count: > 0 } proofs
                )
                {
                    foreach (var (number, proof) in proofs)
                    {
                        var listed = proof.Listed;
                        for (var at = number == partition ? index : 0; at < listed.Count; at++)
                        {
                            if (found.Count == page.Limit)
                                return new PageOf<PartitionDifference>(found, $"{number}.{at}");
                            found.Add(new(number, listed[at]));
                        }
                    }
                    (partition, index) = (proofs[^1].Number + 1, 0);
                }
                return new PageOf<PartitionDifference>(found, null);
            },
            cancellationToken
        );
    }

    /// <summary>Partition and index of the first one of the page.</summary>
    private static (int Partition, int Index) Place(PageRequest page)
    {
        if (page.After is null)
            return (0, 0);
        if (
            page.After.Split('.') is [var partition, var index]
            && int.TryParse(partition, out var number)
            && int.TryParse(index, out var at)
            && number >= 0
            && at >= 0
        )
            return (number, at);
        return page.Lenient ? (0, 0) : throw new CursorUnknownException();
    }
}
