using LocalPulsar.Security;
using LocalPulsar.Topics;
using LocalPulsar.WebSockets;

namespace LocalPulsar.Admin;

/// <summary>Not Pulsar's: what tests and demonstrations do to the server itself. Super-user only.</summary>
internal sealed class LocalRoutes(Broker broker, BrokerStats stats, Sessions sessions)
{
    public void Map(Router router) =>
        router.Map(
            "POST",
            "_local/restart",
            async call =>
            {
                Access.DemandSuperUser(call);
                sessions.AbortAll();
                stats.Clear();
                await broker.RestartAsync(call.Cancelled);
                return Answer.Done;
            }
        );
}
