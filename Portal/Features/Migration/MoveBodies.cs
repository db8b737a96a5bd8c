using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Features.Api;

namespace Portal.Features.Migration;

/// <param name="Groups">At most 100; leave it out for all groups with positions in copied topics.</param>
public sealed record MoveGroupsBody(IReadOnlyList<GroupChoiceBody>? Groups);

/// <param name="Group">In Kafka.</param>
/// <param name="Subscription">The group's name by default, or what is left of it where Pulsar doesn't take it.</param>
/// <param name="Start">Where partitions without a committed offset begin; earliest by default.</param>
/// <param name="Topics">Kafka topics that the group reads without a committed offset in them.</param>
public sealed record GroupChoiceBody(
    [Needed] string? Group,
    string? Subscription,
    [OneOf("earliest", "latest")] string? Start,
    IReadOnlyList<string>? Topics
);

/// <param name="Subscriptions">On their way.</param>
public sealed record MovedGroupsBody(int Subscriptions);

/// <param name="State">Told from what was seen alone, or confirmed by a person.</param>
/// <param name="SubscriptionState">none: nobody has asked for it yet. taken: clients use it, so that it is no longer moved.</param>
/// <param name="PositionsAt">Of which moment the commits are that the subscription stands at.</param>
/// <param name="Rereads">Messages that are delivered again at most, over all partitions.</param>
/// <param name="LastCommitSeenAt">When its commits were last seen to move in Kafka.</param>
/// <param name="Back">Its positions in Kafka on the way back; null before they are asked for.</param>
public sealed record GroupMoveBody(
    string Group,
    [OneOf("not-prepared", "preparing", "failed", "prepared", "switching", "moved", "confirmed")] string State,
    string Subscription,
    string SuggestedType,
    [OneOf("none", "wanted", "ready", "taken", "failed")] string SubscriptionState,
    DateTimeOffset? PositionsAt,
    long Rereads,
    string? KafkaState,
    int? KafkaMembers,
    DateTimeOffset? LookedAt,
    DateTimeOffset? LastCommitSeenAt,
    int Consumers,
    DateTimeOffset? ConsumerSeenAt,
    DateTimeOffset? AcknowledgmentSeenAt,
    ConfirmationBody? Confirmation,
    StateProblemBody? Problem,
    GroupBackBody? Back
);

/// <param name="Note">How it is known.</param>
public sealed record ConfirmationBody(string By, DateTimeOffset At, string? Note);

public sealed record GroupMoveDetailBody(GroupMoveBody Group, IReadOnlyList<MoveTargetBody> Topics);

/// <param name="KafkaTopic">In Kafka.</param>
/// <param name="Topic">In Pulsar.</param>
public sealed record MoveTargetBody(string KafkaTopic, string Topic, int Partitions);

/// <param name="CommittedOffset">What the group would have read next in Kafka; null for none.</param>
/// <param name="Kind">
/// exact: the message behind the last commit. end: behind everything that was copied. near: a message before the position.
/// not-copied: the group is ahead of the copy. start: without a commit.
/// </param>
/// <param name="MessageId">As ledger:entry:batch; null for the topic's beginning.</param>
/// <param name="Behind">true: delivery begins behind the message, not with it.</param>
/// <param name="Rereads">Messages that are delivered again at most.</param>
/// <param name="Back">Where the group was set to in Kafka on the way back; null before.</param>
public sealed record GroupPositionBody(
    string KafkaTopic,
    int Partition,
    long? CommittedOffset,
    [OneOf("exact", "end", "near", "not-copied", "start")] string Kind,
    string? MessageId,
    bool Behind,
    long Rereads,
    DateTimeOffset SetAt,
    KafkaPositionBody? Back
);

/// <summary>Where the group was set to in Kafka on the way back.</summary>
/// <param name="Exact">Nothing is read twice.</param>
/// <param name="Rereads">Records that are read again at most; null when Portal can't tell.</param>
public sealed record KafkaPositionBody(long Offset, bool Exact, long? Rereads);

