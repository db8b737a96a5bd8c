using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>
/// The processes in which Kafka clients live: one for each connection of an organization, so that a Kafka that breaks its
/// client breaks nothing of anybody else's. They are started when somebody asks and ended when nobody does. There are only
/// so many, so they go round: who waits gets one that is idle, or one of whoever has more.
/// </summary>
internal sealed partial class KafkaChildren : IDisposable
{
    /// <summary>Deaths within <see cref="Remembered"/> after which a connection is left alone for a while.</summary>
    private const int DeathsToWait = 3;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a caller waits for a turn.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How long a process that was asked back may finish what it does.</summary>
    internal static readonly TimeSpan ToGiveBack = TimeSpan.FromSeconds(5);

    /// <summary>How long nobody loses a process to somebody who would then have as many.</summary>
    internal static readonly TimeSpan Held = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<KafkaConnection, KafkaChildProcess> _running = [];
    private readonly List<Waiter> _waiting = [];

    // When a process was last started for an organization.
    private readonly Dictionary<Guid, long> _served = [];
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

    private sealed class Waiter(KafkaConnection connection)
    {
        public KafkaConnection Connection => connection;

        public TaskCompletionSource<Outcome<KafkaChildProcess>> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public int Count
    {
        get
        {
            lock (_lock)
                return _running.Count;
        }
    }

    /// <summary>The ids of the processes of a connection; none when there is no process.</summary>
    internal int? ProcessOf(KafkaConnection connection)
    {
        lock (_lock)
            return _running.GetValueOrDefault(connection)?.Id;
    }

    /// <summary>
    /// The process of a connection, to be given back with <see cref="Release"/>. Where all are taken, the caller waits for
    /// a turn: who has the fewest comes first, and of those who were served longest ago.
    /// </summary>
    public async Task<Outcome<KafkaChildProcess>> TakeAsync(KafkaConnection connection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter(connection);
        List<KafkaChildProcess> over;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!HasProcess(connection) && Pause(connection) is var (pause, end) && pause > TimeSpan.Zero)
                return KafkaChildProblems.Died(end, _settings.MemoryBytes, pause);
            _waiting.Add(waiter);
            over = Serve();
        }
        End(over);
        try
        {
            return await waiter.Turn.Task.WaitAsync(Patience, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            if (!Leave(waiter))
                return await waiter.Turn.Task;
            _meter.Busy();
            return KafkaChildProblems.Busy;
        }
        catch (OperationCanceledException)
        {
            if (!Leave(waiter) && (await waiter.Turn.Task).TryGet(out var child, out _))
                Release(child);
            throw;
        }
    }

    public void Release(KafkaChildProcess child)
    {
        List<KafkaChildProcess> over;
        lock (_lock)
        {
            child.Uses--;
            child.LastUse = _clock.GetTimestamp();
            over = child.Uses == 0 ? Serve() : [];
        }
        End(over);
    }

