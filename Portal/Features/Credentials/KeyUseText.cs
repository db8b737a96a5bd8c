using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Ui;

namespace Portal.Features.Credentials;

/// <summary>Who uses a key, for whoever is about to end it.</summary>
public static class KeyUseText
{
    public static string Of(KeyUse use, ViewerZone zone, DateTimeOffset now)
    {
        var webSocket = use.LastUsedAt is { } at
            ? $"A WebSocket client last used it {zone.Relative(at, now)}."
            : "No WebSocket client has used it.";
        var brokers = use switch
        {
            { Consumers: null } => "The cluster didn't say who is connected to its brokers.",
            { Consumers: 0, IsComplete: true } => "No consumer is connected to the brokers with it.",
            { Consumers: 0 } => "No consumer was found at the brokers, but not every topic was checked.",
            { Consumers: 1 } => $"{AtLeast(use)}1 consumer is connected to the brokers with it.",
            _ => $"{AtLeast(use)}{use.Consumers:N0} consumers are connected to the brokers with it.",
        };
        // A key that only consumes has no producers to be silent about.
        return use.Key.Permissions.HasFlag(KeyPermissions.Produce)
            ? $"{webSocket} {brokers} Brokers don't tell which key a producer uses, so producers may use it all the same: "
                + "give them the new token first."
            : $"{webSocket} {brokers}";
    }

    private static string AtLeast(KeyUse use) => use.IsComplete ? "" : "At least ";
}
