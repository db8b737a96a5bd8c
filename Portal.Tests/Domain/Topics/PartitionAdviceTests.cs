using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Topics;

/// <summary>What somebody expects of a topic becomes a number of partitions and a price.</summary>
public sealed class PartitionAdviceTests
{
    [Theory]
    // Nothing limits it: 20,000 msg/s or 20 MiB/s each.
    [InlineData(100, 1, null, null, null, 0, true)]
    [InlineData(20_000, 0.5, null, null, null, 0, true)]
    [InlineData(20_001, 0.5, null, null, null, 2, true)]
    [InlineData(10_000, 16, null, null, null, 8, true)]
    // Free: 100 msg/s and 0.5 MiB/s each, 4 partitions.
    [InlineData(100, 1, 100, 512, 4, 0, true)]
    [InlineData(101, 1, 100, 512, 4, 2, true)]
    [InlineData(100, 20, 100, 512, 4, 4, true)]
    [InlineData(1_000, 1, 100, 512, 4, 4, false)]
    // A limit that is far away changes nothing.
    [InlineData(40_000, 0.1, 1_000_000, null, 128, 2, true)]
    public void Partitions_follow_from_the_rate_and_the_limits(
        double rate,
        double kib,
        int? messages,
        int? kibPerSecond,
        int? most,
        int partitions,
        bool enough
    )
    {
        var limit = messages is null ? null : new RateLimit(messages, kibPerSecond * ByteSize.KiB);
        var advice = PartitionAdvice.Of((decimal)rate, (decimal)kib * ByteSize.KiB, limit, most);
        Assert.Equal((partitions, enough), (advice.Partitions, advice.Enough));
    }

    [Fact]
    public void The_sentence_says_the_traffic_the_reason_and_what_to_do()
    {
        Assert.Equal(
            "250 msg/s of 1.0 KiB is 250 KiB/s. Your namespace allows 100 msg/s, 512 KiB/s per partition, so use 3 partitions.",
            PartitionAdvice.Of(250, 1024, new(100, 512 * ByteSize.KiB), 4).Sentence
        );
        Assert.EndsWith(
            "so it would take 10 partitions. Your plan allows 4.",
            PartitionAdvice.Of(1_000, 1024, new(100, null), 4).Sentence,
            StringComparison.Ordinal
        );
        Assert.EndsWith("so you don't need partitions.", PartitionAdvice.Of(1, 1024, null, null).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_month_is_rated_as_an_invoice_is()
    {
        var book = PriceBook.Parse(PriceBook.ShippedDocument).Value;
        // 1 MiB/s: 2,566.40625 GiB a month, 84.375 GiB kept for a day.
        var cost = TopicCost.Of(book, new(3, 1, 1024, 1024, 2, TimeSpan.FromDays(1), null, Stores: true));

        var byMeter = cost.Lines.ToDictionary(line => line.Meter, line => line.Amount.Minor);
        Assert.Equal(25_564, byMeter[Meter.Write]);
        Assert.Equal(20_531, byMeter[Meter.Read]);
        Assert.Equal(1_350, byMeter[Meter.Storage]);
        Assert.Equal(350, byMeter[Meter.Partitions]);
        Assert.Equal(byMeter.Values.Sum(), cost.Total.Minor);
        Assert.DoesNotContain(Meter.Connectors, byMeter.Keys);
    }

    [Theory]
    [InlineData(1, 86_400)]
    [InlineData(null, 86_400 * 30.416666666666668)]
    public void What_is_kept_ends_with_the_retention_or_the_month(int? days, double seconds)
    {
        var topic = new ExpectedTopic(0, 0, 1, 1, 1, days is { } some ? TimeSpan.FromDays(some) : null, null, Stores: true);
        Assert.Equal((decimal)Math.Round(seconds), decimal.Round(topic.KeptBytes));
        Assert.Equal(100, (topic with { RetentionBytes = 50, Partitions = 2 }).KeptBytes);
        Assert.Equal(0, (topic with { Stores = false }).KeptBytes);
    }
}