    /// <summary>Why a call to a process that has ended has no answer.</summary>
    public Problem Died(KafkaChildProcess child)
    {
        if (child.End is KafkaChildEnd.Idle or KafkaChildEnd.Turn)
            return KafkaChildProblems.Busy;
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
            foreach (var waiter in _waiting)
                waiter.Turn.TrySetResult(KafkaChildProblems.Busy);
            _waiting.Clear();
        }
        foreach (var child in all)
            child.Dispose();
        _meter.Dispose();
    }

    /// <summary>One that takes calls.</summary>
    private bool HasProcess(KafkaConnection connection) =>
        _running.TryGetValue(connection, out var running) && running is { HasEnded: false, AskedBack: null };

    /// <summary>Of an organization, those aside that it is giving back.</summary>
    private int HeldBy(OrganizationId? owner) => _running.Values.Count(one => one.Connection.Owner == owner && one.AskedBack is null);

    /// <returns>False when its turn had come.</returns>
    private bool Leave(Waiter waiter)
    {
        lock (_lock)
            return _waiting.Remove(waiter);
    }

    /// <summary>Under the lock: gives out what is free and asks back what others have had for long enough.</summary>
    /// <returns>Those to be ended, outside the lock.</returns>
    private List<KafkaChildProcess> Serve()
    {
        List<KafkaChildProcess> over = [];
        if (_waiting.Count == 0)
        {
            // Whoever waited has given up.
            foreach (var one in _running.Values)
                one.AskedBack = null;
            return over;
        }
        foreach (var given in _running.Values.Where(one => one is { AskedBack: not null, Uses: 0 }).ToList())
            Remove(given);
        foreach (var waiter in _waiting.Where(one => HasProcess(one.Connection)).ToList())
            Lease(waiter, _running[waiter.Connection]);
        while (InTurn() is [var first, ..])
        {
            var full = _running.Count >= _settings.Most;
            var ofOne = _running.Values.Count(one => one.Connection.Owner == first.Connection.Owner) >= _settings.MostOfOne;
            if (full || ofOne)
            {
                var idle = _running
                    .Values.Where(one => one.Uses == 0 && (!ofOne || one.Connection.Owner == first.Connection.Owner))
                    .MinBy(one => one.LastUse);
                if (idle is null)
                    break;
                Remove(idle);
            }
            var child = new KafkaChildProcess(first.Connection, _settings, _anywhere, _clock, Ended) { Since = _clock.GetTimestamp() };
            _running[first.Connection] = child;
            _served[OwnerOf(first.Connection)] = child.Since;
            foreach (var waiter in _waiting.Where(one => one.Connection == first.Connection).ToList())
                Lease(waiter, child);
        }
        AskBack();
        return over;

        void Remove(KafkaChildProcess child)
        {
            _running.Remove(child.Connection);
            over.Add(child);
        }
    }

    private void Lease(Waiter waiter, KafkaChildProcess child)
    {
        _waiting.Remove(waiter);
        child.Uses++;
        waiter.Turn.TrySetResult(child);
    }

    /// <summary>
    /// Who may have a process, in the order in which they get one. A connection whose process is ending waits until it has
    /// ended; an organization that has all it may waits for one of its own, behind everybody else.
    /// </summary>
    private List<Waiter> InTurn() =>
        [
            .. _waiting
                .Where(one => !_running.ContainsKey(one.Connection))
                .OrderBy(one => _running.Values.Count(running => running.Connection.Owner == one.Connection.Owner) >= _settings.MostOfOne)
                .ThenBy(one => HeldBy(one.Connection.Owner))
                .ThenBy(one => _served.GetValueOrDefault(OwnerOf(one.Connection))),
        ];

    /// <summary>
    /// For each who waits and has less than others, one process of whoever has the most. Where all have the same, the one
    /// that has been held longest, and no sooner than after <see cref="Held"/>.
    /// </summary>
    private void AskBack()
    {
        if (_running.Count < _settings.Most)
            return;
        var asked = _running.Values.Count(one => one.AskedBack is not null);
        Dictionary<Guid, int> before = [];
        foreach (var waiter in InTurn())
        {
            // Several that wait for one organization are not several organizations.
            var has = HeldBy(waiter.Connection.Owner) + before.GetValueOrDefault(OwnerOf(waiter.Connection));
            before[OwnerOf(waiter.Connection)] = before.GetValueOrDefault(OwnerOf(waiter.Connection)) + 1;
            if (has >= _settings.MostOfOne)
                continue;
            // One that leaves already is for the first in turn.
            if (asked-- > 0)
                continue;
            var leaves = _running
                .Values.Where(one => one.AskedBack is null && one.Connection.Owner != waiter.Connection.Owner)
                .Where(one =>
                    HeldBy(one.Connection.Owner) is var held
                    && (held > has + 1 || held == has + 1 && _clock.GetElapsedTime(one.Since) >= Held)
                )
                .OrderByDescending(one => HeldBy(one.Connection.Owner))
                .ThenBy(one => one.Since)
                .FirstOrDefault();
            leaves?.AskedBack = _clock.GetTimestamp();
        }
    }

    private static void End(List<KafkaChildProcess> over)
    {
        foreach (var child in over)
            child.Finish(child.AskedBack is null ? KafkaChildEnd.Idle : KafkaChildEnd.Turn);
    }

    private static Guid OwnerOf(KafkaConnection connection) => connection.Owner?.Value ?? Guid.Empty;

    /// <summary>Grows with every death: a minute, two, four, and at most ten.</summary>
    private (TimeSpan Pause, KafkaChildEnd End) Pause(KafkaConnection connection)
    {
        if (!_deaths.TryGetValue(PlaceOf(connection), out var deaths) || deaths.Count < DeathsToWait)
            return default;
        var pause = TimeSpan.FromMinutes(Math.Min(Remembered.TotalMinutes, Math.Pow(2, Math.Min(deaths.Count, 20) - DeathsToWait)));
        return (deaths[^1].At + pause - _clock.Now(), deaths[^1].End);
    }

    private void Ended(KafkaChildProcess child, KafkaChildEnd end)
    {
        var deaths = 0;
        List<KafkaChildProcess> over;
        lock (_lock)
        {
            if (_running.TryGetValue(child.Connection, out var running) && running == child)
                _running.Remove(child.Connection);
            if (_disposed)
                return;
            if (end is not (KafkaChildEnd.Idle or KafkaChildEnd.Turn))
            {
                var place = PlaceOf(child.Connection);
                if (!_deaths.TryGetValue(place, out var known))
                    _deaths[place] = known = [];
                known.Add((_clock.Now(), end));
                deaths = known.Count;
            }
            over = Serve();
        }
        End(over);
        if (deaths == 0)
            return;
        _meter.Died(end);
        if (deaths < DeathsToWait)
            LogDeath(_logger, child.Connection, end, child.Words);
        else if (deaths == DeathsToWait)
            LogWaiting(_logger, child.Connection, end, child.Words);
    }

    private void Watch()
    {
        List<KafkaChildProcess> watched,
            idle,
            over;
        lock (_lock)
        {
            watched = [.. _running.Values];
            idle = [.. watched.Where(one => one.Uses == 0 && _clock.GetElapsedTime(one.LastUse) > _settings.IdleFor)];
            foreach (var one in idle)
                _running.Remove(one.Connection);
            // What has lasted ten minutes without dying again is forgotten.
            var since = _clock.Now() - Remembered;
            foreach (var (place, deaths) in _deaths.ToList())
                if (deaths[^1].At < since)
                    _deaths.Remove(place);
                else if (deaths.Count < DeathsToWait)
                    deaths.RemoveAll(one => one.At < since);
            foreach (var (owner, at) in _served.ToList())
                if (_clock.GetElapsedTime(at) > Remembered && _running.Keys.All(one => OwnerOf(one) != owner))
                    _served.Remove(owner);
            over = Serve();
        }
        foreach (var one in idle)
            one.Finish(KafkaChildEnd.Idle);
        End(over);
        foreach (var one in watched)
        {
            if (one.AskedBack is { } asked && _clock.GetElapsedTime(asked) > ToGiveBack)
                one.Finish(KafkaChildEnd.Turn);
            else
                one.Watch();
        }
    }

    private static Place PlaceOf(KafkaConnection connection) => new(connection.Owner, connection.BootstrapServers, connection.Security);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Kafka client of {Connection} stopped ({End}): {Words}")]
    private static partial void LogDeath(ILogger logger, KafkaConnection connection, KafkaChildEnd end, string words);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The Kafka client of {Connection} stopped ({End}) for the third time within ten minutes. "
            + "It is left alone for longer and longer, and no longer logged: {Words}"
    )]
    private static partial void LogWaiting(ILogger logger, KafkaConnection connection, KafkaChildEnd end, string words);
}
