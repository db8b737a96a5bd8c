using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;

namespace Portal.Domain.Migration;

/// <summary>A namespace that topics move to.</summary>
/// <param name="IsThere">It exists already.</param>
/// <param name="HasNow">Topics that it has already.</param>
/// <param name="Problem">Why it cannot take them; null when it can.</param>
public sealed record DryRunTarget(
    string Tenant,
    string Namespace,
    bool IsThere,
    int HasNow,
    int Topics,
    long Partitions,
    int Blocked,
    string? Problem
)
{
    /// <summary>
    /// What its retention time is raised to, so that nothing copied is deleted before its readers come; null where it keeps enough.
    /// </summary>
    public TimeSpan? RetentionRaisedTo { get; init; }

    /// <summary>The same of its retention size, in bytes of each partition.</summary>
    public long? RetentionSizeRaisedTo { get; init; }

    /// <summary>
    /// What the topics that it has already store more by that; null where nothing is raised, or where nothing is written to them.
    /// </summary>
    public KeptLonger? KeptLonger { get; init; }
}

/// <summary>A clash that some topics share.</summary>
/// <param name="Examples">At most five of their names at the source.</param>
public sealed record DryRunClash(string Code, ClashWeight Weight, string Message, int Topics, IReadOnlyList<string> Examples);

/// <param name="BytesPerSecond">The rate that was chosen, of the whole migration.</param>
/// <param name="Least">Null where nothing is known of sizes.</param>
/// <param name="Slowest">The topic that the plan's rate holds back longest; null where the chosen rate decides.</param>
public sealed record DryRunCopy(
    long Messages,
    long Bytes,
    int Unsized,
    long BytesPerSecond,
    TimeSpan? Least,
    TimeSpan? Most,
    string? Slowest
);

/// <summary>A meter in the first month.</summary>
/// <param name="Low">In the meter's unit.</param>
/// <param name="LikelyAmount">If sizes and traffic stay as they were measured.</param>
public sealed record DryRunLine(
    Meter Meter,
    decimal Low,
    decimal High,
    Money LowAmount,
    Money LikelyAmount,
    Money HighAmount,
    string Explanation
);

/// <param name="Plan">Its name for people.</param>
/// <param name="IsCharged">False: the plan costs nothing, and the amounts are what Pay as you go would come to.</param>
public sealed record DryRunCost(
    string Plan,
    bool IsCharged,
    string PriceList,
    Money Low,
    Money Likely,
    Money High,
    IReadOnlyList<DryRunLine> Lines
)
{
    /// <summary>What of the storage is that of topics which are there already, and keep their messages longer; null for none.</summary>
    public DryRunSpan? KeptLonger { get; init; }
}

/// <param name="Likely">If sizes and traffic stay as they were measured.</param>
public sealed record DryRunSpan(Money Low, Money Likely, Money High);

/// <summary>What a migration would do, before it does it.</summary>
/// <param name="Cost">Null while no price list is in force.</param>
/// <param name="Left">What does not carry over whatever the topics are.</param>
public sealed record DryRun(
    KafkaMigration Migration,
    MigrationSums Sums,
    IReadOnlyList<DryRunTarget> Targets,
    IReadOnlyList<DryRunClash> Clashes,
    DryRunCopy Copy,
    DryRunCost? Cost,
    IReadOnlyList<string> Left,
    IReadOnlyList<string> Assumptions,
    DateTimeOffset At
)
{
    /// <summary>Nothing stands in the way.</summary>
    public bool IsReady => Sums.Moving > 0 && Sums.Blocked == 0 && Targets.All(target => target.Problem is null);
}

/// <summary>Adds up what moves, topic by topic, and holds none of them.</summary>
internal sealed class DryRunSum
{
    private const int MostExamples = 5;
    internal const decimal HoursInMonth = 730;

    // How far a month may differ from what a look of some seconds saw.
    private const decimal Slower = 0.5m,
        Faster = 1.5m;

    // Records of one topic are alike, so a sample is near; a batch compresses, or carries overhead.
    private const decimal Smaller = 0.8m,
        Larger = 1.1m;

