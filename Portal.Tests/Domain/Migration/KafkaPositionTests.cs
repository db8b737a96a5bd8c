using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Tests.Domain.Migration;

/// <summary>
/// Where a group goes on in Kafka, told from where its subscription stands: nothing is skipped, and what is read twice is said.
/// </summary>
public sealed class KafkaPositionTests
{
    private const long First = 5,
        Copied = 20;
    private readonly CopiedPartition _partition;
    private readonly PulsarPartition _target;
    private readonly World _world = new();

    public KafkaPositionTests()
    {
        var at = DateTimeOffset.UnixEpoch;
        var tenant = new Tenant(new(Guid.NewGuid()), new(Guid.NewGuid()), TenantName.Create("shop").Value, "local", at);
        var inside = new Namespace(new(Guid.NewGuid()), tenant, NamespaceName.Default, at);
        var topic = new Topic(new(Guid.NewGuid()), inside, TopicName.Create("orders").Value, true, 0, at);
        _partition = new(new(Guid.NewGuid()), new(Guid.NewGuid()), topic, "orders", 0, at);
        _target = new(topic.OnCluster, "role", null);
        // Offsets 5 to 19 lie in three entries of five; 20 to 22 came back from Pulsar alone, 23 was written to Kafka since.
        _partition.Begin(new(First, Copied), null, at);
        _partition.Advance(new(First, 10, Copied, 10, new(7, 0, 4), 5, 50, 0, 0, false, []), at);
        _partition.Advance(new(10, Copied, Copied, 20, new(7, 2, 4), 10, 100, 0, 0, true, []), at);
        for (var entry = 0; entry < 3; entry++)
            _world.Pulsar.Add([
                .. Enumerable.Range(0, 5).Select(index => Record(_partition.Producer, First + entry * 5 + index + 1, new(7, entry, index))),
            ]);
        for (var entry = 3; entry < 6; entry++)
            _world.Pulsar.Add([Record("theirs", 0, new(7, entry, -1))]);
        for (var offset = First; offset < Copied; offset++)
            _world.Kafka.Add(new(offset, 0, null, [1], []));
        for (var entry = 3; entry < 6; entry++)
            _world.Kafka.Add(new(Copied + entry - 3, 0, null, [1], [new(BackForm.Header, Encoding.UTF8.GetBytes($"7:{entry}:-1"))]));
        _world.Kafka.Add(new(23, 0, null, [1], []));
    }

    [Theory]
    [InlineData(null, null, 5, 0)] // No mark: from the beginning.
    [InlineData(7, -1, 5, 0)] // A mark that the broker moved to a new ledger.
    [InlineData(7, 0, 10, 0)]
    [InlineData(7, 1, 15, 0)]
    [InlineData(7, 2, 20, 0)] // All that was copied: what came back is next.
    [InlineData(7, 4, 22, 0)]
    [InlineData(7, 5, 23, 0)] // All that came back, too: what Kafka alone has.
    public async Task The_first_record_that_was_not_acknowledged_is_next(int? ledger, int? entry, long offset, long rereads)
    {
        var found = await FindAsync(ledger is { } at ? new CursorMark(null, at, entry!.Value, false) : null);
        Assert.Equal(new KafkaPosition(offset, true, rereads), found);
    }

    [Fact]
    public async Task What_was_read_of_Pulsar_alone_before_copied_messages_is_read_again_and_counted()
    {
        // A producer that moved early: its message lies between copied ones, and at Kafka's end once it is back.
        _world.Pulsar.Insert(1, [Record("theirs", 0, new(7, 1, -1))]);
        for (var entry = 2; entry < _world.Pulsar.Count; entry++)
            _world.Pulsar[entry] = [.. _world.Pulsar[entry].Select(one => one with { Position = one.Position with { Entry = entry } })];
        _world.Kafka.RemoveAll(record => record.Offset >= Copied);
        foreach (var (entry, offset) in new[] { (1, 20L), (4, 21L) })
            _world.Kafka.Add(new(offset, 0, null, [1], [new(BackForm.Header, Encoding.UTF8.GetBytes($"7:{entry}:-1"))]));
        Assert.Equal(new KafkaPosition(10, false, 1), await FindAsync(new CursorMark(null, 7, 1, false)));
    }

