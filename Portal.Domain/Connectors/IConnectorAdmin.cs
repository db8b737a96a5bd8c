using System.Text.Json.Nodes;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>What a connector is to be on the cluster, secrets in the clear.</summary>
/// <param name="Topics">Full names: what a source writes to, what a sink or function reads.</param>
/// <param name="Output">What a function writes to.</param>
/// <param name="Configuration">With secrets: never logged, never read back.</param>
public sealed record WantedConnector(
    ConnectorAddress Address,
    string Type,
    IReadOnlyList<string> Topics,
    string? Subscription,
    Guarantee Guarantee,
    int Instances,
    JsonObject Configuration,
    string? Output = null
)
{
    /// <summary>What of a package it runs; null for what is built in. The package lies in its own namespace.</summary>
    public PackageUse? Package { get; init; }

    /// <summary>Of a sink: how often a message that failed is tried again; null for ever.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>Full name of the topic for what failed as often; null for none.</summary>
    public string? DeadLetterTopic { get; init; }
}

/// <summary>
/// Connectors on the functions workers of a cluster. Idempotent, with the problems of <see cref="IClusterHealth"/>, and a
/// Conflict <c>connectors-off</c> where a cluster has no functions worker. A configuration is never read back: brokers
/// answer with secrets in the clear.
/// </summary>
public interface IConnectorAdmin
{
    /// <summary>What the cluster has built in, by kind and name.</summary>
    Task<Outcome<IReadOnlyList<ConnectorType>>> TypesAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>What a built-in connector can be told; empty where the cluster does not say, as for functions.</summary>
    Task<Outcome<IReadOnlyList<ConnectorField>>> FieldsAsync(string cluster, ConnectorType type, CancellationToken cancellationToken);

    /// <summary>Makes it, or changes it to this. A Conflict <c>connector-refused</c> says what the cluster has against it.</summary>
    Task<Outcome<Done>> EnsureAsync(WantedConnector connector, CancellationToken cancellationToken);

    Task<Outcome<Done>> StartAsync(ConnectorAddress connector, CancellationToken cancellationToken);
    Task<Outcome<Done>> StopAsync(ConnectorAddress connector, CancellationToken cancellationToken);
    Task<Outcome<Done>> RestartAsync(ConnectorAddress connector, CancellationToken cancellationToken);

    /// <summary>Absent is deleted.</summary>
    Task<Outcome<Done>> DeleteAsync(ConnectorAddress connector, CancellationToken cancellationToken);

    /// <summary>What each instance does. NotFound <c>connector-not-on-cluster</c> when absent.</summary>
    Task<Outcome<ConnectorStatus>> StatusAsync(ConnectorAddress connector, CancellationToken cancellationToken);

    /// <summary>
    /// What a function did in the last minute, all instances together. NotFound <c>connector-not-on-cluster</c> when absent.
    /// </summary>
    Task<Outcome<FunctionMinute>> LastMinuteAsync(ConnectorAddress function, CancellationToken cancellationToken);
}

/// <summary>A function's last minute.</summary>
/// <param name="AverageLatency">Of one message in the function's own code; null when there was none.</param>
public sealed record FunctionMinute(long Received, long Processed, long Failed, TimeSpan? AverageLatency);

/// <summary>What a connector does at the moment.</summary>
/// <param name="IsObscure">The worker stumbled over its own answer, which happens when an exception of the connector has no text: it fails,
/// and nobody can say why.</param>
public sealed record ConnectorStatus(IReadOnlyList<ConnectorInstance> Instances, bool IsObscure = false)
{
    /// <summary>What waits for a sink or function, topic by topic, for at most five of them; empty for a source.</summary>
    public IReadOnlyList<ConnectorBacklog> Waiting { get; init; } = [];

    /// <summary>A function's; null where the cluster did not say.</summary>
    public FunctionMinute? LastMinute { get; init; }

    /// <summary>What is to be made outside so that it can run; null for nothing.</summary>
    public SnippetGuide? Remedy { get; init; }

    public int Running => Instances.Count(one => one.IsRunning);

    /// <summary>An instance that does not run has a reason, or one that runs failed lately.</summary>
    public bool IsFailing => IsObscure || Instances.Any(one => one is { HasTrouble: true, IsTroubleOfMessage: false });

    /// <summary>A function goes on, and could not process messages lately.</summary>
    public bool FailsMessages(DateTimeOffset now) => Instances.Any(one => one.FailsMessages(now));
}

/// <summary>What waits for a sink or function in one topic. A batch is one entry.</summary>
/// <param name="Topic"><c>namespace/topic</c>.</param>
public sealed record ConnectorBacklog(string Topic, long Entries, long Bytes);

/// <summary>One instance. Counts are since it started last.</summary>
/// <param name="Received">Messages that came in: from outside for a source, from topics for a sink.</param>
/// <param name="Delivered">Messages that went out; of a function, those that it processed, whether or not that gave a message.</param>
/// <param name="Failures">Exceptions since it started.</param>
/// <param name="Exception">The last one as the worker tells it, secrets and all, for <see cref="ConnectorGuides"/> alone; null for
/// none.</param>
/// <param name="TroubleAt">When that was; null where the worker does not say.</param>
public sealed record ConnectorInstance(
    int Number,
    bool IsRunning,
    long Restarts,
    long Received,
    long Delivered,
    long Failures,
    DateTimeOffset? LastMessageAt,
    string? Exception,
    DateTimeOffset? TroubleAt
)
{
    /// <summary>The exception in plain words; null for none, and where nobody has put it into words yet.</summary>
    public string? Trouble { get; private init; }

    internal bool HasTrouble => Trouble is not null || Exception is not null;

    internal ConnectorInstance Explained(ExplainedTrouble? said) =>
        this with
        {
            Exception = null,
            Trouble = said?.Says,
            TroubleField = said?.Field,
        };

    /// <summary>
    /// Longer than a worker waits before it hands a message that failed to a function again: one that fails for ever stays in sight.
    /// </summary>
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(3);

    /// <summary>The setting that the exception is about; null where that is not known.</summary>
    public string? TroubleField { get; private init; }

    /// <summary>The exception is one message's: the function runs on.</summary>
    public bool IsTroubleOfMessage { get; init; }

    /// <summary>A function's, of one message in its own code; null when there was none.</summary>
    public TimeSpan? AverageLatency { get; init; }

    internal bool FailsMessages(DateTimeOffset now) => IsTroubleOfMessage && HasTrouble && TroubleAt > now - Lately;
}
