import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.AuthenticationFactory;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.SubscriptionType;

/**
 * Reads partitions as any client of Pulsar does: arguments are broker, token, and partitions. Prints how many messages each
 * holds and a hash over key, value and number of all of them in their order; of {@code partition@subscription} the number of
 * the first message that the subscription is given.
 */
public class ReadAll {
    public static void main(String[] args) throws Exception {
        try (PulsarClient client = PulsarClient.builder().serviceUrl(args[0]).authentication(AuthenticationFactory.token(args[1])).build()) {
            for (int at = 2; at < args.length; at++) {
                String[] parts = args[at].split("@");
                if (parts.length == 1) all(client, parts[0]);
                else first(client, parts[0], parts[1]);
            }
        }
        System.out.println("end");
    }

    private static void all(PulsarClient client, String partition) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        long count = 0;
        try (Reader<byte[]> reader = client.newReader().topic(partition).startMessageId(MessageId.earliest).create()) {
            while (reader.hasMessageAvailable()) {
                Message<byte[]> message = reader.readNext(60, TimeUnit.SECONDS);
                if (message == null) break;
                digest.update((message.hasKey() ? "k" : "-").getBytes(UTF_8));
                if (message.hasKey()) digest.update(message.getKeyBytes());
                byte[] value = message.getData();
                digest.update((value == null ? "-" : "v").getBytes(UTF_8));
                if (value != null) digest.update(value);
                digest.update(message.getProperty("n").getBytes(UTF_8));
                count++;
            }
        }
        System.out.println("all " + partition + " " + count + " " + HexFormat.of().formatHex(digest.digest()));
    }

    private static void first(PulsarClient client, String partition, String subscription) throws Exception {
        try (Consumer<byte[]> consumer = client.newConsumer().topic(partition).subscriptionName(subscription).subscriptionType(SubscriptionType.Failover).subscribe()) {
            Message<byte[]> message = consumer.receive(10, TimeUnit.SECONDS);
            System.out.println("first " + partition + " " + subscription + " " + (message == null ? "nothing" : message.getProperty("n")));
        }
    }
}
