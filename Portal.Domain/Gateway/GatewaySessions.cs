using System.Collections.Concurrent;
using Portal.Domain.Common;

namespace Portal.Domain.Gateway;

/// <param name="SessionsPerKey">Open at once, on one replica.</param>
public sealed record GatewayLimits(int SessionsPerKey)
{
    public static GatewayLimits Default { get; } = new(500);
}

/// <summary>The sessions that are open on this replica.</summary>
public sealed class GatewaySessions(GatewayLimits limits)
{
    private readonly ConcurrentDictionary<GatewaySession, bool> _open = new();
    private readonly Dictionary<KeyId, int> _perKey = [];
    private readonly Dictionary<OrganizationId, int> _perOrganization = [];
    private readonly HashSet<KeyId> _begun = [];
    private readonly Lock _gate = new();
    private volatile Problem? _closedFor;

    public IReadOnlyCollection<GatewaySession> Open => [.. _open.Keys];

    /// <summary>Takes a place before the broker is asked, so that handshakes count too. Dispose the session to give it back.</summary>
    public Outcome<GatewaySession> Begin(Admission admission)
    {
        lock (_gate)
        {
            var there = _perKey.GetValueOrDefault(admission.Key);
            if (there >= limits.SessionsPerKey)
                return GatewayProblems.TooManySessions(limits.SessionsPerKey);
            var together = _perOrganization.GetValueOrDefault(admission.Organization);
            if (together >= admission.Limits.Sessions && admission.Limits.TooMany is { } tooMany)
                return tooMany;
            _perKey[admission.Key] = there + 1;
            _perOrganization[admission.Organization] = together + 1;
            _begun.Add(admission.Key);
        }
        var session = new GatewaySession(this, admission);
        _open[session] = true;
        // Those that begin while all are being ended are ended too.
        if (_closedFor is { } reason)
            session.End(reason);
        return session;
    }

    /// <summary>Keys with a session that is open, or was begun since they were last <see cref="Noted"/>: short ones count too.</summary>
    public IReadOnlyCollection<KeyId> UsedKeys()
    {
        lock (_gate)
            return [.. _begun.Union(_perKey.Keys)];
    }

    public void Noted(IReadOnlyCollection<KeyId> keys)
    {
        lock (_gate)
            _begun.ExceptWith(keys);
    }

    /// <summary>Ends all sessions, and every one that begins afterwards: the replica stops.</summary>
    public void EndAll(Problem reason)
    {
        _closedFor = reason;
        foreach (var session in _open.Keys)
            session.End(reason);
    }

    internal void Remove(GatewaySession session)
    {
        if (!_open.TryRemove(session, out _))
            return;
        lock (_gate)
        {
            OneLess(_perKey, session.Admission.Key);
            OneLess(_perOrganization, session.Admission.Organization);
        }
    }

    private static void OneLess<T>(Dictionary<T, int> counts, T of)
        where T : notnull
    {
        if (--counts[of] == 0)
            counts.Remove(of);
    }
}

/// <summary>One client's connection, from before the broker is asked until both ends are closed.</summary>
public sealed class GatewaySession : IDisposable
{
    private readonly GatewaySessions _all;
    private readonly TaskCompletionSource<Problem> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal GatewaySession(GatewaySessions all, Admission admission) => (_all, Admission) = (all, admission);

    public Admission Admission { get; }

    /// <summary>Completes with the reason when Portal ends the session; never when the client or the broker does.</summary>
    public Task<Problem> Ended => _ended.Task;

    /// <summary>The first reason counts.</summary>
    public void End(Problem reason) => _ended.TrySetResult(reason);

    public void Dispose() => _all.Remove(this);
}
