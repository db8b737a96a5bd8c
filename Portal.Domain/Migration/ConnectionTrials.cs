using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// Connections that are being tried out while somebody waits. Each is a client with a thread for every server that it is
/// told of, and takes seconds where nobody answers: so many at once for one organization and for all.
/// </summary>
public sealed class ConnectionTrials(IKafkaCluster kafka)
{
    private const int MostOfOrganization = 2;
    private const int Most = 16;

    private static readonly Problem.TooMany Busy = new(
        "kafka-tests-busy", "Other connections are being tested. Try again when they are done.", TimeSpan.FromSeconds(10));

    private readonly Lock _lock = new();
    private readonly Dictionary<OrganizationId, int> _running = [];
    private int _all;

    internal async Task<Outcome<ConnectionTest>> TryAsync(OrganizationId organization, KafkaConnection connection, CancellationToken cancellationToken)
    {
        if (!Begin(organization)) return Busy;
        try
        {
            return await kafka.TestAsync(connection, cancellationToken);
        }
        finally
        {
            End(organization);
        }
    }

    private bool Begin(OrganizationId organization)
    {
        lock (_lock)
        {
            var own = _running.GetValueOrDefault(organization);
            if (own >= MostOfOrganization || _all >= Most) return false;
            (_running[organization], _all) = (own + 1, _all + 1);
            return true;
        }
    }

    private void End(OrganizationId organization)
    {
        lock (_lock)
        {
            _all--;
            if (--_running[organization] == 0) _running.Remove(organization);
        }
    }
}
