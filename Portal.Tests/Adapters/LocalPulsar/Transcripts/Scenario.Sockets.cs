namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Scenario
{
    private static IEnumerable<Step> Producers =>
        [
            Put("a subscription from the beginning", $"{P}/orders/subscription/billing", "\"earliest\""),
            new Connect("p", $"producer/{P}/orders?producerName=p1"),
            new Send("p", """{"payload":"b25l","context":"1"}"""),
            new Receive("a message is sent", "p"),
            new Send("p", """{"payload":"dHdv","key":"k","properties":{"a":"b","n":"1"},"eventTime":"2026-01-02T03:04:05.678Z"}"""),
            new Receive("a message with a key, properties and a time of its own", "p"),
            new Send("p", """{"payload":"dGhyZWU=","context":"3","deliverAfterMs":1}"""),
            new Receive("a message that is delivered a little later", "p"),
            new Send("p", """{"payload":"not base64!","context":"4"}"""),
            new Receive("a message whose payload is not base64", "p"),
            new Send("p", """{"context":"5"}"""),
            new Receive("a message without a payload", "p"),
            new Send("p", """{"payload":"Zm91cg==","eventTime":"noon","context":"6"}"""),
            new Receive("a message of an unreadable time", "p"),
            new Send("p", """{"payload":""}"""),
            new Receive("an empty message", "p"),
            new Send("p", "not JSON"),
            new Receive("a frame that is not JSON", "p"),
            new Connect("parts", $"producer/{P}/parts?producerName=p2"),
            new Send("parts", """{"payload":"b25l","key":"a"}"""),
            new Receive("a message to a partitioned topic", "parts"),
            new Send("parts", """{"payload":"dHdv","key":"c"}"""),
            new Receive("a message to another partition", "parts"),
            new Connect("one-part", $"producer/{P}/parts-partition-1?producerName=p3"),
            new Send("one-part", """{"payload":"b25l"}"""),
            new Receive("a message to one partition by its name", "one-part"),
            new Connect("live", $"producer/{N}/live-partition-0?producerName=p4"),
            new Send("live", """{"payload":"b25l"}"""),
            new Receive("a message to a non-persistent topic that nobody listens to", "live"),
            new Close("parts"),
            new Close("one-part"),
            new Close("live"),
            new Connect("granted", $"producer/{P}/orders?producerName=p5") { As = Producer },
            new Send("granted", """{"payload":"Zml2ZQ=="}"""),
            new Receive("a message by a role that may produce", "granted"),
            new Close("granted"),
        ];

    // Each reads to the end: how far a client takes messages in advance differs from run to run, and what it took counts.
    private static IEnumerable<Step> Consumers =>
        [
            new Connect("c", $"consumer/{P}/orders/billing?subscriptionType=Shared&consumerName=c1&negativeAckRedeliveryDelay=200"),
            new Receive("the first message", "c") { Keep = "first" },
            new Receive("a message with everything", "c") { Keep = "second" },
            new Receive("a delayed message", "c") { Keep = "third" },
            new Receive("the empty message", "c") { Keep = "fourth" },
            new Receive("the message of the role that may produce", "c") { Keep = "fifth" },
            new Send("c", """{"type":"isEndOfTopic"}"""),
            new Receive("whether it is the end of the topic", "c"),
            new Send("c", """{"type":"negativeAcknowledge","messageId":"{id first}"}"""),
            new Receive("a message that was refused comes again", "c"),
            new Send("c", """{"messageId":"{id first}"}"""),
            new Send("c", """{"type":"ack","messageId":"{id second}"}"""),
            new Send("c", """{"messageId":"{id third}"}"""),
            Get("the statistics of a topic with a consumer", $"{P}/orders/stats?getPreciseBacklog=false&subscriptionBacklogSize=true") with
            {
                Until = "subscriptions/billing/msgBacklog=2",
            },
            Delete("the deletion of a subscription in use", $"{P}/orders/subscription/billing"),
            Delete("the deletion of a topic in use", $"{P}/orders"),
            new Send("c", """{"messageId":"{id fourth}"}"""),
            new Send("c", """{"messageId":"{id fifth}"}"""),
            Get("the statistics of a topic that is read to its end", $"{P}/orders/stats") with
            {
                Until = "subscriptions/billing/msgBacklog=0",
            },
            new Connect(
                "pull",
                $"consumer/{P}/orders/pulled?subscriptionType=Exclusive&pullMode=true&consumerName=c2&subscriptionInitialPosition=Earliest&receiverQueueSize=1"
            ),
            new Refused("a second consumer of an exclusive subscription", $"consumer/{P}/orders/pulled?consumerName=c3"),
            new Send("pull", """{"type":"permit","permitMessages":1}"""),
            new Receive("the one message that was asked for", "pull"),
            new Send("pull", """{"type":"permit","permitMessages":2}"""),
            new Receive("the second message that was asked for", "pull"),
            new Receive("the third message that was asked for", "pull"),
            new Send("pull", """{"type":"permit","permitMessages":2}"""),
            new Receive("the fourth message that was asked for", "pull"),
            new Receive("the fifth message that was asked for", "pull"),
            new Send("pull", """{"type":"unsubscribe"}"""),
            Get("the subscriptions after one has unsubscribed", $"{P}/orders/subscriptions") with
            {
                Until = "1=",
            },
            new Close("pull"),
        ];

    private static IEnumerable<Step> Readers =>
        [
            new Connect("r", $"reader/{P}/orders?messageId=earliest&readerName=r1&receiverQueueSize=2"),
            new Receive("the first message, to a reader", "r"),
            new Send("r", """{"messageId":"{id first}"}"""),
            new Receive("the second message, to a reader", "r"),
            new Send("r", """{"messageId":"{id second}"}"""),
            new Receive("the third message, to a reader", "r"),
            new Send("r", """{"messageId":"{id third}"}"""),
            new Receive("the fourth message, to a reader", "r"),
            new Send("r", """{"messageId":"{id fourth}"}"""),
            new Receive("the fifth message, to a reader", "r"),
            new Send("r", """{"type":"isEndOfTopic"}"""),
            new Close("r"),
            new Connect("after", $"reader/{P}/orders?messageId={{id fourth}}&readerName=r2") { As = Consumer },
            new Receive("the message after a given one", "after"),
            new Close("after"),
            new Connect("late", $"reader/{P}/orders?readerName=r3"),
            new Send("p", """{"payload":"c2l4"}"""),
            new Receive("a message that is sent while a reader waits", "p"),
            new Receive("a message to a reader that began at the end", "late") { Keep = "sixth" },
            new Receive("the same message to a consumer", "c"),
            new Send("c", """{"messageId":"{id sixth}"}"""),
            Get("the statistics before the consumer leaves", $"{P}/orders/stats") with
            {
                Until = "subscriptions/billing/msgBacklog=0",
                Within = "subscriptions/billing",
            },
            new Close("late"),
            new Close("c"),
            new Connect("part", $"reader/{P}/parts-partition-1?messageId=earliest&readerName=r4"),
            new Receive("a message of one partition by its name, to a reader", "part"),
            new Close("part"),
        ];

    // Without the name that another producer has and the limit on producers: what a broker does then differs from run to run.
    private static IEnumerable<Step> RefusedSockets =>
        [
            new Refused("a producer without a token", $"producer/{P}/orders") { As = null },
            new Refused("a producer with a forged token", $"producer/{P}/orders") { As = "!" },
            new Refused("a producer with an expired token", $"producer/{P}/orders") { As = Expired },
            new Refused("a producer that is a stranger", $"producer/{P}/orders") { As = Nobody },
            new Refused("a producer that may only consume", $"producer/{P}/orders") { As = Consumer },
            new Refused("a consumer that may only produce", $"consumer/{P}/orders/s") { As = Producer },
            new Refused("a reader that may only produce", $"reader/{P}/orders") { As = Producer },
            new Refused("a stranger in a missing namespace", "producer/persistent/transcript/missing/orders") { As = Nobody },
            new Refused("a producer to a missing topic", $"producer/{P}/missing"),
            new Refused("a consumer of a missing topic", $"consumer/{P}/missing/s"),
            new Refused("a producer in a missing namespace", "producer/persistent/transcript/missing/orders"),
            new Refused("a producer to a terminated topic", $"producer/{P}/closed?producerName=p6"),
            new Refused("a producer with an unknown compression", $"producer/{P}/orders?compressionType=PAPER"),
            new Refused("a producer with a negative timeout", $"producer/{P}/orders?sendTimeoutMillis=-1"),
            new Refused("a consumer of an unknown type", $"consumer/{P}/orders/s?subscriptionType=Odd"),
            new Refused("a consumer with a short timeout", $"consumer/{P}/orders/s?ackTimeoutMillis=5"),
            new Refused("a consumer with a queue of a word", $"consumer/{P}/orders/s?receiverQueueSize=many"),
            new Refused("a reader at an unreadable message", $"reader/{P}/orders?messageId=zzz"),
            new Refused("a consumer without a subscription", $"consumer/{P}/orders"),
            new Refused("a producer without a topic", "producer/persistent/transcript/prod"),
            new Refused("a producer of an unknown kind", "producer/odd/transcript/prod/orders"),
            new Refused("an unknown kind of client", $"thrower/{P}/orders"),
            Get("a WebSocket address without a WebSocket", $"/ws/v2/producer/{P}/orders"),
            Post("room for no more consumers", $"{Ns}/maxConsumersPerTopic", "1"),
            new Connect("only", $"consumer/{P}/orders/billing?consumerName=c6&subscriptionType=Shared"),
            new Refused("a consumer too many", $"consumer/{P}/orders/billing?consumerName=c7&subscriptionType=Shared"),
            new Close("only"),
            Delete("room for any number of consumers", $"{Ns}/maxConsumersPerTopic"),
        ];
}
