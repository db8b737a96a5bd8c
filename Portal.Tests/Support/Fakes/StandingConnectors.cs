using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Tests.Support.Fakes;

/// <summary>A functions worker that does all it is told and shows the status that a test gives it.</summary>
public sealed class StandingConnectors : IConnectorAdmin
{
    private static readonly Task<Outcome<Done>> Fine = Task.FromResult(Outcome.Done);

    public Outcome<IReadOnlyList<ConnectorType>> Types { get; set; } =
        Outcome.Of<IReadOnlyList<ConnectorType>>([
            new(ConnectorKind.Source, "heartbeat", "Sends a numbered text at a fixed rate"),
            new(ConnectorKind.Sink, "http-post", "Posts each message to an HTTP address"),
            new(ConnectorKind.Function, "anomaly-score", "Scores a numeric field of JSON messages against its running mean"),
        ]);

    public Outcome<IReadOnlyList<ConnectorField>> Fields { get; set; } =
        Outcome.Of<IReadOnlyList<ConnectorField>>([
            new("text", FieldKind.Text, true, null, "The text of each message", false),
            new("intervalMs", FieldKind.LargeWhole, false, "1000", null, false),
            new("apiKey", FieldKind.Text, false, null, null, true),
        ]);

    public Outcome<ConnectorStatus> Status { get; set; } = new ConnectorStatus([]);

    public Outcome<FunctionMinute> LastMinute { get; set; } = new FunctionMinute(0, 0, 0, null);

    /// <summary>What it was told to make, in order.</summary>
    public List<WantedConnector> Ensured { get; } = [];

    public Task<Outcome<IReadOnlyList<ConnectorType>>> TypesAsync(string cluster, CancellationToken cancellationToken) =>
        Task.FromResult(Types);

    public Task<Outcome<IReadOnlyList<ConnectorField>>> FieldsAsync(
        string cluster,
        ConnectorType type,
        CancellationToken cancellationToken
    ) => Task.FromResult(type.Kind == ConnectorKind.Function ? Outcome.Of<IReadOnlyList<ConnectorField>>([]) : Fields);

    public Task<Outcome<Done>> EnsureAsync(WantedConnector connector, CancellationToken cancellationToken)
    {
        Ensured.Add(connector);
        return Refuses is { } problem ? Task.FromResult<Outcome<Done>>(problem) : Fine;
    }

    /// <summary>What it answers when it is told to make something.</summary>
    public Problem? Refuses { get; set; }

    /// <summary>What it answers when it is told to delete something.</summary>
    public Problem? Keeps { get; set; }

    /// <summary>What else it was told, in order.</summary>
    public List<string> Acts { get; } = [];

    public Task<Outcome<Done>> StartAsync(ConnectorAddress connector, CancellationToken cancellationToken) => Told("start");

    public Task<Outcome<Done>> StopAsync(ConnectorAddress connector, CancellationToken cancellationToken) => Told("stop");

    public Task<Outcome<Done>> RestartAsync(ConnectorAddress connector, CancellationToken cancellationToken) => Told("restart");

    private Task<Outcome<Done>> Told(string act)
    {
        Acts.Add(act);
        return Fine;
    }

    public List<ConnectorAddress> Deleted { get; } = [];

    public Task<Outcome<Done>> DeleteAsync(ConnectorAddress connector, CancellationToken cancellationToken)
    {
        Deleted.Add(connector);
        return Keeps is { } problem ? Task.FromResult<Outcome<Done>>(problem) : Fine;
    }

    public Task<Outcome<ConnectorStatus>> StatusAsync(ConnectorAddress connector, CancellationToken cancellationToken) =>
        Task.FromResult(Status);

    public Task<Outcome<FunctionMinute>> LastMinuteAsync(ConnectorAddress function, CancellationToken cancellationToken) =>
        Task.FromResult(LastMinute);
}
