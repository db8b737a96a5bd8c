using Portal.Domain.Common;
using Portal.Ui;

namespace Portal.Features.Usage;

/// <summary>The stretches of time that the usage page offers; which one is in the address.</summary>
public sealed record UsageRange(string Key, bool Hourly)
{
    public static IReadOnlyList<(string Key, string Text)> All { get; } =
    [("24h", "24 h"), ("2d", "2 days"), ("month", "Month"), ("12m", "12 months")];

    public static UsageRange Of(string? key) =>
        key switch
        {
            "24h" => new("24h", true),
            "2d" => new("2d", true),
            "12m" => new("12m", false),
            _ => new("month", false),
        };

    /// <summary>Whole UTC hours; the running one included.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Bounds(DateTimeOffset now)
    {
        var to = now.HourStart().AddHours(1);
        return Key switch
        {
            "24h" => (to.AddHours(-24), to),
            "2d" => (to.AddHours(-48), to),
            "12m" => (Month.Of(now.AddMonths(-11)).Start, to),
            _ => (Month.Of(now).Start, to),
        };
    }

    /// <summary>The stretch before, as long as the one shown: of a month, as much of the month before.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Before(DateTimeOffset now)
    {
        var (from, to) = Bounds(now);
        var start = Key switch
        {
            "month" => Month.Of(from).Previous.Start,
            "12m" => from.AddMonths(-12),
            _ => from - (to - from),
        };
        var end = start + (to - from);
        return (start, end < from ? end : from);
    }

    public static string Words(DateTimeOffset from, DateTimeOffset to) =>
        $"{DateWords.Minute(from.ToUniversalTime())} – {DateWords.Minute(to.ToUniversalTime())} UTC";
}
