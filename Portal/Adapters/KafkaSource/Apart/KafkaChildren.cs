using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>
/// The processes in which Kafka clients live: one for each connection of an organization, so that a Kafka that breaks its
/// client breaks nothing of anybody else's. They are started when somebody asks and ended when nobody does.
/// </summary>
internal sealed partial class KafkaChildren : IDisposable
{
    /// <summary>Deaths within <see cref="Remembered"/> after which a connection is left alone for a while.</summary>
    private const int DeathsToWait = 3;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Dictionary<KafkaConnection, KafkaChildProcess> _running = [];
    private readonly Dictionary<Place, List<(DateTimeOffset At, KafkaChildEnd End)>> _deaths = [];
    private readonly KafkaChildSettings _settings;
    private readonly bool _anywhere;
    private readonly TimeProvider _clock;
    private readonly ILogger<KafkaChildren> _logger;
    private readonly KafkaChildMeter _meter;
    private readonly ITimer _watch;
    private bool _disposed;

    public KafkaChildren(KafkaReach reach, KafkaChildSettings settings, TimeProvider clock, ILogger<KafkaChildren> logger)
    {
        (_settings, _anywhere, _clock, _logger) = (settings, reach == KafkaReach.Anywhere, clock, logger);
        _meter = new(this);
        _watch = clock.CreateTimer(_ => Watch(), null, Look, Look);
    }

    /// <summary>Where a connection leads and for whom: another password changes nothing about how its Kafka behaves.</summary>
    private readonly record struct Place(OrganizationId? Owner, string Servers, KafkaSecurity Security);

    public int Count
    {
        get
        {
            lock (_lock) return _running.Count;
        }
    }

    /// <summary>The ids of the processes of a connection; none when there is no process.</summary>
    internal int? ProcessOf(KafkaConnection connection)
    {
        lock (_lock) return _running.GetValueOrDefault(connection)?.Id;
    }

    /// <summary>The process of a connection, to be given back with <see cref="Release"/>.</summary>
    public Outcome<KafkaChildProcess> Take(KafkaConnection connection)
    {
        KafkaChildProcess? idle = null;
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (_running.TryGetValue(connection, out var running) && !running.HasEnded) return Lease(running);
                if (Pause(connection) is var (pause, end) && pause > TimeSpan.Zero) return KafkaChildProblems.Died(end, _settings.MemoryBytes, pause);
                var ofOne = _running.Keys.Count(one => one.Owner == connection.Owner) >= _settings.MostOfOne;
                if (ofOne || _running.Count >= _settings.Most)
                {
                    idle = _running.Values.Where(one => one.Uses == 0 && (!ofOne || one.Connection.Owner == connection.Owner)).MinBy(one => one.LastUse);
                    if (idle is null)
                    {
                        _meter.Busy();
                        return KafkaChildProblems.Busy;
                    }
                    _running.Remove(idle.Connection);
                }
                var child = new KafkaChildProcess(connection, _settings, _anywhere, _clock, Ended);
                _running[connection] = child;
                return Lease(child);
            }
        }
        finally
        {
            idle?.Finish(KafkaChildEnd.Idle);
        }
    }

    public void Release(KafkaChildProcess child)
    {
        lock (_lock)
        {
            child.Uses--;
            child.LastUse = _clock.GetTimestamp();
        }
    }

    /// <summary>Why a call to a process that has ended has no answer.</summary>
    public Problem Died(KafkaChildProcess child)
    {
        if (child.End == KafkaChildEnd.Idle) return KafkaChildProblems.Busy;
        lock (_lock)
        {
            var pause = Pause(child.Connection).Pause;
            return KafkaChildProblems.Died(child.End, _settings.MemoryBytes, pause > TimeSpan.Zero ? pause : null);
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        List<KafkaChildProcess> all;
        lock (_lock)
        {
            _disposed = true;
            all = [.. _running.Values];
            _running.Clear();
        }
        foreach (var child in all) child.Dispose();
        _meter.Dispose();
    }

    private KafkaChildProcess Lease(KafkaChildProcess child)
    {
        child.Uses++;
        return child;
    }

    /// <summary>Grows with every death: a minute, two, four, and at most ten.</summary>
    private (TimeSpan Pause, KafkaChildEnd End) Pause(KafkaConnection connection)
    {
        if (!_deaths.TryGetValue(PlaceOf(connection), out var deaths) || deaths.Count < DeathsToWait) return default;
        var pause = TimeSpan.FromMinutes(Math.Min(Remembered.TotalMinutes, Math.Pow(2, Math.Min(deaths.Count, 20) - DeathsToWait)));
        return (deaths[^1].At + pause - _clock.Now(), deaths[^1].End);
    }

    private void Ended(KafkaChildProcess child, KafkaChildEnd end)
    {
        int deaths;
        lock (_lock)
        {
            if (_running.TryGetValue(child.Connection, out var running) && running == child) _running.Remove(child.Connection);
            if (end == KafkaChildEnd.Idle || _disposed) return;
            var place = PlaceOf(child.Connection);
            if (!_deaths.TryGetValue(place, out var known)) _deaths[place] = known = [];
            known.Add((_clock.Now(), end));
            deaths = known.Count;
        }
        _meter.Died(end);
        if (deaths < DeathsToWait) LogDeath(_logger, child.Connection, end, child.Words);
        else if (deaths == DeathsToWait) LogWaiting(_logger, child.Connection, end, child.Words);
    }

    private void Watch()
    {
        List<KafkaChildProcess> watched, idle;
        lock (_lock)
        {
            watched = [.. _running.Values];
            idle = [.. watched.Where(one => one.Uses == 0 && _clock.GetElapsedTime(one.LastUse) > _settings.IdleFor)];
            foreach (var one in idle) _running.Remove(one.Connection);
            // What has lasted ten minutes without dying again is forgotten.
            var since = _clock.Now() - Remembered;
            foreach (var (place, deaths) in _deaths.ToList())
                if (deaths[^1].At < since) _deaths.Remove(place);
                else if (deaths.Count < DeathsToWait) deaths.RemoveAll(one => one.At < since);
        }
        foreach (var one in idle) one.Finish(KafkaChildEnd.Idle);
        foreach (var one in watched) one.Watch();
    }

    private static Place PlaceOf(KafkaConnection connection) => new(connection.Owner, connection.BootstrapServers, connection.Security);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Kafka client of {Connection} stopped ({End}): {Words}")]
    private static partial void LogDeath(ILogger logger, KafkaConnection connection, KafkaChildEnd end, string words);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Kafka client of {Connection} stopped ({End}) for the third time within ten minutes. It is left alone for longer and longer, and no longer logged: {Words}")]
    private static partial void LogWaiting(ILogger logger, KafkaConnection connection, KafkaChildEnd end, string words);
}
