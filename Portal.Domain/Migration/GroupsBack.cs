using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>How the way back of a group's positions stands.</summary>
public enum GroupBackState
{
    None,
    Wanted,
    Done,
    Failed,
}

/// <summary>
/// Sets consumer groups in Kafka to where their subscriptions stand in Pulsar, so that an application that goes back reads
/// on. It writes to a customer's Kafka, to groups without members only.
/// </summary>
public sealed class StartGroupsBack(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <summary>Of one request.</summary>
    public const int MostGroups = 100;

    /// <param name="groups">In Kafka, 1 to <see cref="MostGroups"/>.</param>
    /// <returns>How many groups are on their way.</returns>
    public async Task<Outcome<int>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        IReadOnlyList<string>? groups,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.groups.back",
            $"{id}",
            new Dictionary<string, string> { ["groups"] = string.Join(", ", (groups ?? []).Take(20).Select(Operation.Brief)) },
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (groups is not { Count: > 0 and <= MostGroups })
            return new Problem.Invalid("groups-back-count", $"Name 1 to {MostGroups} consumer groups to set in Kafka.", "groups");
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
                if (migration.CutOver != CutOverStage.Done)
                    return WayBackProblems.NotCutOver;
                // What isn't in Kafka yet would lie before a position that is set now, and nobody would read it.
                if (await session.WaysBack.CountOpenAsync(id, cancellationToken) > 0)
                    return WayBackProblems.UnderWay;
                var begun = 0;
                foreach (var name in groups.Distinct(StringComparer.Ordinal))
                {
                    if (await session.Moves.FindGroupAsync(id, name, cancellationToken) is not { PositionedAt: not null } group)
                        return GroupBackProblems.NotMoved(Operation.Brief(name));
                    group.WantBack(clock.Now());
                    var place = group.BackPlace(migration);
                    if (await session.Work.FindOpenAsync(place.Line, GroupBackWork.Kind, cancellationToken) is { } open)
                        open.TryNow(clock.Now());
                    else
                        session.Work.Add(clock, new GroupBackWork(id, name), place);
                    begun++;
                }
                return begun;
            },
            cancellationToken
        );
    }
}

/// <summary>Sets one group in Kafka to where its subscription stands.</summary>
public sealed record GroupBackWork(MigrationId Migration, string Group) : IWorkPayload
{
    public static string Kind => "migration.group-back";
}

public static class GroupBackPlaces
{
    /// <summary>A line of its own for each group.</summary>
    public static WorkPlace BackPlace(this MovedGroup group, KafkaMigration migration) =>
        new(
            Lanes.Copy(migration.Cluster),
            $"group-back:{migration.Id}:{group.Name}",
            migration.OrganizationId,
            $"positions of {group.Name} in Kafka",
            WorkPriority.Waiting
        );
}

