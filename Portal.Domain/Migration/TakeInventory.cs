using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <param name="BetweenLooks">At least so long between the two looks that rates come from.</param>
public sealed record InventorySettings(int TopicsAtOnce, int GroupsAtOnce, TimeSpan BetweenLooks)
{
    public static InventorySettings Default { get; } = new(100, 50, TimeSpan.FromSeconds(10));
}

/// <summary>
/// Takes the inventory in short steps. The checkpoint is a phase and the last name that was looked at, so that it goes on
/// where it was killed, and a cluster of ten thousand topics is never held at once.
/// </summary>
public sealed class TakeInventory(
    IPortalDatabase database,
    IKafkaCluster kafka,
    ISecretSeal seal,
    TimeProvider clock,
    InventorySettings? settings = null
) : IWorkStep<TakeInventoryWork>
{
    private const int MostAcls = 500;
    private const char Mark = '|';

    private readonly InventorySettings _settings = settings ?? InventorySettings.Default;

    public async Task<StepResult> RunAsync(TakeInventoryWork payload, WorkTurn turn, CancellationToken cancellationToken)
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
        if (migration is null)
            return StepResult.Finished;
        if (suspended)
            return new StepResult.Refused(
                new Problem.Conflict(
                    "organization-suspended",
                    "The inventory stopped because the organization is suspended. Start it again afterwards."
                )
            );
        if (SealedConnection.Open(seal, migration) is not { } connection)
            return new StepResult.Refused(SealedConnection.Gone);
        if (!(await kafka.OpenAsync(connection, cancellationToken)).TryGet(out var look, out var problem))
            return StepResult.Of(problem);
        await using (look)
        {
            var (phase, after) = Read(turn.Checkpoint);
            return phase switch
            {
                "topics" => await TopicsAsync(migration, look, after, cancellationToken),
                "groups" => await GroupsAsync(migration, look, after, again: false, cancellationToken),
                "rates" => await RatesAsync(migration, look, after, cancellationToken),
                "groups-again" => await GroupsAsync(migration, look, after, again: true, cancellationToken),
                _ => await EndAsync(migration, look, cancellationToken),
            };
        }
    }

    public async Task PostponedAsync(
        IPortalSession session,
        TakeInventoryWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Migrations.FindAsync(payload.Migration, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        TakeInventoryWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Migrations.FindAsync(payload.Migration, cancellationToken))?.Fail(problem);

    private async Task<StepResult> TopicsAsync(
        KafkaMigration migration,
        IKafkaLook look,
        string? after,
        CancellationToken cancellationToken
    )
    {
        if (!(await look.TopicNamesAsync(cancellationToken)).TryGet(out var all, out var problem))
            return StepResult.Of(problem);
        var (names, done) = Next(all, after, _settings.TopicsAtOnce);
        if (names.Count == 0)
            return GoOn(migration, "groups", null, 0, 0, "groups");
        if (!(await look.DescribeAsync(names, cancellationToken)).TryGet(out var facts, out problem))
            return StepResult.Of(problem);
        var at = clock.Now();
        return GoOn(
            migration,
            "topics",
            names[^1],
            done + names.Count,
            all.Count,
            "topics",
            async (session, token) =>
            {
                var known = (await session.Migrations.FindTopicsAsync(migration.Id, names, token)).ToDictionary(
                    topic => topic.Name,
                    StringComparer.Ordinal
                );
                foreach (var name in names)
                {
                    if (!facts.TryGetValue(name, out var seen))
                        continue;
                    if (!known.TryGetValue(name, out var topic))
                        session.Migrations.Add(topic = new MigrationTopic(migration.Id, name));
                    topic.Seen(seen, at);
                }
            }
        );
    }

    private async Task<StepResult> GroupsAsync(
        KafkaMigration migration,
        IKafkaLook look,
        string? after,
        bool again,
        CancellationToken cancellationToken
    )
    {
        var phase = again ? "groups-again" : "groups";
        if (!(await look.GroupNamesAsync(cancellationToken)).TryGet(out var all, out var problem))
        {
            // A user who may not see groups still gets an inventory of the topics.
            if (problem is not Problem.Forbidden)
                return StepResult.Of(problem);
            all = [];
        }
        var (names, done) = Next(all, after, _settings.GroupsAtOnce);
        if (names.Count == 0)
            return again
                ? GoOn(migration, "end", null, 0, 0, "topics")
                : GoOn(migration, "rates", null, 0, 0, "topics", null, _settings.BetweenLooks);
        if (!(await look.GroupsAsync(names, cancellationToken)).TryGet(out var groups, out problem))
            return StepResult.Of(problem);
        var at = clock.Now();
        return GoOn(
            migration,
            phase,
            names[^1],
            done + names.Count,
            all.Count,
            "groups",
            async (session, token) =>
            {
                foreach (var facts in groups)
                {
                    var group = await session.Migrations.FindGroupAsync(migration.Id, facts.Name, token);
                    if (again)
                    {
                        group?.SeenAgain(facts, at);
                        continue;
                    }
                    if (group is null)
                        session.Migrations.Add(new MigrationGroup(migration.Id, facts, at));
                    else
                        group.Seen(facts, at);
                    foreach (var topic in await session.Migrations.FindTopicsAsync(migration.Id, [.. facts.Topics.Take(1000)], token))
                        topic.IsRead();
                }
            }
        );
    }

    private async Task<StepResult> RatesAsync(KafkaMigration migration, IKafkaLook look, string? after, CancellationToken cancellationToken)
    {
        var (topics, count) = await database.ReadAsync(
            async session =>
                (
                    await session.Migrations.TopicsAfterAsync(migration.Id, after, _settings.TopicsAtOnce, cancellationToken),
                    await session.Migrations.CountTopicsAsync(migration.Id, cancellationToken)
                ),
            cancellationToken
        );
        if (topics.Count == 0)
            return GoOn(migration, "groups-again", null, 0, 0, "groups");
        var partitions = topics
            .Where(topic => topic.Partitions > 0 && topic.SeenAt >= migration.LookedAt)
            .ToDictionary(topic => topic.Name, topic => topic.Partitions, StringComparer.Ordinal);
        if (!(await look.EndsAsync(partitions, cancellationToken)).TryGet(out var ends, out var problem))
            return StepResult.Of(problem);
        var at = clock.Now();
        return GoOn(
            migration,
            "rates",
            topics[^1].Name,
            migration.Done + topics.Count,
            count,
            "topics",
            async (session, token) =>
            {
                foreach (var topic in await session.Migrations.FindTopicsAsync(migration.Id, [.. ends.Keys], token))
                    topic.SeenAgain(ends[topic.Name], at);
            }
        );
    }

    private async Task<StepResult> EndAsync(KafkaMigration migration, IKafkaLook look, CancellationToken cancellationToken)
    {
        var asked = await look.AclsAsync(MostAcls, cancellationToken);
        if (!asked.TryGet(out var acls, out var problem) && problem is not Problem.Forbidden)
            return StepResult.Of(problem);
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Migrations.FindAsync(migration.Id, token) is not { } now)
                    return;
                now.SeenAcls(acls);
                if (now.LookedAt is { } began)
                    await session.Migrations.ForgetUnseenAsync(now.Id, began, token);
                now.Looked(clock.Now());
                session.Work.Add(clock, new MapTopicsWork(now.Id), now.Place());
            }
        );
    }

    private static StepResult.GoOn GoOn(
        KafkaMigration migration,
        string phase,
        string? after,
        long done,
        long total,
        string unit,
        Settle? settle = null,
        TimeSpan wait = default
    ) =>
        new(
            after is null ? phase : $"{phase}{Mark}{after}",
            wait,
            async (session, token) =>
            {
                if (await session.Migrations.FindAsync(migration.Id, token) is not { } now)
                    return;
                if (settle is not null)
                    await settle(session, token);
                now.GoOn(phase, done, total);
            },
            new WorkProgress(done, total, unit, null)
        );

    private static (string Phase, string? After) Read(string? checkpoint)
    {
        if (checkpoint is null)
            return ("topics", null);
        var at = checkpoint.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? (checkpoint, null) : (checkpoint[..at], checkpoint[(at + 1)..]);
    }

    /// <param name="all">In ordinal order.</param>
    private static (IReadOnlyList<string> Names, int Before) Next(IReadOnlyList<string> all, string? after, int most)
    {
        var begin = 0;
        while (begin < all.Count && after is not null && string.CompareOrdinal(all[begin], after) <= 0)
            begin++;
        return ([.. all.Skip(begin).Take(most)], begin);
    }
}
