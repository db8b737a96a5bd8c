using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Migration;

public sealed partial class BackStepsTests
{
    /// <summary>A Pulsar that gives what the test says when it says so, and a Kafka that keeps what it is given.</summary>
    private sealed class Cluster(FakeTimeProvider clock) : IMigrationSources, IKafkaPartitions, IKafkaBack, IPulsarPartitions
    {
        public const long Sent = 1_760_000_000_000;

        // A batch holds few of them, so that a step ends long before all are written.
        private static readonly byte[] Value = new byte[300_000];

        private readonly List<ReadRecord[]> _entries = [];
        private int _reads;

        /// <summary>Which reads of the partition, counted from the beginning, bring nothing although there is something.</summary>
        public HashSet<int> SilentReads { get; set; } = [];

        public int Opened => Begun.Count;

        /// <summary>Behind which places the partition was read.</summary>
        public List<MessagePosition?> Begun { get; } = [];

        /// <summary>Whoever has read the first entry and not the last has the chunks of a message that is not whole.</summary>
        public (int From, int Until)? Open { get; set; }

        public DateTimeOffset OpenedAt { get; set; } = DateTimeOffset.UnixEpoch;

        /// <summary>What a read takes: two a second, so that a step ends long before the messages do.</summary>
        public TimeSpan Pace { get; set; } = TimeSpan.FromMilliseconds(500);

        public List<BackRecord> Records { get; } = [];

        public IReadOnlyList<MessagePosition> Written => [.. Records.Select(record => record.Origin)];

        public IReadOnlyList<MessagePosition> Of(string producer) =>
            [.. _entries.SelectMany(entry => entry).Where(record => record.Producer == producer).Select(record => record.Position)];

        public void Send(string producer, int messages, ReadObstacle obstacle = ReadObstacle.None) =>
            _entries.Add([
                .. Enumerable
                    .Range(0, messages)
                    .Select(index => new ReadRecord(
                        new(_entries.Count, null, false, Value, 0, []),
                        producer,
                        new(7, _entries.Count, messages == 1 ? -1 : index),
                        Sent,
                        obstacle
                    )),
            ]);

        /// <summary>An entry that is no message.</summary>
        public void Mark() => _entries.Add([]);

        public Task<KafkaConnection?> OfAsync(MigrationId migration, CancellationToken cancellationToken) =>
            Task.FromResult<KafkaConnection?>(new KafkaConnection("kafka.example:9092", KafkaSecurity.Plaintext, null, null, null));

        public Task<Outcome<KafkaOffsets>> OffsetsAsync(
            KafkaConnection connection,
            KafkaPartition partition,
            CancellationToken cancellationToken
        ) => Task.FromResult<Outcome<KafkaOffsets>>(new KafkaOffsets(0, 100 + Records.Count));

        public Task<Outcome<bool?>> IsCompactedAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken) =>
            Task.FromResult<Outcome<bool?>>(false);

        public Task<Outcome<Done>> CommitAsync(
            KafkaConnection connection,
            string group,
            IReadOnlyDictionary<KafkaPartition, long> offsets,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<Outcome<bool?>> MayWriteAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken) =>
            Task.FromResult<Outcome<bool?>>(true);

        Task<Outcome<IKafkaReader>> IKafkaPartitions.OpenAsync(
            KafkaConnection connection,
            KafkaPartition partition,
            long offset,
            CancellationToken cancellationToken
        ) => Task.FromResult(Outcome.Of<IKafkaReader>(new Behind(Records, offset)));

        Task<Outcome<IKafkaWriter>> IKafkaBack.OpenAsync(
            KafkaConnection connection,
            KafkaPartition partition,
            CancellationToken cancellationToken
        ) => Task.FromResult(Outcome.Of<IKafkaWriter>(new Writer(Records)));

        public Task<Outcome<IPulsarWriter>> WriterAsync(
            PulsarPartition partition,
            string name,
            WriterSettings settings,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<Outcome<IPulsarReader>> ReaderAsync(
            PulsarPartition partition,
            MessagePosition? after,
            CancellationToken cancellationToken
        )
        {
            Begun.Add(after);
            return Task.FromResult(Outcome.Of<IPulsarReader>(new Reader(this, after)));
        }

        private sealed class Reader(Cluster cluster, MessagePosition? after) : IPulsarReader
        {
            private int _next = (int)(after?.Entry ?? -1) + 1;

            public string Name => "reader";

            public MessagePosition? Position { get; private set; }

            public long? OpenSince =>
                Position is { } at && cluster.Open is { } open && at.Entry >= open.From && at.Entry < open.Until
                    ? cluster.OpenedAt.ToUnixTimeMilliseconds()
                    : null;

            public Task<Outcome<IReadOnlyList<ReadRecord>>> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
            {
                cluster.Pass(cluster.Pace);
                while (_next < cluster._entries.Count && cluster._entries[_next].Length == 0)
                    _next++;
                if (cluster.SilentReads.Contains(cluster._reads++) || _next >= cluster._entries.Count)
                    return Task.FromResult(Outcome.Of<IReadOnlyList<ReadRecord>>([]));
                Position = cluster._entries[_next][^1].Position;
                return Task.FromResult(Outcome.Of<IReadOnlyList<ReadRecord>>(cluster._entries[_next++]));
            }

            public Task<Outcome<bool>> IsWholeAsync(CancellationToken cancellationToken) =>
                Task.FromResult(Outcome.Of(cluster._entries.Skip(_next).All(entry => entry.Length == 0)));

            public Task<Outcome<MessagePosition?>> LastAsync(CancellationToken cancellationToken) =>
                Task.FromResult(Outcome.Of<MessagePosition?>(cluster._entries.Count == 0 ? null : new(7, cluster._entries.Count - 1, -1)));

            public ValueTask DisposeAsync() => default;
        }

        private void Pass(TimeSpan time) => clock.Advance(time);

        private sealed class Behind(List<BackRecord> records, long offset) : IKafkaReader
        {
            public Task<Outcome<KafkaBatch>> ReadAsync(int bytes, TimeSpan wait, CancellationToken cancellationToken)
            {
                List<KafkaRecord> found =
                [
                    .. records
                        .Select((record, index) => new KafkaRecord(100 + index, record.Timestamp, record.Key, record.Value, record.Headers))
                        .Where(record => record.Offset >= offset),
                ];
                return Task.FromResult<Outcome<KafkaBatch>>(new KafkaBatch(found, 100 + records.Count, true, 100 + records.Count));
            }

            public ValueTask DisposeAsync() => default;
        }

        private sealed class Writer(List<BackRecord> records) : IKafkaWriter
        {
            public Task<Outcome<long>> WriteAsync(IReadOnlyList<BackRecord> batch, CancellationToken cancellationToken)
            {
                records.AddRange(batch);
                return Task.FromResult<Outcome<long>>(100L + records.Count);
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
