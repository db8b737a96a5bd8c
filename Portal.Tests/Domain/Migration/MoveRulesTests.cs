using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Tests.Domain.Migration;

/// <summary>The pure parts of moving applications: positions, checks, what goes back, and the record's signature.</summary>
public sealed class MoveRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_commit_is_settled_at_once_or_read_from_the_mark_before_it()
    {
        var copy = Copy();
        copy.Begin(new(0, 1000), null, Now);
        Assert.Equal(new PositionPlan(new(PositionKind.NotCopied, null, 40), null), PositionPlan.Of(copy, 40, GroupStart.Earliest));
        foreach (var next in new[] { 100, 200, 300 })
            copy.Advance(new(next - 100, next, 1000, next, new(7, next / 100, 4), 100, 0, 0, 0, false, []), Now);

        Assert.Equal(new PositionPlan(null, null), PositionPlan.Of(copy, 99, GroupStart.Earliest));
        Assert.Equal(new PositionPlan(null, new(100, 7, 1)), PositionPlan.Of(copy, 100, GroupStart.Earliest));
        Assert.Equal(new PositionPlan(null, new(200, 7, 2)), PositionPlan.Of(copy, 299, GroupStart.Earliest));
        Assert.Equal(new FoundPosition(PositionKind.End, new(7, 3, -1, true), 0), PositionPlan.Of(copy, 300, GroupStart.Earliest).Settled);
        Assert.Equal(
            new FoundPosition(PositionKind.NotCopied, new(7, 3, -1, true), 12),
            PositionPlan.Of(copy, 312, GroupStart.Earliest).Settled
        );
        Assert.Equal(new FoundPosition(PositionKind.Start, null, 0), PositionPlan.Of(copy, null, GroupStart.Earliest).Settled);
        Assert.Equal(new FoundPosition(PositionKind.Start, new(7, 3, -1, true), 0), PositionPlan.Of(copy, null, GroupStart.Latest).Settled);
    }

    [Fact]
    public void Where_no_place_inside_a_batch_is_kept_its_beginning_is_the_place_and_what_comes_again_is_counted()
    {
        var inside = new FoundPosition(PositionKind.Exact, new(7, 3, 41, false), 0);
        Assert.Equal(new FoundPosition(PositionKind.Near, new(7, 3, -1, false), 41), inside.AtItsBatch());
        foreach (var kept in new[] { inside with { Place = new(7, 3, 0, false) }, inside with { Place = new(7, 3, -1, true) } })
            Assert.Equal(kept, kept.AtItsBatch());
    }

    [Theory]
    [InlineData(false, 5, 9, false)]
    [InlineData(false, 5, 10, true)]
    [InlineData(false, 6, 0, true)]
    [InlineData(true, 5, 10, false)]
    [InlineData(true, 5, 11, true)]
    [InlineData(true, 9, -1, false)]
    public void An_acknowledgement_is_told_from_what_the_portal_and_the_broker_set(bool behind, long ledger, long entry, bool passed) =>
        Assert.Equal(passed, new CursorPlace(5, 10, -1, behind).IsPassedBy(ledger, entry));

    [Fact]
    public void A_group_keeps_its_name_where_Pulsar_takes_it_and_two_others_never_share_one()
    {
        Assert.Equal("billing.v2", SuggestedSubscription.Of("billing.v2"));
        var (slash, space) = (SuggestedSubscription.Of("a/b"), SuggestedSubscription.Of("a b"));
        Assert.NotEqual(slash, space);
        Assert.All(
            [slash, space, SuggestedSubscription.Of(new('x', 300)), SuggestedSubscription.Of("__kafka"), SuggestedSubscription.Of("über")],
            name => Assert.True(SubscriptionName.Create(name).IsOk, name)
        );
        Assert.Equal("Failover", SuggestedSubscription.TypeOf(3, 3));
        Assert.Equal("Key_Shared", SuggestedSubscription.TypeOf(4, 3));
    }

    [Fact]
    public void A_group_has_moved_when_it_has_left_Kafka_and_acknowledges_in_Pulsar()
    {
        Assert.Equal(GroupMove.NotPrepared, MoveChecks.Of((MovedGroup?)null, Now));
        var group = Group();
        group.Want("billing", GroupStart.Earliest, [], Now);
        Assert.Equal(GroupMove.Preparing, MoveChecks.Of(group, Now));
        group.Placed(taken: false, Now);
        group.SeenInKafka("Stable", 2, 100, Now);
        Assert.Equal(GroupMove.Prepared, MoveChecks.Of(group, Now));
        group.SeenInKafka("Stable", 2, 110, Now.AddSeconds(10));
        group.SeenInPulsar(1, false, null, Now.AddSeconds(10));
        Assert.Equal(GroupMove.Switching, MoveChecks.Of(group, Now.AddSeconds(10)));
        group.SeenInPulsar(1, true, null, Now.AddSeconds(20));
        Assert.Equal(GroupMove.Switching, MoveChecks.Of(group, Now.AddSeconds(20)));
        group.SeenInKafka("Empty", 0, 110, Now.AddSeconds(20));
        // Its last commit is too fresh to say that it rests.
        Assert.Equal(GroupMove.Switching, MoveChecks.Of(group, Now.AddSeconds(30)));
        Assert.Equal(GroupMove.Moved, MoveChecks.Of(group, Now.AddSeconds(71)));
        Assert.Equal(
            (Now.AddSeconds(10), Now.AddSeconds(20), Now.AddSeconds(10)),
            (group.ConnectedAt, group.AcknowledgedAt, group.CommittedAt)
        );
        Assert.True(group.IsTheirs);
    }

    [Fact]
    public void A_persons_word_counts_and_can_be_withdrawn()
    {
        var group = Group();
        group.Suggest("billing", Now);
        group.Confirm("elena", "nobody uses it", Now);
        Assert.Equal(GroupMove.Confirmed, MoveChecks.Of(group, Now));
        group.TakeBackConfirmation();
        Assert.Equal(GroupMove.NotPrepared, MoveChecks.Of(group, Now));
        var topic = new MovedProducer(Migration(), "orders");
        topic.Confirm("elena", "a batch that runs at night", Now);
        Assert.Equal(ProducerMove.Confirmed, MoveChecks.Of(topic, Now));
    }

    [Fact]
    public void A_topic_is_quiet_only_after_it_was_watched_for_a_while()
    {
        var topic = new MovedProducer(Migration(), "orders");
        topic.Seen(100, 0, Now);
        Assert.Equal(ProducerMove.Settling, MoveChecks.Of(topic, Now));
        topic.Seen(101, 0, Now.AddSeconds(30));
        Assert.Equal(ProducerMove.Writing, MoveChecks.Of(topic, Now.AddSeconds(40)));
        topic.Seen(101, 0, Now.AddSeconds(95));
        Assert.Equal(ProducerMove.Quiet, MoveChecks.Of(topic, Now.AddSeconds(95)));
        topic.Seen(101, 2, Now.AddSeconds(100));
        Assert.Equal(ProducerMove.Moved, MoveChecks.Of(topic, Now.AddSeconds(100)));
    }

    [Fact]
    public void What_goes_back_keeps_key_headers_and_null_and_says_where_it_came_from()
    {
        var back = BackForm.ToKafka(new(new(9, "/w==", true, null, 5000, [new("trace", "t-1")]), "theirs", new(3, 4, 5)));
        Assert.Equal([0xff], back.Key);
        Assert.Equal((null, 5000L), (back.Value, back.Timestamp));
        Assert.Equal(["trace", BackForm.Header], back.Headers.Select(header => header.Name));
        Assert.Equal(new MessagePosition(3, 4, 5), BackForm.OriginOf(new(0, 0, null, null, back.Headers)));
        Assert.Null(BackForm.OriginOf(new(0, 0, null, null, [new("trace", [1])])));
        Assert.Equal("not:base64"u8.ToArray(), BackForm.ToKafka(new(new(9, "not:base64", true, [], 0, []), "theirs", new(3, 4, -1))).Key);
    }

    [Fact]
    public void Canonical_json_is_the_same_for_the_same_value()
    {
        var one = JsonNode.Parse("""{"b":[1,-2,true,null],"a":"\u00e9\n\"\\\u0001","é":{}}""");
        Assert.Equal(
            "{\"a\":\"é\\n\\\"\\\\\\u0001\",\"b\":[1,-2,true,null],\"é\":{}}",
            System.Text.Encoding.UTF8.GetString(CanonicalJson.Of(one))
        );
        Assert.Throws<FormatException>(() => CanonicalJson.Of(JsonNode.Parse("1.5")));
    }

    [Fact]
    public void A_record_is_whole_until_something_is_changed_and_what_was_changed_is_named()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        var id = Guid.NewGuid();
        var keys = new Dictionary<string, byte[]> { [$"{id}"] = rsa.ExportSubjectPublicKeyInfo() };
        var record = new JsonObject
        {
            ["migration"] = new JsonObject { ["name"] = "Old Kafka" },
            ["partitions"] = new JsonArray(
                new JsonObject
                {
                    ["topic"] = "orders",
                    ["partition"] = 0,
                    ["messages"] = 100,
                },
                new JsonObject
                {
                    ["topic"] = "orders",
                    ["partition"] = 1,
                    ["messages"] = 7,
                }
            ),
        };
        var signed = new RecordSigner(id, rsa.ExportPkcs8PrivateKey()).Sign(record);
        var whole = VerifyRecord.Check(signed, keys);
        Assert.True(whole.IsWhole, string.Join(' ', whole.Findings));
        Assert.Equal(("Old Kafka", $"{id}"), (whole.Name, whole.SignedBy));
        // The same value written otherwise is the same record.
        Assert.True(VerifyRecord.Check(JsonNode.Parse(signed)!.ToJsonString(), keys).IsWhole);

        Assert.Equal(
            ["In \"partitions\", item 2 (topic orders, partition 1) was changed."],
            Changed(doc => doc["record"]!["partitions"]![1]!["messages"] = 8)
        );
        Assert.Equal(["The part \"migration\" was changed."], Changed(doc => doc["record"]!["migration"]!["name"] = "Other"));
        Assert.Equal(["The part \"migration\" was removed."], Changed(doc => doc["record"]!.AsObject().Remove("migration")));
        Assert.Equal(["The part \"more\" was added."], Changed(doc => doc["record"]!["more"] = 1));
        Assert.Contains(
            "The part \"partitions\" has 1 items instead of 2.",
            Changed(doc => doc["record"]!["partitions"]!.AsArray().RemoveAt(1))
        );
        Assert.Equal(
            ["\"summary\" was added beside the record. Nobody signed it."],
            Changed(doc => doc["summary"] = "All partitions are proven.")
        );
        Assert.Equal(["The format isn't the one that this portal signs."], Changed(doc => doc["format"] = "other"));
        Assert.Contains(
            "In \"partitions\", item 1 (topic orders, partition 0) was changed.",
            Changed(doc => doc["record"]!["partitions"]![0]!["messages"] = long.MinValue)
        );
        // Who changes the digest too breaks the signature.
        Assert.Contains(
            "The signature doesn't fit the digests: one of them was changed.",
            Changed(doc => doc["digests"]!["migration"] = "AAAA")
        );
        Assert.Equal(
            ["It is signed with a key that this portal doesn't have."],
            VerifyRecord.Check(signed, new Dictionary<string, byte[]>()).Findings
        );
        Assert.False(VerifyRecord.Check("{}", keys).IsWhole);
        Assert.False(VerifyRecord.Check("no json", keys).IsWhole);
        // Names that come twice, and half a letter, are no JSON that two readers would understand alike.
        foreach (
            var odd in new[]
            {
                """{"record":{},"record":{},"digests":{}}""",
                """{"record":{"a":"\ud800"},"digests":{},"signature":"a..b"}""",
                "{\"record\":\"\ud800\"}",
            }
        )
            Assert.False(VerifyRecord.Check(odd, keys).IsWhole);

        IReadOnlyList<string> Changed(Action<JsonNode> change)
        {
            var document = JsonNode.Parse(signed)!;
            change(document);
            return VerifyRecord.Check(document.ToJsonString(), keys).Findings;
        }
    }

    private static MovedGroup Group() => new(Migration(), "billing");

    private static KafkaMigration Migration()
    {
        var tenant = new Tenant(new(Guid.NewGuid()), new(Guid.NewGuid()), TenantName.Create("shop").Value, "local", Now);
        return new(
            new(Guid.NewGuid()),
            tenant,
            "Old Kafka",
            new("kafka.example:9092", KafkaSecurity.Plaintext, null, null, null),
            "",
            new([], "cluster-1", 1),
            "elena",
            Now
        );
    }

    private static CopiedPartition Copy()
    {
        var tenant = new Tenant(new(Guid.NewGuid()), new(Guid.NewGuid()), TenantName.Create("shop").Value, "local", Now);
        var inside = new Namespace(new(Guid.NewGuid()), tenant, NamespaceName.Default, Now);
        return new(
            new(Guid.NewGuid()),
            new(Guid.NewGuid()),
            new Topic(new(Guid.NewGuid()), inside, TopicName.Create("orders").Value, true, 1, Now),
            "orders",
            0,
            Now
        );
    }
}
