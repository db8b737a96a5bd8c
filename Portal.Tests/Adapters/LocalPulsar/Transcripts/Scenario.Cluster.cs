namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Scenario
{
    // What LocalPulsar says of its settings: those that Portal or an operator looks at.
    private static readonly string[] Settings =
    [
        "clusterName",
        "advertisedAddress",
        "authenticationEnabled",
        "authorizationEnabled",
        "authorizationAllowWildcardsMatching",
        "superUserRoles",
        "webSocketServiceEnabled",
        "allowAutoTopicCreation",
        "allowAutoTopicCreationType",
        "allowAutoSubscriptionCreation",
        "brokerDeleteInactiveTopicsEnabled",
        "forceDeleteNamespaceAllowed",
        "forceDeleteTenantAllowed",
        "maxMessageSize",
        "statsUpdateFrequencyInSecs",
        "statsUpdateInitialDelayInSecs",
    ];

    private const string OwnTenant = """{"adminRoles":["transcript-admin"],"allowedClusters":["standalone"]}""";

    private static IEnumerable<Step> Brokers =>
        [
            Get("the version, without a token", "brokers/version", null),
            Get("the version, with a forged token", "brokers/version", "!"),
            Get("the version, with an expired token", "brokers/version", Expired),
            Get("the version", "brokers/version", Nobody),
            Get("the brokers, to a stranger", "brokers", Nobody),
            Get("the brokers", "brokers"),
            Get("the settings, to a stranger", "brokers/configuration/runtime", Nobody),
            Get("the settings", "brokers/configuration/runtime") with
            {
                Only = Settings,
            },
            Get("a check of backlog quotas, for a stranger", "brokers/backlog-quota-check", Nobody),
            Get("a check of backlog quotas", "brokers/backlog-quota-check"),
            Get("the statistics of the broker, to a stranger", "broker-stats/topics", Nobody),
            Get("a path that there is not", "nothing-of-the-kind"),
            Get("a path that there is not, without a token", "nothing-of-the-kind", null),
            Get("a path that there is not, further down", "brokers/version/of/nothing"),
            Get("a page that there is not", "/nothing-of-the-kind"),
        ];

    private static IEnumerable<Step> Tenants =>
        [
            Put("a tenant, by a stranger", "tenants/transcript", OwnTenant, Nobody),
            Put("a tenant, without a token", "tenants/transcript", OwnTenant, null),
            Put("a tenant with a blank in its name", "tenants/tran%20script", OwnTenant),
            Put("a tenant of nothing", "tenants/transcript"),
            Put("a tenant without clusters", "tenants/transcript", "{}"),
            Put("a tenant with no clusters", "tenants/transcript", """{"allowedClusters":[]}"""),
            Put("a tenant on a nameless cluster", "tenants/transcript", """{"allowedClusters":[" "]}"""),
            Put("a tenant on an unknown cluster", "tenants/transcript", """{"allowedClusters":["elsewhere"]}"""),
            Put(
                "a tenant with a role that begins with a blank",
                "tenants/transcript",
                """{"adminRoles":[" a"],"allowedClusters":["standalone"]}"""
            ),
            Put("a tenant of broken JSON", "tenants/transcript", """{"adminRoles":["""),
            Put("a tenant of plain text", "tenants/transcript", OwnTenant) with
            {
                ContentType = "text/plain",
            },
            Get("a tenant that is missing", "tenants/transcript"),
            Delete("the deletion of a tenant that is missing", "tenants/transcript"),
            Put("a tenant", "tenants/transcript", OwnTenant),
            Put("a tenant, again", "tenants/transcript", OwnTenant),
            Get("the tenant, to a stranger", "tenants/transcript", Nobody),
            Get("the tenant, to its administrator", "tenants/transcript", TenantAdmin),
            Delete("the deletion of a tenant, by a stranger", "tenants/transcript", Nobody),
            Get("a missing tenant, to a stranger", "tenants/transcript-missing", Nobody),
        ];

    private static IEnumerable<Step> Namespaces =>
        [
            Get("a namespace that is missing", Ns),
            Delete("the deletion of a namespace that is missing", Ns),
            Put("a namespace, by a stranger", Ns, "{}", Nobody),
            Put("a namespace of a missing tenant", "namespaces/transcript-missing/prod", "{}"),
            Put("a namespace with a blank in its name", "namespaces/transcript/pr%20od", "{}"),
            Put("a namespace on another cluster", Ns, """{"replication_clusters":["elsewhere"]}"""),
            Put("a namespace", Ns, """{"properties":{"owner":"transcript"}}"""),
            Put("a namespace, again", Ns, "{}"),
            Put("a namespace without a body, by the tenant's administrator", "namespaces/transcript/bare", null, TenantAdmin),
            Get("a new namespace", Ns),
            Get("a new namespace, to a stranger", Ns, Nobody),
            Delete("the deletion of a namespace, by a stranger", Ns, Nobody),
            Delete("the forced deletion of a namespace", "namespaces/transcript/bare?force=true"),
            Delete("the deletion of an empty namespace", "namespaces/transcript/bare"),
            Delete("the forced deletion of a tenant", "tenants/transcript?force=true"),
            Delete("the deletion of a tenant that has namespaces", "tenants/transcript"),
        ];

    private static IEnumerable<Step> Grants =>
        [
            Post("a grant on the namespace, by a stranger", $"{Ns}/permissions/{Producer}", """["produce"]""", Nobody),
            Post("a grant on a missing namespace", $"namespaces/transcript/missing/permissions/{Producer}", """["produce"]"""),
            Post("a grant of an unknown action", $"{Ns}/permissions/unknown", """["devour"]"""),
            Post("a grant of nothing", $"{Ns}/permissions/idle", "[]"),
            Post("a grant of both", $"{Ns}/permissions/both", """["produce","consume"]"""),
            Post("a grant that replaces another", $"{Ns}/permissions/both", """["consume"]"""),
            Post("the grant to produce", $"{Ns}/permissions/{Producer}", """["produce"]"""),
            Post("the grant to consume, by the tenant's administrator", $"{Ns}/permissions/{Consumer}", """["consume"]""", TenantAdmin),
            Delete("a grant is taken back", $"{Ns}/permissions/both"),
            Delete("a grant is taken back again", $"{Ns}/permissions/both"),
            Delete("the grant of an unknown action is taken back", $"{Ns}/permissions/unknown"),
            Delete("a grant on a missing namespace is taken back", "namespaces/transcript/missing/permissions/both"),
            Delete("a grant on the namespace is taken back, by a stranger", $"{Ns}/permissions/{Producer}", Nobody),
            Post("a grant on a missing topic", $"{P}/missing/permissions/key", """["produce"]"""),
            Delete("a grant on a missing topic is taken back", $"{P}/missing/permissions/key"),
            Get("the namespace with its grants", Ns),
        ];

    private static IEnumerable<Step> Ends =>
        [
            Delete("the deletion of a namespace that has topics", Ns),
            .. new[] { "orders", "closed" }.Select(topic => Delete($"the forced deletion of {topic}", $"{P}/{topic}?force=true")),
            .. new[] { "parts" }.Select(topic => Delete($"the forced deletion of {topic}", $"{P}/{topic}/partitions?force=true")),
            Delete("the forced deletion of a non-persistent topic", $"{N}/live/partitions?force=true"),
            Get("what topics are left", P),
            Delete("the deletion of the namespace", Ns, TenantAdmin),
            Get("the namespace after its deletion", Ns),
            Delete("the deletion of the tenant, by its administrator", "tenants/transcript", TenantAdmin),
            Get("the tenant after its deletion", "tenants/transcript"),
        ];
}
