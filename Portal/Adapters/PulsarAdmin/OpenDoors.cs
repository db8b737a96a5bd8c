using Portal.Domain.Desired;
using Portal.Domain.Tenants;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// What a broker leaves open beside the gateway and the keys, told from its own settings: asked from here, a port answers
/// or not by where Portal stands, not by where customers do.
/// </summary>
internal static class OpenDoors
{
    /// <param name="settings">The broker's, as it runs. What is missing counts as Pulsar's default.</param>
    /// <returns>A sentence for each: what it means, then the setting of broker.conf that mends it.</returns>
    public static IEnumerable<string> Of(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var setting in (string[])["superUserRoles", "proxyRoles"])
        {
            foreach (var role in Roles(setting).Where(IsOfPortal))
            {
                yield return $"{setting} holds {role}, a name that Portal puts into customers' tokens: its owner "
                    + (setting == "proxyRoles" ? "may act as any other role. " : "may do anything on the cluster. ")
                    + $"Remove it from {setting} in broker.conf.";
            }
        }
        if (Text("anonymousUserRole") is { Length: > 0 } anonymous)
        {
            yield return $"anonymousUserRole is {anonymous}: clients without a token are let in under that role"
                + (Roles("superUserRoles").Contains(anonymous) ? ", and it is a superuser. " : ". ")
                + "Leave anonymousUserRole empty in broker.conf.";
        }
        if (On("webSocketServiceEnabled", otherwise: false))
            yield return "webSocketServiceEnabled is true: whoever reaches the brokers' web port passes the gateway's checks, and the "
                + "WebSocket service writes dead letters into any tenant as a superuser. "
                + "Let only Portal reach that port, or set webSocketServiceEnabled=false in broker.conf and run Pulsar's WebSocket "
                + "service where only Portal reaches it.";
        if (!On("authenticateMetricsEndpoint", otherwise: false))
            yield return "authenticateMetricsEndpoint is false: /metrics on the brokers' web port names every tenant and topic "
                + "to anybody who "
                + "reaches it, without a token. "
                + "Set authenticateMetricsEndpoint=true in broker.conf and give Prometheus a token; "
                + "still let only Portal and Prometheus reach that port.";
        if (On("allowAutoTopicCreation", otherwise: true))
            yield return "allowAutoTopicCreation is true: Portal switches it off on its own namespaces; "
                + "elsewhere a client creates topics by connecting, and nobody is billed for them. "
                + "Set allowAutoTopicCreation=false in broker.conf.";
        if (On("allowAutoSubscriptionCreation", otherwise: true))
            yield return "allowAutoSubscriptionCreation is true: a key that may consume creates subscriptions by connecting, up "
                + "to the plan's "
                + "limit, and each keeps a backlog. "
                + "To have them created in Portal only, set allowAutoSubscriptionCreation=false in broker.conf.";

        // Java's word for a setting that is not set.
        string Text(string name) => settings.GetValueOrDefault(name, "").Trim() is { } text and not "null" ? text : "";

        bool On(string name, bool otherwise) => bool.TryParse(Text(name), out var on) ? on : otherwise;

        // A set as Java writes it: [admin, proxy].
        string[] Roles(string name) =>
            Text(name).TrimStart('[').TrimEnd(']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>As tokens that Portal signs name their owners.</summary>
    private static bool IsOfPortal(string role) =>
        role.StartsWith(Namespace.MessagesRolePrefix, StringComparison.Ordinal)
        || (
            role.StartsWith(DesiredGrants.KeyRolePrefix, StringComparison.Ordinal)
            && Guid.TryParseExact(role[DesiredGrants.KeyRolePrefix.Length..], "N", out _)
        );
}
