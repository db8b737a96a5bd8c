using System.Globalization;
using Portal.Domain.Connectors;
using Portal.Ui;
using Portal.Ui.Charts;

namespace Portal.Features.Connectors;

/// <summary>
/// Messages a second since a page was opened, from what a connector's instances counted between two looks. Workers keep no
/// history: what was before is on the topics' usage.
/// </summary>
public sealed class ConnectorRates
{
    /// <summary>Looks that are kept: five minutes of one each five seconds.</summary>
    internal const int Most = 60;

    private readonly List<Point> _points = [];
    private Dictionary<int, (long Received, long Delivered)> _counts = [];
    private DateTimeOffset? _at;

    private sealed record Point(DateTimeOffset At, double? In, double? Out);

    /// <summary>A line needs two.</summary>
    internal bool IsEmpty => _points.Count(point => point.In is not null) < 2;

    internal (double In, double Out)? Now => _points is [.., { In: { } taken, Out: { } given }] ? (taken, given) : null;

    internal void Saw(ConnectorStatus status, DateTimeOffset at)
    {
        var counts = status.Instances.ToDictionary(one => one.Number, one => (one.Received, one.Delivered));
        if (_at is { } before && at > before)
        {
            var seconds = (at - before).TotalSeconds;
            Add(
                new(
                    at,
                    counts.Sum(pair => Since(pair.Value.Received, _counts.GetValueOrDefault(pair.Key).Received)) / seconds,
                    counts.Sum(pair => Since(pair.Value.Delivered, _counts.GetValueOrDefault(pair.Key).Delivered)) / seconds
                )
            );
        }
        (_counts, _at) = (counts, at);
    }

    /// <summary>Nobody answered: what happened meanwhile is not made up by a line across.</summary>
    internal void Missed(DateTimeOffset at)
    {
        if (_at is null)
            return;
        (_counts, _at) = ([], null);
        Add(new(at, null, null));
    }

    internal IReadOnlyList<string> Labels(ViewerZone zone) =>
        [.. _points.Select(point => zone.In(point.At).ToString("HH:mm:ss", CultureInfo.InvariantCulture))];

    internal IReadOnlyList<ChartSeries> Series(ConnectorKind kind) =>
        [
            new("Received", 1, [.. _points.Select(point => point.In)]),
            new(kind == ConnectorKind.Function ? "Processed" : "Delivered", 2, [.. _points.Select(point => point.Out)]),
        ];

    /// <summary>An instance that started anew counts from zero.</summary>
    private static long Since(long now, long before) => now >= before ? now - before : now;

    private void Add(Point point)
    {
        _points.Add(point);
        if (_points.Count > Most)
            _points.RemoveAt(0);
    }
}
