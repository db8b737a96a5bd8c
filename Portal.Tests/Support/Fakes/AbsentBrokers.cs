using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Tests.Support.Fakes;

/// <summary>Neither Pulsar's binary protocol nor writing to Kafka: what asks for one is told that it is away.</summary>
public sealed class AbsentBrokers : IPulsarPartitions, IKafkaBack
{
    private static readonly Problem.Unavailable Away = new("cluster-unreachable", "We couldn't reach the brokers. We'll keep trying.");

    public Task<Outcome<IPulsarWriter>> WriterAsync(
        PulsarPartition partition,
        string name,
        WriterSettings settings,
        CancellationToken cancellationToken
    ) => Task.FromResult<Outcome<IPulsarWriter>>(Away);

    public Task<Outcome<IPulsarReader>> ReaderAsync(
        PulsarPartition partition,
        MessagePosition? after,
        CancellationToken cancellationToken
    ) => Task.FromResult<Outcome<IPulsarReader>>(Away);

    public Task<Outcome<bool?>> MayWriteAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<bool?>>(Away);

    public Task<Outcome<IKafkaWriter>> OpenAsync(
        KafkaConnection connection,
        KafkaPartition partition,
        CancellationToken cancellationToken
    ) => Task.FromResult<Outcome<IKafkaWriter>>(Away);

    public Task<Outcome<Done>> CommitAsync(
        KafkaConnection connection,
        string group,
        IReadOnlyDictionary<KafkaPartition, long> offsets,
        CancellationToken cancellationToken
    ) => Task.FromResult<Outcome<Done>>(Away);
}
