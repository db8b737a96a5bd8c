using System.Globalization;
using System.Text.Json;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Topics;

/// <summary>Sends dead letters to the topic again whose consumers gave up on them.</summary>
/// <param name="After">Begins after these, in each partition in turn.</param>
/// <param name="UpTo">And ends with these: what arrives later stays.</param>
/// <param name="Messages">Only these, <c>ledger:entry:partition:batch index</c>; null for all between the places.</param>
public sealed record SendBackWork(
    TopicId Letters,
    TopicId Target,
    IReadOnlyList<MessagePosition?> After,
    IReadOnlyList<MessagePosition?> UpTo,
    IReadOnlyList<MessagePlace>? Messages
) : IWorkPayload
{
    public static string Kind => "messages.send-back";

    /// <summary>One at a time of a topic.</summary>
    public static string Line(TopicId letters) => $"send-back:{letters}";

    internal static WorkPlace Place(Topic letters) =>
        new(
            Lanes.Cluster(letters.Cluster),
            Line(letters.Id),
            letters.OrganizationId,
            $"{letters.TenantName}/{letters.NamespaceName}/{letters.Name}",
            WorkPriority.Background
        )
        {
            IsJob = true,
        };
}

/// <summary>How sending dead letters back stands.</summary>
/// <param name="Target">Where they go; null once that topic is gone.</param>
/// <param name="Sent">Messages that the target has taken.</param>
/// <param name="Left">Messages that can't be sent from the portal, and stay.</param>
/// <param name="Total">About how many there are to send; 0 while unknown.</param>
public sealed record SendBackStanding(
    WorkId Id,
    Topic? Target,
    SendBackState State,
    long Sent,
    long Left,
    long Total,
    string? Problem,
    DateTimeOffset BegunAt,
    DateTimeOffset? EndedAt,
    bool IsSelection
);

public enum SendBackState
{
    Running,
    Paused,
    Waiting,
    Done,
    Stopped,
    Failed,
}

/// <summary>What can be sent back, and how the last time went.</summary>
/// <param name="Source">The topic whose dead letters these are.</param>
/// <param name="Last">Null before the first time.</param>
public sealed record DeadLetterStanding(Topic Source, string Subscription, SendBackStanding? Last);

/// <summary>Whether a topic takes dead letters, of which topic, and how sending them back stands.</summary>
public sealed class GetSendBack(AccessGuard guard, IPortalDatabase database)
{
    /// <summary>Conflict <c>not-dead-letters</c> for a topic that is no dead letter topic of another one.</summary>
    public async Task<Outcome<DeadLetterStanding>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            "topic.view",
            $"{tenant}/{@namespace}/{topic}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<DeadLetterStanding>>(
            async session =>
            {
                if (
                    !(await session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                        out var letters,
                        out var missing
                    )
                )
                    return missing;
                if (await session.SourceOfAsync(letters, cancellationToken) is not { } source)
                    return SendBack.NotDeadLetters;
                var last = await session.Work.FindLastAsync(SendBackWork.Line(letters.Id), SendBackWork.Kind, cancellationToken);
                return new DeadLetterStanding(
                    source,
                    AsideTopics.SubscriptionOf(source, letters),
                    last is null ? null : await session.StandingOfAsync(last, cancellationToken)
                );
            },
            cancellationToken
        );
    }
}

