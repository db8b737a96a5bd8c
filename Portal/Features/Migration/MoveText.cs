using System.Globalization;
using Portal.Domain.Migration;
using Portal.Ui;

namespace Portal.Features.Migration;

/// <summary>Moving applications in words.</summary>
internal static class MoveText
{
    private const int MostNames = 5;

    internal static (string Words, string? Mood) State(GroupMove state) =>
        state switch
        {
            GroupMove.NotPrepared => ("not prepared", null),
            GroupMove.Preparing => ("preparing…", "info busy"),
            GroupMove.Failed => ("needs attention", "bad"),
            GroupMove.Prepared => ("ready to switch", "info"),
            GroupMove.Switching => ("switching", "warn"),
            GroupMove.Moved => ("moved", "good"),
            GroupMove.Confirmed => ("confirmed", "good"),
        };

    internal static (string Words, string? Mood) State(ProducerMove state) =>
        state switch
        {
            ProducerMove.NotSeen => ("not looked at yet", null),
            ProducerMove.Writing => ("writing to Kafka", "warn"),
            ProducerMove.Settling => ("watching…", "info busy"),
            ProducerMove.Quiet => ("quiet", "good"),
            ProducerMove.Moved => ("moved", "good"),
            ProducerMove.Confirmed => ("confirmed", "good"),
        };

    internal static (string Words, string? Mood) State(BackState? state) =>
        state switch
        {
            null => ("not started", null),
            BackState.Copying => ("copying back…", "info busy"),
            BackState.Done => ("copied back", "good"),
            BackState.Failed => ("needs attention", "bad"),
            _ => ("", null),
        };

    internal static (string Words, string? Mood) State(GroupBackState state) =>
        state switch
        {
            GroupBackState.None => ("as it was", null),
            GroupBackState.Wanted => ("setting…", "info busy"),
            GroupBackState.Done => ("set", "good"),
            GroupBackState.Failed => ("needs attention", "bad"),
        };

    /// <summary>Where the group goes on in Kafka; null before it was set there.</summary>
    internal static string? InKafka(GroupPosition one) =>
        one.BackOffset is not { } offset ? null
        : one.BackIsExact ? $"In Kafka: set to offset {offset}."
        : $"In Kafka: set to offset {offset}, "
            + $"{(one.BackRereads is { } again ? $"up to {Counted.Of(again, "record")} read again." : "some records read again.")}";

    /// <summary>One sentence for all matters that read alike.</summary>
    internal static IReadOnlyList<string> Open(IReadOnlyList<OpenMatter> matters) =>
        [
            .. matters
                .GroupBy(one => (one.Kind, one.Form))
                .Select(alike =>
                    alike.ToList() is [var only]
                        ? only.Text
                        : alike.Key.Form.Replace(
                            OpenMatter.Place,
                            $"{Counted.Of(alike.Count(), alike.Key.Kind == "group" ? "group" : "topic")} "
                                + $"({Names([.. alike.Select(one => one.Name)])})",
                            StringComparison.Ordinal
                        )
                ),
        ];

    private static string Names(List<string> names) =>
        names.Count <= MostNames
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(MostNames))}, and {names.Count - MostNames} more";

    internal static string TypeOf(GroupStanding standing) =>
        SuggestedSubscription.TypeOf(standing.Moved is { LookedAt: not null } seen ? seen.Members : standing.Inventory?.Members ?? 0, 0);

    internal static string MessageId(GroupPosition one) =>
        one is { Ledger: { } ledger, Entry: { } entry }
            ? string.Create(CultureInfo.InvariantCulture, $"{ledger}:{entry}{(one.Batch >= 0 ? $":{one.Batch}" : "")}")
            : "";

    internal static string Place(GroupPosition one) =>
        MessageId(one) is { Length: > 0 } id ? (one.IsAfter ? $"behind {id}" : $"at {id}") : "the beginning";

    internal static string Kind(GroupPosition one) =>
        one.Kind switch
        {
            PositionKind.Exact => "Exact: continues with the next unread message.",
            PositionKind.End => "Exact: everything copied so far has been read.",
            PositionKind.Near => $"Near: up to {Counted.Of(one.Rereads, "message")} delivered again.",
            PositionKind.NotCopied => one.Rereads > 0
                ? $"Not copied yet: the group is {Counted.Of(one.Rereads, "message")} ahead of the copy. "
                    + "Update the positions when it has caught up."
                : "Not copied yet. Update the positions when the copy has begun.",
            PositionKind.Start => "No committed offset: starts as you chose.",
        };
}
