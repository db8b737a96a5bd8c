using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// Connections that are being tried out while somebody waits. Each is a client with a thread for every server that it is
/// told of, and takes seconds where nobody answers: so many at once for one organization, for one person, who may have
/// several of them, and for all.
/// </summary>
public sealed class ConnectionTrials(IKafkaCluster kafka)
{
    private const int MostOfOne = 2;
    private const int Most = 16;

    private static readonly Problem.TooMany Busy = new(
        "kafka-tests-busy",
        "Other connections are being tested. Try again when they are done.",
        TimeSpan.FromSeconds(10)
    );

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, int> _running = [];
    private int _all;

    internal async Task<Outcome<ConnectionTest>> TryAsync(
        Actor actor,
        OrganizationId organization,
        KafkaConnection connection,
        CancellationToken cancellationToken
    )
    {
        Guid[] whose = actor.Maker is { } person ? [organization.Value, person.Value] : [organization.Value];
        if (!Begin(whose))
            return Busy;
        try
        {
            return await kafka.TestAsync(connection with { Owner = organization }, cancellationToken);
        }
        finally
        {
            End(whose);
        }
    }

    private bool Begin(Guid[] whose)
    {
        lock (_lock)
        {
            if (_all >= Most || whose.Any(one => _running.GetValueOrDefault(one) >= MostOfOne))
                return false;
            _all++;
            foreach (var one in whose)
                _running[one] = _running.GetValueOrDefault(one) + 1;
            return true;
        }
    }

    private void End(Guid[] whose)
    {
        lock (_lock)
        {
            _all--;
            foreach (var one in whose)
                if (--_running[one] == 0)
                    _running.Remove(one);
        }
    }
}
