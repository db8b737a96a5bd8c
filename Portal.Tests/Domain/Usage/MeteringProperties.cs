using CsCheck;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Xunit;

namespace Portal.Tests.Domain.Usage;

/// <summary>Whatever brokers, collector and portal do in whatever order: 0 ≤ billed ≤ true, of each topic.</summary>
public sealed class MeteringProperties
{
    private static readonly Gen<(int Kind, int Subject, int Amount)[]> Steps = Gen.Select(
        Gen.Int[0, 15],
        Gen.Int[0, 7],
        Gen.Int[0, 50]
    ).Array[5, 120];

    [Fact]
    public void Never_more_is_billed_than_was_carried() =>
        Steps.Sample(
            steps =>
            {
                var cluster = Run(steps);
                cluster.Settle();
                AssertNoMoreThanTrue(cluster);
            },
            iter: 3000
        );

    [Fact]
    public void Samples_and_their_hours_agree() =>
        Steps.Sample(
            steps =>
                Assert.All(
                    Run(steps).Bench.Ledger.All(),
                    sample =>
                    {
                        Assert.True(sample.Quantity > 0 && sample.ClosedAt >= sample.OpenedAt);
                        Assert.Equal(sample.Quantity, sample.ByHour().Aggregate((Int128)0, (sum, part) => sum + part.Quantity));
                    }
                ),
            iter: 500
        );

    [Fact]
    public void Writing_only_what_changed_bills_what_writing_everything_would() =>
        Steps.Sample(
            steps =>
            {
                var cluster = Run(steps);
                for (var settled = 0; settled < 2; settled++)
                {
                    // Before settling as well: what runs is billed up to where it was seen.
                    foreach (var (topic, meter) in cluster.Eager.Totals.Keys)
                        Assert.Equal(
                            (topic, meter, cluster.Eager.Billed(topic, meter)),
                            (topic, meter, cluster.Bench.Ledger.Billed(topic, meter))
                        );
                    cluster.Settle();
                }
            },
            iter: 3000
        );

    [Fact]
    public void A_pass_killed_after_any_step_and_done_again_leaves_what_one_pass_leaves() =>
        Gen.Select(Steps, Gen.Int[0, 3], Gen.Int[0, 7])
            .Sample(
                (steps, kill, failing) =>
                {
                    var (whole, killed) = (Run(steps), Run(steps));
                    whole.Advance(7);
                    whole.Poll(failing);
                    killed.Advance(7);
                    killed.Poll(failing, kill);
                    killed.Repeat();
                    Assert.Equal(whole.Bench.Ledger.Content(), killed.Bench.Ledger.Content());
                    Assert.Equal(whole.Bench.Standing.CompleteTo, killed.Bench.Standing.CompleteTo);
                },
                iter: 2000
            );

    [Fact]
    public void A_pass_killed_after_any_step_loses_no_traffic_to_the_pass_that_follows_later() =>
        Gen.Select(Steps, Gen.Int[0, 3])
            .Sample(
                (steps, kill) =>
                {
                    var (whole, killed) = (Run(steps), Run(steps));
                    foreach (var cluster in new[] { whole, killed })
                    {
                        cluster.Settle();
                        cluster.Send(SimulatedCluster.Name(0), 5, 100);
                        cluster.Send(SimulatedCluster.Name(1), 5, 100);
                        cluster.Advance(13);
                        cluster.Poll(0, cluster == killed ? kill : int.MaxValue);
                        cluster.Send(SimulatedCluster.Name(2), 5, 100);
                        cluster.Settle();
                    }
                    foreach (var topic in whole.True.Keys)
                        Assert.Equal(whole.Bench.Ledger.Billed(topic, Meter.Write), killed.Bench.Ledger.Billed(topic, Meter.Write));
                    AssertNoMoreThanTrue(killed);
                },
                iter: 1000
            );

    [Fact]
    public void However_many_passes_are_killed_never_more_is_billed_than_was_carried() =>
        Steps.Sample(
            steps =>
            {
                var cluster = Run(steps, kills: true);
                cluster.Settle();
                AssertNoMoreThanTrue(cluster);
                Assert.All(cluster.Bench.Ledger.Samples, sample => Assert.True(sample.Quantity > 0));
            },
            iter: 3000
        );

    [Fact]
    public void The_same_events_give_the_same_ledger_and_a_poll_again_changes_nothing() =>
        Steps.Sample(
            steps =>
            {
                var first = Run(steps);
                var second = Run(steps);
                second.Repeat();
                Assert.Equal(first.Bench.Ledger.Content(), second.Bench.Ledger.Content());
            },
            iter: 500
        );

    [Fact]
    public void When_every_life_is_sampled_at_its_beginning_and_end_all_is_billed() =>
        Steps.Sample(
            steps =>
            {
                var cluster = new SimulatedCluster();
                for (var number = 0; number < 3; number++)
                    cluster.Load(SimulatedCluster.Name(number));
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
                            if (kind < 13)
                                cluster.Unload(name);
                            else if (kind == 13)
                                cluster.Kill(subject);
                            else
                                cluster.Move(name, 1 + subject % 2);
                            cluster.Settle();
                            for (var number = 0; number < 3; number++)
                                cluster.Load(SimulatedCluster.Name(number));
                            cluster.Settle();
                            break;
                    }
                }
                cluster.Settle();
                foreach (var (topic, carried) in cluster.True)
                    Assert.Equal(carried, cluster.Bench.Ledger.Billed(topic, Meter.Write));
            },
            iter: 500
        );

    private static SimulatedCluster Run((int Kind, int Subject, int Amount)[] steps, bool kills = false)
    {
        var cluster = new SimulatedCluster();
        foreach (var step in steps)
            Step(cluster, step, kills);
        return cluster;
    }

    internal static void Step(SimulatedCluster cluster, (int Kind, int Subject, int Amount) step, bool kills)
    {
        var (kind, subject, amount) = step;
        var name = SimulatedCluster.Name(subject);
        switch (kind)
        {
            case < 4:
                cluster.Send(name, amount, amount * 7);
                break;
            case < 7:
                cluster.Advance(amount);
                break;
            case 7:
                cluster.Poll(0, kills ? subject % 5 : int.MaxValue);
                break;
            case 8:
                cluster.Poll(subject, kills && amount % 2 == 0 ? amount % 5 : int.MaxValue);
                break;
            case 9:
                cluster.Repeat();
                break;
            case 10:
                cluster.Unload(name);
                break;
            case 11:
                cluster.Move(name, 1 + amount % 2);
                break;
            case 12:
                cluster.Kill(subject);
                break;
            case 13:
                if (amount % 2 == 0)
                    cluster.Final(name);
                cluster.Delete(name);
                break;
            case 14:
                cluster.Create(name);
                break;
            default:
                if (amount < 10)
                    cluster.Advance(400);
                else if (amount < 15)
                    cluster.Suspend();
                else
                {
                    cluster.Final(name);
                    if (amount % 2 == 0)
                        cluster.Unload(name);
                }
                break;
        }
    }

    private static void AssertNoMoreThanTrue(SimulatedCluster cluster)
    {
        var ledger = cluster.Bench.Ledger;
        foreach (var topic in ledger.Samples.Select(sample => sample.Topic.Id).Distinct())
        {
            var carried = cluster.True.GetValueOrDefault(topic);
            Assert.InRange(ledger.Billed(topic, Meter.Write), 0, carried);
            Assert.InRange(ledger.Billed(topic, Meter.Read), 0, carried * 2);
        }
    }
}
