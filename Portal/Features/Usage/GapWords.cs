using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Features.Usage;

/// <summary>Gaps that begin in one hour, of one cluster and cause, as one sentence.</summary>
public sealed record MergedGap(DateTimeOffset Hour, GapCause Cause, string When, string Sentence);

public static class GapWords
{
    public static IReadOnlyList<MergedGap> Merge(IReadOnlyList<NamedGap> gaps) =>
        [
            .. gaps.GroupBy(gap => (Hour: gap.Gap.From.HourStart(), gap.Gap.Cluster, gap.Gap.Cause))
                .OrderByDescending(group => group.Key.Hour)
                .Select(group => new MergedGap(
                    group.Key.Hour,
                    group.Key.Cause,
                    Between(group.Min(gap => gap.Gap.From), group.Max(gap => gap.Gap.To)),
                    Sentence(group.Key.Cause, [.. group])
                )),
        ];

    /// <summary>Within a minute the minute says all that there is to say.</summary>
    private static string Between(DateTimeOffset from, DateTimeOffset to)
    {
        var (begins, ends) = (
            $"{DateWords.Minute(from.ToUniversalTime())}",
            to.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)
        );
        return begins.EndsWith(ends, StringComparison.Ordinal) && to - from < TimeSpan.FromHours(1)
            ? $"{begins} UTC:"
            : $"{begins}–{ends} UTC:";
    }

    private static string Sentence(GapCause cause, IReadOnlyList<NamedGap> gaps)
    {
        var length = TimeSpan.FromTicks(gaps.Sum(gap => (gap.Gap.To - gap.Gap.From).Ticks));
        var topics = gaps.SelectMany(gap => gap.Topics).Distinct(StringComparer.Ordinal).ToList();
        var of = topics.Count switch
        {
            0 => "",
            1 => $" of {topics[0]}",
            _ => $" of {topics.Count} topics",
        };
        var what = gaps.Count == 1 ? $"{Length(length)}{of}" : $"{gaps.Count} short gaps{of}, {Length(length)},";
        return $"{what} {(gaps.Count == 1 ? "was" : "were")} not metered and {(gaps.Count == 1 ? "is" : "are")} not charged: {Why(cause)}.";
    }

    private static string Why(GapCause cause) =>
        cause switch
        {
            GapCause.CounterReset => "the broker's counters began again",
            GapCause.Moved => "the topic moved to another broker",
            GapCause.BrokerGone => "the broker left the cluster",
            GapCause.BrokerSilent => "the broker did not answer",
            GapCause.CollectorAway => "the portal did not poll",
        };

    private static string Length(TimeSpan length) =>
        length < TimeSpan.FromMinutes(1) ? $"{Math.Max(1, (int)Math.Round(length.TotalSeconds))} s"
        : length < TimeSpan.FromHours(2) ? $"{(int)Math.Round(length.TotalMinutes)} min"
        : $"{length.TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h";
}
