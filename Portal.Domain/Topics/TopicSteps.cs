using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Topics;

public sealed record CreateTopicWork(TopicId Topic) : IWorkPayload
{
    public static string Kind => "topic.create";
}

/// <param name="Force">Also while clients are connected.</param>
public sealed record DeleteTopicWork(TopicId Topic, bool Force) : IWorkPayload
{
    public static string Kind => "topic.delete";
}

internal static class TopicWork
{
    /// <summary>In the tenant's line: after its namespace was made, before it is deleted.</summary>
    internal static WorkPlace Place(this Topic topic) =>
        TenantPlaces.Of(topic.Cluster, topic.TenantId, topic.OrganizationId, $"{topic.TenantName}/{topic.NamespaceName}/{topic.Name}");

    internal static void StartDeleting(this Topic topic, IPortalSession session, bool force, TimeProvider clock)
    {
        topic.Delete(clock.Now());
        session.Work.Add(clock, new DeleteTopicWork(topic.Id, force), topic.Place());
    }

    /// <summary>
    /// A topic in the place of one that was deleted on the cluster: another topic, with the grants of the keys that named the old one.
    /// </summary>
    internal static async Task<Topic> ReplaceAsync(
        this Topic lost,
        IPortalSession session,
        Namespace inside,
        bool persistent,
        int partitions,
        TopicStart? start,
        ITopicKeys keys,
        TimeProvider clock,
        CancellationToken cancellationToken,
        string? beside = null
    )
    {
        await session.Topics.RetireAsync(lost, clock.Now(), cancellationToken);
        var topic = new Topic(
            new TopicId(clock.NewUuid()),
            inside,
            TopicName.Create(lost.Name).Value,
            persistent,
            partitions,
            clock.Now(),
            start,
            beside ?? lost.Beside
        );
        session.Topics.Add(topic);
        await keys.ReplacedAsync(session, lost.Id, topic.Id, cancellationToken);
        session.Work.Add(clock, new CreateTopicWork(topic.Id), topic.Place());
        return topic;
    }

    internal static IAsyncEnumerable<Topic> AllTopicsAsync(
        this IPortalSession session,
        NamespaceId @namespace,
        CancellationToken cancellationToken
    ) => PageWalk.AllAsync(page => session.Topics.ListAsync(@namespace, page, cancellationToken), cancellationToken);
}