/// <summary>
/// Begins to send dead letters to the topic that they come from: some messages, or all that lie there now and nobody has
/// dealt with. They stay in the dead letter topic; whoever sent them back skips them there afterwards.
/// </summary>
public sealed class SendBack(
    AccessGuard guard,
    IPortalDatabase database,
    IMessageClient messages,
    ITopicEnds ends,
    ISubscriptionCursors cursors,
    TimeProvider clock
)
{
    /// <summary>Messages that can be chosen at once.</summary>
    public const int MostChosen = 100;

    internal static readonly Problem.Conflict NotDeadLetters = new(
        "not-dead-letters",
        "Only messages of a dead letter topic can be sent back, and only while the topic that they come from exists. "
            + "Dead letter topics are named topic-subscription-DLQ."
    );

    private static readonly Problem.Conflict UnderWay = new(
        "send-back-under-way",
        "Messages of this topic are being sent back already. Wait until that is done, or stop it first."
    );

    private static readonly Problem.Invalid NoneChosen = new(
        "messages-missing",
        $"Choose 1 to {MostChosen} messages, or leave messageIds out to send all of them.",
        "messageIds"
    );

    /// <param name="chosen">Ids of messages; null for all up to now.</param>
    public async Task<Outcome<SendBackStanding>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        IReadOnlyList<string>? chosen,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.SendMessages,
            "message.send-back",
            $"{tenant}/{@namespace}/{topic}",
            new Dictionary<string, string>
            {
                ["messages"] = chosen is null ? "all up to now" : chosen.Count.ToString(CultureInfo.InvariantCulture),
            },
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (chosen is { Count: 0 or > MostChosen })
            return NoneChosen;
        if (access.Organization.Publishing == Publishing.Blocked)
            return OrganizationProblems.PublishingBlocked(access.Organization);
        var found = await database.ReadAsync<Outcome<(Topic Letters, Topic Source)>>(
            async session =>
            {
                if (
                    !(await session.FindWithNamespaceAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                        out var at,
                        out var missing
                    )
                )
                    return missing;
                return await session.SourceOfAsync(at.Topic, cancellationToken) is not { } origin ? NotDeadLetters
                    : origin.State == ResourceState.Ready ? (at.Topic, origin)
                    : TopicLookup.NotReady;
            },
            cancellationToken
        );
        if (!found.TryGet(out var pair, out problem))
            return problem;
        var planned = chosen is null
            ? await AllAsync(pair.Letters, pair.Source, cancellationToken)
            : Chosen(pair.Letters, chosen).Map(places => new SendBackWork(pair.Letters.Id, pair.Source.Id, [], [], places));
        if (!planned.TryGet(out var plan, out problem))
            return problem;
        operation = operation with { Details = new Dictionary<string, string>(operation.Details!) { ["to"] = pair.Source.Name } };
        return await database.WriteAsync<SendBackStanding>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Work.FindOpenAsync(SendBackWork.Line(pair.Letters.Id), SendBackWork.Kind, cancellationToken) is not null)
                    return UnderWay;
                return await session.StandingOfAsync(session.Work.Add(clock, plan, SendBackWork.Place(pair.Letters)), cancellationToken);
            },
            cancellationToken
        );
    }

    /// <summary>From where the subscription that keeps them stands to the last that is there now.</summary>
    private async Task<Outcome<SendBackWork>> AllAsync(Topic letters, Topic source, CancellationToken cancellationToken)
    {
        if (!(await ends.LastAsync(letters.OnCluster, cancellationToken)).TryGet(out var last, out var problem))
            return problem;
        var after = new MessagePosition?[last.Count];
        for (var partition = 0; partition < last.Count; partition++)
        {
            if (last[partition] is null)
                continue;
            if (
                !(await cursors.ReadAsync(letters.OnCluster, letters.Partitions == 0 ? null : partition, cancellationToken)).TryGet(
                    out var there,
                    out problem
                )
            )
                return problem;
            after[partition] = there.FirstOrDefault(one => one.Subscription == NewTopicSubscription.DeadLetterSubscription)?.Mark;
        }
        return new SendBackWork(letters.Id, source.Id, after, last, null);
    }

    private Outcome<IReadOnlyList<MessagePlace>> Chosen(Topic letters, IReadOnlyList<string> ids)
    {
        var places = new List<MessagePlace>(ids.Count);
        foreach (var id in ids)
        {
            if (!messages.Locate(id ?? "").TryGet(out var place, out var problem))
                return problem;
            if (place.Partition is null != letters.Partitions is 0 || place.Partition >= letters.Partitions && letters.Partitions > 0)
                return new Problem.Invalid(
                    "message-id-unknown",
                    "This isn't a message ID of this topic. Copy one from the list of messages.",
                    "messageIds"
                );
            if (!places.Contains(place))
                places.Add(place);
        }
        return places;
    }
}

/// <summary>What somebody wants of messages that are being sent back.</summary>
public enum SendBackWish
{
    Pause,
    Resume,
    Stop,
}

/// <summary>Pauses, resumes or stops sending back; what was sent stays sent.</summary>
public sealed class SteerSendBack(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    private static readonly Problem.Conflict Nothing = new("send-back-ended", "Nothing is being sent back right now.");

    public async Task<Outcome<SendBackStanding>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        SendBackWish wish,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.SendMessages,
            wish switch
            {
                SendBackWish.Pause => "message.send-back.pause",
                SendBackWish.Resume => "message.send-back.resume",
                SendBackWish.Stop => "message.send-back.stop",
            },
            $"{tenant}/{@namespace}/{topic}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<SendBackStanding>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (
                    !(await session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                        out var letters,
                        out var missing
                    )
                )
                    return missing;
                if (await session.Work.FindOpenAsync(SendBackWork.Line(letters.Id), SendBackWork.Kind, cancellationToken) is not { } row)
                    return Nothing;
                if (wish == SendBackWish.Resume)
                    row.TryNow(clock.Now());
                else
                    row.Want(wish == SendBackWish.Pause ? WorkWish.Pause : WorkWish.Stop);
                return await session.StandingOfAsync(row, cancellationToken);
            },
            cancellationToken
        );
    }
}

/// <summary>How far a row of it has come.</summary>
/// <param name="At">After the message with this id, or at the index of the chosen ones; null at the beginning.</param>
internal sealed record SendBackPoint(string? At, long Sent, long Left)
{
    internal static SendBackPoint Read(string? checkpoint) =>
        checkpoint is null ? new(null, 0, 0) : JsonSerializer.Deserialize<SendBackPoint>(checkpoint)!;

    internal string Text => JsonSerializer.Serialize(this);
}

internal static class SendBackRows
{
    internal static async Task<SendBackStanding> StandingOfAsync(
        this IPortalSession session,
        WorkItem row,
        CancellationToken cancellationToken
    )
    {
        var payload = row.PayloadOf<SendBackWork>();
        var point = SendBackPoint.Read(row.Checkpoint);
        var state = row.State switch
        {
            WorkState.Done => SendBackState.Done,
            WorkState.Stopped or WorkState.Skipped => SendBackState.Stopped,
            WorkState.Refused => SendBackState.Failed,
            _ when row.Wish == WorkWish.Pause => SendBackState.Paused,
            _ when row.Wish == WorkWish.Stop => SendBackState.Stopped,
            _ => row.ProblemCode is null ? SendBackState.Running : SendBackState.Waiting,
        };
        var sent = row.State == WorkState.Done ? row.Done : point.Sent;
        return new(
            row.Id,
            await session.Topics.FindAsync(payload.Target, cancellationToken),
            state,
            sent,
            row.State == WorkState.Done ? row.Total - row.Done : point.Left,
            payload.Messages?.Count ?? 0,
            state is SendBackState.Failed or SendBackState.Waiting ? row.ProblemMessage : null,
            row.CreatedAt,
            row.EndedAt,
            payload.Messages is not null
        );
    }
}
