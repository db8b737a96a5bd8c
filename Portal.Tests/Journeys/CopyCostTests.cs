using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Journeys;

/// <summary>
/// What a dry run says of the first month, against what real brokers count of the copy, its verification and the traffic that follows.
/// </summary>
[Trait("tier", "real")]
public sealed class CopyCostTests(ITestOutputHelper output)
{
    private const int There = 4000,
        Following = 1000;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(200)]
    [InlineData(2000)]
    public async Task The_first_month_is_estimated_within_a_tenth_of_what_the_counters_come_to(int size)
    {
        await using var world = await CopyWorld.StartAsync(
            await KafkaServer.SharedAsync(),
            await PulsarServer.SharedAsync(new("4.2.4")),
            2
        );
        using var producer = world.Producer();
        Fill(world, producer, There, size);
        var at = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        var topic = new MigrationTopic(world.Migration, world.Name);
        await using (var look = (await world.Cluster.OpenAsync(world.Kafka.Connection, default)).Value)
        {
            topic.Seen((await look.DescribeAsync([world.Name], default)).Value[world.Name], at);
            topic.IsRead();
            await world.CopyAsync();
            var copied = await CountersAsync(world);
            Fill(world, producer, Following, size);
            topic.SeenAgain(
                (await look.EndsAsync(new Dictionary<string, int> { [world.Name] = 2 }, default)).Value[world.Name],
                at + BetweenLooks
            );
            topic.MapTo(new("copying", "default", world.Name), MappingSource.Rule, blocked: false);
            var book = PriceBook.Parse(PriceBook.ShippedDocument).Value;
            var sum = new DryRunSum();
            sum.Add(topic, [], null, null);
            var estimate = sum.Cost("Pay as you go", true, book);

            var steps = world.Reborn();
            foreach (var copy in world.Copies)
                Assert.IsType<StepResult.GoOn>(await world.StepAsync(steps, copy));
            var all = await CountersAsync(world);
            Assert.All(await world.ProveAsync(), proof => Assert.Equal(ProofState.Equal, proof.State));
            var read = (await CountersAsync(world)).Out;
            // A month of what came between the two looks, written and read by one group; the copy, its verification, and what it keeps.
            var followed = (all.In - copied.In) / (decimal)BetweenLooks.TotalSeconds * 3600 * DryRunSum.HoursInMonth;
            var used = new Dictionary<Meter, decimal>
            {
                [Meter.Write] = copied.In + followed,
                [Meter.Read] = read * (decimal)copied.In / all.In + followed,
                [Meter.Storage] = copied.Stored * DryRunSum.HoursInMonth,
                [Meter.Partitions] = 2 * DryRunSum.HoursInMonth,
            };
            var invoice = estimate.Lines.Sum(line =>
                Money.Round(Rating.Month(book.Meters[line.Meter], used[line.Meter]), book.Currency).Minor
            );
            output.WriteLine($"{size} B: estimated {estimate.Likely} ({estimate.Low} to {estimate.High}), counted {invoice} minor units");
            Assert.InRange(estimate.Likely.Minor, invoice * 0.9, invoice * 1.1);
            Assert.InRange(invoice, estimate.Low.Minor, estimate.High.Minor);
        }
    }

    private static void Fill(CopyWorld world, IProducer<byte[]?, byte[]?> producer, int count, int size)
    {
        var random = new Random(size);
        for (var number = 0; number < count; number++)
        {
            producer.Produce(
                new TopicPartition(world.Name, number % 2),
                new()
                {
                    Key = Encoding.UTF8.GetBytes($"customer-{number % 500}"),
                    Value = new byte[random.Next(size / 2, size * 3 / 2)],
                    Headers = new() { { "trace", Encoding.UTF8.GetBytes($"{number:x16}") } },
                }
            );
        }
        producer.Flush(TimeSpan.FromSeconds(60));
    }

    private static async Task<(long In, long Out, long Stored)> CountersAsync(CopyWorld world)
    {
        var stats = JsonNode.Parse(
            (await world.Pulsar.CallAsync(HttpMethod.Get, $"admin/v2/persistent/copying/default/{world.Name}/partitioned-stats")).Body
        )!;
        return ((long)stats["bytesInCounter"]!, (long)stats["bytesOutCounter"]!, (long)stats["storageSize"]!);
    }
}
