using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Pauses, resumes or stops the copy of a migration, or of one of its topics, within a few seconds.</summary>
public sealed class SteerCopying(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="topic">In Kafka; null for all.</param>
    /// <returns>How many partitions follow the wish.</returns>
    public async Task<Outcome<int>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string? topic,
        CopyWish wish,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            wish switch
            {
                CopyWish.Pause => "migration.copy.pause",
                CopyWish.Copy => "migration.copy.resume",
                CopyWish.Stop => "migration.copy.stop",
            },
            topic is null ? $"{id}" : $"{id}/{topic}",
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<int>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (migration.IsCuttingOver)
                    return CutOverProblems.UnderWay;
                var steered = 0;
                await foreach (
                    var partition in PageWalk.AllAsync(
                        page => session.Copies.ListAsync(id, topic, page, cancellationToken),
                        cancellationToken
                    )
                )
                {
                    if (partition.State == CopyState.Stopped || (partition.Wish == wish && partition.State != CopyState.Failed))
                        continue;
                    await session.SteerAsync(partition, wish, clock, cancellationToken);
                    steered++;
                }
                return steered == 0 && topic is not null && !await session.Copies.IsCopiedAsync(id, topic, cancellationToken)
                    ? CopyProblems.NotCopied(topic)
                    : steered;
            },
            cancellationToken
        );
    }
}

/// <summary>Sets how fast all partitions of a migration may copy together.</summary>
public sealed class SetCopyRate(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<CopyRate>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        long? bytesPerSecond,
        int? messagesPerSecond,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.copy.rate",
            $"{id}",
            new Dictionary<string, string> { ["bytesPerSecond"] = $"{bytesPerSecond}", ["messagesPerSecond"] = $"{messagesPerSecond}" },
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        // Whoever sets the rate says all of it.
        var choices = new CopyChoices(bytesPerSecond ?? 0, messagesPerSecond ?? 0);
        if (choices.Refuse() is { } wrong)
            return wrong;
        return await database.WriteAsync<CopyRate>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out _, out var missing))
                    return missing;
                var settings = await session.Copies.SettingsAsync(id, cancellationToken);
                if (settings is null)
                    session.Copies.Add(settings = new(id, access.Organization.Id));
                settings.Set(choices.Over(settings.Rate));
                return settings.Rate;
            },
            cancellationToken
        );
    }
}

/// <summary>Compares what was copied with Kafka, partition by partition; it can be asked for again at any time.</summary>
public sealed class ProveMigration(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="topic">In Kafka; null for all.</param>
    /// <returns>How many partitions are being compared.</returns>
    public async Task<Outcome<int>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string? topic,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.prove",
            topic is null ? $"{id}" : $"{id}/{topic}",
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<int>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out _, out var missing))
                    return missing;
                var begun = 0;
                await foreach (
                    var partition in PageWalk.AllAsync(
                        page => session.Copies.ListAsync(id, topic, page, cancellationToken),
                        cancellationToken
                    )
                )
                {
                    if (partition.FirstOffset is null)
                        continue;
                    begun++;
                    await session.BeginProofAsync(partition, clock, cancellationToken);
                }
                return begun == 0
                    ? new Problem.NotFound(
                        "copy-not-found",
                        topic is null
                            ? "Nothing of this migration has been copied yet."
                            : $"Nothing of the topic {topic} has been copied yet."
                    )
                    : begun;
            },
            cancellationToken
        );
    }
}
