namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Scenario
{
    private const string Schema = "schemas/transcript/prod/orders";
    private const string First =
        """{"type":"AVRO","schema":"{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"}]}","properties":{"by":"hand"}}""";
    private const string Second =
        """{"type":"AVRO","schema":"{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"note\",\"type\":\"string\",\"default\":\"\"}]}","properties":{}}""";
    private const string Clashing =
        """{"type":"AVRO","schema":"{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"id\",\"type\":\"long\"}]}","properties":{}}""";

    private static IEnumerable<Step> Schemas =>
        [
            Get("the schema of a topic without any", $"{Schema}/schema"),
            Get("the schemas of a topic without any", $"{Schema}/schemas"),
            Post("a schema, by a consumer", $"{Schema}/schema", First, Consumer),
            Post("a schema of an unknown type", $"{Schema}/schema", """{"type":"ODD","schema":"","properties":{}}"""),
            Post("a schema that is no Avro", $"{Schema}/schema", """{"type":"AVRO","schema":"{\"type\":\"odd\"}","properties":{}}"""),
            Post("a schema in a missing namespace", "schemas/transcript/missing/orders/schema", First),
            Post("a schema", $"{Schema}/schema", First, Producer),
            Post("a schema, again", $"{Schema}/schema", First),
            Get("the schema", $"{Schema}/schema"),
            Get("the schema, to a consumer", $"{Schema}/schema", Consumer),
            Get("the schema, to a stranger", $"{Schema}/schema", Nobody),
            Post("whether a compatible schema is", $"{Schema}/compatibility", Second),
            Post("whether a clashing schema is compatible", $"{Schema}/compatibility", Clashing),
            Post("whether a schema is compatible, asked by a producer", $"{Schema}/compatibility", Second, Producer),
            Post("a compatible schema", $"{Schema}/schema", Second),
            Post("a clashing schema", $"{Schema}/schema", Clashing),
            Post("a schema of another type", $"{Schema}/schema", """{"type":"STRING","schema":"","properties":{}}"""),
            Get("all schemas", $"{Schema}/schemas"),
            Get("all schemas, to a stranger", $"{Schema}/schemas", Nobody),
            Get("the first version of a schema", $"{Schema}/schema/0"),
            Get("a missing version of a schema", $"{Schema}/schema/7"),
            Get("a word of a version of a schema", $"{Schema}/schema/last"),
            Post(
                "whether what is no Avro is compatible",
                $"{Schema}/compatibility",
                """{"type":"AVRO","schema":"{\"type\":\"odd\"}","properties":{}}"""
            ),
            Post("whether another type is compatible", $"{Schema}/compatibility", """{"type":"STRING","schema":"","properties":{}}"""),
            Post("whether a schema is compatible where there is none", "schemas/transcript/prod/nothing/compatibility", Second),
            Post(
                "a schema with a field of an unknown type",
                $"{Schema}/schema",
                """{"type":"AVRO","schema":"{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"id\",\"type\":\"odd\"}]}","properties":{}}"""
            ),
            Post(
                "a text's schema with a definition",
                "schemas/transcript/prod/texts/schema",
                """{"type":"STRING","schema":"odd","properties":{}}"""
            ),
            Post(
                "a number's schema with a definition",
                "schemas/transcript/prod/texts/schema",
                """{"type":"INT32","schema":"odd","properties":{}}"""
            ),
            Post("a text's schema", "schemas/transcript/prod/texts/schema", """{"type":"STRING","schema":"","properties":{}}"""),
            Post(
                "a message's schema of no descriptor",
                "schemas/transcript/prod/native/schema",
                """{"type":"PROTOBUF_NATIVE","schema":"syntax = proto3;","properties":{}}"""
            ),
            Post(
                "whether no descriptor is compatible",
                "schemas/transcript/prod/native/compatibility",
                """{"type":"PROTOBUF_NATIVE","schema":"syntax = proto3;","properties":{}}"""
            ),
            Post(
                "a message's schema",
                "schemas/transcript/prod/protobuf/schema",
                First.Replace("AVRO", "PROTOBUF", StringComparison.Ordinal)
            ),
            Post(
                "a message's schema whose field has another type",
                "schemas/transcript/prod/protobuf/schema",
                Clashing.Replace("AVRO", "PROTOBUF", StringComparison.Ordinal)
            ),
            Get("the schema of a partition", $"{Schema}-partition-0/schema"),
            Delete("the schema is deleted by a producer", $"{Schema}/schema", Producer),
            Delete("the schema is deleted", $"{Schema}/schema"),
            Get("the schema after its deletion", $"{Schema}/schema"),
            Get("the schemas after the deletion", $"{Schema}/schemas"),
            Post("a schema after the deletion", $"{Schema}/schema", First),
            Get("a version from before the deletion", $"{Schema}/schema/0"),
            Delete("the schema is deleted for good", $"{Schema}/schema?force=true"),
        ];

    // Every kind of path without a token, and with one that nobody granted anything.
    private static IEnumerable<Step> Strangers =>
        from path in (string[])
            [
                "tenants/transcript",
                Ns,
                P,
                $"{P}/orders/stats",
                $"{P}/parts/partitions",
                $"{S}/other/position/1",
                $"{Schema}/schema",
                "broker-stats/topics",
            ]
        select Get($"{path}, without a token", path, null);

    // A method that no path has: whether each path is one.
    private static IEnumerable<Step> Methods =>
        from path in (string[])
            [
                "brokers",
                "brokers/version",
                "brokers/configuration/runtime",
                "brokers/backlog-quota-check",
                "broker-stats/topics",
                "tenants/transcript",
                Ns,
                P,
                $"{P}/orders",
                $"{P}/partitioned",
                $"{P}/parts/partitions",
                $"{P}/orders/stats",
                $"{P}/orders/subscriptions",
                $"{S}/other",
                $"{Schema}/schema",
                $"{Ns}/retention",
                $"{Ns}/permissions/both",
                $"{P}/orders/unload",
                $"{N}/live/partitions",
                "nothing-of-the-kind",
            ]
        select new Call($"an unknown method on {path}", "PATCH", path);
}
