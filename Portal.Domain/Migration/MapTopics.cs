using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Maps the topics of an inventory by the rules, some hundreds at a time. What a person chose for a topic stands.</summary>
public sealed class MapTopics(IPortalDatabase database) : IWorkStep<MapTopicsWork>
{
    private const int AtOnce = 500;

    public async Task<StepResult> RunAsync(MapTopicsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (migration, page) = await database.ReadAsync(
            async session =>
            {
                var found = await session.Migrations.FindAsync(payload.Migration, cancellationToken);
                return (
                    found,
                    found is null ? [] : await session.Migrations.TopicsAfterAsync(found.Id, After(turn), AtOnce, cancellationToken)
                );
            },
            cancellationToken
        );
        if (migration is null)
            return StepResult.Finished;
        // Rules that changed under way begin anew: their own work follows in the line.
        var revision = Revision(turn) ?? migration.RulesRevision;
        if (page is not [.., { Name: var last }])
        {
            return new StepResult.Done(
                async (session, token) =>
                {
                    if (await session.Migrations.FindAsync(migration.Id, token) is not { } now)
                        return;
                    await session.Migrations.MarkAlikeAsync(now.Id, token);
                    now.Mapped(revision);
                }
            );
        }
        var mapping = new TopicMapping(migration.TenantName, migration.Rules);
        var ruled = page.ToDictionary(topic => topic.Name, topic => mapping.Of(topic.Name, topic.IsInternal), StringComparer.Ordinal);
        return new StepResult.GoOn(
            $"{revision}|{last}",
            default,
            async (session, token) =>
            {
                if (await session.Migrations.FindAsync(migration.Id, token) is not { } now)
                    return;
                var plan = await session.PlanOfAsync(now.OrganizationId, token);
                foreach (var topic in await session.Migrations.TopicsAfterAsync(now.Id, After(turn), AtOnce, token))
                    if (ruled.TryGetValue(topic.Name, out var rule))
                        await session.MapAsync(now, topic, rule, plan, token);
            }
        );
    }

    private static int? Revision(WorkTurn turn) =>
        turn.Checkpoint is { } checkpoint
            ? int.Parse(checkpoint[..checkpoint.IndexOf('|', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture)
            : null;

    private static string? After(WorkTurn turn) =>
        turn.Checkpoint is { } checkpoint ? checkpoint[(checkpoint.IndexOf('|', StringComparison.Ordinal) + 1)..] : null;
}

internal static class MappingSession
{
    /// <summary>By the rules, unless a person chose; that it blocks is found in either case.</summary>
    /// <param name="ruled">From <see cref="TopicMapping"/>, found before the transaction.</param>
    internal static async Task MapAsync(
        this IPortalSession session,
        KafkaMigration migration,
        MigrationTopic topic,
        (MappingTarget? Target, StayReason? Stays) ruled,
        EffectivePlan plan,
        CancellationToken cancellationToken
    )
    {
        if (topic.Source == MappingSource.Rule)
        {
            var (target, stays) = ruled;
            if (stays is { } reason)
                topic.Stay(reason, MappingSource.Rule);
            else
                topic.MapTo(target!, MappingSource.Rule, blocked: false);
        }
        if (topic.Moves)
            topic.MapTo(
                Target(topic),
                topic.Source,
                MappingClashes.Blocks(topic, new(plan, [], await session.IsTakenAsync(migration, topic, cancellationToken)))
            );
    }

    /// <summary>Whether the target is there already, and not because the topic is copied into it.</summary>
    internal static async Task<bool> IsTakenAsync(
        this IPortalSession session,
        KafkaMigration migration,
        MigrationTopic topic,
        CancellationToken cancellationToken
    )
    {
        if (!topic.Moves || TopicName.Create(topic.TargetName) is not { IsOk: true } name)
            return false;
        return await session.Tenants.FindAsync(migration.OrganizationId, topic.TargetTenant!, cancellationToken) is { } tenant
            && await session.Tenants.FindNamespaceAsync(tenant.Id, topic.TargetNamespace!, cancellationToken) is { } inside
            && await session.Topics.FindAsync(inside.Id, name.Value.Value, null, cancellationToken) is { IsLost: false } there
            // What the copy of this very topic fills is no stranger's.
            && !await session.Copies.IsTargetAsync(migration.Id, topic.Name, there.Id, cancellationToken);
    }

    private static MappingTarget Target(MigrationTopic topic) => new(topic.TargetTenant!, topic.TargetNamespace!, topic.TargetName!);
}