/// <summary>Topics on the cluster. A topic that is ready is granted to the keys that name it and to those that cover all.</summary>
public sealed class TopicSteps(
    IPortalDatabase database,
    ITopicAdmin topics,
    ISchemaAdmin schemas,
    ITopicKeys keys,
    IFinalReading finalReading,
    IKillPoints killPoints,
    TimeProvider clock
) : IWorkStep<CreateTopicWork>, IWorkStep<DeleteTopicWork>
{
    public async Task<StepResult> RunAsync(CreateTopicWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var topic = await database.ReadAsync(session => session.Topics.FindAsync(payload.Topic, cancellationToken), cancellationToken);
        if (topic is not { State: ResourceState.Creating })
            return StepResult.Finished;
        killPoints.Reached(KillPoint.TopicBeforeCluster);
        var made = await topics.EnsureAsync(topic.OnCluster, cancellationToken);
        if (made.IsOk && topic.StartsWith is { } start)
            made = await BeginAsync(topic.OnCluster, start, cancellationToken);
        if (!made.IsOk)
            return StepResult.Of(made.Problem);
        killPoints.Reached(KillPoint.TopicAfterCluster);
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Topics.FindAsync(payload.Topic, token) is not { State: ResourceState.Creating } now)
                    return;
                now.Begun(clock.Now());
                await keys.ReadyAsync(session, now, token);
            }
        );
    }

    /// <summary>
    /// Before it is ready, so that no client's message can come before the subscriptions that are to keep it. All of it may be
    /// repeated: what is there already stays as it is.
    /// </summary>
    private async Task<Outcome<Done>> BeginAsync(TopicAddress topic, TopicStart start, CancellationToken cancellationToken)
    {
        if (start.SchemaType is { } type)
        {
            var wanted = SchemaDefinition.Create(type, start.Schema).Value;
            if (!(await schemas.UploadAsync(topic, wanted, cancellationToken)).TryGet(out var answer, out var problem))
                return Refused("schema", problem);
            if (!answer.Fits)
            {
                // An earlier topic of this name may have left one.
                var clash = await SchemaClash.ExplainAsync(schemas, topic, wanted, answer.Strategy, cancellationToken);
                return Refused("schema", new Problem.Conflict("schema-incompatible", clash.Sentence));
            }
        }
        foreach (var one in start.Subscriptions)
        {
            var made = await topics.CreateSubscriptionAsync(
                topic,
                SubscriptionName.Create(one.Name).Value,
                one.FromEarliest,
                cancellationToken
            );
            if (!made.IsOk)
                return Refused($"subscription “{one.Name}”", made.Problem);
        }
        return Outcome.Done;
    }

    /// <summary>Says what of it failed. An outage says enough, and is tried again by itself.</summary>
    private static Problem Refused(string what, Problem problem) =>
        problem is Problem.Unavailable or Problem.TooMany
            ? problem
            : new Problem.Conflict(
                problem.Code,
                $"The cluster didn't accept the topic's {what}: {problem.Message} Delete the topic and create it without the "
                    + $"{what}, or try again."
            );

    public async Task PostponedAsync(
        IPortalSession session,
        CreateTopicWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Topics.FindAsync(payload.Topic, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(IPortalSession session, CreateTopicWork payload, Problem problem, CancellationToken cancellationToken)
    {
        if (await session.Topics.FindAsync(payload.Topic, cancellationToken) is { State: ResourceState.Creating } topic)
            topic.Fail(problem);
    }

    public async Task<StepResult> RunAsync(DeleteTopicWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var topic = await database.ReadAsync(session => session.Topics.FindAsync(payload.Topic, cancellationToken), cancellationToken);
        if (topic is not { State: ResourceState.Deleting })
            return StepResult.Finished;
        await finalReading.TakeAsync(topic, cancellationToken);
        killPoints.Reached(KillPoint.TopicBeforeDelete);
        var deleted = await topics.DeleteAsync(topic.OnCluster, payload.Force, cancellationToken);
        if (!deleted.IsOk)
            return StepResult.Of(deleted.Problem);
        killPoints.Reached(KillPoint.TopicAfterDelete);
        return new StepResult.Done(
            async (session, token) =>
            {
                // The broker drops a topic's grants with the topic.
                await keys.DeletedAsync(session, payload.Topic, token);
                (await session.Topics.FindAsync(payload.Topic, token))?.Deleted(clock.Now());
            }
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        DeleteTopicWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Topics.FindAsync(payload.Topic, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(IPortalSession session, DeleteTopicWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Topics.FindAsync(payload.Topic, cancellationToken))?.Keep(problem);
}

/// <summary>Asks topics for connected clients, before anything about them is taken away.</summary>
public sealed class TopicsInUse(ITopicAdmin admin)
{
    private const int SideBySide = 8;
    private const int Named = 3;

    /// <summary>
    /// Null when no client is connected to any of them. A Conflict <c>topic-in-use</c> names topics and clients; when the
    /// cluster does not answer for one of them, that is the problem.
    /// </summary>
    public async Task<Problem?> FindAsync(IReadOnlyCollection<Topic> topics, CancellationToken cancellationToken)
    {
        var busy = new System.Collections.Concurrent.ConcurrentBag<(Topic Topic, TopicStats Stats)>();
        Problem? unanswered = null;
        await Parallel.ForEachAsync(
            topics.Where(topic => topic.ReadyAt is not null && topic.State != ResourceState.Deleted),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (topic, token) =>
            {
                if (Volatile.Read(ref unanswered) is not null)
                    return;
                var asked = await admin.StatsAsync(topic.OnCluster, token);
                if (asked.TryGet(out var stats, out var problem))
                {
                    if (stats.Producers + stats.Consumers > 0)
                        busy.Add((topic, stats));
                }
                else if (problem is not Problem.NotFound)
                {
                    Volatile.Write(ref unanswered, problem);
                }
            }
        );
        if (!busy.IsEmpty)
            return InUse([.. busy.OrderBy(one => one.Topic.Address, StringComparer.Ordinal)]);
        return unanswered;
    }

    internal static Problem.Conflict InUse(IReadOnlyList<(Topic Topic, TopicStats Stats)> busy)
    {
        var named = string.Join("; ", busy.Take(Named).Select(one => $"topic {one.Topic.Name} has {Clients(one.Stats)}"));
        var more =
            busy.Count > Named ? $"; and {busy.Count - Named} more {(busy.Count == Named + 1 ? "topic is" : "topics are")} in use" : "";
        return new(
            "topic-in-use",
            $"Clients are still connected: {named}{more}. Disconnect them first, or delete with force to disconnect them."
        );
    }

    private static string Clients(TopicStats stats) =>
        string.Join(" and ", new[] { Count(stats.Producers, "producer"), Count(stats.Consumers, "consumer") }.OfType<string>());

    private static string? Count(int number, string what) =>
        number switch
        {
            0 => null,
            1 => $"1 {what}",
            _ => $"{number} {what}s",
        };
}
