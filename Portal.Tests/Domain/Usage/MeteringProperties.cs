using CsCheck;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Xunit;

namespace Portal.Tests.Domain.Usage;

/// <summary>Whatever brokers, collector and portal do in whatever order: 0 ≤ billed ≤ true, of each topic.</summary>
public sealed class MeteringProperties
{
    private static readonly Gen<(int Kind, int Subject, int Amount)[]> Steps =
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 7], Gen.Int[0, 50]).Array[5, 120];

    [Fact]
    public void Never_more_is_billed_than_was_carried() =>
        Steps.Sample(steps =>
        {
            var cluster = Run(steps);
            cluster.Settle();
            AssertNoMoreThanTrue(cluster);
        }, iter: 3000);

    [Fact]
    public void Samples_hours_and_totals_agree() =>
        Steps.Sample(steps =>
        {
            var ledger = Run(steps).Bench.Ledger;
            Assert.All(ledger.Samples.Values, sample => Assert.True(sample.Quantity > 0 && sample.ClosedAt >= sample.OpenedAt));
            var hours = ledger.Samples.Values.GroupBy(sample => (sample.Topic.Id, sample.Meter, sample.ClosedAt.HourStart()))
                .ToDictionary(group => group.Key, group => group.Aggregate((Int128)0, (sum, sample) => sum + sample.Quantity));
            Assert.Equal(hours.OrderBy(hour => hour.ToString()), ledger.Hours.OrderBy(hour => hour.ToString()));
        }, iter: 500);

    [Fact]
    public void The_same_events_give_the_same_ledger_and_a_poll_again_changes_nothing() =>
        Steps.Sample(steps =>
        {
            var first = Run(steps);
            var second = Run(steps);
            second.Repeat();
            Assert.Equal(first.Bench.Ledger.Text(), second.Bench.Ledger.Text());
        }, iter: 500);

    [Fact]
    public void When_every_life_is_sampled_at_its_beginning_and_end_all_is_billed() =>
        Steps.Sample(steps =>
        {
            var cluster = new SimulatedCluster();
            for (var number = 0; number < 3; number++) cluster.Load(SimulatedCluster.Name(number));
            cluster.Settle();
            foreach (var (kind, subject, amount) in steps)
            {
                var name = SimulatedCluster.Name(subject);
                switch (kind)
                {
                    case < 8:
                        cluster.Send(name, amount, amount * 10);
                        break;
                    case < 11:
                        cluster.Advance(amount);
                        cluster.Poll(0);
                        break;
                    default:
                        cluster.Settle();
                        if (kind < 13) cluster.Unload(name);
                        else if (kind == 13) cluster.Kill(subject);
                        else cluster.Move(name, 1 + subject % 2);
                        cluster.Settle();
                        for (var number = 0; number < 3; number++) cluster.Load(SimulatedCluster.Name(number));
                        cluster.Settle();
                        break;
                }
            }
            cluster.Settle();
            foreach (var (topic, carried) in cluster.True) Assert.Equal(carried, cluster.Bench.Ledger.Billed(topic, Meter.Write));
        }, iter: 500);

    private static SimulatedCluster Run((int Kind, int Subject, int Amount)[] steps)
    {
        var cluster = new SimulatedCluster();
        foreach (var (kind, subject, amount) in steps)
        {
            var name = SimulatedCluster.Name(subject);
            switch (kind)
            {
                case < 4: cluster.Send(name, amount, amount * 7); break;
                case < 7: cluster.Advance(amount); break;
                case 7: cluster.Poll(0); break;
                case 8: cluster.Poll(subject); break;
                case 9: cluster.Repeat(); break;
                case 10: cluster.Unload(name); break;
                case 11: cluster.Move(name, 1 + amount % 2); break;
                case 12: cluster.Kill(subject); break;
                case 13:
                    if (amount % 2 == 0) cluster.Final(name);
                    cluster.Delete(name);
                    break;
                case 14: cluster.Create(name); break;
                default:
                    if (amount < 10) cluster.Advance(400);
                    else
                    {
                        cluster.Final(name);
                        if (amount % 2 == 0) cluster.Unload(name);
                    }
                    break;
            }
        }
        return cluster;
    }

    private static void AssertNoMoreThanTrue(SimulatedCluster cluster)
    {
        var ledger = cluster.Bench.Ledger;
        foreach (var topic in ledger.Hours.Keys.Select(key => key.Topic).Distinct())
        {
            var carried = cluster.True.GetValueOrDefault(topic);
            Assert.InRange(ledger.Billed(topic, Meter.Write), 0, carried);
            Assert.InRange(ledger.Billed(topic, Meter.Read), 0, carried * 2);
        }
    }
}
