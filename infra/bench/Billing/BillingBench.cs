using System.Globalization;

namespace Portal.Bench.Billing;

/// <summary>
/// What billing has to keep up with: ratings, the usage page of a large customer, the close of many. Each beside its
/// baseline in the same run.
/// </summary>
internal static class BillingBench
{
    public static async Task RunAsync()
    {
        RatingBench.Run();
        await UsagePageBench.RunAsync();
        await MonthEndBench.RunAsync();
    }

    public static void Print(FormattableString line) => Console.WriteLine("billing  " + line.ToString(CultureInfo.InvariantCulture));
}
