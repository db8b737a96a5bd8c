import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.AuthenticationFactory;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.DeadLetterPolicy;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;

/** An everyday consumer that gives up on a message, and one that wants it again later: arguments are broker, token, topic and subscription. */
public class DeadLetters {
    public static void main(String[] args) throws Exception {
        String topic = args[2], subscription = args[3];
        try (PulsarClient client = PulsarClient.builder().serviceUrl(args[0]).authentication(AuthenticationFactory.token(args[1])).build()) {
            try (Consumer<byte[]> consumer = client.newConsumer().topic(topic).subscriptionName(subscription).subscriptionType(SubscriptionType.Shared)
                        .negativeAckRedeliveryDelay(200, TimeUnit.MILLISECONDS).deadLetterPolicy(DeadLetterPolicy.builder().maxRedeliverCount(1).build()).subscribe();
                    Consumer<byte[]> letters = client.newConsumer().topic(topic + "-" + subscription + "-DLQ").subscriptionName("dead-letters").subscribe()) {
                Message<byte[]> letter = null;
                for (int look = 0; letter == null && look < 120; look++) {
                    Message<byte[]> message = consumer.receive(200, TimeUnit.MILLISECONDS);
                    if (message != null) consumer.negativeAcknowledge(message);
                    letter = letters.receive(300, TimeUnit.MILLISECONDS);
                }
                System.out.println("dead " + (letter == null ? "nothing" : new String(letter.getData(), UTF_8)));
            }
            DeadLetterPolicy names = DeadLetterPolicy.builder().maxRedeliverCount(3).retryLetterTopic(topic + "-" + subscription + "-RETRY")
                    .deadLetterTopic(topic + "-" + subscription + "-DLQ").build();
            try (Consumer<byte[]> consumer = client.newConsumer().topic(topic).subscriptionName(subscription).subscriptionType(SubscriptionType.Shared)
                    .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest).enableRetry(true).deadLetterPolicy(names).subscribe()) {
                System.out.println("ready");
                Message<byte[]> message = consumer.receive(60, TimeUnit.SECONDS);
                consumer.reconsumeLater(message, 100, TimeUnit.MILLISECONDS);
                Message<byte[]> again = consumer.receive(60, TimeUnit.SECONDS);
                System.out.println("retried " + (again == null ? "nothing" : new String(again.getData(), UTF_8)));
                if (again != null) consumer.acknowledge(again);
            }
        }
    }
}
