namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

/// <summary>
/// What every transcript is a record of: steps that together touch each route of LocalPulsar and each of its refusals, in
/// one tenant of their own, which they make at first and delete at last.
/// </summary>
internal static partial class Scenario
{
    public const string Admin = "admin";
    public const string Expired = "expired";
    private const string Nobody = "nobody";
    private const string TenantAdmin = "transcript-admin";
    private const string Producer = "produce-role";
    private const string Consumer = "consume-role";
    private const string Ns = "namespaces/transcript/prod";
    private const string P = "persistent/transcript/prod";
    private const string N = "non-persistent/transcript/prod";

    public static IReadOnlyList<Step> Steps =>
        [
            .. Brokers,
            .. Tenants,
            .. Namespaces,
            .. Policies,
            .. Grants,
            .. Topics,
            .. Partitions,
            .. NonPersistent,
            .. Limits,
            .. Producers,
            .. Consumers,
            .. Readers,
            .. RefusedSockets,
            .. Subscriptions,
            .. Messages,
            .. Statistics,
            .. Schemas,
            .. Connectors,
            .. Functions,
            .. Packages,
            .. Strangers,
            .. Methods,
            .. Ends,
        ];

    private static Call Get(string name, string path, string? by = Admin) => new(name, "GET", path) { As = by };

    private static Call Put(string name, string path, string? body = null, string? by = Admin) => new(name, "PUT", path, body) { As = by };

    private static Call Post(string name, string path, string? body = null, string? by = Admin) =>
        new(name, "POST", path, body) { As = by };

    private static Call Delete(string name, string path, string? by = Admin) => new(name, "DELETE", path) { As = by };
}
