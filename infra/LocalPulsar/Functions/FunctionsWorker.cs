using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LocalPulsar.Metadata;
using LocalPulsar.Topics;

namespace LocalPulsar.Functions;

/// <summary>The connectors and functions of this server: kept in its data folder, run in its process. One change at a time.</summary>
internal sealed class FunctionsWorker(ClusterState state, TopicDirectory directory, Broker broker, HttpClient http) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, List<Instance>> _running = new();
    private readonly SemaphoreSlim _turn = new(1);

    public ConnectorRecord? Find(string full) => state.Connectors.GetValueOrDefault(full);

    /// <summary>Everything that ran before.</summary>
    public void Start()
    {
        foreach (var (full, record) in state.Connectors.Where(pair => !pair.Value.Stopped))
            Run(full, record);
    }

    public Task PutAsync(string full, ConnectorRecord record) =>
        InTurnAsync(async () =>
        {
            await HaltAsync(full);
            await state.PutConnectorAsync(full, record);
            if (!record.Stopped)
                Run(full, record);
        });

    public Task DeleteAsync(string full) =>
        InTurnAsync(async () =>
        {
            await state.DeleteConnectorAsync(full);
            await HaltAsync(full);
        });

    /// <summary>The status of every instance; those of a stopped connector do not run.</summary>
    public JsonObject Status(string full, ConnectorRecord record)
    {
        var instances = _running.GetValueOrDefault(full);
        return new JsonObject
        {
            ["numInstances"] = record.Parallelism,
            ["numRunning"] = instances?.Count(one => one.IsRunning) ?? 0,
            ["instances"] = new JsonArray([
                .. Enumerable
                    .Range(0, record.Parallelism)
                    .Select(number => (JsonNode)Instance.Status(number, instances?[number], record.Kind)),
            ]),
        };
    }

    /// <summary>What a function did, in all and in the minute that runs.</summary>
    public JsonObject Stats(string full, ConnectorRecord record)
    {
        var instances = _running.GetValueOrDefault(full);
        var all = Instance.Metrics(instances ?? []);
        all["instances"] = new JsonArray([
            .. Enumerable
                .Range(0, record.Parallelism)
                .Select(number =>
                {
                    var metrics = Instance.Metrics(instances is null ? [] : [instances[number]]);
                    metrics["userMetrics"] = new JsonObject();
                    return (JsonNode)new JsonObject { ["instanceId"] = number, ["metrics"] = metrics };
                }),
        ]);
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var full in _running.Keys)
            await HaltAsync(full);
        _turn.Dispose();
    }

    private void Run(string full, ConnectorRecord record)
    {
        var instances = Enumerable.Range(0, record.Parallelism).Select(_ => new Instance(() => Code(full, record), broker.Clock)).ToList();
        _running[full] = instances;
        instances.ForEach(one => one.Start());
    }

    private async Task HaltAsync(string full)
    {
        if (_running.TryRemove(full, out var instances))
            await Task.WhenAll(instances.Select(one => one.StopAsync()));
    }

    private IConnectorCode Code(string full, ConnectorRecord record)
    {
        var document = record.Document();
        var configs = document[record.Kind == Kind.Function ? "userConfig" : "configs"] as JsonObject ?? [];
        List<TopicName> Inputs() => [.. (document["inputs"] as JsonArray ?? []).Select(input => TopicName.Parse($"{input}"))];
        return record.Kind switch
        {
            Kind.Source => new Heartbeat(
                TopicName.Parse($"{document["topicName"]}"),
                $"{configs["text"]}",
                Number(configs["intervalMs"], 1000),
                Number(configs["failAfter"], 0),
                full,
                directory,
                broker
            ),
            Kind.Sink => new HttpPost(
                Inputs(),
                $"{document["sourceSubscriptionName"]}",
                $"{configs["url"]}",
                Number(configs["timeoutMs"], 5000),
                $"{configs["authorization"]}",
                full,
                directory,
                broker,
                http
            ),
            Kind.Function => new FunctionRun(
                new AnomalyScore(configs),
                Inputs(),
                $"{document["output"]}" is { Length: > 0 } output ? TopicName.Parse(output) : null,
                $"{document["subName"]}",
                $"{document["processingGuarantees"]}",
                full,
                directory,
                broker
            ),
        };
    }

    private static long Number(JsonNode? node, long otherwise) =>
        long.TryParse($"{node}", System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private async Task InTurnAsync(Func<Task> action)
    {
        await _turn.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            _turn.Release();
        }
    }
}

/// <summary>What a functions worker runs.</summary>
internal enum Kind
{
    Source,
    Sink,
    Function,
}

/// <summary>A source, sink or function as it was sent, completed by the worker. Data folders hold it in this form.</summary>
internal sealed record ConnectorRecord(bool IsSource, int Parallelism, string Json, bool Stopped, bool IsFunction = false)
{
    [JsonIgnore]
    public Kind Kind =>
        IsFunction ? Kind.Function
        : IsSource ? Kind.Source
        : Kind.Sink;

    public JsonObject Document() => JsonNode.Parse(Json)!.AsObject();
}
