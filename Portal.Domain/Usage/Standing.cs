using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>What one poll found out about the brokers. Pure, like <see cref="Metering"/>.</summary>
/// <param name="Brokers">What was listed, or null when the list could not be had.</param>
/// <param name="Answers">Of each listed broker: how many topics of ours it showed, or why it did not answer.</param>
public sealed record PollOutcome(
    DateTimeOffset At,
    BrokerList? Brokers,
    IReadOnlyDictionary<string, BrokerAnswer> Answers,
    string? ListProblem
)
{
    public bool IsWhole => Brokers is not null && Answers.Values.All(answer => answer.Problem is null);
}

public sealed record BrokerAnswer(int Topics, string? Problem);

public static class Standing
{
    /// <summary>Where the cluster's metering stands after a poll. A poll that is not later than the last changes nothing.</summary>
    public static ClusterMetering After(this ClusterMetering before, PollOutcome poll)
    {
        if (poll.At <= before.PolledAt)
            return before;
        var names = before
            .Brokers.Select(broker => broker.Broker)
            .Concat(poll.Brokers?.Brokers ?? [])
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        var brokers = names.Select(name => After(before.Broker(name), name, poll)).ToList();
        return before with
        {
            PolledAt = poll.At,
            ListedWholeAt = poll.IsWhole ? poll.At : before.ListedWholeAt,
            Brokers = brokers,
            CompleteTo = CompleteTo(before.CompleteTo, brokers, poll.At),
        };
    }

    private static BrokerMetering After(BrokerMetering? before, string name, PollOutcome poll)
    {
        before ??= new(name, null, null, null, poll.Brokers?.StatisticsInterval ?? TimeSpan.Zero, 0, null);
        var listed = poll.Brokers is null ? before.ListedSince is not null : poll.Brokers.Brokers.Contains(name);
        if (!listed)
            return before with { ListedSince = null, SilentSince = before.SilentSince ?? poll.At, Problem = "It left the cluster's list." };
        var interval = poll.Brokers?.StatisticsInterval ?? before.StatisticsInterval;
        var since = before.ListedSince ?? poll.At;
        return poll.Answers.TryGetValue(name, out var answer) && answer.Problem is null
            ? new(name, since, poll.At, null, interval, answer.Topics, null)
            : before with
            {
                ListedSince = since,
                StatisticsInterval = interval,
                Problem = answer?.Problem ?? poll.ListProblem,
                // One that was away and is listed again begins a new row of silence.
                SilentSince = before.ListedSince is null ? poll.At : before.SilentSince ?? poll.At,
            };
    }

    /// <summary>
    /// The earliest, over the brokers listed, of the last good poll less the interval of the statistics. One that is silent
    /// for five minutes holds nothing back, unless all are: then metering waits. Never goes back.
    /// </summary>
    private static DateTimeOffset? CompleteTo(DateTimeOffset? before, List<BrokerMetering> brokers, DateTimeOffset at)
    {
        var counted = brokers
            .Where(broker => broker.ListedSince is not null && !(at - broker.SilentSince >= Metering.SilentAfter))
            .ToList();
        if (counted.Count == 0 || before is null && counted.All(broker => broker.LastGoodAt is null))
            return before;
        var earliest = counted.Min(broker => (broker.LastGoodAt ?? broker.ListedSince!.Value) - broker.StatisticsInterval);
        return before > earliest ? before : earliest;
    }
}