/// <param name="State">writing: records still come in Kafka. settling: not watched long enough. quiet: none come, and no producer was seen
/// in Pulsar.</param>
/// <param name="Lag">Records that Kafka has and Pulsar doesn't.</param>
/// <param name="LastWrittenSeenAt">When records were last seen to come in Kafka.</param>
/// <param name="Producers">Connected in Pulsar now.</param>
public sealed record ProducerMoveBody(
    string KafkaTopic,
    string Topic,
    [OneOf("not-seen", "writing", "settling", "quiet", "moved", "confirmed")] string State,
    long Lag,
    long? KafkaEnd,
    DateTimeOffset? LookedAt,
    DateTimeOffset? LastWrittenSeenAt,
    int Producers,
    DateTimeOffset? ProducerSeenAt,
    ConfirmationBody? Confirmation
);

/// <param name="Group">A consumer group; leave it out for the producers of a topic.</param>
/// <param name="Topic">In Kafka.</param>
/// <param name="Moved">false takes a confirmation back; true by default.</param>
/// <param name="Note">How you know; it becomes part of the record.</param>
public sealed record ConfirmMoveBody(string? Group, string? Topic, bool? Moved, string? Note);

public sealed record ConfirmedMoveBody(string? Group, string? Topic, bool Moved);

/// <param name="AcceptOpen">Cut over though something isn't settled. What it was becomes part of the record.</param>
public sealed record StartCutOverBody(bool? AcceptOpen);

/// <param name="Stage">Of the cut-over.</param>
/// <param name="Lag">Messages that Kafka has and Pulsar doesn't.</param>
/// <param name="LagSeconds">How old the last copied record is while more wait; null while nothing lags.</param>
/// <param name="OpenCount">Of everything that isn't settled; the first 100 are listed.</param>
/// <param name="Accepted">What wasn't settled when somebody cut over.</param>
public sealed record CutOverBody(
    [OneOf("none", "catching", "proving", "stopping", "done", "failed")] string Stage,
    int Groups,
    int GroupsMoved,
    int Topics,
    int TopicsQuiet,
    long Lag,
    double? LagSeconds,
    int OpenCount,
    IReadOnlyList<OpenMatterBody> Open,
    string? AskedBy,
    DateTimeOffset? AskedAt,
    DateTimeOffset? DoneAt,
    IReadOnlyList<string> Accepted,
    string? Problem
);

public sealed record OpenMatterBody([OneOf("group", "producer", "copy")] string Kind, string Name, string Message);

/// <param name="Messages">In Pulsar and not in Kafka; estimated from a sample unless exact.</param>
/// <param name="MayWrite">Whether the Kafka user may write to the topic; null when it isn't known.</param>
/// <param name="Commands">For the Kafka administrator, where the user may not.</param>
/// <param name="Returned">Messages that were copied back so far.</param>
/// <param name="Unreadable">Messages that Portal can't read, of those it looked at: encrypted by their producers, for example.</param>
/// <param name="LeftOut">Messages that were left out so far.</param>
public sealed record WayBackTopicBody(
    string KafkaTopic,
    string Topic,
    int Partitions,
    long Messages,
    bool Exact,
    bool? MayWrite,
    string? Commands,
    long Returned,
    [OneOf("copying", "done", "failed")] string? State,
    string? Problem,
    long Unreadable,
    long LeftOut
);

/// <param name="Topics">In Kafka, 1 to 10.</param>
/// <param name="LeaveOutUnreadable">Leave out and list messages that Portal can't read. Otherwise their partition stops there.</param>
public sealed record StartWayBackBody([Needed] IReadOnlyList<string>? Topics, bool? LeaveOutUnreadable);

/// <param name="Groups">In Kafka, 1 to 100.</param>
public sealed record StartGroupsBackBody([Needed] IReadOnlyList<string>? Groups);

/// <param name="Groups">On their way.</param>
public sealed record StartedGroupsBody(int Groups);

/// <summary>A consumer group's positions in Kafka on the way back.</summary>
/// <param name="ChangedAt">When they were set, or asked for.</param>
public sealed record GroupBackBody([OneOf("wanted", "done", "failed")] string State, DateTimeOffset? ChangedAt, string? Problem);

public sealed record BackPartitionBody(
    string KafkaTopic,
    int Partition,
    [OneOf("copying", "done", "failed")] string State,
    long Messages,
    long Bytes,
    string? Problem,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long LeftOut,
    IReadOnlyList<string> LeftOutMessages
);

