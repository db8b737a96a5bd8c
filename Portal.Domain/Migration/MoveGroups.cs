using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>How a group is to move. What is null stays as it is, or as it is suggested.</summary>
/// <param name="Group">In Kafka.</param>
/// <param name="Topics">Kafka topics that it reads though it has no committed offset in them.</param>
public sealed record GroupChoice(string Group, string? Subscription = null, GroupStart? Start = null, IReadOnlyList<string>? Topics = null);

/// <summary>
/// Creates the subscriptions of consumer groups at the groups' positions, or moves them to the newest commits. One that
/// clients use already, or whose application is confirmed as moved, stays where it is.
/// </summary>
public sealed class MoveGroups(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <summary>Of one request.</summary>
    public const int MostGroups = 100;

    /// <param name="groups">Null for all of the inventory that have positions in copied topics.</param>
    /// <returns>How many subscriptions are on their way.</returns>
    public async Task<Outcome<int>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        IReadOnlyList<GroupChoice>? groups,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.groups.move",
            $"{id}",
            new Dictionary<string, string>
            {
                ["groups"] = groups is null ? "all" : string.Join(", ", groups.Take(20).Select(one => Operation.Brief(one.Group))),
            },
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (groups is { Count: 0 or > MostGroups })
            return new Problem.Invalid(
                "move-groups-count",
                $"Name 1 to {MostGroups} consumer groups, or none to prepare all of them.",
                "groups"
            );
        return await database.WriteAsync<int>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (migration.SealedConnection is null)
                    return SealedConnection.Gone;
                if (await session.Copies.CountAsync(id, cancellationToken) == 0)
                    return new Problem.Conflict(
                        "copy-not-started",
                        "No topic of this migration is being copied yet. Start the copy, then create the subscriptions."
                    );
                var wanted = 0;
                foreach (var choice in groups ?? await AllAsync(session, id, cancellationToken))
                {
                    var want = await WantAsync(session, migration, choice, named: groups is not null, cancellationToken);
                    if (want.Problem is { } refused)
                        return refused;
                    if (want.Value)
                        wanted++;
                }
                await session.WatchAsync(migration, clock, cancellationToken);
                return wanted;
            },
            cancellationToken
        );
    }

    /// <summary>False for one that stays as it is.</summary>
    private async Task<Outcome<bool>> WantAsync(
        IPortalSession session,
        KafkaMigration migration,
        GroupChoice choice,
        bool named,
        CancellationToken cancellationToken
    )
    {
        var inventory = await session.Migrations.FindGroupAsync(migration.Id, choice.Group, cancellationToken);
        var there = await session.Moves.FindGroupAsync(migration.Id, choice.Group, cancellationToken);
        if (inventory is null && there is null)
            return new Problem.NotFound(
                "migration-group-not-found",
                $"The inventory has no consumer group '{Operation.Brief(choice.Group)}'. Take the inventory again if the group is new."
            );
        if (there is { IsTheirs: true })
        {
            return named
                ? new Problem.Conflict(
                    "subscription-in-use",
                    $"Clients already use the subscription {there.Subscription} of the group {there.Name}, so Portal no longer "
                        + "moves it. Rewind it on the topic's page if you need to."
                )
                : false;
        }
        var text = choice.Subscription ?? there?.Subscription ?? SuggestedSubscription.Of(choice.Group);
        if (!SubscriptionName.Create(text).TryGet(out var name, out var malformed))
            return malformed;
        if (there is { PositionedAt: not null } && there.Subscription != name.Value)
        {
            return new Problem.Conflict(
                "subscription-settled",
                $"The subscription of the group {there.Name} was already created as {there.Subscription}. Keep this name.",
                "subscription"
            );
        }
        if (
            await session.Moves.FindBySubscriptionAsync(migration.Id, name.Value, cancellationToken) is { } other
            && other.Name != choice.Group
        )
            return new Problem.Conflict(
                "subscription-name-taken",
                $"The group {other.Name} already moves to the subscription {name}. Choose another name for {choice.Group}.",
                "subscription"
            );
        foreach (var topic in choice.Topics ?? [])
        {
            if (!await session.Copies.IsCopiedAsync(migration.Id, topic, cancellationToken))
                return CopyProblems.NotCopied(Operation.Brief(topic));
        }
        if (there is null)
            session.Moves.Add(there = new MovedGroup(migration, choice.Group));
        there.Want(name.Value, choice.Start ?? there.Start, choice.Topics ?? there.Further, clock.Now());
        var place = there.SubscribePlace(migration);
        // One that waits for an outage to end begins anew with what is wanted now.
        if (await session.Work.FindOpenAsync(place.Line, SubscribeGroupWork.Kind, cancellationToken) is { } open)
            open.TryNow(clock.Now());
        else
            session.Work.Add(clock, new SubscribeGroupWork(migration.Id, there.Name), place);
        return true;
    }

    private static async Task<IReadOnlyList<GroupChoice>> AllAsync(
        IPortalSession session,
        MigrationId id,
        CancellationToken cancellationToken
    )
    {
        var all = new List<GroupChoice>();
        await foreach (
            var group in PageWalk.AllAsync(page => session.Migrations.ListGroupsAsync(id, page, cancellationToken), cancellationToken)
        )
        {
            foreach (var topic in group.Topics)
            {
                if (!await session.Copies.IsCopiedAsync(id, topic, cancellationToken))
                    continue;
                all.Add(new(group.Name));
                break;
            }
        }
        return all;
    }
}

/// <summary>What a group's subscription is called unless somebody chooses.</summary>
public static class SuggestedSubscription
{
    private const int Longest = 200;

    /// <summary>
    /// The group's own name where Pulsar takes it, else what is left of it with a mark of its own, so that no two groups get one name.
    /// </summary>
    public static string Of(string group)
    {
        if (SubscriptionName.Create(group).IsOk)
            return group;
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(group)))[..6];
        var text = new StringBuilder(group.Length);
        foreach (var letter in group)
            text.Append(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-');
        var kept = text.ToString().TrimStart('_', '-', '.');
        if (kept.Length > Longest - mark.Length - 1)
            kept = kept[..(Longest - mark.Length - 1)];
        return string.Create(CultureInfo.InvariantCulture, $"{(kept.Length == 0 ? "group" : kept)}-{mark}");
    }

    /// <summary>
    /// The subscription type that comes nearest to what the group does in Kafka. Failover reads each partition in order with
    /// one consumer at a time, as Kafka does; more members than partitions can only share the work in Pulsar.
    /// </summary>
    /// <param name="partitions">Of all topics that it reads; 0 when not known.</param>
    public static string TypeOf(int members, long partitions) => partitions > 0 && members > partitions ? "Key_Shared" : "Failover";
}
