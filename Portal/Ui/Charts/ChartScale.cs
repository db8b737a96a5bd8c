using System.Globalization;

namespace Portal.Ui.Charts;

/// <summary>A vertical axis from zero with few, round grid lines: at most four steps of 1, 2, 2.5, 3 or 5 × 10ⁿ.</summary>
public sealed class ChartScale
{
    private static readonly double[] Steps = [1, 2, 2.5, 3, 5, 10];

    private ChartScale(double step, int count) => (Step, Count) = (step, count);

    public double Step { get; }

    public int Count { get; }

    public double Top => Step * Count;

    public IEnumerable<double> Lines => Enumerable.Range(0, Count + 1).Select(index => index * Step);

    public static ChartScale For(double most)
    {
        if (!(most > 0) || double.IsInfinity(most))
            return new(1, 1);
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(most / 4)));
        var step = Steps.Select(factor => factor * magnitude).First(candidate => candidate * 4 >= most * (1 - 1e-12));
        return new(step, Math.Max(1, (int)Math.Ceiling(most / step - 1e-12)));
    }

    /// <summary>Pixels from the top of a plot of this height.</summary>
    public double Y(double value, double height) => height - value / Top * height;

    /// <summary>A coordinate as SVG takes it.</summary>
    public static string Px(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Which labels to print so that about <paramref name="room"/> fit: the first, then every n-th.</summary>
    public static IEnumerable<int> LabelsToPrint(int count, int room)
    {
        if (count == 0)
            return [];
        var every = Math.Max(1, (int)Math.Ceiling(count / (double)Math.Max(1, room)));
        return Enumerable.Range(0, count).Where(index => index % every == 0);
    }
}
