using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>What a new connector is to be.</summary>
/// <param name="Topics">As <c>namespace/topic</c>: one for a source, 1 to 20 for a sink or function.</param>
/// <param name="Subscription">Of what reads topics; null for one called as the connector.</param>
/// <param name="Configuration">Fields by name, secrets among them.</param>
/// <param name="Stopped">Made without being started.</param>
public sealed record NewConnector(
    string? Namespace,
    string? Name,
    ConnectorKind Kind,
    string? Type,
    IReadOnlyList<string> Topics,
    string? Subscription,
    bool FromEarliest,
    Guarantee Guarantee,
    int Instances,
    JsonObject Configuration,
    bool Stopped
)
{
    /// <summary>What a function writes to, as <c>namespace/topic</c>; null for sources and sinks.</summary>
    public string? Output { get; init; }

    /// <summary>What a source or function writes to is created where there is none, without partitions.</summary>
    public bool CreateOutput { get; init; }

    /// <summary>Names of settings that are kept as secrets, besides those that are called or marked so.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Of what reads topics: from messages of that time on. Null for one end of the topic.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Of a sink: how often a message that failed is tried again before it goes to the dead letter topic; null for ever.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>As <c>namespace/topic</c>; null for none.</summary>
    public string? DeadLetterTopic { get; init; }

    /// <summary>The dead letter topic is created where there is none, without partitions.</summary>
    public bool CreateDeadLetterTopic { get; init; }

    /// <summary>Of a type that is a package: the version to run; null for the newest one.</summary>
    public string? PackageVersion { get; init; }

    /// <summary>Of a type that is a package: which of its classes runs; null for the only one.</summary>
    public string? ClassName { get; init; }

    /// <summary>What could not be understood of what was sent: told once it is known that the one who asks may.</summary>
    public Problem.Invalid? Unreadable { get; init; }
}