    [Fact]
    public async Task Acknowledgments_one_by_one_are_behind_the_position_and_nobody_can_count_them() =>
        Assert.Equal(new KafkaPosition(10, false, null), await FindAsync(new CursorMark(null, 7, 0, HasHoles: true)));

    [Fact]
    public async Task When_it_takes_too_long_the_mark_of_the_copy_before_it_is_the_answer() =>
        Assert.Equal(new KafkaPosition(10, false, null), await FindAsync(new CursorMark(null, 7, 1, false), isOver: () => true));

    [Fact]
    public async Task What_Kafka_has_deleted_is_not_waited_for()
    {
        _world.Kafka.RemoveAll(record => record.Offset < 12);
        Assert.Equal(new KafkaPosition(12, true, 0), await FindAsync(new CursorMark(null, 7, 0, false)));
    }

    private async Task<KafkaPosition> FindAsync(CursorMark? mark, Func<bool>? isOver = null) =>
        (
            await KafkaPositionFinder.FindAsync(
                _world,
                _world,
                new("kafka.example:9092", KafkaSecurity.Plaintext, null, null, null),
                _target,
                _partition,
                mark,
                isOver ?? (() => false),
                default
            )
        ).Value;

    private static ReadRecord Record(string producer, long sequence, MessagePosition at) =>
        new(new(sequence, null, false, [1], 0, []), producer, at);

    /// <summary>Both sides as lists.</summary>
    private sealed class World : IPulsarPartitions, IKafkaPartitions
    {
        public List<ReadRecord[]> Pulsar { get; } = [];
        public List<KafkaRecord> Kafka { get; } = [];

        public Task<Outcome<KafkaOffsets>> OffsetsAsync(
            KafkaConnection connection,
            KafkaPartition partition,
            CancellationToken cancellationToken
        ) => Task.FromResult<Outcome<KafkaOffsets>>(new KafkaOffsets(Kafka[0].Offset, Kafka[^1].Offset + 1));

        public Task<Outcome<bool?>> IsCompactedAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Outcome<IKafkaReader>> OpenAsync(
            KafkaConnection connection,
            KafkaPartition partition,
            long offset,
            CancellationToken cancellationToken
        ) => Task.FromResult(Outcome.Of<IKafkaReader>(new Records([.. Kafka.Where(record => record.Offset >= offset)])));

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
        ) => Task.FromResult(Outcome.Of<IPulsarReader>(new Entries(Pulsar, (int)(after?.Entry ?? -1) + 1)));

        private sealed class Entries(List<ReadRecord[]> entries, int next) : IPulsarReader
        {
            public string Name => "reader";

            public MessagePosition? Position { get; private set; }

            public Task<Outcome<IReadOnlyList<ReadRecord>>> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
            {
                if (next >= entries.Count)
                    return Task.FromResult(Outcome.Of<IReadOnlyList<ReadRecord>>([]));
                Position = entries[next][^1].Position;
                return Task.FromResult(Outcome.Of<IReadOnlyList<ReadRecord>>(entries[next++]));
            }

            public Task<Outcome<bool>> IsWholeAsync(CancellationToken cancellationToken) => Task.FromResult<Outcome<bool>>(true);

            public Task<Outcome<MessagePosition?>> LastAsync(CancellationToken cancellationToken) =>
                Task.FromResult(Outcome.Of<MessagePosition?>(new MessagePosition(7, entries.Count - 1, -1)));

            public ValueTask DisposeAsync() => default;
        }

        private sealed class Records(IReadOnlyList<KafkaRecord> records) : IKafkaReader
        {
            public Task<Outcome<KafkaBatch>> ReadAsync(int bytes, TimeSpan wait, CancellationToken cancellationToken) =>
                Task.FromResult<Outcome<KafkaBatch>>(new KafkaBatch(records, records[^1].Offset + 1, true, records[^1].Offset + 1));

            public ValueTask DisposeAsync() => default;
        }
    }
}
