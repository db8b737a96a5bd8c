using System.Collections.Concurrent;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// Keeps one caller's refusals from filling an audit log: the first of a minute are rows of their own, the rest are counted,
/// and the next row says how many there were. Otherwise anybody with an account writes as many rows as they send requests,
/// and buries what somebody looks for. Held in memory: each replica counts for itself.
/// </summary>
internal sealed class RefusalFlood(TimeProvider clock)
{
    private const int OfOneOperation = 20,
        OfAll = 300,
        MostCallers = 10_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>The operation as it is to be recorded; null where the row is left out.</summary>
    public Operation? Admit(Actor actor, Operation operation, Problem problem)
    {
        var now = clock.Now();
        if (_windows.Count >= MostCallers)
            foreach (var (key, old) in _windows)
                if (now - old.From >= Minute)
                    _windows.TryRemove(key, out _);
        var window = _windows.GetOrAdd(actor.AccountId?.ToString() ?? actor.Name, _ => new());
        lock (window)
        {
            if (now - window.From >= Minute)
                window.Begin(now);
            if (!window.Takes($"{operation.Name} {problem.Code}"))
                return null;
            if (window.TakeLeftOut() is not (> 0 and var left))
                return operation;
            return operation with
            {
                Details = new Dictionary<string, string>(operation.Details ?? new Dictionary<string, string>())
                {
                    ["refusals not listed"] = $"{left}",
                },
            };
        }
    }

    private sealed class Window
    {
        private readonly Dictionary<string, int> _byOperation = new(StringComparer.Ordinal);
        private int _all;
        private long _leftOut;

        public DateTimeOffset From { get; private set; }

        public void Begin(DateTimeOffset now)
        {
            (From, _all) = (now, 0);
            _byOperation.Clear();
        }

        public bool Takes(string operation)
        {
            var same = _byOperation.GetValueOrDefault(operation);
            // The first of each operation and reason always stands there: what was tried is seen, if not how often.
            if (same >= OfOneOperation || same > 0 && _all >= OfAll)
            {
                _leftOut++;
                return false;
            }
            (_byOperation[operation], _all) = (same + 1, _all + 1);
            return true;
        }

        public long TakeLeftOut()
        {
            var left = _leftOut;
            _leftOut = 0;
            return left;
        }
    }
}
