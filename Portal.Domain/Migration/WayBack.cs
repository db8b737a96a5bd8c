using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>What of a topic is in Pulsar alone.</summary>
/// <param name="Messages">Sent by others than the copy; estimated from a sample unless <paramref name="IsExact"/>.</param>
/// <param name="MayWrite">Whether the Kafka user may write to the topic; null where brokers do not say.</param>
/// <param name="Returned">Messages that were copied back so far.</param>
/// <param name="State">Of the partition that decides; null before it is asked for.</param>
/// <param name="Unreadable">Of the messages that were read for the count: those that can't go back, since their producers encrypt them,
/// say.</param>
/// <param name="LeftOut">Messages that were left out so far.</param>
public sealed record WayBackTopic(
    string Source,
    string Address,
    int Partitions,
    long Messages,
    bool IsExact,
    bool? MayWrite,
    string? Commands,
    long Returned,
    BackState? State,
    string? Problem,
    long Unreadable,
    long LeftOut
);

/// <summary>Says what a way back would bring to Kafka: topics in pages, each counted by reading a sample. It writes nothing.</summary>
public sealed class PreviewWayBack(
    AccessGuard guard,
    IPortalDatabase database,
    ISecretSeal seal,
    IPulsarPartitions pulsar,
    ISubscriptionAdmin subscriptions,
    IKafkaBack kafka,
    TimeProvider clock
)
{
    /// <summary>Of one page: each of them is looked into.</summary>
    public const int MostTopics = 10;

    private const int SampledEntries = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    public async Task<Outcome<PageOf<WayBackTopic>>> RunAsync(
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
            new Operation(Permission.ViewResources, "migration.back.view", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var read = await database.ReadAsync<Outcome<(KafkaMigration Migration, PageOf<CopiedTopic> Topics)>>(
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var found, out var missing))
                    return missing;
                return (
                    found,
                    await session.Copies.TopicsAsync(id, null, page with { Limit = Math.Min(page.Limit, MostTopics) }, cancellationToken)
                );
            },
            cancellationToken
        );
        if (!read.TryGet(out var asked, out problem))
            return problem;
        if (asked.Migration.CutOver != CutOverStage.Done)
            return WayBackProblems.NotCutOver;
        var connection = SealedConnection.Open(seal, asked.Migration);
        var topics = new List<WayBackTopic>();
        foreach (var topic in asked.Topics.Items)
        {
            if (!(await TopicAsync(asked.Migration, connection, topic, cancellationToken)).TryGet(out var counted, out problem))
                return problem;
            topics.Add(counted);
        }
        return new PageOf<WayBackTopic>(topics, asked.Topics.Next);
    }

    private async Task<Outcome<WayBackTopic>> TopicAsync(
        KafkaMigration migration,
        KafkaConnection? connection,
        CopiedTopic topic,
        CancellationToken cancellationToken
    )
    {
        var (views, proofs, rows) = await database.ReadAsync(
            async session =>
            {
                var partitions = new List<CopyView>();
                await foreach (
                    var partition in PageWalk.AllAsync(
                        at => session.Copies.ListAsync(migration.Id, topic.Name, at, cancellationToken),
                        cancellationToken
                    )
                )
                    if (await CopyView.ReadAsync(session, partition.Id, cancellationToken) is { } view)
                        partitions.Add(view);
                return (
                    partitions,
                    await session.Copies.ProofsAsync([.. partitions.Select(one => one.Partition!.Id)], cancellationToken),
                    await session.WaysBack.OfTopicAsync(migration.Id, topic.Name, cancellationToken)
                );
            },
            cancellationToken
        );
        var (messages, exact, unreadable) = (0L, true, 0L);
        foreach (var view in views.Where(view => view.Target is not null))
        {
            var row = rows.FirstOrDefault(one => one.PartitionId == view.Partition!.Id);
            var after = row is null ? WayBackStart.Of(view.Partition!, proofs.GetValueOrDefault(view.Partition!.Id)) : row.Position;
            if (!(await CountAsync(view, after, cancellationToken)).TryGet(out var count, out var problem))
                return problem;
            (messages, exact, unreadable) = (messages + count.Messages, exact && count.IsExact, unreadable + count.Unreadable);
        }
        bool? may = null;
        if (
            connection is not null
            && messages > 0
            && (await kafka.MayWriteAsync(connection, topic.Name, cancellationToken)).TryGet(out var allowed, out _)
        )
            may = allowed;
        var worst =
            rows.FirstOrDefault(row => row.State == BackState.Failed)
            ?? rows.FirstOrDefault(row => row.State == BackState.Copying)
            ?? (rows.Count > 0 ? rows[0] : null);
        return new WayBackTopic(
            topic.Name,
            topic.Address,
            topic.Partitions.Count,
            messages,
            exact,
            may,
            may == false ? KafkaAccess.WriteCommand(connection!.BootstrapServers, connection.User, topic.Name) : null,
            rows.Sum(row => row.Messages),
            worst?.State,
            worst?.ProblemMessage,
            unreadable,
            rows.Sum(row => row.LeftOut)
        );
    }

    /// <summary>Reads a part and takes the rest as being like it.</summary>
    private async Task<Outcome<(long Messages, bool IsExact, long Unreadable)>> CountAsync(
        CopyView view,
        MessagePosition? after,
        CancellationToken cancellationToken
    )
    {
        if (!(await pulsar.ReaderAsync(view.Target!, after, cancellationToken)).TryGet(out var reader, out var problem))
            return problem;
        await using var closing = reader;
        if (!(await reader.LastAsync(cancellationToken)).TryGet(out var last, out problem))
            return problem;
        var (began, entries, theirs, unreadable) = (clock.GetTimestamp(), 0, 0L, 0L);
        while (last is { } end && !PulsarReading.Reached(reader.Position ?? after, end))
        {
            if (entries >= SampledEntries || clock.GetElapsedTime(began) > Patience)
                return await EstimateAsync();
            if (!(await reader.NextAsync(Wait, cancellationToken)).TryGet(out var records, out problem))
                return PulsarReading.IsSilence(problem) ? await EstimateAsync() : problem;
            if (records is null)
                break;
            entries++;
            theirs += records.Count(record => record.Producer != view.Partition!.Producer);
            unreadable += records.Count(record => record.Producer != view.Partition!.Producer && record.Obstacle != ReadObstacle.None);
        }
        return (theirs, true, unreadable);

        // Where nothing came yet, each entry counts as one message of theirs.
        async Task<(long, bool, long)> EstimateAsync()
        {
            // Nothing came of a topic that is read from its beginning: as many as its last ledger holds, at least.
            if ((reader.Position ?? after) is not { } here)
                return (last!.Value.Entry + 1, false, unreadable);
            var place = new MessagePlace(new(here.Ledger, here.Entry, -1), view.Target!.Partition);
            var left = (await subscriptions.CountFromAsync(view.Target.Topic, place, cancellationToken)).TryGet(out var rest, out _)
                ? Math.Max(0, rest.Entries - 1)
                : 0;
            return (theirs + (entries == 0 ? left : theirs * left / entries), false, unreadable);
        }
    }
}

