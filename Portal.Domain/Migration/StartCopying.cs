using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>How somebody wants a migration copied. What is null stays as it is.</summary>
/// <param name="BytesPerSecond">0 lifts the limit.</param>
/// <param name="MessagesPerSecond">0 lifts the limit.</param>
public sealed record CopyChoices(
    long? BytesPerSecond = null,
    int? MessagesPerSecond = null,
    Tombstones? Tombstones = null,
    TooLarge? TooLarge = null,
    bool? OneKeyPerEntry = null,
    bool? Compress = null
)
{
    /// <summary>Below it a single record of the largest size would hold up a copy for longer than a step lasts.</summary>
    public const long LeastBytesPerSecond = 64 * 1024;

    internal Problem? Refuse() =>
        BytesPerSecond is { } bytes and not 0 && bytes < LeastBytesPerSecond
            ? new Problem.Invalid(
                "copy-rate-too-low",
                $"Use at least {ByteSize.Text(LeastBytesPerSecond)} per second, or 0 for no limit.",
                "bytesPerSecond"
            )
        : MessagesPerSecond is < 0
            ? new Problem.Invalid("copy-rate-too-low", "Use 1 message per second or more, or 0 for no limit.", "messagesPerSecond")
        : null;

    internal CopyRate Over(CopyRate rate) =>
        new(
            BytesPerSecond is { } bytes ? (bytes == 0 ? null : bytes) : rate.BytesPerSecond,
            MessagesPerSecond is { } messages ? (messages == 0 ? null : messages) : rate.MessagesPerSecond
        );
}

/// <summary>What a start came to.</summary>
/// <param name="Topics">Topics whose copy began with it.</param>
/// <param name="Left">Whether more topics wait for another start.</param>
public sealed record StartedCopies(int Topics, int Partitions, int Created, bool Left);

/// <summary>
/// Creates the namespaces and topics that are missing, has namespaces keep what comes for as long as Kafka does, and begins to
/// copy into them, partition by partition. Topics that are being copied
/// already are left as they are, so it can be asked for again.
/// </summary>
public sealed class StartCopying(AccessGuard guard, IPortalDatabase database, ITopicKeys keys, TimeProvider clock)
{
    /// <summary>Of one request.</summary>
    public const int MostTopics = 100;

