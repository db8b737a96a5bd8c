using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Hosting.Workers;

/// <summary>
/// The engine's log and metrics. A row that fails is logged when its cause changes, not at every try; a lane whose
/// database is away is logged once a minute, with the number of times.
/// </summary>
internal sealed partial class WorkObserver : IWorkObserver, IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Meter _meter = new("Portal");
    private readonly Counter<long> _steps;
    private readonly Histogram<double> _seconds;
    private readonly ConcurrentDictionary<string, (DateTimeOffset Told, long Since)> _failing = new(StringComparer.Ordinal);
    private readonly ILogger<WorkObserver> _logger;
    private readonly TimeProvider _clock;
    private volatile IReadOnlyList<LaneDepth> _depths = [];
    private long _webhooks;

    public WorkObserver(ILogger<WorkObserver> logger, TimeProvider clock)
    {
        (_logger, _clock) = (logger, clock);
        _steps = _meter.CreateCounter<long>("work.steps", description: "Steps of durable work by lane, kind and outcome");
        _seconds = _meter.CreateHistogram<double>("work.step_seconds", "s", "How long steps take");
        _meter.ObserveGauge(
            "work.open",
            this,
            static observer => observer._depths.Select(depth => Measure(depth, depth.Open)),
            description: "Work that has not ended, by lane"
        );
        _meter.ObserveGauge(
            "work.failing",
            this,
            static observer => observer._depths.Select(depth => Measure(depth, depth.Failing)),
            description: "Work whose last step failed, by lane"
        );
        _meter.ObserveGauge(
            "work.needs_person",
            this,
            static observer => observer._depths.Select(depth => Measure(depth, depth.NeedPerson)),
            description: "Work that an operator should look at, by lane"
        );
        _meter.ObserveGauge(
            "work.oldest_due_seconds",
            this,
            static observer =>
                observer._depths.Select(depth => new Measurement<double>(
                    depth.Age.TotalSeconds,
                    new KeyValuePair<string, object?>("lane", depth.Lane)
                )),
            "s",
            "How long the oldest work that may run has been waiting, by lane"
        );
        _meter.ObserveGauge<WorkObserver, long>(
            "webhooks.backlog",
            this,
            static observer => [new Measurement<long>(Interlocked.Read(ref observer._webhooks))],
            description: "Stripe's events that are not dealt with yet"
        );
    }

    public void Stepped(string lane, string kind, string outcome, TimeSpan took)
    {
        var tags = new TagList
        {
            { "lane", lane },
            { "kind", kind },
            { "outcome", outcome },
        };
        _steps.Add(1, tags);
        _seconds.Record(took.TotalSeconds, new TagList { { "lane", lane }, { "kind", kind } });
    }

    public void Failed(WorkItem item, Problem problem, Exception? exception)
    {
        if (exception is null)
            LogPostponed(_logger, item.Kind, item.Subject, item.Lane, problem.Code, problem.Message);
        else
            LogFailed(_logger, item.Kind, item.Subject, item.Lane, item.Id, exception);
    }

    public void Refused(WorkItem item, Problem problem) =>
        LogRefused(_logger, item.Kind, item.Subject, item.Lane, problem.Code, problem.Message);

    public void LaneFailed(string lane, Exception exception)
    {
        var now = _clock.GetUtcNow();
        var (told, since) = _failing.GetValueOrDefault(lane);
        if (now - told < Quiet)
        {
            _failing[lane] = (told, since + 1);
            return;
        }
        _failing[lane] = (now, 0);
        LogLane(_logger, lane, exception.GetType().Name, exception.Message, since);
    }

    public void LeaseLost(string lane) => LogLost(_logger, lane);

    public void Dispose() => _meter.Dispose();

    /// <summary>What the gauges show until the next look.</summary>
    internal void Show(IReadOnlyList<LaneDepth> depths, long webhooks)
    {
        _depths = depths;
        Interlocked.Exchange(ref _webhooks, webhooks);
    }

    private static Measurement<long> Measure(LaneDepth depth, long value) =>
        new(value, new KeyValuePair<string, object?>("lane", depth.Lane));

    [LoggerMessage(Level = LogLevel.Error, Message = "{Kind} of {Subject} in lane {Lane} failed and is tried again (work {Id})")]
    private static partial void LogFailed(ILogger logger, string kind, string subject, string lane, WorkId id, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} of {Subject} in lane {Lane} is tried again: {Code}: {Problem}")]
    private static partial void LogPostponed(ILogger logger, string kind, string subject, string lane, string code, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} of {Subject} in lane {Lane} was refused: {Code}: {Problem}")]
    private static partial void LogRefused(ILogger logger, string kind, string subject, string lane, string code, string problem);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Lane {Lane} cannot read or write its work: {Type}: {Problem} ({Since} more since the last line)"
    )]
    private static partial void LogLane(ILogger logger, string lane, string type, string problem, long since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lane {Lane} was lost to another replica")]
    private static partial void LogLost(ILogger logger, string lane);
}
