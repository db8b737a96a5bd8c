using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Features.Connectors;

/// <summary>Connectors in words.</summary>
internal static class ConnectorText
{
    /// <summary><c>namespace/topic</c> of a full name.</summary>
    internal static string Short(string topic) => topic.Split('/') is [_, _, _, var @namespace, var name] ? $"{@namespace}/{name}" : topic;

    internal static string Title(ConnectorKind kind) => kind == ConnectorKind.Source ? "Source" : "Sink";

    /// <summary>Where the data goes.</summary>
    internal static string Way(Connector connector) => connector.Kind == ConnectorKind.Source
        ? $"{connector.Type} → {Short(connector.Topics[0])}"
        : $"{string.Join(", ", connector.Topics.Take(2).Select(Short))}{(connector.Topics.Count > 2 ? $" and {connector.Topics.Count - 2} more" : "")} → {connector.Type}";

    internal static string Title(Guarantee guarantee) => guarantee switch
    {
        Guarantee.AtLeastOnce => "At least once",
        Guarantee.AtMostOnce => "At most once",
        Guarantee.EffectivelyOnce => "Effectively once",
    };

    /// <summary>The state and its mood, as the cluster said last.</summary>
    internal static (string Words, string Mood) State(Connector connector) => State(connector, null) is ("started", _)
        ? connector.Trouble is null ? ("running", "good") : ("failing", "bad") : State(connector, null);

    /// <summary>The state and its mood, with what the cluster says of it now where that is known.</summary>
    internal static (string Words, string Mood) State(Connector connector, ConnectorStatus? live) => connector.State switch
    {
        ResourceState.Creating => ("creating…", "info busy"),
        ResourceState.Deleting => ("deleting…", "info busy"),
        ResourceState.Failed => ("failed", "bad"),
        _ when connector.IsChanging => ("updating…", "info busy"),
        _ when connector.Wish == ConnectorWish.Stop => ("stopped", ""),
        _ when live is { IsFailing: true } => ("failing", "bad"),
        _ when live is not null && live.Running > 0 && live.Running < connector.Instances => ("partly running", "warn"),
        _ when live is { Running: 0 } => ("starting…", "info busy"),
        _ when live is not null => ("running", "good"),
        _ => ("started", ""),
    };
}
