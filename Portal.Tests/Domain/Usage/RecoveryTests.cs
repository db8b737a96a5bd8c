using CsCheck;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Xunit;

namespace Portal.Tests.Domain.Usage;

/// <summary>
/// What no counter showed is read from the ledgers: never more than was written, and all of it where nothing stood in the way.
/// </summary>
public sealed class RecoveryTests
{
    private const string A = "persistent://acme/prod/a";

    private static readonly Gen<(int Kind, int Subject, int Amount)[]> Steps = Gen.Select(
        Gen.Int[0, 21],
        Gen.Int[0, 7],
        Gen.Int[0, 50]
    ).Array[5, 160];

    [Fact]
    public void Never_more_is_billed_than_was_carried_whatever_is_recovered() =>
        Steps.Sample(
            steps =>
            {
                var cluster = new SimulatedCluster();
                foreach (var step in steps)
                    Step(cluster, step);
                cluster.LoadAll();
                cluster.SettleAndRecover();
                AssertNoMoreThanTrue(cluster);
            },
            iter: 4000
        );

    [Fact]
    public void Nor_when_topics_move_between_the_questions() =>
        Gen.Select(Steps, Steps)
            .Sample(
                (steps, meanwhile) =>
                {
                    var cluster = new SimulatedCluster();
                    foreach (var one in meanwhile)
                        cluster.Meanwhile.Enqueue(() => Disturb(cluster, one));
                    foreach (var step in steps)
                        Step(cluster, step);
                    cluster.LoadAll();
                    cluster.SettleAndRecover();
                    AssertNoMoreThanTrue(cluster);
                },
                iter: 4000
            );

