using System.Diagnostics;
using System.Globalization;
using MeteringSimulation;

namespace Portal.Bench;

/// <summary>
/// Months of metering of a simulated cluster that knows the truth, with what goes wrong in a bad year, under random seeds:
/// what is billed of it, what was recovered, and how long the gaps are. The tests run days of the same.
/// </summary>
internal static class MeteringBench
{
    private static readonly int Months = Setting("PORTAL_BENCH_MONTHS", 3);
    private static readonly int Seeds = Setting("PORTAL_BENCH_SEEDS", 4);

    /// <summary>False when anything was billed that wasn't there.</summary>
    public static bool Run()
    {
        var (first, isSound) = (Random.Shared.Next(1_000_000), true);
        for (var seed = first; seed < first + Seeds; seed++)
        {
            var began = Stopwatch.GetTimestamp();
            var months = SimulatedMonths.Run(seed, TimeSpan.FromDays(30.44 * Months));
            Print(
                $"seed {seed}, {Months} months in {Stopwatch.GetElapsedTime(began).TotalSeconds:N0} s: "
                    + $"{string.Join(", ", months.Happened.Select(pair => $"{pair.Value:N0} × {pair.Key}"))}"
            );
            Print(
                $"seed {seed}: data in billed/true {Part(months.Written, months.Sent)} of {Gibibytes(months.Sent)} GiB, of which "
                    + $"{Part(months.Recovered, months.Sent)} recovered; data out {Part(months.Read, months.Delivered)}; "
                    + $"{months.Gaps:N0} gaps, {months.Missing.TotalHours:N1} topic hours"
            );
            foreach (var topic in months.TooMuch)
                Print($"seed {seed}: TOO MUCH BILLED, {topic}");
            isSound &= months.TooMuch.Count == 0;
        }
        return isSound;
    }

    private static string Part(Int128 part, Int128 whole) =>
        whole == 0 ? "-" : ((decimal)part / (decimal)whole * 100).ToString("0.0000", CultureInfo.InvariantCulture) + " %";

    private static string Gibibytes(Int128 bytes) => ((decimal)bytes / 1_073_741_824m).ToString("N1", CultureInfo.InvariantCulture);

    private static void Print(string line) => Console.WriteLine($"metering  {line}");

    private static int Setting(string name, int unlessSet) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : unlessSet;
}
