using System.Text.Json.Nodes;

namespace LocalPulsar.Functions;

/// <summary>A connector's one life: opens, carries messages, and ends with an exception or because it is told to.</summary>
internal interface IConnectorCode
{
    /// <summary>Runs until it fails or is cancelled.</summary>
    Task RunAsync(Instance instance, CancellationToken cancellationToken);
}

/// <summary>One instance, begun again a moment after each failure, as a worker does, with counts that begin again too.</summary>
internal sealed class Instance(Func<IConnectorCode> code, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private readonly FunctionCounts _counts = new();
    private long _in;
    private long _out;

    public bool IsRunning { get; private set; }
    public string Error { get; private set; } = "";
    public long Restarts { get; private set; }
    public long LastMessage { get; private set; }
    private FunctionCounts.Counts Counts => _counts.Read(clock.GetUtcNow());

    public void Start() => _running = Task.Run(RunAsync);

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        Dispose();
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>The code is connected.</summary>
    public void Opened() => IsRunning = true;

    public void CameIn()
    {
        Interlocked.Increment(ref _in);
        LastMessage = clock.GetUtcNow().ToUnixTimeMilliseconds();
    }

    public void WentOut() => Interlocked.Increment(ref _out);

    /// <summary>A message that a function is done with.</summary>
    /// <param name="exception">As a worker reports it; null when the function returned.</param>
    public void Processed(TimeSpan took, string? exception) => _counts.Add(clock.GetUtcNow(), took, exception);

    /// <param name="one">Null for one of a connector that is stopped.</param>
    public static JsonObject Status(int number, Instance? one, Kind kind)
    {
        if (kind == Kind.Function)
            return new JsonObject { ["instanceId"] = number, ["status"] = FunctionStatus(one) };
        var source = kind == Kind.Source;
        var status = new JsonObject
        {
            ["running"] = one?.IsRunning ?? false,
            ["error"] = one?.Error ?? "",
            ["numRestarts"] = one?.Restarts ?? 0,
        };
        status[source ? "numReceivedFromSource" : "numReadFromPulsar"] = one is null ? 0 : Interlocked.Read(ref one._in);
        status["numSystemExceptions"] = 0;
        status["latestSystemExceptions"] = new JsonArray();
        status[source ? "numSourceExceptions" : "numSinkExceptions"] = 0;
        status[source ? "latestSourceExceptions" : "latestSinkExceptions"] = new JsonArray();
        status[source ? "numWritten" : "numWrittenToSink"] = one is null ? 0 : Interlocked.Read(ref one._out);
        status["lastReceivedTime"] = one?.LastMessage ?? 0;
        status["workerId"] = "c-standalone-fw-127.0.0.1";
        return new JsonObject { ["instanceId"] = number, ["status"] = status };
    }

    /// <summary>What functions report of themselves, several instances together.</summary>
    public static JsonObject Metrics(IReadOnlyList<Instance> instances) => FunctionCounts.Metrics([.. instances.Select(one => one.Counts)]);

    private static JsonObject FunctionStatus(Instance? one)
    {
        var counts = one?.Counts;
        var status = new JsonObject
        {
            ["running"] = one?.IsRunning ?? false,
            ["error"] = one?.Error ?? "",
            ["numRestarts"] = one?.Restarts ?? 0,
            ["numReceived"] = counts?.Received ?? 0,
            ["numSuccessfullyProcessed"] = counts?.Processed ?? 0,
            ["numUserExceptions"] = counts?.Failed ?? 0,
        };
        if (counts is not null)
            status["latestUserExceptions"] = new JsonArray([
                .. counts.Latest.Select(failure =>
                    (JsonNode)new JsonObject { ["exceptionString"] = failure.Exception, ["timestampMs"] = failure.At }
                ),
            ]);
        status["numSystemExceptions"] = 0;
        if (counts is not null)
            status["latestSystemExceptions"] = new JsonArray();
        status["averageLatency"] = counts?.AverageLatency ?? 0;
        status["lastInvocationTime"] = counts?.Last ?? 0;
        status["workerId"] = "c-standalone-fw-127.0.0.1";
        return status;
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await code().RunAsync(this, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) // whatever the code fails with is what a worker reports of it
            {
                Error = e.Message;
            }
            (IsRunning, _in, _out, LastMessage) = (false, 0, 0, 0);
            _counts.Clear();
            try
            {
                await Task.Delay(_pause, clock, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            Restarts++;
        }
        IsRunning = false;
    }
}
