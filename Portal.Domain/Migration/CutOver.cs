using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>What is not settled before a cut-over.</summary>
/// <param name="Kind"><c>group</c>, <c>producer</c> or <c>copy</c>.</param>
/// <param name="Name">Of the group or topic in Kafka.</param>
/// <param name="Form">The sentence, with <see cref="Place"/> where the name goes: several matters of one form make one sentence.</param>
public sealed record OpenMatter(string Kind, string Name, string Form)
{
    public const string Place = "{0}";

    public string Text => Form.Replace(Place, Kind == "group" ? $"the group {Name}" : Name, StringComparison.Ordinal);
}

/// <summary>The checklist of a cut-over.</summary>
/// <param name="Open">The first <see cref="CutOverChecks.MostListed"/> of what is not settled.</param>
/// <param name="OpenCount">All of it.</param>
/// <param name="Lag">Records that Kafka has and Pulsar does not.</param>
/// <param name="Behind">How old the last copied record of the topic that lags most is; null where nothing lags.</param>
public sealed record CutOverView(
    KafkaMigration Migration,
    int Groups,
    int GroupsGreen,
    int Topics,
    int TopicsGreen,
    CopySums Copies,
    TimeSpan? Behind,
    IReadOnlyList<OpenMatter> Open,
    int OpenCount
)
{
    public bool CanCutOver =>
        Migration is { FinishedAt: null, IsCuttingOver: false, CutOver: not CutOverStage.Done }
        && Copies.Partitions > 0
        && Copies.Stopped < Copies.Partitions;
}

/// <summary>What stands between a migration and its cut-over.</summary>
public sealed class GetCutOver(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<CutOverView>> RunAsync(Actor actor, string organization, MigrationId id, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.cut-over.view", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<CutOverView>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing)
                    ? await session.CutOverChecksAsync(migration, clock.Now(), cancellationToken)
                    : missing,
            cancellationToken
        );
    }
}

/// <summary>
/// Ends a migration's following: what is still missing comes, everything is proven once more, then the copies stop. With
/// something unsettled only when that is accepted, and what it was is kept.
/// </summary>
public sealed class CutOver(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <returns>Conflict <c>cut-over-open</c>, <c>cut-over-under-way</c>, <c>cut-over-done</c>, <c>copy-not-started</c>,
    /// <c>copy-not-following</c>.</returns>
    public async Task<Outcome<KafkaMigration>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        bool acceptOpen,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.cut-over",
            $"{id}",
            new Dictionary<string, string> { ["open matters accepted"] = acceptOpen ? "yes" : "no" },
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<KafkaMigration>(
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
                // One that is under way is the answer to whoever wants one.
                if (migration.IsCuttingOver)
                    return migration;
                if (migration.CutOver == CutOverStage.Done)
                    return CutOverProblems.Done;
                var view = await session.CutOverChecksAsync(migration, clock.Now(), cancellationToken);
                if (view.Copies.Partitions == 0)
                    return new Problem.Conflict(
                        "copy-not-started",
                        "No topic of this migration is being copied yet. Start the copy first."
                    );
                if (view.Copies is { Failed: > 0 } or { Paused: > 0 })
                    return new Problem.Conflict(
                        "copy-not-following",
                        "Some partitions are paused or need attention. Resume them on the Copy tab, then cut over."
                    );
                if (view.OpenCount > 0 && !acceptOpen)
                {
                    return new Problem.Conflict(
                        "cut-over-open",
                        $"{(view.OpenCount == 1 ? "1 item isn't" : $"{view.OpenCount:N0} items aren't")} settled: "
                            + $"{string.Join(" ", view.Open.Take(3).Select(one => one.Text))}{(view.OpenCount > 3 ? " …" : "")} Settle "
                            + "them, or accept them to cut over anyway."
                    );
                }
                migration.BeginCutOver(actor.Name, view.Open.Select(one => one.Text), clock.Now());
                session.Work.Add(clock, new CutOverWork(id), migration.CutOverPlace());
                return migration;
            },
            cancellationToken
        );
    }
}

