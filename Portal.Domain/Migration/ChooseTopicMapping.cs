using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;

namespace Portal.Domain.Migration;

/// <summary>What becomes of one topic, whatever the rules say; or that the rules decide again.</summary>
/// <param name="Stay">It stays where it is.</param>
/// <param name="ByRules">The rules decide.</param>
/// <param name="Tenant">Null for the migration's own.</param>
/// <param name="Name">Null for the topic's own.</param>
public sealed record TopicChoice(bool Stay, bool ByRules, string? Tenant, string? Namespace, string? Name);

/// <summary>Chooses for one topic.</summary>
public sealed class ChooseTopicMapping(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="topic">Its name at the source.</param>
    public async Task<Outcome<TopicPlan>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string topic,
        TopicChoice choice,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.choose",
            $"{id}/{topic}",
            new Dictionary<string, string>
            {
                ["to"] =
                    choice.Stay ? "stays"
                    : choice.ByRules ? "by the rules"
                    : Operation.Brief($"{choice.Namespace}/{choice.Name ?? topic}"),
            },
            Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (choice is { Stay: false, ByRules: false } && NamespaceName.Create(choice.Namespace).Problem is { } wrong)
            return new Problem.Invalid(wrong.Code, wrong.Message, "namespace");
        if (choice.Name is { Length: 0 or > 300 })
            return new Problem.Invalid("mapping-name-length", "Use a name of 1 to 200 characters.", "name");
        var ruled = await database.ReadAsync<Outcome<(MappingTarget?, StayReason?)>>(
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                return await session.Migrations.FindTopicAsync(id, topic, cancellationToken) is { } found
                    ? new TopicMapping(migration.TenantName, migration.Rules).Of(topic, found.IsInternal)
                    : MigrationAccess.NoTopic;
            },
            cancellationToken
        );
        if (!ruled.TryGet(out var byRules, out problem))
            return problem;
        var chosen = await database.WriteAsync<KafkaMigration>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (await session.Migrations.FindTopicAsync(id, topic, cancellationToken) is not { } found)
                    return MigrationAccess.NoTopic;
                if (found.IsInternal && choice is { Stay: false, ByRules: false })
                    return new Problem.Conflict(
                        "mapping-internal-topic",
                        "This is one of Kafka's own topics. Pulsar keeps such data itself, so the topic stays where it is."
                    );
                if (
                    choice.Tenant is { } tenant
                    && await session.RefuseTenantAsync(access, migration, tenant, cancellationToken) is { } refusal
                )
                    return refusal;
                if (choice.Stay)
                    found.Stay(StayReason.ByChoice, MappingSource.Person);
                else if (choice.ByRules)
                    found.LeaveToRules();
                else
                    found.MapTo(
                        new(choice.Tenant ?? migration.TenantName, choice.Namespace!, choice.Name ?? topic),
                        MappingSource.Person,
                        blocked: false
                    );
                await session.MapAsync(
                    migration,
                    found,
                    byRules,
                    await session.PlanOfAsync(access.Organization.Id, cancellationToken),
                    cancellationToken
                );
                return migration;
            },
            cancellationToken
        );
        if (!chosen.TryGet(out var now, out problem))
            return problem;
        // Queries see a change only once it is committed.
        return await database.UpdateAsync<Outcome<TopicPlan>>(
            null,
            access.Organization.Id,
            async session =>
            {
                await session.Migrations.MarkAlikeAsync(id, cancellationToken);
                return await session.Migrations.FindTopicAsync(id, topic, cancellationToken) is { } found
                    ? await session.PlanOfTopicAsync(
                        now,
                        found,
                        await session.PlanOfAsync(access.Organization.Id, cancellationToken),
                        cancellationToken
                    )
                    : MigrationAccess.NoTopic;
            },
            cancellationToken
        );
    }
}
