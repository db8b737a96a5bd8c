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
            if (run.Count > 0) runs.Add(run);
            run = [];
        }
        if (run.Count > 0) runs.Add(run);
        return runs;
    }
}