/// <summary>
/// One topic at a step: where the subscription stands is translated partition by partition and committed. Doing it again does
/// no harm: the subscription still stands there, and Kafka refuses it once somebody reads with the group.
/// </summary>
public sealed class GroupBackSteps(
    IPortalDatabase database,
    ISecretSeal seal,
    IKafkaCluster kafka,
    IKafkaPartitions records,
    IKafkaBack back,
    IPulsarPartitions pulsar,
    ISubscriptionProgress progress,
    TimeProvider clock
) : IWorkStep<GroupBackWork>
{
    /// <summary>What all partitions of a topic may take together; then the marks have to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<StepResult> RunAsync(GroupBackWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (migration, group, topics) = await database.ReadAsync(
            async session =>
                (
                    await session.Migrations.FindAsync(payload.Migration, cancellationToken),
                    await session.Moves.FindGroupAsync(payload.Migration, payload.Group, cancellationToken),
                    await session.Moves.TopicsOfGroupAsync(payload.Migration, payload.Group, cancellationToken)
                ),
            cancellationToken
        );
        if (migration is null || group is not { Back: GroupBackState.Wanted })
            return StepResult.Finished;
        if (SealedConnection.Open(seal, migration) is not { } connection)
            return new StepResult.Refused(SealedConnection.Gone);
        var source = topics
            .Order(StringComparer.Ordinal)
            .FirstOrDefault(topic => turn.Checkpoint is not { } after || string.CompareOrdinal(topic, after) > 0);
        if (source is null)
        {
            return new StepResult.Done(
                async (session, token) =>
                    (await session.Moves.FindGroupAsync(payload.Migration, payload.Group, token))?.CameBack(clock.Now())
            );
        }
        if (await MembersAsync(connection, group, cancellationToken) is { } inUse)
            return StepResult.Of(inUse);
        var views = await ViewsAsync(migration.Id, source, cancellationToken);
        if (views.Count == 0 || views[0].Target is not { Topic: var topic })
            return new StepResult.Refused(CopyProblems.TargetMissing(views.Count == 0 ? source : views[0].Partition!.Address));
        if (!SubscriptionName.Create(group.Subscription).TryGet(out var name, out var problem))
            return new StepResult.Refused(problem);
        if (!(await progress.LookAsync(topic, name, marks: true, cancellationToken)).TryGet(out var there, out problem))
            return StepResult.Of(problem);
        if (there is null)
            return new StepResult.Refused(GroupBackProblems.NoSubscription(topic.FullName, name.Value));
        if (there.Consumers > 0)
            return new StepResult.Refused(GroupBackProblems.StillReads(group.Name, name.Value));
        var known = await database.ReadAsync(
            session => session.Moves.PositionsOfTopicAsync(payload.Migration, payload.Group, source, cancellationToken),
            cancellationToken
        );
        var (began, found) = (clock.GetTimestamp(), new Dictionary<KafkaPartition, KafkaPosition>());
        foreach (var view in views)
        {
            var mark = there
                .Marks.Where(one => (one.Partition ?? 0) == view.Partition!.Number)
                .Select(one => (CursorMark?)one)
                .FirstOrDefault();
            var asked = await KafkaPositionFinder.FindAsync(
                pulsar,
                records,
                connection,
                view.Target!,
                view.Partition!,
                mark,
                () => clock.GetElapsedTime(began) > Patience,
                cancellationToken
            );
            if (!asked.TryGet(out var position, out problem))
                return StepResult.Of(problem);
            // What the group had read in Kafka before it moved stays read. A batch that it stands within counts as unread in Pulsar.
            var committed = known.FirstOrDefault(one => one.Number == view.Partition!.Number)?.Committed ?? 0;
            found[view.Partition!.Source] = position with { Offset = Math.Max(position.Offset, committed) };
        }
        if (
            (
                await back.CommitAsync(
                    connection,
                    group.Name,
                    found.ToDictionary(one => one.Key, one => one.Value.Offset),
                    cancellationToken
                )
            ).Problem is
            { } refused
        )
            return StepResult.Of(refused);
        return new StepResult.GoOn(
            source,
            default,
            async (session, token) =>
            {
                foreach (var row in await session.Moves.PositionsOfTopicAsync(payload.Migration, payload.Group, source, token))
                    if (found.TryGetValue(new(row.SourceTopic, row.Number), out var position))
                        row.SetInKafka(position);
            }
        );
    }

    public async Task PostponedAsync(IPortalSession session, GroupBackWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Moves.FindGroupAsync(payload.Migration, payload.Group, cancellationToken))?.WaitBack(problem);

    public async Task RefusedAsync(IPortalSession session, GroupBackWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Moves.FindGroupAsync(payload.Migration, payload.Group, cancellationToken))?.FailBack(problem);

    /// <summary>Kafka would refuse it too; this says so before anything is read.</summary>
    private async Task<Problem?> MembersAsync(KafkaConnection connection, MovedGroup group, CancellationToken cancellationToken)
    {
        if (!(await kafka.OpenAsync(connection, cancellationToken)).TryGet(out var look, out var problem))
            return problem;
        await using var closing = look;
        if (!(await look.CommitsAsync(group.Name, cancellationToken)).TryGet(out var commits, out problem))
            return problem;
        return commits.Members > 0 ? GroupBackProblems.HasMembers(group.Name) : null;
    }

    private Task<List<CopyView>> ViewsAsync(MigrationId migration, string source, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
            {
                var views = new List<CopyView>();
                await foreach (
                    var partition in PageWalk.AllAsync(
                        page => session.Copies.ListAsync(migration, source, page, cancellationToken),
                        cancellationToken
                    )
                )
                    if (await CopyView.ReadAsync(session, partition.Id, cancellationToken) is { Target: not null } view)
                        views.Add(view);
                return views;
            },
            cancellationToken
        );
}

internal static class GroupBackProblems
{
    public static Problem NotMoved(string group) =>
        new Problem.Conflict(
            "group-not-moved",
            $"The group {group} has no subscription of this migration, so there is no position to take back to Kafka."
        );

    public static Problem HasMembers(string group) =>
        new Problem.Conflict(
            "group-has-members",
            $"The group {group} has members in Kafka, so its positions can't be set. Stop its consumers in Kafka, then try again."
        );

    public static Problem StillReads(string group, string subscription) =>
        new Problem.Conflict(
            "subscription-has-consumers",
            $"Consumers of the group {group} still read from the subscription {subscription} in Pulsar, so it moves on. "
                + "Stop them, then try again."
        );

    public static Problem NoSubscription(string topic, string subscription) =>
        new Problem.Conflict(
            "subscription-gone",
            $"{topic} has no subscription named '{subscription}' anymore, so nobody knows where it stood. "
                + "Set the group's offsets with Kafka's own tools."
        );
}
