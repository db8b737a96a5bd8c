using Confluent.Kafka;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>One admin client with what its connections tell. Every call has an end, whatever the cluster does.</summary>
internal sealed class KafkaSession : IAsyncDisposable
{
    internal static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(5);

    public KafkaSession(KafkaReach reach, KafkaConnection connection)
    {
        Connection = connection;
        Trouble = new(connection);
        Reach = reach;
        Admin = KafkaGate.Through(
            reach,
            new AdminClientBuilder(Bounded(KafkaClients.ConfigOf(connection)))
                .SetErrorHandler((_, error) => Trouble.Note(error))
                // The library's own lines name hosts and users, a dozen times a second while a broker is away.
                .SetLogHandler((_, _) => { })
                .Build(),
            connection.BootstrapServers
        );
    }

    public KafkaReach Reach { get; }

    public KafkaConnection Connection { get; }

    public KafkaTrouble Trouble { get; }

    public IAdminClient Admin { get; }

    internal static ClientConfig Bounded(ClientConfig config)
    {
        config.SocketTimeoutMs = (int)CallLimit.TotalMilliseconds;
        config.SocketConnectionSetupTimeoutMs = 5000;
        config.ReconnectBackoffMs = 250;
        config.ReconnectBackoffMaxMs = 2000;
        return config;
    }

    /// <param name="doing">As in "Kafka doesn't let this user …".</param>
    public async Task<Outcome<T>> AskAsync<T>(string doing, Func<IAdminClient, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            var asked = call(Admin);
            if (await Task.WhenAny(asked, Trouble.Hopeless, Task.Delay(CallLimit + TimeSpan.FromSeconds(2), cancellationToken)) == asked)
                return await asked;
            Forget(asked);
            cancellationToken.ThrowIfCancellationRequested();
            return Trouble.Of(new Error(ErrorCode.Local_TimedOut), doing);
        }
        catch (KafkaException exception)
        {
            return Trouble.Of(exception.Error, doing);
        }
    }

    /// <summary>For the calls that block.</summary>
    public Task<Outcome<T>> AskBlockingAsync<T>(string doing, Func<IAdminClient, T> call, CancellationToken cancellationToken) =>
        AskAsync(doing, admin => Task.Run(() => call(admin), CancellationToken.None), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // It waits for its threads, and those for their sockets.
        await Task.WhenAny(Task.Run(Admin.Dispose), Task.Delay(DisposeLimit));
    }

    private static void Forget(Task task) =>
        task.ContinueWith(
            ended => _ = ended.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default
        );
}
