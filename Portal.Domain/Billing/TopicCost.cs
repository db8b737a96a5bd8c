using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What somebody expects of a topic that is not there yet.</summary>
/// <param name="Topics">All that come with it, without partitions: topics for dead letters.</param>
/// <param name="Partitions">Of the topic itself; 0 = not partitioned.</param>
/// <param name="Readers">Subscriptions that read all of it.</param>
/// <param name="RetentionTime">Null for no limit.</param>
/// <param name="RetentionBytes">Of each partition; null for no limit.</param>
/// <param name="Stores">False for a topic that keeps nothing.</param>
public sealed record ExpectedTopic(
    int Partitions,
    int Topics,
    decimal MessagesPerSecond,
    decimal BytesPerMessage,
    int Readers,
    TimeSpan? RetentionTime,
    long? RetentionBytes,
    bool Stores
)
{
    public decimal BytesPerSecond => MessagesPerSecond * BytesPerMessage;

    /// <summary>What is kept once the oldest messages begin to go.</summary>
    public decimal KeptBytes
    {
        get
        {
            if (!Stores)
                return 0m;
            // A month is what is asked about: what would be kept for longer is not there yet.
            var time = RetentionTime is { } most && most < Month ? most : Month;
            var kept = BytesPerSecond * (decimal)time.TotalSeconds;
            return RetentionBytes is { } size ? Math.Min(kept, (decimal)size * Math.Max(1, Partitions)) : kept;
        }
    }

    internal static readonly TimeSpan Month = TimeSpan.FromHours(TopicCost.HoursOfMonth);
}

/// <param name="Quantity">In the meter's unit.</param>
/// <param name="Explanation">How the amount came about.</param>
public sealed record TopicCostLine(Meter Meter, decimal Quantity, Money Amount, string Explanation);

/// <summary>A month of a topic, rated as an invoice is: once a meter, each line rounded once.</summary>
public sealed record TopicCost(IReadOnlyList<TopicCostLine> Lines, Money Total)
{
    public const int HoursOfMonth = 730;

    /// <summary>What stands in the figures, for whoever reads them.</summary>
    public const string Assumption =
        "A month of 730 hours at this rate, all day. Every subscription reads every message once. "
        + "The rest of your organization's usage isn't part of it: free quantities and minimums of the price list count once a "
        + "month for everything together.";

    public static TopicCost Of(PriceBook book, ExpectedTopic topic)
    {
        var written = topic.BytesPerSecond * HoursOfMonth * 3600;
        var quantities = new Dictionary<Meter, decimal>
        {
            [Meter.Write] = written,
            [Meter.Read] = written * topic.Readers,
            [Meter.Storage] = topic.KeptBytes * HoursOfMonth,
            [Meter.Partitions] = (decimal)(Math.Max(1, topic.Partitions) + topic.Topics) * HoursOfMonth,
        };
        return Rate(book, quantities);
    }

    /// <summary>A month of these quantities, one line for each meter that has a price.</summary>
    /// <param name="quantities">Each in its meter's unit; a meter that isn't among them has no line.</param>
    internal static TopicCost Rate(PriceBook book, IReadOnlyDictionary<Meter, decimal> quantities)
    {
        var lines = new List<TopicCostLine>();
        foreach (var (meter, price) in book.Meters.OrderBy(pair => pair.Key))
        {
            if (!quantities.TryGetValue(meter, out var quantity))
                continue;
            quantity = Math.Min(Short(meter, quantity), meter.LargestMonth());
            lines.Add(
                new(
                    meter,
                    quantity,
                    Money.Round(Rating.Month(price, quantity), book.Currency),
                    Rating.Explain(price, book.Currency, null, quantity, endsMonth: true)
                )
            );
        }
        return new(lines, lines.Aggregate(Money.Zero(book.Currency), (sum, line) => sum + line.Amount));
    }

    /// <summary>An estimate with nine decimals would look like a measurement.</summary>
    internal static decimal Short(Meter meter, decimal quantity)
    {
        decimal step = meter is Meter.Partitions or Meter.Connectors ? 1 : ByteSize.GiB * (meter == Meter.Storage ? HoursOfMonth : 1);
        var units = quantity / step;
        // Three digits that say something of what is less than one.
        var decimals = 2;
        for (var first = units; first is > 0 and < 1 && decimals < 9; first *= 10)
            decimals++;
        return decimal.Round(units, decimals, MidpointRounding.AwayFromZero) * step;
    }
}
