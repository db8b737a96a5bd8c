namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Scenario
{
    private static readonly (string Policy, string Good, string[] Bad)[] Settable =
    [
        ("backlogQuota", """{"limitSize":1048576,"limitTime":-1,"policy":"producer_exception"}""", ["""{"limitSize":1048576}"""]),
        (
            "retention",
            """{"retentionTimeInMinutes":1440,"retentionSizeInMB":512}""",
            [
                """{"retentionTimeInMinutes":0,"retentionSizeInMB":5}""",
                """{"retentionTimeInMinutes":-2,"retentionSizeInMB":5}""",
                """{"retentionTimeInMinutes":5,"retentionSizeInMB":-2}""",
                """{"retentionTimeInMinutes":5,"retentionSizeInMB":1}""",
            ]
        ),
        ("messageTTL", "3600", ["-1"]),
        ("deduplication", "true", []),
        (
            "inactiveTopicPolicies",
            """{"inactiveTopicDeleteMode":"delete_when_no_subscriptions","maxInactiveDurationSeconds":60,"deleteWhileInactive":false}""",
            []
        ),
        (
            "autoTopicCreation",
            """{"allowAutoTopicCreation":false}""",
            [
                """{"allowAutoTopicCreation":true,"topicType":"odd"}""",
                """{"allowAutoTopicCreation":true,"topicType":"partitioned","defaultNumPartitions":0}""",
            ]
        ),
        ("autoSubscriptionCreation", """{"allowAutoSubscriptionCreation":true}""", []),
        ("maxProducersPerTopic", "52", ["-1"]),
        ("maxConsumersPerTopic", "52", ["-1"]),
        ("maxSubscriptionsPerTopic", "12", ["-1"]),
        ("maxTopicsPerNamespace", "40", ["-1"]),
        ("publishRate", """{"publishThrottlingRateInMsg":-1,"publishThrottlingRateInByte":5242880}""", []),
        (
            "dispatchRate",
            """{"dispatchThrottlingRateInMsg":-1,"dispatchThrottlingRateInByte":5242880,"relativeToPublishRate":false,"ratePeriodInSecond":1}""",
            []
        ),
        (
            "subscriptionDispatchRate",
            """{"dispatchThrottlingRateInMsg":100,"dispatchThrottlingRateInByte":-1,"relativeToPublishRate":false,"ratePeriodInSecond":1}""",
            []
        ),
    ];

    private static IEnumerable<Step> Policies =>
        [
            .. Settable.SelectMany(policy =>
                (IEnumerable<Step>)
                    [
                        Post($"{policy.Policy}, by a stranger", $"{Ns}/{policy.Policy}", policy.Good, Nobody),
                        Post($"{policy.Policy} of a missing namespace", $"namespaces/transcript/missing/{policy.Policy}", policy.Good),
                        Post($"{policy.Policy}, by the tenant's administrator", $"{Ns}/{policy.Policy}", policy.Good, TenantAdmin),
                        .. policy.Bad.Select(
                            (bad, number) => Post($"{policy.Policy}, wrong in way {number + 1}", $"{Ns}/{policy.Policy}", bad)
                        ),
                        Post($"{policy.Policy} of broken JSON", $"{Ns}/{policy.Policy}", "{"),
                        Post($"{policy.Policy} of plain text", $"{Ns}/{policy.Policy}", policy.Good) with
                        {
                            ContentType = "text/plain",
                        },
                    ]
            ),
            Post("maxProducersPerTopic of a word", $"{Ns}/maxProducersPerTopic", "\"many\""),
            Post("deduplication of a word", $"{Ns}/deduplication", "\"perhaps\""),
            Post(
                "a quota beyond the retention",
                $"{Ns}/backlogQuota",
                """{"limitSize":1073741824,"limitTime":-1,"policy":"producer_exception"}"""
            ),
            Post(
                "a quota of age",
                $"{Ns}/backlogQuota?backlogQuotaType=message_age",
                """{"limitSize":-1,"limitTime":60,"policy":"producer_request_hold"}"""
            ),
            Post(
                "a quota of an unknown type",
                $"{Ns}/backlogQuota?backlogQuotaType=odd",
                """{"limitSize":1,"limitTime":-1,"policy":"producer_exception"}"""
            ),
            Put("the strategy of schemas, by a stranger", $"{Ns}/schemaCompatibilityStrategy", "\"BACKWARD\"", Nobody),
            Put(
                "the strategy of schemas of a missing namespace",
                "namespaces/transcript/missing/schemaCompatibilityStrategy",
                "\"BACKWARD\""
            ),
            Put("an unknown strategy of schemas", $"{Ns}/schemaCompatibilityStrategy", "\"SIDEWARD\""),
            Put("the strategy of schemas", $"{Ns}/schemaCompatibilityStrategy", "\"BACKWARD\""),
            Post("the validation of schemas, by a stranger", $"{Ns}/schemaValidationEnforced", "true", Nobody),
            Post("the validation of schemas", $"{Ns}/schemaValidationEnforced", "true"),
            Get("the namespace with all its policies", Ns),
            Delete("a quota of age is removed", $"{Ns}/backlogQuota?backlogQuotaType=message_age"),
            .. Settable.SelectMany(policy =>
                (IEnumerable<Step>)
                    [
                        Delete($"{policy.Policy} is removed by a stranger", $"{Ns}/{policy.Policy}", Nobody),
                        Delete($"{policy.Policy} of a missing namespace is removed", $"namespaces/transcript/missing/{policy.Policy}"),
                        Delete($"{policy.Policy} is removed", $"{Ns}/{policy.Policy}"),
                        Delete($"{policy.Policy} is removed again", $"{Ns}/{policy.Policy}"),
                    ]
            ),
            Put("the strategy of schemas, as it was", $"{Ns}/schemaCompatibilityStrategy", "\"UNDEFINED\""),
            Post("the validation of schemas, as it was", $"{Ns}/schemaValidationEnforced", "false"),
            Post("topics are not made by themselves", $"{Ns}/autoTopicCreation", """{"allowAutoTopicCreation":false}"""),
            Post(
                "idle topics stay",
                $"{Ns}/inactiveTopicPolicies",
                """{"inactiveTopicDeleteMode":"delete_when_no_subscriptions","maxInactiveDurationSeconds":60,"deleteWhileInactive":false}"""
            ),
            Post("messages stay", $"{Ns}/retention", """{"retentionTimeInMinutes":1440,"retentionSizeInMB":512}"""),
            Get("the namespace as Portal makes one", Ns),
        ];
}
