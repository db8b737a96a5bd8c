using Confluent.Kafka;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <inheritdoc cref="IKafkaCluster"/>
internal sealed class KafkaCluster(KafkaReach reach) : IKafkaCluster
{
    /// <summary>No topic is called this: asking for it names the brokers and nothing else.</summary>
    private const string NoTopic = "portal-migration-no-such-topic";

    public Task<ConnectionTest> TestAsync(KafkaConnection connection, CancellationToken cancellationToken) =>
        TestAsync(connection, null, cancellationToken);

    /// <param name="told">Hears of each step once it is over.</param>
    public Task<ConnectionTest> TestAsync(KafkaConnection connection, Action<ConnectionCheck>? told, CancellationToken cancellationToken) =>
        new KafkaTest(reach, connection, told).RunAsync(cancellationToken);

    public async Task<Outcome<IKafkaLook>> OpenAsync(KafkaConnection connection, CancellationToken cancellationToken)
    {
        if (!KafkaHost.ParseAll(connection.BootstrapServers).TryGet(out var hosts, out var problem))
            return problem;
        if (await reach.RefuseAsync(hosts, cancellationToken) is { } refused)
            return refused;
        var session = new KafkaSession(reach, connection);
        try
        {
            var asked = await BrokersAsync(session, cancellationToken);
            problem = asked.Problem ?? await reach.RefuseAsync(asked.Value, cancellationToken);
            if (problem is null)
                return new KafkaLook(session);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
        await session.DisposeAsync();
        return problem;
    }

    /// <summary>The brokers as the cluster advertises them. The one that is asked is a bootstrap server.</summary>
    internal static async Task<Outcome<IReadOnlyList<KafkaHost>>> BrokersAsync(KafkaSession session, CancellationToken cancellationToken) =>
        (
            await session.AskBlockingAsync(
                "list its brokers",
                admin => admin.GetMetadata(NoTopic, KafkaSession.CallLimit),
                cancellationToken
            )
        ).Map<IReadOnlyList<KafkaHost>>(metadata => [.. metadata.Brokers.Select(broker => new KafkaHost(broker.Host, broker.Port))]);
}
