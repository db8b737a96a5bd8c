namespace Portal.Ui.Charts;

/// <summary>A line or a layer of bars. Values align with the chart's labels; null is a gap and is drawn as one.</summary>
/// <param name="Tone">1 to 5: the series colours in their fixed order, never for state.</param>
public sealed record ChartSeries(string Name, int Tone, IReadOnlyList<double?> Values)
{
    public string Color => $"var(--s{Tone})";
}

/// <summary>A forecast of a bar that is not over: from least to most.</summary>
public readonly record struct ChartRange(double Low, double High);

/// <summary>A stretch of labels [From, To] without data, and the words for it.</summary>
public sealed record ChartGap(int From, int To, string Words);
