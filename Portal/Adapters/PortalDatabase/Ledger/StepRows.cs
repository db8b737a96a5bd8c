using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>Where samples belong: a partition of a topic on a broker. The numbers are 0 until the database has given them.</summary>
internal sealed class Series(TopicId topic, OrganizationId organization, string partition, string broker)
{
    public TopicId Topic => topic;
    public OrganizationId Organization => organization;
    public string Partition => partition;
    public string Broker => broker;
    public long No { get; set; }
    public long TopicNo { get; set; }
    public long OrganizationNo { get; set; }
}

internal sealed class SampleRow(Series series, long closedAt)
{
    public Series Series => series;
    public long ClosedAt => closedAt;
    public long? OpenedAt { get; set; }
    public (long From, long To)? In { get; set; }
    public (long From, long To)? Out { get; set; }
    public (long Since, long Value)? Storage { get; set; }
}

internal sealed record SpanRow(Series Series, long OpenedAt, long ClosedAt, long Value);

/// <summary>What is added to an hour, of each meter.</summary>
internal sealed class Sums
{
    private Int128 _write;
    private Int128 _read;
    private Int128 _storage;

    public void Add(Meter meter, Int128 quantity)
    {
        switch (meter)
        {
            case Meter.Write:
                _write += quantity;
                break;
            case Meter.Read:
                _read += quantity;
                break;
            case Meter.Storage:
                _storage += quantity;
                break;
            default:
                throw new InvalidOperationException($"{meter} is computed, not written.");
        }
    }

    /// <summary>In the order of <see cref="LedgerSchema.Sums"/>.</summary>
    public long[] Parts() => [High(_write), Low(_write), High(_read), Low(_read), High(_storage), Low(_storage)];

    internal static long High(Int128 quantity) => (long)(quantity >> 32);

    internal static long Low(Int128 quantity) => (long)(quantity & uint.MaxValue);
}

/// <summary>A step's result as rows: samples of one instant together, hours and totals summed before they are written.</summary>
internal sealed class StepRows
{
    private readonly Dictionary<(TopicId, string, string), Series> _series = [];

    public StepRows(PollResult result, IReadOnlyCollection<StoredReading> stored)
    {
        var known = new Dictionary<(string, string), StoredReading>(stored.Count);
        foreach (var reading in stored)
        {
            known[(reading.Reading.Partition, reading.Reading.Broker)] = reading;
            if (reading.Reading is not { Topic: { } topic, Organization: { } organization })
                continue;
            _series[(topic, reading.Reading.Partition, reading.Reading.Broker)] = new(
                topic,
                organization,
                reading.Reading.Partition,
                reading.Reading.Broker
            )
            {
                No = reading.SeriesNo,
                TopicNo = reading.TopicNo,
                OrganizationNo = reading.OrganizationNo,
            };
        }
        var samples = new Dictionary<(Series, long), SampleRow>(result.Deltas.Count);
        var hours = new Dictionary<(TopicId, long), (Series, Sums)>();
        var totals = new Dictionary<(OrganizationId, long), (Series, Sums)>();
        foreach (var delta in result.Deltas)
            Add(delta, samples, hours, totals);
        Samples = [.. samples.Values];
        Hours = [.. hours.Select(entry => (entry.Value.Item1, entry.Key.Item2, entry.Value.Item2))];
        // In one order everywhere: two clusters' collectors may add to the same organization at once.
        Totals =
        [
            .. totals
                .OrderBy(entry => entry.Key.Item1.Value)
                .ThenBy(entry => entry.Key.Item2)
                .Select(entry => (entry.Value.Item1, entry.Key.Item2, entry.Value.Item2)),
        ];
        Gaps = result.Gaps;
        foreach (var reading in result.Readings)
        {
            var series = reading is { Topic: { } topic, Organization: { } organization }
                ? SeriesOf(topic, organization, reading.Partition, reading.Broker)
                : null;
            if (known.TryGetValue((reading.Partition, reading.Broker), out var before))
                Changed.Add((before.No, reading, series, before.Reading.Topic != reading.Topic));
            else
                New.Add((reading, series));
        }
        Unknown = [.. _series.Values.Where(series => series.No == 0)];
    }

    /// <summary>Series that the database has not numbered yet.</summary>
    public IReadOnlyList<Series> Unknown { get; }

    /// <summary>Readings that are there, with whether they belong to another topic now.</summary>
    public List<(long No, Reading Reading, Series? Series, bool IsOwners)> Changed { get; } = [];
    public List<(Reading Reading, Series? Series)> New { get; } = [];
    public List<(Series Series, long OpenedAt, long ClosedAt, long Bytes)> Recovered { get; } = [];
    public IReadOnlyList<SampleRow> Samples { get; }
    public List<SpanRow> Spans { get; } = [];
    public IReadOnlyList<(Series Series, long Hour, Sums Sums)> Hours { get; }
    public IReadOnlyList<(Series Series, long Hour, Sums Sums)> Totals { get; }
    public IReadOnlyList<TopicGap> Gaps { get; }

    private void Add(
        MeteredDelta delta,
        Dictionary<(Series, long), SampleRow> samples,
        Dictionary<(TopicId, long), (Series, Sums)> hours,
        Dictionary<(OrganizationId, long), (Series, Sums)> totals
    )
    {
        var series = SeriesOf(delta.Topic.Id, delta.Topic.Organization, delta.Partition, delta.Broker);
        var (opened, closed) = (delta.OpenedAt.ToUnixMicroseconds(), delta.ClosedAt.ToUnixMicroseconds());
        if (delta.IsLong)
        {
            Spans.Add(new(series, opened, closed, delta.OpenedValue));
            return;
        }
        // Once more and apart, so that a page finds these few among all samples.
        if (delta.IsRecovered)
            Recovered.Add((series, opened, closed, (long)delta.Quantity));
        if (!samples.TryGetValue((series, closed), out var sample))
            samples[(series, closed)] = sample = new(series, closed);
        switch (delta.Meter)
        {
            case Meter.Storage:
                sample.Storage = (opened, delta.OpenedValue);
                break;
            case Meter.Write:
                (sample.OpenedAt, sample.In) = (opened, (delta.OpenedValue, delta.ClosedValue));
                break;
            default:
                (sample.OpenedAt, sample.Out) = (opened, (delta.OpenedValue, delta.ClosedValue));
                break;
        }
        foreach (var (hour, quantity) in delta.ByHour())
        {
            var number = hour.ToUnixTimeSeconds() / 3600;
            if (!hours.TryGetValue((series.Topic, number), out var topic))
                hours[(series.Topic, number)] = topic = (series, new());
            if (!totals.TryGetValue((series.Organization, number), out var total))
                totals[(series.Organization, number)] = total = (series, new());
            topic.Item2.Add(delta.Meter, quantity);
            total.Item2.Add(delta.Meter, quantity);
        }
    }

    private Series SeriesOf(TopicId topic, OrganizationId organization, string partition, string broker)
    {
        if (!_series.TryGetValue((topic, partition, broker), out var series))
            _series[(topic, partition, broker)] = series = new(topic, organization, partition, broker);
        return series;
    }
}
