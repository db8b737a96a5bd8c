using System.Net;
using System.Text;
using System.Text.Json;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Pulsar's answers as problems, in this one place. What a broker says reaches a customer only for its refusals (4xx):
/// a 5xx carries a stack trace.
/// </summary>
internal static class PulsarProblems
{
    private const int ReasonLimit = 300;

    public static Problem UnknownCluster(string cluster) =>
        new Problem.Unavailable("cluster-unknown", $"The cluster '{cluster}' is not registered. The operator has to register it again.");

    public static Problem CredentialsUnreadable(string cluster) =>
        new Problem.Unavailable(
            "cluster-credentials-unreadable",
            $"Portal can't decrypt the credentials of cluster '{cluster}', because the key ring they were encrypted with is gone. "
                + "The operator has to enter its admin token and private key again."
        );

    public static Problem NoSigningKey(string cluster) =>
        new Problem.Unavailable(
            "cluster-key-missing",
            $"The portal has no private key for the cluster '{cluster}', so it cannot make keys there. "
                + "The operator has to set TokenPrivateKeyFile."
        );

    public static Problem Unreachable(string cluster) =>
        new Problem.Unavailable(
            "cluster-unreachable",
            $"We can't reach the cluster '{cluster}' right now. Nothing is lost, and changes take effect as soon as it's back."
        );

    public static Problem Timeout(string cluster) =>
        new Problem.Unavailable("cluster-timeout", $"The cluster '{cluster}' did not answer in time. The portal tries again.");

    public static Problem Unauthorized(string cluster) =>
        new Problem.Unavailable(
            "cluster-unauthorized",
            $"The cluster '{cluster}' does not accept the portal's credentials. The operator has to check its AdminToken: "
                + "a super-user's that has not expired."
        );

    public static Problem RedirectRefused(string cluster, Uri? target) =>
        new Problem.Unavailable(
            "cluster-redirect-refused",
            $"The cluster '{cluster}' sends the portal to {target?.GetLeftPart(UriPartial.Authority) ?? "nowhere"}, which is not "
                + "one of its brokers, or sends it round in circles. "
                + "The operator has to list the brokers' web addresses in AdminUrl."
        );

    public static Problem Unreadable(string cluster) =>
        new Problem.Unavailable(
            "cluster-answer-unreadable",
            $"The cluster '{cluster}' gave an answer that the portal cannot read. "
                + "The operator has to check that AdminUrl leads to a Pulsar broker."
        );

    public static Problem ConnectorsOff(string cluster) =>
        new Problem.Conflict(
            "connectors-off",
            $"The cluster '{cluster}' doesn't run connectors or functions, because it has no functions worker. "
                + "Ask the operator whether another cluster does."
        );

    public static Problem WorkerStarting(string cluster) =>
        new Problem.Unavailable(
            "connectors-starting",
            $"The functions worker of the cluster '{cluster}' isn't ready yet. We'll keep trying."
        );

    public static Problem PackagesOff(string cluster) =>
        new Problem.Conflict(
            "packages-off",
            $"The cluster '{cluster}' stores no packages, because its package management is off. "
                + "Ask your operator to set enablePackagesManagement."
        );

    public static Problem ConnectorMissing(ConnectorAddress connector) =>
        new Problem.NotFound(
            "connector-not-on-cluster",
            $"The {connector.Kind.Noun()} '{connector.Name}' isn't on the cluster. Start it to create it again."
        );

    public static Problem ConnectorRefused(ConnectorKind kind, PulsarAnswer answer) =>
        new Problem.Conflict(
            "connector-refused",
            $"The cluster doesn't accept this {kind.Noun()}. It says: {Reason(answer)} Change the configuration and try again."
        );

    public static Problem TenantNotOurs(string tenant) =>
        new Problem.Conflict(
            "tenant-not-ours",
            $"A tenant '{tenant}' exists on the cluster and belongs to somebody else. Choose another name."
        );

    public static Problem TenantNotEmpty(string tenant) =>
        new Problem.Conflict("tenant-not-empty", $"The tenant '{tenant}' still has namespaces on the cluster. Delete them first.");

    public static Problem TenantMissing(string cluster, string tenant) =>
        new Problem.Unavailable(
            "tenant-not-on-cluster",
            $"The tenant '{tenant}' is not on the cluster '{cluster}'. The portal tries again."
        );

    public static Problem NamespaceNotOurs(string path) =>
        new Problem.Conflict(
            "namespace-not-ours",
            $"A namespace '{path}' exists on the cluster and the portal did not make it. "
                + "Choose another name, or ask the operator to remove it."
        );

    public static Problem NamespaceNotEmpty(string path) =>
        new Problem.Conflict("namespace-not-empty", $"The namespace '{path}' still has topics on the cluster. Delete them first.");

    public static Problem NamespaceMissing(string path) =>
        new Problem.NotFound("namespace-not-on-cluster", $"The namespace '{path}' is not on the cluster. Create it again.");

    public static Problem NamespaceFull(string path) =>
        new Problem.Conflict(
            "namespace-topics-full",
            $"The namespace '{path}' holds as many topics and partitions as its cluster allows it. "
                + "Delete topics first, or use fewer partitions."
        );

    public static Problem TopicDiffers(string address, int there, int wanted) =>
        new Problem.Conflict(
            "topic-differs",
            $"The topic {address} exists on the cluster with {Partitions(there)}, not {Partitions(wanted)}. "
                + "Delete it first, or choose another name."
        );

