using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Looks again and again, while a migration is open, at what its groups and producers do in Kafka and in Pulsar.</summary>
public sealed record WatchMoveWork(MigrationId Migration) : IWorkPayload
{
    public static string Kind => "migration.watch";
}

/// <param name="Pace">Between two rounds.</param>
public sealed record WatchSettings(TimeSpan Pace, int GroupsAtOnce, int TopicsAtOnce)
{
    public static WatchSettings Default { get; } = new(TimeSpan.FromSeconds(10), 10, 25);
}

internal static class Watching
{
    internal static WorkPlace WatchPlace(this KafkaMigration migration) =>
        new(
            Lanes.Kafka(migration.OrganizationId),
            $"watch:{migration.Id}",
            migration.OrganizationId,
            migration.Name,
            WorkPriority.Background
        );

    /// <summary>From now on, unless it is looked at already.</summary>
    internal static async Task WatchAsync(
        this IPortalSession session,
        KafkaMigration migration,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (await session.Work.FindOpenAsync(migration.WatchPlace().Line, WatchMoveWork.Kind, cancellationToken) is null)
            session.Work.Add(clock, new WatchMoveWork(migration.Id), migration.WatchPlace());
    }
}

/// <summary>
/// A few groups or topics at a step, then a pause, then from the beginning. It ends with the migration, or with its credentials.
/// </summary>
public sealed class WatchMove(
    IPortalDatabase database,
    IKafkaCluster kafka,
    ISecretSeal seal,
    ITopicAdmin topics,
    ISubscriptionProgress progress,
    TimeProvider clock,
    WatchSettings? settings = null
) : IWorkStep<WatchMoveWork>
{
    private const char Mark = '|';
    private const string Groups = "groups",
        Topics = "topics";

    private readonly WatchSettings _settings = settings ?? WatchSettings.Default;

    public async Task<StepResult> RunAsync(WatchMoveWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (migration, suspended) = await database.ReadAsync(
            async session =>
            {
                var found = await session.Migrations.FindAsync(payload.Migration, cancellationToken);
                var owner = found is null ? null : await session.Organizations.FindAsync(found.OrganizationId, cancellationToken);
                return (found, owner is not { State: OrganizationState.Active });
            },
            cancellationToken
        );
        if (migration is null || SealedConnection.Open(seal, migration) is not { } connection)
            return StepResult.Finished;
        if (suspended)
            return new StepResult.GoOn(turn.Checkpoint, TimeSpan.FromMinutes(1));
        if (!(await kafka.OpenAsync(connection, cancellationToken)).TryGet(out var look, out var problem))
            return Again(problem);
        await using (look)
        {
            var (phase, after) = turn.Checkpoint?.Split(Mark, 2) is [var there, var name]
                ? (there, name)
                : (turn.Checkpoint ?? Groups, null);
            return phase == Topics
                ? await TopicsAsync(migration, look, after, cancellationToken)
                : await GroupsAsync(migration, look, after, cancellationToken);
        }
    }

    private async Task<StepResult> GroupsAsync(
        KafkaMigration migration,
        IKafkaLook look,
        string? after,
        CancellationToken cancellationToken
    )
    {
        var groups = await database.ReadAsync(
            session => session.Moves.MovedAfterAsync(migration.Id, after, _settings.GroupsAtOnce, cancellationToken),
            cancellationToken
        );
        if (groups.Count == 0)
            return new StepResult.GoOn(Topics);
        var seen = new List<(string Name, GroupCommits Commits, SubscriptionProgress? Progress)>();
        var last = groups[^1].Name;
        foreach (var group in groups)
        {
            if (!(await look.CommitsAsync(group.Name, cancellationToken)).TryGet(out var commits, out var problem))
            {
                if (problem is Problem.Forbidden)
                    continue;
                // One group's trouble hides no other: it is passed over until the next round. That took its time, so the step ends with it.
                last = group.Name;
                break;
            }
            seen.Add((group.Name, commits, group.PositionedAt is null ? null : await ProgressAsync(migration, group, cancellationToken)));
        }
        var at = clock.Now();
        return new StepResult.GoOn(
            $"{Groups}{Mark}{last}",
            default,
            async (session, token) =>
            {
                foreach (var (name, commits, there) in seen)
                {
                    if (await session.Moves.FindGroupAsync(migration.Id, name, token) is not { } now)
                        continue;
                    now.SeenInKafka(commits.State, commits.Members, commits.Offsets.Values.Sum(), at);
                    if (there is not null)
                        now.SeenInPulsar(
                            there.Consumers,
                            there.AcknowledgedAt is not null || there.Marks.Count > 0,
                            there.AcknowledgedAt,
                            at
                        );
                }
            }
        );
    }

    /// <summary>Over all topics of the group: marks are kept only where one has passed the place that the portal had set.</summary>
    private async Task<SubscriptionProgress?> ProgressAsync(KafkaMigration migration, MovedGroup group, CancellationToken cancellationToken)
    {
        if (!SubscriptionName.OfExisting(group.Subscription).TryGet(out var name, out _))
            return null;
        var (sources, positions, targets) = await database.ReadAsync(
            async session =>
            {
                var names = await session.Moves.TopicsOfGroupAsync(migration.Id, group.Name, cancellationToken);
                var places = new Dictionary<string, IReadOnlyList<GroupPosition>>(StringComparer.Ordinal);
                var addresses = new Dictionary<string, TopicAddress>(StringComparer.Ordinal);
                foreach (var source in names)
                {
                    places[source] = await session.Moves.PositionsOfTopicAsync(migration.Id, group.Name, source, cancellationToken);
                    if (await TargetAsync(session, migration.Id, source, cancellationToken) is { } target)
                        addresses[source] = target;
                }
                return (names, places, addresses);
            },
            cancellationToken
        );
        var (consumers, delivered, acknowledged, passed) = (0, false, (DateTimeOffset?)null, new List<CursorMark>());
        foreach (var source in sources.Where(targets.ContainsKey))
        {
            // Marks cost a call for each partition, and are of use until the first acknowledgement is known.
            var asked = await progress.LookAsync(targets[source], name, marks: group.AcknowledgedAt is null, cancellationToken);
            if (asked is not { IsOk: true, Value: { } there })
                continue;
            (consumers, delivered) = (Math.Max(consumers, there.Consumers), delivered || there.HasDelivered);
            if (there.AcknowledgedAt is { } when && (acknowledged is null || when > acknowledged))
                acknowledged = when;
            if (
                there.Marks.Count > 0
                && SubscribeGroup.IsUsed(there with { Consumers = 0, HasDelivered = false, AcknowledgedAt = null }, positions[source])
            )
                passed.AddRange(there.Marks);
        }
        return new(consumers, delivered, acknowledged, passed);
    }

    private async Task<StepResult> TopicsAsync(
        KafkaMigration migration,
        IKafkaLook look,
        string? after,
        CancellationToken cancellationToken
    )
    {
        var page = await database.ReadAsync(
            session => session.Copies.TopicsAsync(migration.Id, null, new(_settings.TopicsAtOnce, after), cancellationToken),
            cancellationToken
        );
        if (page.Items.Count == 0)
            return new StepResult.GoOn(Groups, _settings.Pace);
        if (
            !(
                await look.EndsAsync(
                    page.Items.ToDictionary(topic => topic.Name, topic => topic.Partitions.Count, StringComparer.Ordinal),
                    cancellationToken
                )
            ).TryGet(out var ends, out var problem)
        )
            return Again(problem);
        var targets = await database.ReadAsync(
            async session =>
            {
                var found = new Dictionary<string, TopicAddress>(StringComparer.Ordinal);
                foreach (var topic in page.Items)
                    if (await TargetAsync(session, migration.Id, topic.Name, cancellationToken) is { } target)
                        found[topic.Name] = target;
                return found;
            },
            cancellationToken
        );
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (source, target) in targets)
            if ((await topics.StatsAsync(target, cancellationToken)).TryGet(out var stats, out _))
                producers[source] = stats.Producers;
        var at = clock.Now();
        return new StepResult.GoOn(
            page.Next is { } next ? $"{Topics}{Mark}{next}" : Groups,
            page.Next is null ? _settings.Pace : default,
            async (session, token) =>
            {
                foreach (var (source, end) in ends)
                {
                    var row = await session.Moves.FindProducerAsync(migration.Id, source, token);
                    if (row is null)
                        session.Moves.Add(row = new MovedProducer(migration, source));
                    var own = (await session.WaysBack.OfTopicAsync(migration.Id, source, token)).Any(one =>
                        one.State == BackState.Copying || one.EndedAt >= row.LookedAt
                    );
                    row.Seen(end, producers.TryGetValue(source, out var connected) ? connected : null, at, own);
                }
            }
        );
    }

    private static async Task<TopicAddress?> TargetAsync(
        IPortalSession session,
        MigrationId migration,
        string source,
        CancellationToken cancellationToken
    )
    {
        var first = (await session.Copies.ListAsync(migration, source, new(1), cancellationToken)).Items is [var partition, ..]
            ? partition
            : null;
        return first is not null && await session.Topics.FindAsync(first.TopicId, cancellationToken) is { State: ResourceState.Ready } topic
            ? topic.OnCluster
            : null;
    }

    /// <summary>Nobody waits for it: what is away is looked at again.</summary>
    private StepResult Again(Problem problem) =>
        problem is Problem.Unavailable or Problem.TooMany ? new StepResult.Later(problem) : new StepResult.GoOn(Groups, 6 * _settings.Pace);
}