    /// <summary>Unloads, moves and crashes at any time, all brokers polled, nothing trimmed: not a byte is missing.</summary>
    [Fact]
    public void Written_bytes_are_billed_to_the_byte_when_the_ledgers_still_hold_them() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 7], Gen.Int[0, 50])
            .Array[5, 120]
            .Sample(
                steps =>
                {
                    var cluster = new SimulatedCluster();
                    cluster.LoadAll();
                    cluster.Settle();
                    foreach (var (kind, subject, amount) in steps)
                    {
                        var name = SimulatedCluster.Name(subject);
                        switch (kind)
                        {
                            case < 4:
                                cluster.Send(name, amount, amount * 7);
                                break;
                            case 4:
                                cluster.Advance(amount);
                                cluster.Poll(0);
                                break;
                            // What is under way at a look may hide the first ledger of a load that has rolled over already.
                            case 5:
                                cluster.Advance(amount + 1);
                                cluster.Poll(0);
                                cluster.Recover();
                                break;
                            case 6:
                                cluster.Unload(name);
                                break;
                            case 7:
                                cluster.Move(name, 1 + amount % 2);
                                break;
                            // A second passes, so that what was confirmed is stored.
                            case 8:
                                cluster.Advance(1);
                                cluster.Kill(subject);
                                break;
                            default:
                                cluster.RollOver(name);
                                break;
                        }
                    }
                    cluster.LoadAll();
                    cluster.SettleAndRecover();
                    foreach (var (topic, carried) in cluster.True)
                        Assert.Equal(carried, cluster.Bench.Ledger.Billed(topic, Meter.Write));
                },
                iter: 2000
            );

    [Fact]
    public void What_came_between_the_last_picture_and_a_crash_is_recovered_and_marked()
    {
        var cluster = Lost(out var topic);
        Assert.Equal(1000, cluster.Bench.Ledger.Billed(topic, Meter.Write));
        Assert.Equal(1000 + 500 + 200, cluster.True[topic]);
        cluster.SettleAndRecover();

        Assert.Equal(cluster.True[topic], cluster.Bench.Ledger.Billed(topic, Meter.Write));
        var recovered = Assert.Single(cluster.Bench.Ledger.Samples, sample => sample.IsRecovered);
        Assert.Equal(
            (1000, 1500, (Int128)500, Meter.Write),
            (recovered.OpenedValue, recovered.ClosedValue, recovered.Quantity, recovered.Meter)
        );
        // It belongs to the hour in which it was found, so nothing changes that may be on an invoice; its opening says since when it was
        // missing.
        Assert.True(
            recovered.ClosedAt
                > cluster
                    .Bench.Ledger.Samples.Where(sample => !sample.IsRecovered && sample.Meter == Meter.Write)
                    .Max(sample => sample.OpenedAt)
        );
        Assert.Empty(StillLost(cluster));
    }

    [Fact]
    public void Ledgers_are_asked_for_lost_counters_only_and_no_more_once_they_answered()
    {
        var cluster = new SimulatedCluster();
        cluster.LoadAll();
        cluster.Send(A, 10, 1000);
        cluster.SettleAndRecover();
        Assert.Equal(0, cluster.Asked);

        cluster = Lost(out _);
        cluster.SettleAndRecover();
        // A first look, and the second with the counter between two looks.
        Assert.Equal(4, cluster.Asked);
        cluster.SettleAndRecover();
        Assert.Equal(4, cluster.Asked);
    }

    [Fact]
    public void What_was_trimmed_meanwhile_is_not_recovered()
    {
        var cluster = Lost(out var topic);
        cluster.Trim(A, 1);
        cluster.SettleAndRecover();
        Assert.Equal(1000 + 200, cluster.Bench.Ledger.Billed(topic, Meter.Write));
        Assert.DoesNotContain(cluster.Bench.Ledger.Samples, sample => sample.IsRecovered);
    }

    [Fact]
    public void What_was_trimmed_before_a_load_that_is_known_makes_no_later_loss_unrecoverable()
    {
        var cluster = Lost(out var topic);
        cluster.SettleAndRecover();
        cluster.Trim(A, 1);
        cluster.Send(A, 3, 300);
        cluster.Advance(1);
        cluster.Kill(0);
        cluster.Send(A, 1, 100);
        cluster.SettleAndRecover();
        Assert.Equal(cluster.True[topic], cluster.Bench.Ledger.Billed(topic, Meter.Write));
    }

    [Fact]
    public void Time_of_suspension_stays_free_and_what_comes_after_it_is_recovered_again()
    {
        var cluster = Lost(out var topic);
        cluster.Suspend();
        cluster.Poll(0);
        cluster.Send(A, 5, 5_000);
        cluster.SettleAndRecover();
        cluster.Suspend();
        cluster.Settle();
        var free = cluster.Bench.Ledger.Billed(topic, Meter.Write);
        cluster.Unload(A);
        cluster.Send(A, 1, 100);
        cluster.SettleAndRecover();
        // From here on it is known again what was billed.
        cluster.Send(A, 7, 700);
        cluster.Advance(1);
        cluster.Kill(0);
        cluster.LoadAll();
        cluster.SettleAndRecover();
        Assert.Equal(free + 100 + 700, cluster.Bench.Ledger.Billed(topic, Meter.Write));
    }

    [Fact]
    public void A_topic_that_does_not_answer_holds_up_no_other_and_is_asked_less_and_less()
    {
        var cluster = Lost(out var topic);
        var b = SimulatedCluster.Name(1);
        cluster.Send(b, 1, 50);
        cluster.Unload(b);
        cluster.Send(b, 1, 100);
        cluster.Dumb = b;
        cluster.SettleAndRecover();
        Assert.Equal(cluster.True[topic], cluster.Bench.Ledger.Billed(topic, Meter.Write));
        Assert.Equal(b, Assert.Single(StillLost(cluster)).Partition);
        var asked = cluster.Asked;
        for (var round = 0; round < 30; round++)
        {
            cluster.Settle();
            cluster.Recover();
        }
        Assert.InRange(cluster.Asked - asked, 1, 6);
    }

    [Fact]
    public void Where_ledgers_hold_more_than_arrived_nothing_is_concluded_from_them()
    {
        // Sixteen bytes of the broker's own before every entry.
        var record = new LedgerRecord(10, [new(1, 10, 1160), new(2, 10, 1160)]);
        Assert.Null(record.PerhapsOfThisLoad(new(A, 10, 1000, 0, 0, 0)));
        Assert.Equal(2, record.PerhapsOfThisLoad(new(A, 10, 1160, 0, 0, 0)));
        Assert.Equal(1, record.PerhapsOfThisLoad(new(A, 20, 2320, 0, 0, 0)));
        Assert.Equal(2, record.CertainlyOfThisLoad);
        Assert.False(new LedgerRecord(0, [new(1, 10, 1160)]).IsWhole);
        Assert.False(new LedgerRecord(0, []).IsWhole);
    }

    private static IReadOnlyList<Reading> StillLost(SimulatedCluster cluster) =>
        cluster.Bench.Ledger.LostAsync(MeterBench.Cluster, "", 10, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>1,000 bytes were seen, 500 more came before the broker died, and 200 to its successor.</summary>
    internal static SimulatedCluster Lost(out TopicId topic, ICollectorLedger? ledger = null)
    {
        var cluster = new SimulatedCluster(ledger);
        cluster.LoadAll();
        cluster.Settle();
        cluster.Send(A, 10, 1000);
        cluster.Settle();
        cluster.Send(A, 5, 500);
        cluster.Advance(1);
        cluster.Kill(0);
        cluster.LoadAll();
        cluster.Send(A, 2, 200);
        topic = cluster.True.Keys.Single();
        return cluster;
    }

    private static void Step(SimulatedCluster cluster, (int Kind, int Subject, int Amount) step)
    {
        var name = SimulatedCluster.Name(step.Subject);
        switch (step.Kind)
        {
            case < 16:
                MeteringProperties.Step(cluster, step, kills: false);
                break;
            case 16:
                cluster.Refuse(name, step.Amount, step.Amount * 5);
                break;
            case 17:
                cluster.RollOver(name);
                break;
            case 18:
                cluster.Trim(name, step.Amount % 3);
                break;
            default:
                cluster.Recover();
                break;
        }
    }

    private static void Disturb(SimulatedCluster cluster, (int Kind, int Subject, int Amount) step)
    {
        var name = SimulatedCluster.Name(step.Subject);
        switch (step.Kind)
        {
            case < 8:
                cluster.Send(name, step.Amount, step.Amount * 7);
                break;
            case < 10:
                cluster.Unload(name);
                break;
            case < 12:
                cluster.Move(name, 1 + step.Amount % 2);
                break;
            case 12:
                cluster.Kill(step.Subject);
                break;
            case 13:
                cluster.Trim(name, 1);
                break;
            case 14:
                cluster.RollOver(name);
                break;
            case 15:
                cluster.Refuse(name, step.Amount, step.Amount * 5);
                break;
            case 16:
                cluster.Final(name);
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
