using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// Somebody says that an application has moved which the portal cannot see, or takes that back. Who, when and why stays
/// with it, and in the record of the migration.
/// </summary>
public sealed class ConfirmMove(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public const int LongestNote = 500;

    /// <param name="group">In Kafka; null for the producers of a topic.</param>
    /// <param name="topic">In Kafka; null for a group.</param>
    /// <param name="moved">False takes a confirmation back.</param>
    /// <returns>Invalid <c>move-subject-missing</c>, <c>move-note-missing</c>, <c>move-note-too-long</c>.</returns>
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string? group,
        string? topic,
        bool moved,
        string? note,
        CancellationToken cancellationToken
    )
    {
        var subject = group is not null ? $"group {group}" : $"producers of {topic}";
        var details = new Dictionary<string, string> { ["moved"] = moved ? "yes" : "no" };
        if (!string.IsNullOrWhiteSpace(note))
            details["note"] = Operation.Brief(note.Trim());
        var operation = new Operation(
            Permission.ManageResources,
            "migration.move.confirm",
            $"{id}/{subject}",
            details,
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (group is null == (topic is null))
            return new Problem.Invalid("move-subject-missing", "Name either a consumer group or a topic.", "group");
        var why = note?.Trim() ?? "";
        if (moved && why.Length == 0)
            return new Problem.Invalid(
                "move-note-missing",
                "Say how you know that the application has moved. It becomes part of the record.",
                "note"
            );
        if (why.Length > LongestNote)
            return new Problem.Invalid("move-note-too-long", $"Use at most {LongestNote} characters.", "note");
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (migration.FinishedAt is not null)
                    return MigrationAccess.Over;
                if (group is not null)
                {
                    if (await session.Moves.FindGroupAsync(id, group, cancellationToken) is not { } there)
                    {
                        if (await session.Migrations.FindGroupAsync(id, group, cancellationToken) is null)
                            return MoveProblems.NoGroup(group);
                        // A group that never gets a subscription can be settled too: nobody needs it any more.
                        session.Moves.Add(there = new MovedGroup(migration, group));
                        there.Suggest(SuggestedSubscription.Of(group), clock.Now());
                    }
                    if (moved)
                        there.Confirm(actor.Name, why, clock.Now());
                    else
                        there.TakeBackConfirmation();
                    return Outcome.Done;
                }
                if (!await session.Copies.IsCopiedAsync(id, topic!, cancellationToken))
                    return CopyProblems.NotCopied(topic!);
                var row = await session.Moves.FindProducerAsync(id, topic!, cancellationToken);
                if (row is null)
                    session.Moves.Add(row = new MovedProducer(migration, topic!));
                if (moved)
                    row.Confirm(actor.Name, why, clock.Now());
                else
                    row.TakeBackConfirmation();
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