internal static class MoveBodies
{
    internal static Outcome<GroupStart?> Start(string? text) =>
        text switch
        {
            null => Outcome.Of<GroupStart?>(null),
            "earliest" => GroupStart.Earliest,
            "latest" => GroupStart.Latest,
            _ => new Problem.Invalid("group-start-unknown", "start is earliest or latest.", "start"),
        };

    internal static GroupMoveBody Of(GroupStanding standing, DateTimeOffset now)
    {
        var (inventory, moved) = (standing.Inventory, standing.Moved);
        return new(
            standing.Name,
            Text(MoveChecks.Of(moved, now)),
            moved?.Subscription ?? SuggestedSubscription.Of(standing.Name),
            MoveText.TypeOf(standing),
            Text(moved?.State ?? GroupSubscription.None),
            moved?.PositionedAt,
            standing.Rereads,
            moved?.KafkaState ?? inventory?.State,
            moved is { LookedAt: not null } ? moved.Members : inventory?.Members,
            moved?.LookedAt,
            moved?.CommittedAt,
            moved?.Consumers ?? 0,
            moved?.ConnectedAt,
            moved?.AcknowledgedAt,
            moved is { ConfirmedAt: { } at, ConfirmedBy: { } by } ? new(by, at, moved.ConfirmedNote) : null,
            moved?.ProblemMessage is { } message ? new(moved.ProblemCode!, message) : null,
            moved is { Back: not GroupBackState.None } back ? new(Text(back.Back), back.BackAt, back.BackProblem) : null
        );
    }

    internal static GroupPositionBody Of(GroupPosition one) =>
        new(
            one.SourceTopic,
            one.Number,
            one.Committed,
            Text(one.Kind),
            MoveText.MessageId(one) is { Length: > 0 } id ? id : null,
            one.IsAfter,
            one.Rereads,
            one.SetAt,
            one.BackOffset is { } offset ? new(offset, one.BackIsExact, one.BackRereads) : null
        );

    internal static ProducerMoveBody Of(ProducerStanding one, DateTimeOffset now) =>
        new(
            one.Topic,
            one.Address,
            Text(MoveChecks.Of(one.Seen, now)),
            one.Lag,
            one.Seen?.End,
            one.Seen?.LookedAt,
            one.Seen?.GrewAt,
            one.Seen?.Producers ?? 0,
            one.Seen?.ConnectedAt,
            one.Seen is { ConfirmedAt: { } at, ConfirmedBy: { } by } ? new(by, at, one.Seen.ConfirmedNote) : null
        );

    internal static CutOverBody Of(CutOverView view) =>
        new(
            Text(view.Migration.CutOver),
            view.Groups,
            view.GroupsGreen,
            view.Topics,
            view.TopicsGreen,
            view.Copies.Lag,
            view.Behind?.TotalSeconds,
            view.OpenCount,
            [.. view.Open.Select(one => new OpenMatterBody(one.Kind, one.Name, one.Text))],
            view.Migration.CutOverBy,
            view.Migration.CutOverAt,
            view.Migration.CutOverDoneAt,
            view.Migration.CutOverOpen.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            view.Migration.CutOverProblem
        );

    internal static WayBackTopicBody Of(WayBackTopic topic) =>
        new(
            topic.Source,
            topic.Address,
            topic.Partitions,
            topic.Messages,
            topic.IsExact,
            topic.MayWrite,
            topic.Commands,
            topic.Returned,
            topic.State is { } state ? Text(state) : null,
            topic.Problem,
            topic.Unreadable,
            topic.LeftOut
        );

    internal static BackPartitionBody Of(BackPartition one) =>
        new(
            one.SourceTopic,
            one.Number,
            Text(one.State),
            one.Messages,
            one.Bytes,
            one.ProblemMessage,
            one.StartedAt,
            one.EndedAt,
            one.LeftOut,
            one.LeftOutAt.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        );

    /// <summary><c>NotCopied</c> → <c>not-copied</c>.</summary>
    internal static string Text<TCase>(TCase value)
        where TCase : struct, Enum =>
        string.Concat(
            $"{value}".Select(
                (letter, index) => char.IsAsciiLetterUpper(letter) ? (index == 0 ? "" : "-") + char.ToLowerInvariant(letter) : $"{letter}"
            )
        );
}
