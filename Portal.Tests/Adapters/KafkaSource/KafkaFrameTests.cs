using System.Buffers.Binary;
using System.Text;
using Portal.Adapters.KafkaSource.Apart;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Tests.Adapters.KafkaSource;

/// <summary>What goes between the portal and the process of a Kafka client, and what the portal makes of frames that are none.</summary>
public sealed class KafkaFrameTests
{
    private static readonly KafkaBatch Batch = new(
        [
            new(7, 1_700_000_000_123, [1, 2, 0xFF], "value"u8.ToArray(), [new("trace", [1]), new("größe", null), new("", [])]),
            new(9, 0, null, null, []),
            new(10, -1, [], [], []),
        ],
        11,
        true,
        12
    );

    [Fact]
    public void A_batch_arrives_as_it_was()
    {
        var packer = new KafkaPacker(3, KafkaVerb.Value, 0);
        packer.Batch(Batch);
        using var stream = new MemoryStream(packer.ToFrame().ToArray());
        var frame = KafkaFrame.Read(stream)!.Value;
        Assert.Equal((3, KafkaVerb.Value), (frame.Call, frame.Verb));
        var unpacker = new KafkaUnpacker(frame.Payload.Span);
        var got = unpacker.Batch();
        Assert.True(unpacker.Left.IsEmpty);
        Assert.Equivalent(Batch, got, strict: true);
        Assert.Null(KafkaFrame.Read(stream));
    }

    [Fact]
    public void Records_to_write_arrive_as_they_were()
    {
        BackRecord[] records =
        [
            new([1], null, 5, [new(BackForm.Header, "3:1:0"u8.ToArray())], new(0, 0, -1)),
            new(null, [], 0, [], new MessagePosition(0, 0, -1)),
        ];
        var packer = new KafkaPacker(1, KafkaVerb.Write, 8);
        packer.Records(records);
        Assert.Equivalent(records, new KafkaUnpacker(packer.ToFrame().Span[KafkaFrame.Head..]).Records(), strict: true);
    }

    [Fact]
    public void Whatever_a_batch_is_cut_or_changed_to_it_is_refused_or_read_and_takes_no_memory()
    {
        var packer = new KafkaPacker(3, KafkaVerb.Value, 0);
        packer.Batch(Batch);
        var whole = packer.ToFrame()[KafkaFrame.Head..].ToArray();
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => new KafkaUnpacker(whole.AsSpan(0, length)).Batch());
        for (var place = 0; place < whole.Length; place++)
        {
            var changed = whole.ToArray();
            changed[place] ^= 0x7F;
            try
            {
                Assert.InRange(new KafkaUnpacker(changed).Batch().Records.Count, 0, 10);
            }
            catch (InvalidDataException)
            {
                // As meant.
            }
        }
    }

    [Fact]
    public void A_frame_that_claims_gigabytes_is_none()
    {
        var head = new byte[KafkaFrame.Head];
        BinaryPrimitives.WriteInt32LittleEndian(head, int.MaxValue);
        Assert.Throws<InvalidDataException>(() => KafkaFrame.Read(new MemoryStream(head)));
        BinaryPrimitives.WriteInt32LittleEndian(head, -1);
        Assert.Throws<InvalidDataException>(() => KafkaFrame.Read(new MemoryStream(head)));
    }

    [Fact]
    public void Problems_and_facts_arrive_as_they_were()
    {
        foreach (
            var problem in new Problem[]
            {
                KafkaProblems.SignInFailed("jo"),
                KafkaProblems.Away("Not there."),
                KafkaProblems.TooManyServers(2000, 1000),
                new Problem.NotFound("kafka-name-unknown", "Unknown."),
                new Problem.Conflict("record-too-large", "Too large.", "field"),
                new Problem.Unavailable("kafka-busy", "Busy.", TimeSpan.FromSeconds(15)),
            }
        )
            Assert.Equal(problem, KafkaPayload.ReadProblem(KafkaPayload.Write(problem)));
        foreach (
            var malformed in new[]
            {
                "",
                "{}",
                "[]",
                """{"Kind":"invalid"}""",
                """{"Kind":"too-many","Code":"a-b","Message":"m"}""",
                """{"Kind":"invalid","Code":"<b>","Message":"m"}""",
            }
        )
            Assert.Throws<InvalidDataException>(() => KafkaPayload.ReadProblem(Encoding.UTF8.GetBytes(malformed)));

        var facts = new Dictionary<string, TopicFacts>
        {
            ["orders"] = new(3, 2, false, 10, 12, new Dictionary<string, string> { ["cleanup.policy"] = "compact" })
            {
                LastWrittenAt = DateTimeOffset.UnixEpoch,
                MayRead = false,
                Problem = "None.",
                Sample = new(1, 2, 3, DataFormat.Avro, DataFormat.Json, [7], 0, 1, 0),
            },
        };
        Assert.Equivalent(facts, KafkaPayload.Read<IReadOnlyDictionary<string, TopicFacts>>(KafkaPayload.Write(facts)), strict: true);
        var commits = new GroupCommits("Stable", 2, new Dictionary<KafkaPartition, long> { [new("orders", 1)] = 5 });
        Assert.Equivalent(
            commits,
            KafkaPayload.Read<KafkaPayload.CommitsSaid>(KafkaPayload.Write(KafkaPayload.CommitsSaid.Of(commits))).ToCommits()
        );
        Assert.Null(KafkaPayload.Read<bool?>(KafkaPayload.Write<bool?>(null)));
        Assert.True(KafkaPayload.Read<bool?>(KafkaPayload.Write<bool?>(true)));
        Assert.Throws<InvalidDataException>(() => KafkaPayload.Read<IReadOnlyList<string>>("null"u8));
    }
}
