namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Scenario
{
    private const string S = $"{P}/orders/subscription";

    // Of all that a broker tells about a topic's inside, what Portal counts by.
    private static readonly string[] Ledgers =
    [
        "entriesAddedCounter",
        "numberOfEntries",
        "totalSize",
        "currentLedgerEntries",
        "currentLedgerSize",
        "ledgers",
        "cursors/markDeletePosition+individuallyDeletedMessages",
    ];

    private static IEnumerable<Step> Subscriptions =>
        [
            Put("a subscription, by a producer", $"{S}/other", "\"latest\"", Producer),
            Put("a subscription", $"{S}/other", "\"earliest\"", TenantAdmin),
            Put("a subscription, again", $"{S}/other", "\"latest\""),
            Put("a subscription at an unknown position", $"{S}/odd", "\"midway\""),
            Put("a subscription at a position", $"{S}/placed", """{"ledgerId":0,"entryId":0}"""),
            Put("a subscription without a body", $"{S}/plain"),
            Put("a subscription with a slash in its name", $"{S}/a%2Fb", "\"latest\""),
            Put("a subscription of a missing topic", $"{P}/missing/subscription/s", "\"latest\""),
            Get("the subscriptions", $"{P}/orders/subscriptions"),
            Get("the subscriptions, to a consumer", $"{P}/orders/subscriptions", Consumer),
            Get("the subscriptions, to a producer", $"{P}/orders/subscriptions", Producer),
            Get("the subscriptions of a missing topic", $"{P}/missing/subscriptions"),
            Get("the subscriptions of a partitioned topic", $"{P}/parts/subscriptions"),
            Delete("a subscription with a slash in its name is deleted", $"{S}/a%2Fb"),
            Delete("a placed subscription is deleted", $"{S}/placed"),
            Delete("a plain subscription is deleted by a producer", $"{S}/plain", Producer),
            Delete("a plain subscription is deleted by a consumer", $"{S}/plain", Consumer),
            Delete("a missing subscription is deleted", $"{S}/missing"),
            Delete("a missing subscription of a partitioned topic is deleted", $"{P}/parts/subscription/missing"),
            Delete("a subscription of a missing topic is deleted", $"{P}/missing/subscription/s"),
            Post("messages are skipped by a producer", $"{S}/other/skip/1", null, Producer),
            Post("a message is skipped", $"{S}/other/skip/1"),
            Post("messages of a missing subscription are skipped", $"{S}/missing/skip/1"),
            Post("messages of a missing topic are skipped", $"{P}/missing/subscription/s/skip/1"),
            Post("a number of messages of a partitioned topic is skipped", $"{P}/parts/subscription/all/skip/1"),
            Post("a word of messages is skipped", $"{S}/other/skip/many"),
            Post("the backlog is analyzed", $"{S}/other/analyzeBacklog"),
            Post("the backlog is analyzed by a producer", $"{S}/other/analyzeBacklog", null, Producer),
            Post("the backlog of a missing subscription is analyzed", $"{S}/missing/analyzeBacklog"),
            Post("the backlog of a partitioned topic is analyzed", $"{P}/parts/subscription/all/analyzeBacklog"),
            Post("old messages are expired", $"{S}/other/expireMessages/86400"),
            Post("old messages of a missing subscription are expired", $"{S}/missing/expireMessages/86400"),
            Post("old messages are expired by a producer", $"{S}/other/expireMessages/86400", null, Producer),
            Post("all messages are skipped", $"{S}/other/skip_all"),
            Post("all messages are skipped by a producer", $"{S}/other/skip_all", null, Producer),
            Post("all messages of a missing subscription are skipped", $"{S}/missing/skip_all"),
            Post("all messages of a partitioned topic are skipped", $"{P}/parts/subscription/all/skip_all"),
            Post("messages without a backlog are expired", $"{S}/other/expireMessages/1"),
            Post("the backlog is analyzed when there is none", $"{S}/other/analyzeBacklog"),
            Post("a cursor is set to a time", $"{S}/other/resetcursor/{{time first}}"),
            Post("a cursor is set to a time by a producer", $"{S}/other/resetcursor/{{time first}}", null, Producer),
            Post("a missing cursor is set to a time", $"{S}/missing/resetcursor/{{time first}}"),
            Post("the cursors of a partitioned topic are set to a time", $"{P}/parts/subscription/all/resetcursor/{{time first}}"),
            Get("the statistics after a cursor was set", $"{P}/orders/stats") with
            {
                Until = "subscriptions/other/msgBacklog=6",
            },
            Get(
                "the statistics after a cursor was set, with the oldest message",
                $"{P}/orders/stats?getEarliestTimeInBacklog=true&subscriptionBacklogSize=true"
            ) with
            {
                Until = "subscriptions/other/msgBacklog=6",
            },
            Get(
                "the statistics of a partitioned topic, with the oldest messages",
                $"{P}/parts/partitioned-stats?perPartition=true&getEarliestTimeInBacklog=true&subscriptionBacklogSize=true"
            ),
            Get("the ledgers of a topic", $"{P}/orders/internalStats") with
            {
                Only = Ledgers,
            },
            Get("the ledgers of a partition", $"{P}/parts-partition-1/internalStats") with
            {
                Only = Ledgers,
            },
            Get("the ledgers of an empty topic", $"{P}/closed/internalStats") with
            {
                Only = Ledgers,
            },
            Get("the ledgers of a topic, to a producer", $"{P}/orders/internalStats", Producer) with
            {
                Only = Ledgers,
            },
            Get("the ledgers of a topic, to a stranger", $"{P}/orders/internalStats", Nobody),
            Get("the ledgers of a missing topic", $"{P}/missing/internalStats"),
            Post("no messages are skipped", $"{S}/other/skip/0"),
            Post("fewer than no messages are skipped", $"{S}/other/skip/-1"),
            Post("more messages are skipped than a number holds", $"{S}/other/skip/99999999999"),
            Post("more messages are skipped than there are", $"{S}/other/skip/99"),
            Post("messages are skipped where there are none", $"{S}/other/skip/1"),
            Get("the statistics after more messages were skipped than there are", $"{P}/orders/stats?subscriptionBacklogSize=true") with
            {
                Until = "subscriptions/other/msgBacklog=0",
            },
            Post("a cursor is set to the beginning of time", $"{S}/other/resetcursor/0"),
            Post("a cursor is set to a time to come", $"{S}/other/resetcursor/4102444800000"),
            Post("a cursor is set to a word", $"{S}/other/resetcursor/yesterday"),
            Post(
                "a cursor is set to a ledger that is not there",
                $"{S}/other/resetcursor",
                """{"ledgerId":99999999,"entryId":0,"partitionIndex":-1,"batchIndex":-1}"""
            ),
            Get(
                "the statistics after a cursor was set to a ledger that is not there",
                $"{P}/orders/stats?subscriptionBacklogSize=true"
            ) with
            {
                Until = "subscriptions/other/msgBacklog=0",
            },
            Post("messages of a partition are skipped", $"{P}/parts-partition-1/subscription/all/skip/1"),
            Post("the backlog of a partition is analyzed", $"{P}/parts-partition-1/subscription/all/analyzeBacklog"),
            Post("messages of a partitioned topic are expired", $"{P}/parts/subscription/all/expireMessages/86400"),
            Post("messages of a partition are expired", $"{P}/parts-partition-1/subscription/all/expireMessages/86400"),
            Post(
                "a cursor is set to the end",
                $"{S}/other/resetcursor",
                """{"ledgerId":9223372036854775807,"entryId":9223372036854775807}"""
            ),
            Post("a cursor is set to the beginning", $"{S}/other/resetcursor", """{"ledgerId":-1,"entryId":-1}"""),
            Post("a missing cursor is set to the beginning", $"{S}/missing/resetcursor", """{"ledgerId":-1,"entryId":-1}"""),
            Post(
                "the cursors of a partitioned topic are set to the beginning",
                $"{P}/parts/subscription/all/resetcursor",
                """{"ledgerId":-1,"entryId":-1}"""
            ),
        ];

    private static IEnumerable<Step> Messages =>
        [
            Get("the first message is peeked at", $"{S}/other/position/1"),
            Get("a message with everything is peeked at", $"{S}/other/position/2"),
            Get("a message is peeked at by a producer", $"{S}/other/position/1", Producer),
            Get("a message is peeked at by a consumer", $"{S}/other/position/1", Consumer),
            Get("a message past the end is peeked at", $"{S}/other/position/99"),
            Get("the message before the first is peeked at", $"{S}/other/position/0"),
            Get("a message of a missing topic is peeked at", $"{P}/missing/subscription/s/position/1"),
            Get("a message of a partitioned topic is peeked at", $"{P}/parts/subscription/all/position/1"),
            Get("a message at its place", $"{P}/orders/{{entry sixth}}"),
            Get("a message at its place, to a consumer", $"{P}/orders/{{entry sixth}}", Consumer),
            Get("a message at its place, to a producer", $"{P}/orders/{{entry sixth}}", Producer),
            Get("a message of a missing ledger", $"{P}/orders/ledger/999999/entry/0"),
            Get("a message at a place of a missing topic", $"{P}/missing/ledger/1/entry/0"),
            Get("the last message", $"{P}/orders/lastMessageId"),
            Get("the last message, to a consumer", $"{P}/orders/lastMessageId", Consumer),
            Get("the last message, to a producer", $"{P}/orders/lastMessageId", Producer),
            Get("the last message of an empty topic", $"{P}/closed/lastMessageId"),
            Get("the last message of a partition", $"{P}/parts-partition-1/lastMessageId"),
            Get("the last message of a missing topic", $"{P}/missing/lastMessageId"),
            Get("the message at a time", $"{P}/orders/messageid/{{time sixth}}"),
            Get("the message at the beginning of time", $"{P}/orders/messageid/0"),
            Get("the message at a time, to a producer", $"{P}/orders/messageid/0", Producer),
            Get("the message at a time of a partitioned topic", $"{P}/parts/messageid/0"),
            Get("the message at the end of time", $"{P}/orders/messageid/4102444800000"),
        ];

    private static IEnumerable<Step> Statistics =>
        [
            Get("the statistics of a topic, to a producer", $"{P}/orders/stats", Producer),
            Get("the statistics of a topic, to a stranger", $"{P}/orders/stats", Nobody),
            Get("the statistics of a missing topic", $"{P}/missing/stats"),
            Get("the statistics of a topic in a missing namespace", "persistent/transcript/missing/orders/stats"),
            Get("the statistics of a partition", $"{P}/parts-partition-1/stats"),
            Get("the statistics of a missing partition", $"{P}/parts-partition-7/stats"),
            Get("the statistics of a partition of a missing topic", $"{P}/missing-partition-0/stats"),
            Get("the statistics of a partitioned topic as of a plain one", $"{P}/parts/stats"),
            Get("the statistics of a partitioned topic, by partition", $"{P}/parts/partitioned-stats?perPartition=true"),
            Get(
                "the statistics of a partitioned topic",
                $"{P}/parts/partitioned-stats?perPartition=false&getPreciseBacklog=false&subscriptionBacklogSize=true"
            ),
            Get("the statistics of a plain topic as of a partitioned one", $"{P}/orders/partitioned-stats"),
            Get("the statistics of a partition as of a partitioned topic", $"{P}/parts-partition-1/partitioned-stats"),
            Get("the statistics of a partitioned topic, to a stranger", $"{P}/parts/partitioned-stats", Nobody),
            new Connect("counted", $"consumer/{P}/orders/billing?consumerName=c8&subscriptionType=Shared"),
            Get("a topic in the statistics of the broker", "broker-stats/topics") with
            {
                Within = "transcript~prod",
                Until =
                    "transcript~prod/0x00000000_0x40000000/persistent/persistent:~~transcript~prod~orders/subscriptions/billing/consumers/0/consumerName=c8",
            },
            new Close("counted"),
            new Close("p"),
            Put("the topic is unloaded", $"{P}/orders/unload"),
            Get("the statistics after the topic was unloaded", $"{P}/orders/stats"),
        ];
}
