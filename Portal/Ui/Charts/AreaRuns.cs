namespace Portal.Ui.Charts;

/// <summary>Splits a series at its gaps: each run is drawn as a line of its own.</summary>
public static class AreaRuns
{
    public static IReadOnlyList<IReadOnlyList<(int Index, double Value)>> Of(IReadOnlyList<double?> values)
    {
        var runs = new List<IReadOnlyList<(int, double)>>();
        var run = new List<(int, double)>();
        for (var index = 0; index < values.Count; index++)
        {
            if (values[index] is { } value)
            {
                run.Add((index, value));
                continue;
            }
            if (run.Count > 0)
                runs.Add(run);
            run = [];
        }
        if (run.Count > 0)
            runs.Add(run);
        return runs;
    }

    /// <summary>
    /// A run in two: what is over, and what is still being counted. The second begins with the last point of the first, so
    /// that the line goes on; either may be empty.
    /// </summary>
    /// <param name="openFrom">The first index that is still being counted; null when all are over.</param>
    public static (IReadOnlyList<(int Index, double Value)> Over, IReadOnlyList<(int Index, double Value)> Open) Split(
        IReadOnlyList<(int Index, double Value)> run,
        int? openFrom
    )
    {
        var over = run.TakeWhile(point => !(point.Index >= openFrom)).ToList();
        return over.Count == run.Count ? (over, []) : (over, [.. run.Skip(Math.Max(0, over.Count - 1))]);
    }
}