    // What Pulsar's protocol puts around each message of a batch; brokers count it.
    private const decimal Around = 20;

    private readonly Dictionary<string, (MappingClash Clash, int Count, List<string> Names)> _clashes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), CopyRetention> _retention = [];
    private decimal _bytes,
        _carried,
        _kept,
        _writes,
        _reads,
        _longer;
    private long _partitions,
        _messages;
    private int _unsized,
        _unrated;
    private (decimal Seconds, string Name) _slowest;

    /// <param name="rate">What the plan lets through, of each partition.</param>
    internal void Add(MigrationTopic topic, IReadOnlyList<MappingClash> clashes, RateLimit? rate, long? keptPerPartition)
    {
        foreach (var clash in clashes)
        {
            var (first, count, names) = _clashes.TryGetValue(clash.Code, out var known) ? known : (clash, 0, []);
            if (names.Count < MostExamples)
                names.Add(topic.Name);
            _clashes[clash.Code] = (first, count + 1, names);
        }
        var target = (topic.TargetTenant!, topic.TargetNamespace!);
        _retention[target] = CopyRetention.Of(topic).And(_retention.GetValueOrDefault(target));
        var partitions = Math.Max(1, topic.Partitions);
        (_partitions, _messages) = (_partitions + partitions, _messages + topic.Messages);
        if (topic.Bytes is not { } bytes)
            _unsized++;
        else
        {
            _bytes += bytes;
            var carried = bytes + Around * topic.Messages;
            _carried += carried;
            _kept += keptPerPartition is { } kept ? Math.Min(carried, (decimal)kept * partitions) : carried;
            // Small messages meet the limit of messages long before that of bytes.
            var seconds = Math.Max(
                rate?.BytesPerSecond is { } limit ? bytes / ((decimal)limit * partitions) : 0,
                rate?.MessagesPerSecond is { } most ? topic.Messages / ((decimal)most * partitions) : 0
            );
            if (seconds > _slowest.Seconds)
                _slowest = (seconds, topic.Name);
        }
        if (topic.BytesPerSecond is not { } written)
            _unrated++;
        else
        {
            var carried = (decimal)Math.Min(written, 1e12) + Around * (decimal)Math.Min(topic.MessagesPerSecond ?? 0, 1e10);
            _writes += carried;
            _reads += carried * topic.Readers;
        }
    }

    internal IReadOnlyList<DryRunClash> Clashes() =>
        [
            .. _clashes
                .Values.Select(one => new DryRunClash(one.Clash.Code, one.Clash.Weight, one.Clash.Message, one.Count, one.Names))
                .OrderBy(one => one.Weight)
                .ThenByDescending(one => one.Topics),
        ];

    /// <summary>What is stored longer beside the topics that move.</summary>
    internal void Add(KeptLonger more) => _longer += more.ByteHours;

    internal CopyRetention? Retention(DryRunTarget target) => _retention.GetValueOrDefault((target.Tenant, target.Namespace));

    internal DryRunCopy Copy(long bytesPerSecond)
    {
        if (_bytes == 0)
            return new(
                _messages,
                0,
                _unsized,
                bytesPerSecond,
                _unsized == 0 ? TimeSpan.Zero : null,
                _unsized == 0 ? TimeSpan.Zero : null,
                null
            );
        var seconds = _bytes / bytesPerSecond;
        var held = _slowest.Seconds > seconds;
        var longest = held ? _slowest.Seconds : seconds;
        return new(
            _messages,
            (long)_bytes,
            _unsized,
            bytesPerSecond,
            Span(longest * Smaller),
            Span(longest * Larger),
            held ? _slowest.Name : null
        );
    }

    /// <summary>What the copy and a month of the measured traffic come to, rated as an invoice is: once a meter.</summary>
    internal DryRunCost Cost(string plan, bool isCharged, PriceBook book)
    {
        var monthly = HoursInMonth * 3600;
        // The copy is written once and read back once by the proof.
        var quantities = new Dictionary<Meter, (decimal Low, decimal Likely, decimal High)>
        {
            [Meter.Write] = (
                _carried * Smaller + _writes * monthly * Slower,
                _carried + _writes * monthly,
                _carried * Larger + _writes * monthly * Faster
            ),
            [Meter.Read] = (
                _carried * Smaller + _reads * monthly * Slower,
                _carried + _reads * monthly,
                _carried * Larger + _reads * monthly * Faster
            ),
            [Meter.Storage] = (
                _kept * Smaller * HoursInMonth + _longer * Slower,
                _kept * HoursInMonth + _longer,
                _kept * Larger * HoursInMonth + _longer * Faster
            ),
            [Meter.Partitions] = (_partitions * HoursInMonth, _partitions * HoursInMonth, _partitions * HoursInMonth),
        };
        DryRunSpan? longer = null;
        var lines = new List<DryRunLine>();
        foreach (var (meter, price) in book.Meters.OrderBy(pair => pair.Key))
        {
            if (!quantities.TryGetValue(meter, out var range))
                continue;
            var (low, likely, high) = (In(range.Low), In(range.Likely), In(range.High));
            lines.Add(
                new(
                    meter,
                    low,
                    high,
                    Amount(low),
                    Amount(likely),
                    Amount(high),
                    Rating.Explain(price, book.Currency, null, high, endsMonth: true)
                )
            );

            if (meter == Meter.Storage && _longer > 0)
                longer = new(
                    Amount(low) - Amount(In(range.Low - _longer * Slower)),
                    Amount(likely) - Amount(In(range.Likely - _longer)),
                    Amount(high) - Amount(In(range.High - _longer * Faster))
                );

            // An estimate has few digits, and what is shown is what is rated.
            decimal In(decimal quantity) => TopicCost.Short(meter, Bounded(meter, quantity));

            Money Amount(decimal quantity) => Money.Round(Rating.Month(price, quantity), book.Currency);
        }
        return new(
            plan,
            isCharged,
            book.Version,
            Sum(line => line.LowAmount),
            Sum(line => line.LikelyAmount),
            Sum(line => line.HighAmount),
            lines
        )
        {
            KeptLonger = longer,
        };

        Money Sum(Func<DryRunLine, Money> of) => lines.Aggregate(Money.Zero(book.Currency), (sum, line) => sum + of(line));
    }

    internal IReadOnlyList<string> Assumptions()
    {
        var assumptions = new List<string>
        {
            "Sizes are estimated from sampled messages and offsets, between 20% less and 10% more. "
                + "Compression by producers makes them smaller.",
            "Traffic is estimated from two short measurements, over a month of 730 hours. "
                + "The range is half to one and a half times what was measured. A topic that was quiet then counts as quiet.",
            "The copy is written once, and read once more to verify it.",
            "Every consumer group that has a position in a topic reads all of it.",
            "What is copied is kept for the whole month, up to the plan's retention size per partition.",
            "Other usage of your organization isn't part of it. Free quantities and minimums of the price list count once a "
                + "month for everything together.",
        };
        if (_longer > 0)
            assumptions.Add(
                "Topics that are already in these namespaces keep being written to as they were in the last 24 hours. "
                    + "What they store grows until the longer retention is reached, so later months can cost more."
            );
        if (_unsized > 0)
            assumptions.Add(
                $"{_unsized} {(_unsized == 1 ? "topic has" : "topics have")} no known size and "
                    + $"{(_unsized == 1 ? "isn't" : "aren't")} part of these figures."
            );
        if (_unrated > _unsized)
            assumptions.Add($"{_unrated} {(_unrated == 1 ? "topic has" : "topics have")} no known rate and count as quiet.");
        return assumptions;
    }

    private static decimal Bounded(Meter meter, decimal quantity) =>
        Math.Min(decimal.Round(quantity, meter is Meter.Write or Meter.Read ? 0 : 6, MidpointRounding.AwayFromZero), meter.LargestMonth());

    private static TimeSpan Span(decimal seconds) => TimeSpan.FromSeconds((long)Math.Ceiling(Math.Min(seconds, 1e9m)));
}