internal static class CutOverProblems
{
    internal static readonly Problem.Conflict UnderWay = new("cut-over-under-way", "A cut-over is under way. Wait until it is done.");

    internal static readonly Problem.Conflict Done = new("cut-over-done", "This migration has already been cut over.");
}

public static class CutOverChecks
{
    public const int MostListed = 100;

    /// <summary>Every group that reads a copied topic, every producer of one, and the copy itself.</summary>
    internal static async Task<CutOverView> CutOverChecksAsync(
        this IPortalSession session,
        KafkaMigration migration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var (groups, groupsGreen, topics, topicsGreen, open, behind) = (0, 0, 0, 0, new List<OpenMatter>(), (TimeSpan?)null);
        var copied = new HashSet<string>(StringComparer.Ordinal);
        await foreach (
            var topic in PageWalk.AllAsync(page => session.Moves.ProducersAsync(migration.Id, page, cancellationToken), cancellationToken)
        )
        {
            topics++;
            copied.Add(topic.Topic);
            var state = MoveChecks.Of(topic.Seen, now);
            if (MoveChecks.IsGreen(state))
                topicsGreen++;
            else
                open.Add(new("producer", topic.Topic, FormOf(state)));
            if (
                topic is { Lag: > 0, LastTimestamp: > 0 }
                && now - DateTimeOffset.FromUnixTimeMilliseconds(topic.LastTimestamp) is var age
                && (behind is null || age > behind)
            )
                behind = age;
        }
        await foreach (
            var group in PageWalk.AllAsync(page => session.Moves.GroupsAsync(migration.Id, page, cancellationToken), cancellationToken)
        )
        {
            if (group.Moved is null && !group.Inventory!.Topics.Any(copied.Contains))
                continue;
            groups++;
            var state = MoveChecks.Of(group.Moved, now);
            if (MoveChecks.IsGreen(state))
                groupsGreen++;
            else
                open.Add(new("group", group.Name, FormOf(state, group.Moved, now)));
        }
        var copies = await session.Copies.SumsAsync(migration.Id, cancellationToken);
        if (copies.Lag > 0)
            open.Add(new("copy", "", $"The copy is {copies.Lag:N0} {(copies.Lag == 1 ? "message" : "messages")} behind Kafka."));
        if (copies.Different > 0)
            open.Add(
                new(
                    "copy",
                    "",
                    $"The last verification found differences in {copies.Different:N0} "
                        + $"{(copies.Different == 1 ? "partition" : "partitions")}."
                )
            );
        var waiting = await session.Copies.CountWaitingAsync(migration.Id, cancellationToken);
        if (waiting > 0)
            open.Add(
                new(
                    "copy",
                    "",
                    waiting == 1
                        ? "1 topic moves by your mapping and isn't copied yet."
                        : $"{waiting:N0} topics move by your mapping and aren't copied yet."
                )
            );
        return new(migration, groups, groupsGreen, topics, topicsGreen, copies, behind, [.. open.Take(MostListed)], open.Count);
    }

    // They read as well with one name as with several.
    private static string FormOf(ProducerMove state) =>
        state switch
        {
            ProducerMove.Writing => $"Producers still write to {OpenMatter.Place} in Kafka.",
            _ => $"Portal has to watch {OpenMatter.Place} for a full minute before it can say that nobody writes there in Kafka.",
        };

    private static string FormOf(GroupMove state, MovedGroup? moved, DateTimeOffset now) =>
        state switch
        {
            GroupMove.NotPrepared => $"There is no subscription for {OpenMatter.Place} yet.",
            GroupMove.Preparing => $"Portal is creating the subscription for {OpenMatter.Place}.",
            GroupMove.Failed => $"Portal couldn't create the subscription for {OpenMatter.Place}.",
            GroupMove.Prepared => $"No consumer has connected to Pulsar for {OpenMatter.Place} yet.",
            _ when moved is not null && !MoveChecks.HasLeftKafka(moved, now) => $"Consumers still read in Kafka with {OpenMatter.Place}.",
            _ => $"No message has been acknowledged in Pulsar for {OpenMatter.Place} yet.",
        };
}
