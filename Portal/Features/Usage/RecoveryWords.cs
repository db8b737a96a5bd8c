using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Ui;

namespace Portal.Features.Usage;

/// <summary>What was recovered in one hour, as one sentence.</summary>
public sealed record MergedRecovery(DateTimeOffset Hour, string When, string Sentence);

public static class RecoveryWords
{
    public static IReadOnlyList<MergedRecovery> Merge(IReadOnlyList<NamedRecovery> recovered) =>
        [
            .. recovered
                .GroupBy(one => one.Usage.To.HourStart())
                .OrderByDescending(group => group.Key)
                .Select(group => new MergedRecovery(
                    group.Key,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{DateWords.Minute(group.Min(one => one.Usage.From).ToUniversalTime())}–{group.Max(one => one.Usage.To).UtcDateTime:HH:mm} "
                            + $"UTC:"
                    ),
                    Sentence([.. group])
                )),
        ];

    private static string Sentence(IReadOnlyList<NamedRecovery> recovered)
    {
        var topics = recovered.Select(one => one.Path).Distinct(StringComparer.Ordinal).ToList();
        return $"{ByteSize.Text(recovered.Sum(one => one.Usage.Bytes))} written to "
            + $"{(topics.Count == 1 ? topics[0] : $"{topics.Count} topics")} "
            + "was recovered from the cluster's own storage records, because the broker's counters were lost. It's included in data in.";
    }
}
