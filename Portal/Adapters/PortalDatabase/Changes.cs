using Npgsql;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// Who listens in this process, and on PostgreSQL what other replicas tell (<c>LISTEN</c>/<c>NOTIFY</c>). A connection
/// that was lost may have lost changes too, so everybody looks again once it is back.
/// </summary>
internal sealed class Changes(PortalConnections connections, TimeProvider clock) : IChanges, IAsyncDisposable
{
    internal const string Channel = "portal_changes";

    // A notification holds 8,000 bytes at most.
    private const string Everything = "*";
    private const int LongestNotification = 7_900;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    // At the head of what this replica tells: its own listeners know it by then.
    private readonly string _teller = Guid.NewGuid().ToString("N");

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Listener>> _listeners = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private Task? _hearing;

    public IChangeListener Listen(IReadOnlyCollection<string> subjects)
    {
        var listener = new Listener(this, subjects, clock);
        lock (_gate)
        {
            foreach (var subject in subjects)
            {
                if (!_listeners.TryGetValue(subject, out var there))
                    _listeners[subject] = there = [];
                there.Add(listener);
            }
            if (!connections.IsSqlite)
                _hearing ??= Task.Run(HearAsync);
        }
        return listener;
    }

    public async Task TellAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken)
    {
        Told(subjects);
        if (connections.IsSqlite)
            return;
        await using var connection = await connections.OpenAsync(cancellationToken);
        await Sql.ExecuteAsync(
            connection,
            null,
            "SELECT pg_notify(@channel, @subjects)",
            [("channel", Channel), ("subjects", Payload(subjects))],
            cancellationToken
        );
    }

    internal string Payload(IReadOnlyCollection<string> subjects)
    {
        var text = string.Join('\n', [_teller, .. subjects]);
        return text.Length <= LongestNotification ? text : $"{_teller}\n{Everything}";
    }

    /// <summary>Wakes the listeners of this process.</summary>
    internal void Told(IEnumerable<string> subjects)
    {
        lock (_gate)
        {
            // Once each, however many of its subjects changed: a second ring would have it look again for nothing.
            foreach (var listener in subjects.SelectMany(subject => _listeners.GetValueOrDefault(subject) ?? []).Distinct())
                listener.Wake();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows it under two types.
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        if (_hearing is not null)
            await _hearing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task HearAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = (NpgsqlConnection)await connections.OpenAsync(_stop.Token);
                connection.Notification += (_, told) => Hear(told.Payload.Split('\n'));
                await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
                    await listen.ExecuteNonQueryAsync(_stop.Token);
                WakeAll();
                while (true)
                    await connection.WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The database is away; who listens looks by themselves meanwhile.
            catch (Exception)
#pragma warning restore CA1031
            {
                await Task.Delay(BetweenTries, clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <param name="told">Who tells, then what changed.</param>
    private void Hear(string[] told)
    {
        // Listeners of this replica heard it with the commit; a second ring would have every open page read twice.
        if (told[0] == _teller)
            return;
        if (told.Contains(Everything))
            WakeAll();
        else
            Told(told.AsSpan(1).ToArray());
    }

    private void WakeAll()
    {
        lock (_gate)
        {
            foreach (var listener in _listeners.Values.SelectMany(there => there).Distinct())
                listener.Wake();
        }
    }

    private void Remove(Listener listener, IEnumerable<string> subjects)
    {
        lock (_gate)
        {
            foreach (var subject in subjects)
                if (_listeners.TryGetValue(subject, out var there) && there.Remove(listener) && there.Count == 0)
                    _listeners.Remove(subject);
        }
    }

    private sealed class Listener(Changes changes, IReadOnlyCollection<string> subjects, TimeProvider clock) : IChangeListener
    {
        private readonly SemaphoreSlim _told = new(0, 1);

        public void Wake()
        {
            // Under the lock of the changes: nobody else releases meanwhile.
            if (_told.CurrentCount == 0)
                _told.Release();
        }

        public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
        {
            if (_told.Wait(0, CancellationToken.None))
                return true;
            using var over = new CancellationTokenSource(atMost, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
            try
            {
                await _told.WaitAsync(either.Token);
                return true;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose() => changes.Remove(this, subjects);
    }
}
