using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Domain.Migration;

/// <summary>The comparison of Kafka with Pulsar: what was done to the copy is what it names, wherever its steps are cut.</summary>
public sealed class ProofTests
{
    private static readonly CopiedPartition Partition = Copied();

    [Fact]
    public async Task A_faithful_copy_is_equal()
    {
        var records = Records(500, gaps: true);
        var state = await ProveAsync(records, Messages(records));
        Assert.Equal((0L, 500L, 500L), (state.Differences, state.SourceCount, state.TargetCount));
        Assert.Equal(state.SourceHash, state.TargetHash);
    }

    [Fact]
    public void Each_fault_is_named_by_its_offset() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 98], Gen.Int[1, 9])
            .Sample(
                (kind, at, cut) =>
                {
                    var records = Records(100, gaps: true);
                    var messages = Messages(records).ToList();
                    Difference[] expected;
                    switch (kind)
                    {
                        case 0:
                            messages.RemoveAt(at);
                            expected = [new(RecordFault.Missing, records[at].Offset)];
                            break;
                        case 1:
                            messages.Insert(at + 1, messages[at]);
                            expected = [new(RecordFault.Doubled, records[at].Offset)];
                            break;
                        case 2:
                            (messages[at], messages[at + 1]) = (messages[at + 1], messages[at]);
                            expected = [new(RecordFault.Swapped, records[at].Offset, records[at + 1].Offset)];
                            break;
                        default:
                            messages[at] = messages[at] with { Record = messages[at].Record with { Value = [9, 9, 9] } };
                            expected = [new(RecordFault.Changed, records[at].Offset)];
                            break;
                    }
                    var state = ProveAsync(records, messages, cut).GetAwaiter().GetResult();
                    Assert.Equal(expected, state.Listed);
                    Assert.Equal(1, state.Differences);
                    Assert.NotEqual(state.SourceHash, state.TargetHash);
                },
                iter: 400
            );

    [Fact]
    public async Task Contents_that_changed_places_are_swapped()
    {
        var records = Records(20, gaps: false);
        var messages = Messages(records).ToList();
        (messages[4], messages[5]) = (
            messages[4] with
            {
                Record = messages[5].Record with { Sequence = 5 },
            },
            messages[5] with
            {
                Record = messages[4].Record with { Sequence = 6 },
            }
        );
        var state = await ProveAsync(records, messages);
        Assert.Equal([new(RecordFault.Swapped, 4, 5), new(RecordFault.Swapped, 5, 4)], state.Listed);
    }

    [Fact]
    public async Task What_others_wrote_and_what_compaction_took_is_no_difference()
    {
        var records = Records(50, gaps: false);
        var messages = Messages(records).ToList();
        messages.Insert(7, messages[7] with { Producer = "somebody" });
        records.RemoveAt(30);
        var state = await ProveAsync(records, messages, compacted: true);
        Assert.Equal((0L, 1L, 1L), (state.Differences, state.Foreign, state.Vanished));
        Assert.Equal([new(RecordFault.Extra, 30)], (await ProveAsync(records, messages, compacted: false)).Listed);
    }

    [Fact]
    public async Task The_end_of_a_copy_that_is_gone_is_missing_and_the_list_is_bounded()
    {
        var records = Records(5000, gaps: false);
        var state = await ProveAsync(records, Messages(records).Take(1000));
        Assert.Equal(4000, state.Differences);
        Assert.Equal(
            Enumerable.Range(1000, DifferenceFinder.MostListed).Select(offset => new Difference(RecordFault.Missing, offset)),
            state.Listed
        );
    }

    [Fact]
    public void A_large_partition_is_sampled_from_its_marks()
    {
        var marks = Enumerable.Range(1, 1000).Select(number => new CopyMark(number * 1000, 1, number)).ToList();
        var stretches = ProofStretch.Plan(0, 1_000_000, marks, new(10_000, 50, 500));
        Assert.Equal(50, stretches.Count);
        Assert.Equal(new(0, 500, null), stretches[0]);
        Assert.All(stretches.Skip(1), stretch => Assert.Equal(stretch.From, stretch.After!.Next));
        Assert.True(stretches.Zip(stretches.Skip(1)).All(pair => pair.First.Until <= pair.Second.From));
        Assert.Equal([new(0, 5000, null)], ProofStretch.Plan(0, 5000, marks, new(10_000, 50, 500)));
        Assert.Empty(ProofStretch.Plan(7, 7, marks, ProofSettings.Default));
    }

    private static List<KafkaRecord> Records(int count, bool gaps) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(index => new KafkaRecord(
                    gaps ? index * 2 + index / 7 : index,
                    1000 + index,
                    [(byte)(index % 5)],
                    BitConverter.GetBytes(index),
                    []
                )),
        ];

    private static IEnumerable<ReadRecord> Messages(IEnumerable<KafkaRecord> records) =>
        records.Select(record => new ReadRecord(CopyForm.ToPulsar(record, Tombstones.Keep)!, Partition.Producer, default));

    /// <param name="perEntry">Messages of one entry; a step ends after each.</param>
    private static async Task<DifferenceFinder.State> ProveAsync(
        IReadOnlyList<KafkaRecord> records,
        IEnumerable<ReadRecord> messages,
        int perEntry = 7,
        bool compacted = false
    )
    {
        var clock = new FakeTimeProvider();
        var until = records[^1].Offset + 1;
        var place = new ProofPlace { Stretches = [new(0, until, null)] };
        List<ReadRecord[]> entries =
        [
            .. messages
                .Chunk(perEntry)
                .Select((entry, number) => entry.Select((one, index) => one with { Position = new(1, number, index) }).ToArray()),
        ];
        for (var step = 0; !place.IsDone; step++)
        {
            Assert.True(step < 10_000);
            // Through JSON each time, as between two steps of the engine.
            place = System.Text.Json.JsonSerializer.Deserialize<ProofPlace>(System.Text.Json.JsonSerializer.Serialize(place))!;
            var problem = await new ProofRun(Partition, new(default, default), place, compacted, clock).GoAsync(
                (offset, _) => Task.FromResult(Outcome.Of<IKafkaReader>(new Source(records, offset))),
                (after, _) => Task.FromResult(Outcome.Of<IPulsarReader>(new Target(entries, after, clock))),
                TimeSpan.FromSeconds(2),
                default
            );
            Assert.Null(problem);
        }
        return place.State;
    }

    private static CopiedPartition Copied()
    {
        var now = DateTimeOffset.UnixEpoch;
        var tenant = new Tenant(new(Guid.NewGuid()), new(Guid.NewGuid()), TenantName.Create("shop").Value, "local", now);
        var topic = new Topic(
            new(Guid.NewGuid()),
            new Namespace(new(Guid.NewGuid()), tenant, NamespaceName.Default, now),
            TopicName.Create("orders").Value,
            true,
            2,
            now
        );
        return new(new(Guid.NewGuid()), new(Guid.NewGuid()), topic, "orders", 1, now);
    }

    private sealed class Source(IReadOnlyList<KafkaRecord> records, long offset) : IKafkaReader
    {
        private long _next = offset;

        public Task<Outcome<KafkaBatch>> ReadAsync(int bytes, TimeSpan wait, CancellationToken cancellationToken)
        {
            List<KafkaRecord> batch = [.. records.Where(record => record.Offset >= _next).Take(40)];
            _next = batch.Count > 0 ? batch[^1].Offset + 1 : _next;
            return Task.FromResult<Outcome<KafkaBatch>>(new KafkaBatch(batch, _next, batch.Count < 40, _next));
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Target(IReadOnlyList<ReadRecord[]> entries, MessagePosition? after, FakeTimeProvider clock) : IPulsarReader
    {
        public string Name => "reader";

        public MessagePosition? Position { get; private set; }

        public Task<Outcome<IReadOnlyList<ReadRecord>>> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            var next = (int)((Position ?? after)?.Entry ?? -1) + 1;
            if (next >= entries.Count)
                return Task.FromResult(Outcome.Of<IReadOnlyList<ReadRecord>>([]));
            Position = entries[next][^1].Position;
            return Task.FromResult(Outcome.Of<IReadOnlyList<ReadRecord>>(entries[next]));
        }

        public Task<Outcome<bool>> IsWholeAsync(CancellationToken cancellationToken) => Task.FromResult(Outcome.Of(true));

        public Task<Outcome<MessagePosition?>> LastAsync(CancellationToken cancellationToken) =>
            Task.FromResult(Outcome.Of<MessagePosition?>(entries.Count == 0 ? null : entries[^1][^1].Position));

        public ValueTask DisposeAsync() => default;
    }
}
