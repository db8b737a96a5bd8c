using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace MeteringSimulation;

/// <summary>What months of metering came to, in bytes.</summary>
/// <param name="Sent">What was really written.</param>
/// <param name="Written">What is billed for it.</param>
/// <param name="Recovered">Of that, what the ledgers told.</param>
/// <param name="Delivered">What was really read.</param>
/// <param name="Read">What is billed for it.</param>
/// <param name="Missing">The length of all gaps.</param>
internal sealed record MonthsOfMetering(
    int Seed,
    TimeSpan Time,
    Int128 Sent,
    Int128 Written,
    Int128 Recovered,
    Int128 Delivered,
    Int128 Read,
    int Gaps,
    TimeSpan Missing,
    IReadOnlyDictionary<string, int> Happened
)
{
    /// <summary>Topics of which more is billed than there was, of which there must be none.</summary>
    public required IReadOnlyList<string> TooMuch { get; init; }
}

/// <summary>
/// Months of an ordinary cluster's life: topics that are busy for a while, polls every 20 seconds and recovery after each,
/// and what goes wrong meanwhile at the rates of a bad year. The simulated cluster knows the truth.
/// </summary>
internal static class SimulatedMonths
{
    private const int PollSeconds = 20;
    private const double DayPolls = 24d * 60 * 60 / PollSeconds;

    public static MonthsOfMetering Run(int seed, TimeSpan time)
    {
        var (random, cluster) = (new Random(seed), new SimulatedCluster());
        var busy = new int[3];
        var away = new int[3];
        var happened = new SortedDictionary<string, int>(StringComparer.Ordinal);
        cluster.LoadAll();
        for (var polls = (long)(time.TotalSeconds / PollSeconds); polls > 0; polls--)
        {
            for (var number = 0; number < busy.Length; number++)
            {
                if (busy[number] == 0 && random.Next(60) == 0)
                    busy[number] = random.Next(1, 30);
                if (busy[number] == 0)
                    continue;
                busy[number]--;
                cluster.Send(SimulatedCluster.Name(number), random.Next(1, 200), random.Next(1, 2_000_000));
            }
            cluster.Advance(random.Next(PollSeconds + 1));
            Happen(random, cluster, happened, away);
            cluster.Advance(random.Next(PollSeconds));
            Poll(random, cluster, happened, away);
            cluster.Recover();
        }
        foreach (var number in Enumerable.Range(0, busy.Length))
            cluster.Create(SimulatedCluster.Name(number));
        cluster.LoadAll();
        cluster.SettleAndRecover();
        return Sum(seed, time, cluster, happened);
    }

    private static void Happen(Random random, SimulatedCluster cluster, SortedDictionary<string, int> happened, int[] away)
    {
        var (topic, broker) = (random.Next(3), random.Next(3));
        var name = SimulatedCluster.Name(topic);
        // Two topics share a bundle, and leave a broker together.
        string[] bundle = topic == 2 ? [name] : [SimulatedCluster.Name(0), SimulatedCluster.Name(1)];
        If(
            8,
            "unload",
            () =>
            {
                foreach (var one in bundle)
                    cluster.Unload(one);
            }
        );
        If(
            4,
            "move",
            () =>
            {
                var by = random.Next(1, 3);
                foreach (var one in bundle)
                    cluster.Move(one, by);
            }
        );
        If(0.5, "crash", () => cluster.Kill(broker));
        If(1, "broker silent", () => away[broker] = random.Next(1, 60));
        If(0.3, "clock set", () => cluster.StepClock(random.Next(-90, 91)));
        If(20, "refused", () => cluster.Refuse(name, random.Next(1, 20), random.Next(1, 20_000)));
        If(6, "rollover", () => cluster.RollOver(name));
        If(2, "trim", () => cluster.Trim(name, random.Next(1, 4)));
        If(
            0.2,
            "deleted and made again",
            () =>
            {
                cluster.Final(name);
                cluster.Delete(name);
                cluster.Advance(random.Next(1, 120));
                cluster.Create(name);
            }
        );

        void If(double aDay, string what, Action act)
        {
            if (random.NextDouble() >= aDay / DayPolls)
                return;
            happened[what] = happened.GetValueOrDefault(what) + 1;
            act();
            // Clients come back.
            if (random.Next(4) != 0)
                cluster.LoadAll();
        }
    }

    private static void Poll(Random random, SimulatedCluster cluster, SortedDictionary<string, int> happened, int[] away)
    {
        var failing = 0;
        for (var number = 0; number < away.Length; number++)
        {
            if (away[number] == 0)
                continue;
            away[number]--;
            failing |= 1 << number;
        }
        var chance = random.Next(1000);
        switch (chance)
        {
            case < 5:
                Count("poll missed");
                break;
            case < 10:
                Count("poll killed");
                cluster.Poll(failing, random.Next(4));
                break;
            case < 30:
                Count("slow answer");
                cluster.Poll(failing, slow: random.Next(1, 9));
                break;
            case < 32:
                Count("poll twice");
                cluster.Poll(failing);
                cluster.Repeat();
                break;
            default:
                cluster.Poll(failing);
                break;
        }

        void Count(string what) => happened[what] = happened.GetValueOrDefault(what) + 1;
    }

    private static MonthsOfMetering Sum(int seed, TimeSpan time, SimulatedCluster cluster, SortedDictionary<string, int> happened)
    {
        var ledger = cluster.Bench.Ledger;
        var billed = new Dictionary<(TopicId Topic, Meter Meter), Int128>();
        Int128 recovered = 0;
        foreach (var sample in ledger.Samples)
        {
            billed[(sample.Topic.Id, sample.Meter)] = billed.GetValueOrDefault((sample.Topic.Id, sample.Meter)) + sample.Quantity;
            if (sample.IsRecovered)
                recovered += sample.Quantity;
        }
        var tooMuch = new List<string>();
        foreach (var ((topic, meter), quantity) in billed)
        {
            // Every byte is read twice.
            var most = cluster.True.GetValueOrDefault(topic) * (meter == Meter.Read ? 2 : 1);
            if (meter is Meter.Write or Meter.Read && quantity > most)
                tooMuch.Add($"{topic}: {quantity} {meter} of {most}");
        }
        var sent = Total(cluster.True.Values);
        return new(
            seed,
            time,
            sent,
            Total(billed.Where(pair => pair.Key.Meter == Meter.Write).Select(pair => pair.Value)),
            recovered,
            (sent - cluster.Refused) * 2,
            Total(billed.Where(pair => pair.Key.Meter == Meter.Read).Select(pair => pair.Value)),
            ledger.Gaps.Count,
            ledger.Gaps.Aggregate(TimeSpan.Zero, (sum, gap) => sum + (gap.To - gap.From)),
            happened
        )
        {
            TooMuch = tooMuch,
        };
    }

    private static Int128 Total(IEnumerable<Int128> values) => values.Aggregate((Int128)0, (sum, value) => sum + value);
}
