using System.Globalization;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Paths of the admin API, built segment by segment. Names were validated where they came in; here each is escaped, and
/// what would change the path's shape is a bug.
/// </summary>
internal static class PulsarPath
{
    public static string Tenant(string tenant) => Join("admin/v2/tenants", tenant);

    public static string Namespace(NamespaceAddress @namespace, params ReadOnlySpan<string> rest) =>
        Join(Join("admin/v2/namespaces", @namespace.Tenant, @namespace.Name), rest);

    public static string PersistentTopics(NamespaceAddress @namespace, params ReadOnlySpan<string> rest) =>
        Join(Join("admin/v2/persistent", @namespace.Tenant, @namespace.Name), rest);

    public static string NamespaceOf(TopicAddress topic) => Namespace(topic.Namespace);

    public static string Topic(TopicAddress topic, params ReadOnlySpan<string> rest) =>
        Join(
            Join(
                $"admin/v2/{(topic.Persistent ? "persistent" : "non-persistent")}",
                topic.Namespace.Tenant,
                topic.Namespace.Name,
                topic.Name
            ),
            rest
        );

    public static string Schemas(TopicAddress topic, params ReadOnlySpan<string> rest) =>
        Join(Join("admin/v2/schemas", topic.Namespace.Tenant, topic.Namespace.Name, topic.Name), rest);

    /// <summary>
    /// A subscription of a topic. Its name may be anything, since clients give it, and brokers decode this segment twice:
    /// once as a path, once more as a form's value. A dot is escaped too, so that <c>..</c> is not folded away.
    /// </summary>
    public static string Subscription(TopicAddress topic, string subscription) =>
        $"{Topic(topic, "subscription")}/{Uri.EscapeDataString(Uri.EscapeDataString(subscription).Replace(".", "%2E", StringComparison.Ordinal))}";

    public static string Connector(ConnectorAddress connector) =>
        Join($"admin/v3/{Plural(connector.Kind)}", connector.Tenant, connector.Namespace, connector.Name);

    public static string Package(PackageAddress package) =>
        Join("admin/v3/packages/function", package.Tenant, package.Namespace, package.Name, package.Version);

    public static string Plural(ConnectorKind kind) => $"{kind.Text()}s";

    /// <summary>The name of one partition of a topic.</summary>
    public static string Partition(TopicAddress topic, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{topic.Name}-partition-{number}");

    /// <summary>Statistics of a topic by its full name, <c>persistent://tenant/namespace/topic</c>; null when it is none.</summary>
    public static string? StatsOf(string fullName) => Of(fullName, "stats");

    /// <summary>The ledgers of a topic by its full name; null when it is none.</summary>
    public static string? LedgersOf(string fullName) => Of(fullName, "internalStats");

    private static string? Of(string fullName, string what) =>
        fullName.Split("://") is [("persistent" or "non-persistent") and var domain, var rest]
        && rest.Split('/') is [not "", not "", not ""] and var names
            ? $"{Join($"admin/v2/{domain}", names)}/{what}"
            : null;

    private static string Join(string path, params ReadOnlySpan<string> segments)
    {
        foreach (var segment in segments)
        {
            // A relative segment would be folded away, an empty one would name the parent.
            if (segment is "" or "." or ".." || segment.Contains('/', StringComparison.Ordinal))
                throw new ArgumentException($"'{segment}' is no name: it must not reach a path.", nameof(segments));
            path = $"{path}/{Uri.EscapeDataString(segment)}";
        }
        return path;
    }
}