    /// <param name="topics">Names in Kafka; null for all that move and are not copied yet, at most <see cref="MostTopics"/> of
    /// them.</param>
    public async Task<Outcome<StartedCopies>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        IReadOnlyList<string>? topics,
        CopyChoices choices,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.copy.start",
            $"{id}",
            new Dictionary<string, string> { ["topics"] = topics is null ? "all" : string.Join(", ", topics.Take(20)) },
            Within: Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (topics is { Count: 0 or > MostTopics })
            return new Problem.Invalid("copy-topics-count", $"Name 1 to {MostTopics} topics, or none to start all of them.", "topics");
        if (choices.Refuse() is { } wrong)
            return wrong;
        return await database.WriteAsync<StartedCopies>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (migration.SealedConnection is null)
                    return SealedConnection.Gone;
                if (migration.IsCuttingOver)
                    return CutOverProblems.UnderWay;
                if (migration.Stage != MigrationStage.Planned || migration.IsMapping)
                    return new Problem.Conflict(
                        "migration-not-planned",
                        "The inventory and the mapping aren't finished yet. Start the copy when they are."
                    );
                var settings = await session.Copies.SettingsAsync(id, cancellationToken);
                if (settings is null)
                    session.Copies.Add(settings = new(id, access.Organization.Id));
                settings.Set(choices.Over(settings.Rate));
                var hasBegun = await session.Copies.CountAsync(id, cancellationToken) > 0;
                if (choices is not { Tombstones: null, TooLarge: null, OneKeyPerEntry: null, Compress: null })
                {
                    var (tombstones, writer) = (
                        choices.Tombstones ?? settings.Tombstones,
                        new WriterSettings(choices.OneKeyPerEntry ?? settings.OneKeyPerEntry, choices.Compress ?? settings.Compress)
                    );
                    if (hasBegun && tombstones != settings.Tombstones)
                        return new Problem.Conflict(
                            "copy-choice-settled",
                            "What becomes of tombstones can't change once a copy has begun: what is there already would not follow.",
                            "tombstones"
                        );
                    settings.Choose(tombstones, choices.TooLarge ?? settings.TooLarge, writer);
                }
                var (wanted, left) = await WantedAsync(session, id, topics, cancellationToken);
                if (topics is not null && topics.FirstOrDefault(name => wanted.TrueForAll(topic => topic.Name != name)) is { } unknown)
                    return new Problem.NotFound(
                        "migration-topic-not-found",
                        $"The inventory has no topic '{unknown}'. Take the inventory again if the topic is new."
                    );
                var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
                var added = new Dictionary<NamespaceId, int>();
                var kept = new Dictionary<Namespace, CopyRetention>();
                var (started, partitions, created) = (0, 0, 0);
                foreach (var topic in wanted)
                {
                    if (await session.Copies.IsCopiedAsync(id, topic.Name, cancellationToken))
                        continue;
                    if (!topic.Moves)
                        return new Problem.Conflict(
                            "copy-topic-stays",
                            $"The topic {topic.Name} stays by your mapping. Map it to a target first."
                        );
                    if (topic.IsBlocked || topic.IsAlike)
                        return new Problem.Conflict(
                            "copy-topic-blocked",
                            $"The topic {topic.Name} can't move as it is mapped. Its clashes in the mapping say what to change."
                        );
                    if (
                        !(await TargetAsync(session, access, topic, plan, added, cancellationToken)).TryGet(out var target, out var refused)
                    )
                        return refused;
                    if (target.IsNew)
                        created++;
                    kept[target.Inside] = CopyRetention.Of(topic).And(kept.GetValueOrDefault(target.Inside));
                    started++;
                    for (var number = 0; number < topic.Partitions; number++, partitions++)
                    {
                        var partition = new CopiedPartition(new(clock.NewUuid()), id, target.Topic, topic.Name, number, clock.Now());
                        session.Copies.Add(partition);
                        session.Work.Add(clock, new CopyWork(partition.Id), partition.Place());
                    }
                }
                foreach (var (inside, retention) in kept)
                {
                    if (retention.Raise(inside.Wishes, plan.Limits) is not { } raised)
                        continue;
                    inside.Wish(raised);
                    session.Work.Add(clock, new ApplyPoliciesWork(inside.Id), ApplyPoliciesWork.Place(inside, WorkPriority.Waiting));
                }
                await session.WatchAsync(migration, clock, cancellationToken);
                return new StartedCopies(started, partitions, created, left);
            },
            cancellationToken
        );
    }

    private static async Task<(List<MigrationTopic> Topics, bool Left)> WantedAsync(
        IPortalSession session,
        MigrationId id,
        IReadOnlyList<string>? names,
        CancellationToken cancellationToken
    )
    {
        if (names is not null)
            return ([.. await session.Migrations.FindTopicsAsync(id, names, cancellationToken)], false);
        var wanted = new List<MigrationTopic>();
        for (string? after = null; ; )
        {
            var page = await session.Migrations.TopicsAfterAsync(id, after, 200, cancellationToken);
            if (page.Count == 0)
                return (wanted, false);
            after = page[^1].Name;
            foreach (var topic in page.Where(topic => topic is { Moves: true, IsBlocked: false, IsAlike: false }))
            {
                if (await session.Copies.IsCopiedAsync(id, topic.Name, cancellationToken))
                    continue;
                if (wanted.Count == MostTopics)
                    return (wanted, true);
                wanted.Add(topic);
            }
        }
    }

    /// <summary>The target as it is, or a new one within what the plan allows.</summary>
    private async Task<Outcome<(Topic Topic, Namespace Inside, bool IsNew)>> TargetAsync(
        IPortalSession session,
        OrganizationAccess access,
        MigrationTopic topic,
        EffectivePlan plan,
        Dictionary<NamespaceId, int> added,
        CancellationToken cancellationToken
    )
    {
        if (!access.Scope.Covers(new(topic.TargetTenant!, topic.TargetNamespace!)))
            return TenantProblems.NoNamespace;
        if (await session.Tenants.FindAsync(access.Organization.Id, topic.TargetTenant!, cancellationToken) is not { } tenant)
            return TenantProblems.NoTenant;
        if (tenant.State == ResourceState.Deleting)
            return TenantProblems.Deleting("tenant");
        if (!(await NamespaceAsync(session, tenant, topic.TargetNamespace, plan, cancellationToken)).TryGet(out var inside, out var unmade))
            return unmade;
        if (inside.State == ResourceState.Deleting)
            return TenantProblems.Deleting("namespace");
        if (!TopicName.Create(topic.TargetName).TryGet(out var name, out var unnamed))
            return unnamed;
        var there = await session.Topics.FindAsync(inside.Id, name.Value, null, cancellationToken);
        if (there is { IsLost: false })
        {
            return
                there is { State: ResourceState.Ready or ResourceState.Creating, Persistent: true } && there.Partitions == topic.Partitions
                ? (there, inside, false)
                : new Problem.Conflict(
                    "copy-target-differs",
                    $"The topic {inside.Path}/{name} is there already and isn't a persistent topic of {topic.Partitions} "
                        + $"partitions, as {topic.Name} is. Delete it, or map to another name."
                );
        }
        var used = await session.Topics.CountAsync(inside.Id, cancellationToken) + added.GetValueOrDefault(inside.Id);
        if (plan.RefuseOneMore(LimitKind.TopicsPerNamespace, "topics-limit", "topic", "in a namespace", used) is { } over)
            return over;
        if (plan.RefuseMore(LimitKind.PartitionsPerTopic, "partitions-limit", "partitions in a topic", topic.Partitions) is { } tooMany)
            return tooMany;
        added[inside.Id] = added.GetValueOrDefault(inside.Id) + 1;
        if (there is not null)
            return (
                await there.ReplaceAsync(session, inside, persistent: true, topic.Partitions, start: null, keys, clock, cancellationToken),
                inside,
                true
            );
        var made = new Topic(new TopicId(clock.NewUuid()), inside, name, persistent: true, topic.Partitions, clock.Now());
        session.Topics.Add(made);
        session.Work.Add(clock, new CreateTopicWork(made.Id), made.Place());
        return (made, inside, true);
    }

    /// <summary>The one that the mapping names, or a new one, as the dry run said.</summary>
    private async Task<Outcome<Namespace>> NamespaceAsync(
        IPortalSession session,
        Tenant tenant,
        string? wanted,
        EffectivePlan plan,
        CancellationToken cancellationToken
    )
    {
        if (!NamespaceName.Create(wanted).TryGet(out var name, out var refused))
            return refused;
        if (await session.Tenants.FindNamespaceAsync(tenant.Id, name.Value, cancellationToken) is { } there)
            return there;
        var used = await session.Tenants.CountNamespacesAsync(tenant.Id, cancellationToken);
        return plan.RefuseOneMore(LimitKind.NamespacesPerTenant, "namespaces-limit", "namespace", "in a tenant", used) is { } over
            ? over
            : CreateNamespace.Add(session, tenant, name, clock);
    }
}
