using System.Globalization;
using Portal.Domain.Clusters;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>The pre-flight check: broker settings that lose money or open doors, each with what to do about it.</summary>
internal static class ClusterWarnings
{
    /// <param name="ahead">How far the portal's clock is ahead of the cluster's, when that is too far.</param>
    public static IEnumerable<string> Of(ClusterRegistration cluster, TimeSpan? ahead, IReadOnlyDictionary<string, string> settings)
    {
        if (ahead is { } skew)
            yield return $"Portal's clock is {ClockSkew.Text(skew)} the cluster's clock: tokens that Portal signs expire too early or too "
                + "late. Synchronize the clocks, for example with NTP.";
        if (!On("authenticationEnabled"))
            yield return "authenticationEnabled is false: anybody who reaches the brokers may do anything. "
                + "Switch token authentication on before customers come.";
        if (!On("authorizationEnabled"))
            yield return "authorizationEnabled is false: keys limit nothing, and the portal cannot make any. "
                + "Switch it on before customers come.";
        if (cluster.AdminToken is null)
            yield return "AdminToken is not set: the portal speaks to this cluster as nobody. "
                + "Set AdminToken or AdminTokenFile to a super-user's token.";
        if (cluster.TokenPrivateKey is null)
            yield return "TokenPrivateKeyFile is not set: the portal cannot make keys for this cluster. "
                + "Set it to the private key of the brokers' tokenPublicKey.";
        if (On("authorizationAllowWildcardsMatching"))
            yield return "authorizationAllowWildcardsMatching is true: a role with * in its name reaches others' topics. "
                + "The portal makes no such role; see that nobody does.";
        if (Number("statsUpdateFrequencyInSecs") is > 60 and var seconds)
            yield return $"statsUpdateFrequencyInSecs is {seconds}: traffic of a topic that is unloaded in between is not "
                + "metered, so you give "
                + "it away. Set it to 60 or less; 10 to 15 is good.";
        else if (Number("statsUpdateFrequencyInSecs") is > 15 and var pace)
            yield return $"statsUpdateFrequencyInSecs is {pace}: up to {pace} s of traffic before an unload or restart is not metered. "
                + "10 to 15 loses less.";
        if (On("brokerDeleteInactiveTopicsEnabled"))
            yield return "brokerDeleteInactiveTopicsEnabled is true: the portal switches it off on its own namespaces; "
                + "topics of others without subscriptions still vanish after a minute.";
        if (On("forceDeleteTenantAllowed") || On("forceDeleteNamespaceAllowed"))
            yield return "Forced deletion of tenants or namespaces is allowed: one call with the admin token deletes a customer's data. "
                + "Switch forceDeleteTenantAllowed and forceDeleteNamespaceAllowed off.";
        if (!On("webSocketServiceEnabled"))
            yield return cluster.WebSocketUrl is null
                ? "webSocketServiceEnabled is false and WebSocketUrl is not set: messages cannot be sent or read in the portal. "
                    + "Switch it on, or run Pulsar's WebSocket service and set WebSocketUrl."
                : "webSocketServiceEnabled is false: WebSocketUrl must lead to a WebSocket service of its own.";
        else if (cluster.WebSocketUrl is null)
            yield return "WebSocketUrl is not set: messages cannot be sent or read "
                + "in the portal. Set it to the brokers' web address with ws.";
        // The stand-in listens on this machine only, for nobody's customers.
        if (cluster.IsStandIn)
            yield break;
        foreach (var door in OpenDoors.Of(settings))
            yield return door;
        yield return "On the brokers' web port REST produce (POST /topics/…) passes the meters and limits, and /metrics shows "
            + "every tenant's "
            + "topics to any valid token, a customer's key too; no setting turns either off. "
            + "Let customers reach the binary port and /ws/ only.";

        bool On(string name) => settings.TryGetValue(name, out var value) && bool.TryParse(value, out var on) && on;

        int? Number(string name) =>
            settings.TryGetValue(name, out var value) && int.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
