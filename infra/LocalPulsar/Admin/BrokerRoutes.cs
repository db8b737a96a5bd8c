using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>The broker itself: its address, version and settings.</summary>
internal sealed class BrokerRoutes(Broker broker, Access access, string address, LocalPulsarOptions options)
{
    public void Map(Router router)
    {
        Get(router, "admin/v2/brokers", "LIST_BROKERS", () => Answer.Json(new[] { address }));
        Get(router, "admin/v2/brokers/version", null, () => Answer.Bare(LocalPulsarServer.Version));
        Get(router, "admin/v2/brokers/configuration/runtime", "LIST_RUNTIME_CONFIGURATIONS", () => Answer.Json(Settings()));
        Get(
            router,
            "admin/v2/brokers/backlog-quota-check",
            "CHECK_BACKLOG_QUOTA",
            () =>
            {
                foreach (var topic in broker.Loaded.Where(t => t.Name.Persistent))
                    topic.CheckQuota();
                return Answer.Done;
            }
        );
    }

    private void Get(Router router, string path, string? operation, Func<Answer> answer) =>
        router.Map(
            "GET",
            path,
            call =>
            {
                if (operation is not null)
                    access.DemandBroker(call, operation);
                return Task.FromResult(answer());
            }
        );

    private JsonObject Settings()
    {
        var seconds = $"{Math.Max(1, (int)options.StatsInterval.TotalSeconds)}";
        return new JsonObject
        {
            ["clusterName"] = NamespacePolicies.Cluster,
            ["advertisedAddress"] = "127.0.0.1",
            ["authenticationEnabled"] = "true",
            ["authorizationEnabled"] = "true",
            ["authorizationAllowWildcardsMatching"] = "false",
            ["superUserRoles"] = "[admin]",
            ["webSocketServiceEnabled"] = "true",
            ["allowAutoTopicCreation"] = "true",
            ["allowAutoTopicCreationType"] = "non-partitioned",
            ["allowAutoSubscriptionCreation"] = "true",
            ["brokerDeleteInactiveTopicsEnabled"] = "false",
            ["forceDeleteNamespaceAllowed"] = "false",
            ["forceDeleteTenantAllowed"] = "false",
            ["maxMessageSize"] = "5242880",
            ["statsUpdateFrequencyInSecs"] = seconds,
            ["statsUpdateInitialDelayInSecs"] = seconds,
        };
    }
}