/// <summary>
/// Copies what only Pulsar has to Kafka: the one write to a customer's Kafka cluster. Each topic is named; a partition that
/// was copied back before goes on from there.
/// </summary>
public sealed class StartWayBack(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="topics">In Kafka, 1 to <see cref="PreviewWayBack.MostTopics"/>.</param>
    /// <returns>How many partitions are on their way.</returns>
    /// <param name="leaveOut">What can't be read (encrypted by its producer, say) is left out and listed; else it ends the partition's way
    /// back.</param>
    public async Task<Outcome<int>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        IReadOnlyList<string>? topics,
        bool leaveOut,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.back.start",
            $"{id}",
            new Dictionary<string, string>
            {
                ["topics"] = string.Join(", ", (topics ?? []).Take(PreviewWayBack.MostTopics).Select(Operation.Brief)),
                ["unreadable messages left out"] = leaveOut ? "yes" : "no",
            },
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (topics is not { Count: > 0 and <= PreviewWayBack.MostTopics })
            return new Problem.Invalid("way-back-topics", $"Name 1 to {PreviewWayBack.MostTopics} topics to copy back to Kafka.", "topics");
        return await database.WriteAsync<int>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (migration.FinishedAt is not null)
                    return MigrationAccess.Over;
                if (migration.SealedConnection is null)
                    return SealedConnection.Gone;
                // While the copy follows, it would bring back to Pulsar what is written to Kafka here.
                if (migration.CutOver != CutOverStage.Done)
                    return WayBackProblems.NotCutOver;
                var begun = 0;
                foreach (var topic in topics.Distinct(StringComparer.Ordinal))
                {
                    if (!await session.Copies.IsCopiedAsync(id, topic, cancellationToken))
                        return CopyProblems.NotCopied(Operation.Brief(topic));
                    await foreach (
                        var partition in PageWalk.AllAsync(
                            page => session.Copies.ListAsync(id, topic, page, cancellationToken),
                            cancellationToken
                        )
                    )
                    {
                        if (await session.WaysBack.FindAsync(partition.Id, cancellationToken) is { } there)
                            there.Again(leaveOut, clock.Now());
                        else
                            session.WaysBack.Add(
                                new BackPartition(
                                    partition,
                                    WayBackStart.Of(partition, await session.Copies.ProofAsync(partition.Id, cancellationToken)),
                                    leaveOut,
                                    clock.Now()
                                )
                            );
                        begun++;
                        if (await session.Work.FindOpenAsync(partition.BackPlace().Line, BackWork.Kind, cancellationToken) is { } open)
                            open.TryNow(clock.Now());
                        else
                            session.Work.Add(clock, new BackWork(partition.Id), partition.BackPlace());
                    }
                }
                return begun;
            },
            cancellationToken
        );
    }
}

/// <summary>How the partitions of a way back stand, by topic and number.</summary>
public sealed class ListWaysBack(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<BackPartition>>> RunAsync(
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
            new Operation(Permission.ViewResources, "migration.back.view", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<BackPartition>>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing
                    ? missing
                    : await session.WaysBack.ListAsync(id, page, cancellationToken),
            cancellationToken
        );
    }
}

internal static class WayBackStart
{
    /// <summary>
    /// Behind the last copied message, where the last proof read all of the partition and met nobody else's message before
    /// it. Producers that moved early wrote between copied messages: then everything since the copy began is looked at.
    /// </summary>
    internal static MessagePosition? Of(CopiedPartition partition, PartitionProof? proof)
    {
        if (proof is { State: ProofState.Equal, IsSampled: false, ForeignCount: 0 } && partition.Position is { } end)
            return end;
        return partition is { BeganLedger: { } ledger, BeganEntry: { } entry } ? new(ledger, entry, -1) : null;
    }
}

internal static class WayBackProblems
{
    internal static readonly Problem.Conflict NotCutOver = new(
        "way-back-not-cut-over",
        "The copy still follows Kafka, so nothing has to be brought back yet. "
            + "After the cut-over you can copy back what was written only to Pulsar."
    );

    internal static readonly Problem.Conflict UnderWay = new(
        "way-back-under-way",
        "Messages are still being copied back to Kafka. Wait until that is done."
    );
}
