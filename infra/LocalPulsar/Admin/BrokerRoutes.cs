using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Clusters, brokers, lookup, and what a broker without a functions worker says to <c>/admin/v3</c>.</summary>
internal sealed class BrokerRoutes(ClusterState state, Broker broker, Access access, string address, LocalPulsarOptions options)
{
    private string Url => $"http://{address}";

    public void Map(Router router)
    {
        Get(router, "admin/v2/clusters", null, () => Answer.Json(new[] { NamespacePolicies.Cluster }));
        router.Map("GET", "admin/v2/clusters/{cluster}", ClusterAsync);
        Get(router, "admin/v2/brokers", "LIST_BROKERS", () => Answer.Json(new[] { address }));
        Get(router, "admin/v2/brokers/{cluster}", "LIST_BROKERS", () => Answer.Json(new[] { address }));
        Get(router, "admin/v2/brokers/leaderBroker", "GET_LEADER_BROKER", () => Answer.Json(new { serviceUrl = Url, brokerId = address }));
        Get(router, "admin/v2/brokers/version", null, () => Answer.Bare(LocalPulsarServer.Version));
        Get(router, "admin/v2/brokers/ready", null, () => Answer.Bare("ok"));
        Get(router, "admin/v2/brokers/health", "HEALTH_CHECK", () => Answer.Bare("ok"));
        Get(router, "admin/v2/brokers/configuration/runtime", "LIST_RUNTIME_CONFIGURATIONS", () => Answer.Json(Settings()));
        Get(router, "admin/v2/brokers/configuration/values", "LIST_DYNAMIC_CONFIGURATIONS", () => Answer.Json(new JsonObject()));
        Get(router, "admin/v2/brokers/internal-configuration", "GET_INTERNAL_CONFIGURATION_DATA", () => Answer.Json(new JsonObject { ["ledgersRootPath"] = "/ledgers" }));
        Get(router, "admin/v2/brokers/backlog-quota-check", "CHECK_BACKLOG_QUOTA", () =>
        {
            foreach (var topic in broker.Loaded.Where(t => t.Name.Persistent))
                topic.CheckQuota();
            return Answer.Done;
        });
        foreach (var domain in (string[])["persistent", "non-persistent"])
        {
            router.Map("GET", $"lookup/v2/topic/{domain}/{{tenant}}/{{ns}}/{{topic}}", LookupAsync, domain);
            router.Map("GET", $"lookup/v2/topic/{domain}/{{tenant}}/{{ns}}/{{topic}}/bundle", BundleAsync, domain);
        }
    }

    private void Get(Router router, string path, string? operation, Func<Answer> answer) => router.Map("GET", path, call =>
    {
        if (operation is not null)
            access.DemandBroker(call, operation);
        return Task.FromResult(answer());
    });

    private Task<Answer> ClusterAsync(Call call)
    {
        Access.DemandCluster(call, "GET_CLUSTER");
        if (call["cluster"] != NamespacePolicies.Cluster)
            throw new RefusalException(404, "Cluster does not exist");
        return Task.FromResult(Answer.Json(new JsonObject
        {
            ["serviceUrl"] = Url,
            ["brokerClientTlsEnabled"] = false,
            ["tlsAllowInsecureConnection"] = false,
            ["brokerClientTlsEnabledWithKeyStore"] = false,
            ["brokerClientTlsTrustStoreType"] = "JKS",
            ["brokerClientTlsKeyStoreType"] = "JKS",
            ["brokerClientSslFactoryPlugin"] = "org.apache.pulsar.common.util.DefaultPulsarSslFactory",
        }));
    }

    // There is no binary protocol here, so there is no brokerUrl to give.
    private Task<Answer> LookupAsync(Call call)
    {
        access.DemandTopic(call, "LOOKUP", Grant.Either);
        if (!state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(404, "Namespace not found");
        return Task.FromResult(Answer.Json(new JsonObject { ["brokerUrl"] = "", ["httpUrl"] = Url, ["nativeUrl"] = "", ["brokerUrlSsl"] = "" }));
    }

    private Task<Answer> BundleAsync(Call call)
    {
        access.DemandTopic(call, "LOOKUP", Grant.Either);
        var policies = state.Namespaces.GetValueOrDefault(call.Namespace) ?? throw new RefusalException(404, "Namespace not found");
        return Task.FromResult(Answer.Bare(NamespaceBundles.Of(call.Topic.Full, policies.Bundles)));
    }

    private JsonObject Settings()
    {
        var seconds = $"{Math.Max(1, (int)options.StatsInterval.TotalSeconds)}";
        return new JsonObject
        {
            ["clusterName"] = NamespacePolicies.Cluster,
            ["advertisedAddress"] = "127.0.0.1",
            ["brokerDeleteInactiveTopicsEnabled"] = "false",
            ["brokerDeleteInactiveTopicsFrequencySeconds"] = "60",
            ["brokerDeleteInactiveTopicsMaxInactiveDurationSeconds"] = "",
            ["brokerDeleteInactiveTopicsMode"] = "delete_when_no_subscriptions",
            ["allowAutoTopicCreation"] = "true",
            ["allowAutoTopicCreationType"] = "non-partitioned",
            ["allowAutoSubscriptionCreation"] = "true",
            ["statsUpdateFrequencyInSecs"] = seconds,
            ["statsUpdateInitialDelayInSecs"] = seconds,
            ["exposeTopicLevelMetricsInPrometheus"] = "false",
            ["exposeConsumerLevelMetricsInPrometheus"] = "false",
            ["exposePublisherStats"] = "true",
            ["authenticateMetricsEndpoint"] = "false",
            ["webSocketServiceEnabled"] = "true",
            ["functionsWorkerEnabled"] = "false",
            ["maxTenants"] = "0",
            ["maxNamespacesPerTenant"] = "0",
            ["maxTopicsPerNamespace"] = "0",
            ["maxNumPartitionsPerPartitionedTopic"] = "0",
            ["forceDeleteNamespaceAllowed"] = "false",
            ["forceDeleteTenantAllowed"] = "false",
            ["topicLevelPoliciesEnabled"] = "false",
            ["systemTopicEnabled"] = "false",
            ["brokerDeduplicationEnabled"] = "false",
            ["maxMessageSize"] = "5242880",
            ["backlogQuotaCheckIntervalInSeconds"] = $"{(int)options.BacklogQuotaCheckInterval.TotalSeconds}",
            ["retentionCheckIntervalInSeconds"] = $"{(int)options.RetentionCheckInterval.TotalSeconds}",
            ["messageExpiryCheckIntervalInMinutes"] = $"{(int)options.MessageExpiryCheckInterval.TotalMinutes}",
            ["managedLedgerMaxEntriesPerLedger"] = "50000",
            ["managedLedgerMinLedgerRolloverTimeMinutes"] = "10",
            ["managedLedgerMaxLedgerRolloverTimeMinutes"] = "240",
            ["managedLedgerMaxSizePerLedgerMbytes"] = "2048",
            ["authenticationRefreshCheckSeconds"] = "60",
            ["authenticationEnabled"] = "true",
            ["authorizationEnabled"] = "true",
            ["authorizationAllowWildcardsMatching"] = "false",
            ["superUserRoles"] = "[admin]",
            ["brokerEntryMetadataInterceptors"] = "[]",
            ["webSocketMaxTextFrameSize"] = "1048576",
            ["acknowledgmentAtBatchIndexLevelEnabled"] = "false",
            ["transactionCoordinatorEnabled"] = "false",
        };
    }
}
