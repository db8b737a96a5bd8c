using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Creates a group's subscription in every topic that it reads, at the group's positions.</summary>
public sealed record SubscribeGroupWork(MigrationId Migration, string Group) : IWorkPayload
{
    public static string Kind => "migration.subscribe";
}

public static class SubscribePlaces
{
    /// <summary>A line of its own for each group.</summary>
    public static WorkPlace SubscribePlace(this MovedGroup group, KafkaMigration migration) =>
        new(
            Lanes.Copy(migration.Cluster),
            $"subscribe:{migration.Id}:{group.Name}",
            migration.OrganizationId,
            $"subscription of {group.Name}",
            WorkPriority.Waiting
        );
}

/// <summary>
/// One topic at a step. Before a subscription is created it is noted that it will be, so that after a crash the one that is
/// there is known to be the portal's own; a subscription that somebody else made is refused, and one that clients use is
/// left where it is.
/// </summary>
public sealed class SubscribeGroup(
    IPortalDatabase database,
    IKafkaCluster kafka,
    ISecretSeal seal,
    IPulsarPartitions pulsar,
    ITopicAdmin topics,
    ISubscriptionAdmin subscriptions,
    ISubscriptionProgress progress,
    TimeProvider clock
) : IWorkStep<SubscribeGroupWork>
{
    private const char Mark = '|';
    private const string Making = "make";

    /// <summary>What one position may take; then the mark before it has to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>What all positions of a topic may take together: with a hundred partitions, too, the step ends in its time.</summary>
    private static readonly TimeSpan PatienceOfTopic = TimeSpan.FromSeconds(15);

    public async Task<StepResult> RunAsync(SubscribeGroupWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (migration, group, plan, suspended) = await database.ReadAsync(
            async session =>
            {
                var found = await session.Migrations.FindAsync(payload.Migration, cancellationToken);
                var owner = found is null ? null : await session.Organizations.FindAsync(found.OrganizationId, cancellationToken);
                return (
                    found,
                    await session.Moves.FindGroupAsync(payload.Migration, payload.Group, cancellationToken),
                    found is null ? null : await session.PlanOfAsync(found.OrganizationId, cancellationToken),
                    owner is not { State: OrganizationState.Active }
                );
            },
            cancellationToken
        );
        if (migration is null || group is null || plan is null)
            return StepResult.Finished;
        if (suspended)
            return new StepResult.Later(CopyProblems.Suspended, TimeSpan.FromMinutes(1));
        if (SealedConnection.Open(seal, migration) is not { } connection)
            return new StepResult.Refused(SealedConnection.Gone);
        if (!(await kafka.OpenAsync(connection, cancellationToken)).TryGet(out var look, out var problem))
            return StepResult.Of(problem);
        GroupCommits commits;
        await using (look)
        {
            if (!(await look.CommitsAsync(group.Name, cancellationToken)).TryGet(out commits!, out problem))
                return StepResult.Of(problem);
        }
        var at = clock.Now();
        var (making, after, taken) = Read(turn.Checkpoint);
        var read = commits.Offsets.Keys.Select(one => one.Topic).Concat(group.Further).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var name in read.Where(name => after is null || string.CompareOrdinal(name, after) > 0 || (making && name == after)))
        {
            var partitions = await PartitionsAsync(migration.Id, name, cancellationToken);
            if (partitions is null)
                continue;
            return await TopicAsync(group, plan, partitions, commits, making && name == after, taken, at, cancellationToken);
        }
        var known = await database.ReadAsync(
            session => session.Moves.TopicsOfGroupAsync(migration.Id, group.Name, cancellationToken),
            cancellationToken
        );
        if (known.Count == 0)
            return new StepResult.Refused(NothingToRead(group.Name));
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Moves.FindGroupAsync(migration.Id, group.Name, token) is { } now)
                    now.Placed(taken, at);
            }
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        SubscribeGroupWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Moves.FindGroupAsync(payload.Migration, payload.Group, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        SubscribeGroupWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Moves.FindGroupAsync(payload.Migration, payload.Group, cancellationToken))?.Fail(problem);

    private async Task<StepResult> TopicAsync(
        MovedGroup group,
        EffectivePlan plan,
        IReadOnlyList<CopyView> partitions,
        GroupCommits commits,
        bool making,
        bool taken,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var first = partitions[0];
        var source = first.Partition!.SourceTopic;
        if (partitions.FirstOrDefault(one => one.Target is null) is not null)
            return new StepResult.Refused(CopyProblems.TargetMissing(first.Partition.Address));
        if (partitions.Any(one => one.IsEarly))
            return new StepResult.Later(CopyProblems.TargetNotReady(first.Partition.Address), TimeSpan.FromSeconds(1));
        var topic = first.Target!.Topic;
        if (!SubscriptionName.Create(group.Subscription).TryGet(out var name, out var problem))
            return new StepResult.Refused(problem);
        var known = await database.ReadAsync(
            session => session.Moves.PositionsOfTopicAsync(group.MigrationId, group.Name, source, cancellationToken),
            cancellationToken
        );
        if (!(await progress.LookAsync(topic, name, marks: known.Count > 0, cancellationToken)).TryGet(out var there, out problem))
            return StepResult.Of(problem);
        if (there is not null && known.Count == 0 && !making)
            return new StepResult.Refused(Foreign(topic.FullName, name));
        if (there is not null && IsUsed(there, known))
            return Next(source, taken: true);
        if (there is null)
        {
            if (!(await topics.StatsAsync(topic, cancellationToken)).TryGet(out var stats, out problem))
                return StepResult.Of(problem);
            var used = stats.Subscriptions.Count(one => one.Durable);
            if (plan.RefuseOneMore(LimitKind.SubscriptionsPerTopic, "subscriptions-limit", "subscription", "on a topic", used) is { } over)
                return new StepResult.Refused(over);
            if (!making)
                return new StepResult.GoOn($"{Making}{Mark}{(taken ? 1 : 0)}{Mark}{source}");
        }
        // Every partition begins with all that it holds, until it is at its place: what ends in between gives too much, never too little.
        if ((await topics.CreateSubscriptionAsync(topic, name, fromEarliest: true, cancellationToken)).Problem is { } unmade)
            return StepResult.Of(unmade);
        var placed = new List<(CopiedPartition Partition, long? Committed, FoundPosition Found)>();
        var all = clock.GetTimestamp();
        foreach (var view in partitions)
        {
            var (partition, began) = (view.Partition!, clock.GetTimestamp());
            long? committed = commits.Offsets.TryGetValue(partition.Source, out var offset) ? offset : null;
            var asked = await PositionFinder.FindAsync(
                pulsar,
                view.Target!,
                partition,
                committed,
                group.Start,
                () => clock.GetElapsedTime(began) > Patience || clock.GetElapsedTime(all) > PatienceOfTopic,
                cancellationToken
            );
            if (!asked.TryGet(out var found, out problem))
                return StepResult.Of(problem);
            if (found.Place is { Batch: > 0 })
            {
                if (!(await progress.KeepsPlacesInBatchesAsync(topic.Cluster, cancellationToken)).TryGet(out var keeps, out problem))
                    return StepResult.Of(problem);
                found = keeps ? found : found.AtItsBatch();
            }
            var moved = found.Place switch
            {
                null => await subscriptions.RewindAsync(
                    topic,
                    name,
                    new MessagePlace(new(-1, -1, -1), view.Target!.Partition),
                    cancellationToken
                ),
                { After: true } place => await subscriptions.RewindBehindAsync(topic, name, Of(place, view), cancellationToken),
                { } place => await subscriptions.RewindAsync(topic, name, Of(place, view), cancellationToken),
            };
            if (moved.Problem is { } stays)
                return StepResult.Of(stays);
            placed.Add((partition, committed, found));
        }
        return Next(
            source,
            taken,
            async (session, token) =>
            {
                var rows = (await session.Moves.PositionsOfTopicAsync(group.MigrationId, group.Name, source, token)).ToDictionary(row =>
                    row.PartitionId
                );
                foreach (var (partition, committed, found) in placed)
                {
                    if (!rows.TryGetValue(partition.Id, out var row))
                        session.Moves.Add(row = new GroupPosition(group, partition));
                    row.Set(committed, found, at);
                }
            }
        );

        static MessagePlace Of(CursorPlace place, CopyView view) =>
            new(new(place.Ledger, place.Entry, place.Batch), view.Target!.Partition);
    }

    /// <summary>
    /// Clients are connected, have taken messages, or have acknowledged some of those behind where the portal had put it.
    /// </summary>
    internal static bool IsUsed(SubscriptionProgress there, IReadOnlyList<GroupPosition> known)
    {
        if (there.Consumers > 0 || there.HasDelivered || there.AcknowledgedAt is not null)
            return true;
        foreach (var mark in there.Marks)
        {
            if (mark.HasHoles)
                return true;
            if (
                known.FirstOrDefault(one => one.Number == (mark.Partition ?? 0)) is { Place: { } place }
                && place.IsPassedBy(mark.Ledger, mark.Entry)
            )
                return true;
        }
        return false;
    }

    private async Task<IReadOnlyList<CopyView>?> PartitionsAsync(
        MigrationId migration,
        string source,
        CancellationToken cancellationToken
    ) =>
        await database.ReadAsync(
            async session =>
            {
                var views = new List<CopyView>();
                await foreach (
                    var partition in PageWalk.AllAsync(
                        page => session.Copies.ListAsync(migration, source, page, cancellationToken),
                        cancellationToken
                    )
                )
                    if (await CopyView.ReadAsync(session, partition.Id, cancellationToken) is { } view)
                        views.Add(view);
                return views.Count == 0 ? null : views;
            },
            cancellationToken
        );

    private static StepResult.GoOn Next(string source, bool taken, Settle? settle = null) =>
        new($"done{Mark}{(taken ? 1 : 0)}{Mark}{source}", default, settle);

    private static (bool Making, string? After, bool Taken) Read(string? checkpoint) =>
        checkpoint?.Split(Mark, 3) is [var phase, var taken, var topic] ? (phase == Making, topic, taken == "1") : (false, null, false);

    private static Problem.Conflict Foreign(string topic, SubscriptionName name) =>
        new(
            "subscription-exists",
            $"{topic} already has a subscription named '{name}' that this migration didn't create. "
                + "Choose another name, or delete that subscription.",
            "subscription"
        );

    private static Problem.Conflict NothingToRead(string group) =>
        new(
            "group-reads-nothing",
            $"The group {group} has no committed offset in a topic that is being copied. "
                + "Start the copy of its topics, or name the topics that it reads.",
            "topics"
        );
}