    public static Problem TopicInUse(string address) =>
        new Problem.Conflict("topic-in-use", $"Clients are connected to {address}. Disconnect them first, or delete with force.");

    public static Problem TopicMissing(string address) =>
        new Problem.NotFound("topic-not-on-cluster", $"The topic {address} is not on the cluster. Create it again.");

    public static Problem SubscriptionInUse(string name) =>
        new Problem.Conflict(
            "subscription-in-use",
            $"Consumers are connected to the subscription '{name}'. Disconnect them first, or delete with force."
        );

    public static Problem SubscriptionMissing(string name) =>
        new Problem.NotFound("subscription-not-found", $"The topic has no subscription named '{name}'. It may have been deleted.");

    public static Problem SubscriptionBusy(string name) =>
        new Problem.Conflict(
            "subscription-busy",
            $"The subscription '{name}' is being moved already, or its consumers are just connecting. Try again in a moment."
        );

    public static Problem SkipUncertain(string cluster) =>
        new Problem.Conflict(
            "skip-uncertain",
            $"The cluster '{cluster}' didn't confirm the skip, so we can't tell whether it happened. "
                + "Look at the backlog before you skip again."
        );

    public static Problem MessageGone() =>
        new Problem.Invalid(
            "message-gone",
            "The topic no longer stores a message with this ID, so the subscription can't be moved there. Choose a time instead.",
            "messageId"
        );

    public static Problem SchemaMalformed() =>
        new Problem.Invalid(
            "schema-malformed",
            "The cluster can't read this definition as a schema of the type you chose. Check the type and the definition.",
            "definition"
        );

    public static Problem SubscriptionsFull(string address) =>
        new Problem.Conflict(
            "topic-subscriptions-full",
            $"The topic {address} holds as many subscriptions as its cluster allows it. Delete one first."
        );

    public static Problem GrantsFull(string path, long limit, long used) =>
        new Problem.OverLimit(
            "namespace-grants-full",
            $"The namespace '{path}' holds as many grants as the portal allows (about 5,000: "
                + "each key counts once for each of its topics). Delete keys, or create another namespace for more.",
            limit,
            used,
            LiftedBy: null
        );

    public static Problem GrantNotSeen(string cluster) =>
        new Problem.Unavailable(
            "grant-not-seen",
            $"The cluster '{cluster}' took a change of permissions and does not show it yet. The portal tries again."
        );

    public static Problem AuthorizationOff(string cluster) =>
        new Problem.Unavailable(
            "cluster-authorization-off",
            $"The cluster '{cluster}' has no authorization switched on, so keys cannot be limited there. "
                + "The operator has to set authorizationEnabled=true."
        );

    /// <summary>A status that the call did not expect.</summary>
    public static Problem Of(string cluster, PulsarAnswer answer) =>
        answer.Status switch
        {
            HttpStatusCode.Unauthorized when !IsJson(answer) && answer.Ahead is { } ahead => ClockSkew.Refused(cluster, ahead),
            HttpStatusCode.Unauthorized when SaysTooEarly(answer) => ClockSkew.NotYetValid(cluster),
            // 401 as a page: not authenticated. As JSON, and 403: the token is somebody's who is no super-user.
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Unauthorized(cluster),
            HttpStatusCode.NotImplemented => AuthorizationOff(cluster),
            HttpStatusCode.RequestTimeout or HttpStatusCode.GatewayTimeout => Timeout(cluster),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests => new Problem.Unavailable(
                "cluster-error",
                $"The cluster '{cluster}' answered with an error ({(int)answer.Status}). The portal tries again; "
                    + "if it goes on, the broker's log says why."
            ),
            HttpStatusCode.NotFound => new Problem.NotFound(
                "not-on-cluster",
                $"The cluster '{cluster}' has no such thing: {Reason(answer)}"
            ),
            HttpStatusCode.Conflict => new Problem.Conflict("cluster-conflict", $"The cluster '{cluster}' refuses: {Reason(answer)}"),
            _ => new Problem.Invalid("cluster-refused", $"The cluster '{cluster}' refuses: {Reason(answer)}"),
        };

    /// <summary>Who asks was recognized, so the token is good.</summary>
    private static bool IsJson(PulsarAnswer answer) => answer.Body.AsSpan().TrimStart((byte)' ').StartsWith("{"u8);

    /// <summary>As the brokers' token library writes it in its versions.</summary>
    private static bool SaysTooEarly(PulsarAnswer answer) =>
        Encoding.UTF8.GetString(answer.Body) is var text
        && (
            text.Contains("must not be accepted before", StringComparison.Ordinal)
            || text.Contains("JWT early by", StringComparison.Ordinal)
        );

    private static string Partitions(int count) =>
        count switch
        {
            0 => "no partitions",
            1 => "1 partition",
            _ => $"{count} partitions",
        };

    internal static string Reason(PulsarAnswer answer)
    {
        var text = $"answer {(int)answer.Status}";
        try
        {
            using var document = ForeignJson.Parse(answer.Body);
            if (
                document.RootElement is { ValueKind: JsonValueKind.Object } answered
                && answered.TryGetProperty("reason", out var reason)
                && reason.ValueKind == JsonValueKind.String
                && reason.GetString() is { Length: > 0 } said
            )
                text = said.ReplaceLineEndings(" ").Trim();
        }
        catch (JsonException)
        {
            // An HTML page of Jetty's: nothing in it helps a person.
        }
        return $"{(text.Length > ReasonLimit ? text[..ReasonLimit] + "…" : text).TrimEnd('.')}.";
    }
}
