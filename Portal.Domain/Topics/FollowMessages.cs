using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// New messages of a topic while somebody looks on. It moves no subscription; what is read counts on the read meter, once for all who
/// follow the same topic on this replica.
/// </summary>
public sealed class FollowMessages(AccessGuard guard, IPortalDatabase database, TopicFollows follows, IChanges changes, TimeProvider clock)
{
    private static readonly Problem.Conflict Changed = new("masking-changed", "Who sees which fields was changed. Start again.");

    /// <param name="filter">Only messages that match; the others are read, and metered, all the same.</param>
    /// <returns>Whoever asked disposes it.</returns>
    public async Task<Outcome<MessageWatch>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        MessageFilter? filter,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ReadMessages,
            "message.read",
            $"{tenant}/{@namespace}/{topic}",
            new Dictionary<string, string> { ["from"] = "now, as they arrive" },
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.FindWithNamespaceAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var at, out problem))
            return problem;
        var recorded = await database.WriteAsync(
            actor,
            access.Organization.Id,
            operation,
            _ => Task.FromResult(Outcome.Done),
            cancellationToken
        );
        if (!recorded.IsOk)
            return recorded.Problem;
        if (!follows.Join(at.Namespace, at.Topic).TryGet(out var seat, out problem))
            return problem;
        var mask = MessageMask.Of(at.Namespace, at.Topic.Name, access);
        var news = changes.Listen([Change.Organization(access.Organization.Id)]);
        return new MessageWatch(seat, filter?.Through(mask), mask, news, StillAsync, clock);

        // Who was removed, and a topic that was deleted, are seen while nothing else is asked.
        async Task<Problem?> StillAsync(CancellationToken stop)
        {
            if (!(await guard.EnterAsync(actor, organization, operation, stop)).TryGet(out var now, out var refusal))
                return refusal;
            var there = await database.ReadAsync(
                session => session.FindWithNamespaceAsync(now.Organization.Id, tenant, @namespace, topic, stop),
                stop
            );
            if (!there.TryGet(out var here, out refusal))
                return refusal;
            if (here.Topic.Id != at.Topic.Id)
                return TopicLookup.NotReady;
            // Another role, or other fields: what was begun with the old ones ends.
            return
                here.Namespace.Masking.ToJson() == at.Namespace.Masking.ToJson()
                && here.Namespace.Masking.Concerns(now) == (mask is not null || at.Namespace.Masking.Concerns(access))
                ? null
                : Changed;
        }
    }
}

/// <summary>What came since somebody looked last.</summary>
/// <param name="Items">That match, oldest first.</param>
/// <param name="Looked">Messages that were looked at, whether they matched or not.</param>
/// <param name="Missed">Messages that came and went before they could be shown.</param>
/// <param name="Skipped">Others were never read: the topic was faster than <see cref="TopicFollows.MostInSecond"/>, or the connection was
/// lost.</param>
/// <param name="Trouble">Why nothing comes at the moment; reading is tried again by itself.</param>
public sealed record FollowedMessages(IReadOnlyList<Message> Items, int Looked, long Missed, bool Skipped, Problem? Trouble);

/// <summary>One person's following of a topic.</summary>
public sealed class MessageWatch : IDisposable
{
    /// <summary>How often it is asked whether the person still may, besides at every change of the organization.</summary>
    public static readonly TimeSpan ChecksEvery = TimeSpan.FromSeconds(30);

    private readonly TopicFollows.Seat _seat;
    private readonly MessageFilter? _filter;
    private readonly MessageMask? _mask;
    private readonly IChangeListener _news;
    private readonly Func<CancellationToken, Task<Problem?>> _still;
    private readonly TimeProvider _clock;
    private long _checked;

    internal MessageWatch(
        TopicFollows.Seat seat,
        MessageFilter? filter,
        MessageMask? mask,
        IChangeListener news,
        Func<CancellationToken, Task<Problem?>> still,
        TimeProvider clock
    ) => (_seat, _filter, _mask, _news, _still, _clock, _checked) = (seat, filter, mask, news, still, clock, clock.GetTimestamp());

    /// <summary>
    /// What is new; nothing at all after <paramref name="patience"/>. A problem ends it: the person may no longer, or the topic is gone.
    /// </summary>
    public async Task<Outcome<FollowedMessages>> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (await LostAsync(cancellationToken) is { } problem)
            return problem;
        var news = await _seat.NextAsync(patience < ChecksEvery ? patience : ChecksEvery, cancellationToken);
        // What comes while somebody waits is not for who was removed meanwhile.
        if (news.Items.Count > 0 && await LostAsync(cancellationToken) is { } lost)
            return lost;
        return new FollowedMessages(
            [.. news.Items.Where(message => _filter?.Matches(message) != false).Select(message => _mask?.Apply(message) ?? message)],
            news.Items.Count,
            news.Missed,
            news.Skipped,
            news.Trouble
        );
    }

    /// <summary>Whether what is sent from now on comes.</summary>
    internal bool IsReading => _seat.IsReading;

    public void Dispose()
    {
        _news.Dispose();
        _seat.Dispose();
    }

    private async Task<Problem?> LostAsync(CancellationToken cancellationToken)
    {
        if (!await _news.WaitAsync(TimeSpan.Zero, cancellationToken) && _clock.GetElapsedTime(_checked) < ChecksEvery)
            return null;
        var problem = await _still(cancellationToken);
        _checked = _clock.GetTimestamp();
        return problem;
    }
}
