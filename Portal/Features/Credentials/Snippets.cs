using Portal.Domain.Tenants;

namespace Portal.Features.Credentials;

/// <param name="NeedsBinary">Works only where the cluster offers the binary protocol.</param>
public sealed record CodeSnippet(string Language, bool NeedsBinary, string Code);

/// <summary>
/// Whole programs with a tenant's real values: each subscribes, sends a message and reads it. The token stays in the
/// environment, and no program gives the topic a schema. WebSocket and curl lead where there is nothing else.
/// </summary>
public static class Snippets
{
    private const string NoTopic = "persistent://tenant/namespace/topic";
    private const string NoBroker = "pulsar://your-cluster:6650";
    private const string NoSubscription = "my-subscription";

    /// <summary>Scheme, host and port without the closing slash that <see cref="Uri"/> writes.</summary>
    public static string Trim(Uri uri) => uri.ToString().TrimEnd('/');

    /// <param name="subscription">One that the topic has; null for one that the program makes.</param>
    public static IReadOnlyList<CodeSnippet> All(Connection connection, string? topicAddress, string? subscription = null)
    {
        var (topic, name) = (topicAddress ?? NoTopic, subscription ?? NoSubscription);
        var (broker, one) = (connection.BrokerUrl ?? NoBroker, connection.FirstBrokerUrl ?? NoBroker);
        // Their libraries read the address as that of a single host.
        var first = connection.HasSeveralBrokers
            ? "\n// this client takes one address: the first broker, which leads it to the others"
            : "";
        var quoted = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        List<CodeSnippet> binary =
        [
            new("Java", true, Java(broker, topic, quoted)),
            new("Python", true, Python(broker, topic, quoted)),
            new("Go", true, Go(one, topic, quoted, first)),
            new("Node.js", true, Node(broker, topic, quoted)),
            new("C#", true, CSharp(one, topic, quoted, first)),
            new("C++", true, Cpp(broker, topic, quoted)),
            new("client.conf", true, ClientConf(broker, topic, Shell(name))),
        ];
        List<CodeSnippet> web = connection.WebSocketUrl is { } url
            ? [new("WebSocket", false, WebSocket(Trim(url), topic, Uri.EscapeDataString(name))), new("curl", false, Curl(Trim(url), topic))]
            : [];
        return connection.BrokerUrl is null ? [.. web, .. binary] : [.. binary, .. web];
    }

    /// <summary><c>persistent://t/n/x</c> as a WebSocket path wants it: <c>persistent/t/n/x</c>.</summary>
    private static string Path(string topic)
    {
        var parts = topic.Split("://", 2);
        return string.Join('/', parts[1].Split('/').Select(Uri.EscapeDataString).Prepend(parts[0]));
    }

    /// <summary>As an argument of a command.</summary>
    private static string Shell(string name) =>
        name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            ? name
            : $"'{name.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string ClientConf(string broker, string topic, string subscription) =>
        $"""
            # conf/client.conf of the Pulsar distribution
            brokerServiceUrl={broker}
            authPlugin=org.apache.pulsar.client.impl.auth.AuthenticationToken
            authParams=token:<your token>

            # then, in two terminals
            # bin/pulsar-client consume {topic} -s {subscription} -n 0
            # bin/pulsar-client produce {topic} -m hello
            """;

    private static string CSharp(string broker, string topic, string subscription, string first) =>
        $$"""
            // dotnet add package DotPulsar{{first}}
            using System.Text;
            using DotPulsar;
            using DotPulsar.Extensions;

            await using var client = PulsarClient.Builder()
                .ServiceUrl(new Uri("{{broker}}"))
                .Authentication(AuthenticationFactory.Token(Environment.GetEnvironmentVariable("PULSAR_TOKEN")!))
                .Build();

            await using var consumer = client.NewConsumer()
                .Topic("{{topic}}")
                .SubscriptionName("{{subscription}}")
                .InitialPosition(SubscriptionInitialPosition.Earliest)
                .Create();
            await using var producer = client.NewProducer().Topic("{{topic}}").Create();

            await producer.Send(Encoding.UTF8.GetBytes("hello"));
            var message = await consumer.Receive();
            Console.WriteLine(Encoding.UTF8.GetString(message.Data));
            await consumer.Acknowledge(message);
            """;

    private static string Java(string broker, string topic, string subscription) =>
        $$"""
            // Hello.java; Maven: org.apache.pulsar:pulsar-client
            import static java.nio.charset.StandardCharsets.UTF_8;

            import org.apache.pulsar.client.api.AuthenticationFactory;
            import org.apache.pulsar.client.api.Consumer;
            import org.apache.pulsar.client.api.Message;
            import org.apache.pulsar.client.api.Producer;
            import org.apache.pulsar.client.api.PulsarClient;
            import org.apache.pulsar.client.api.PulsarClientException;

            public class Hello {
                public static void main(String[] args) throws PulsarClientException {
                    try (PulsarClient client = PulsarClient.builder()
                            .serviceUrl("{{broker}}")
                            .authentication(AuthenticationFactory.token(System.getenv("PULSAR_TOKEN")))
                            .build();
                         Consumer<byte[]> consumer = client.newConsumer()
                            .topic("{{topic}}")
                            .subscriptionName("{{subscription}}")
                            .subscribe();
                         Producer<byte[]> producer = client.newProducer().topic("{{topic}}").create()) {
                        producer.send("hello".getBytes(UTF_8));
                        Message<byte[]> message = consumer.receive();
                        System.out.println(new String(message.getData(), UTF_8));
                        consumer.acknowledge(message);
                    }
                }
            }
            """;

    private static string Python(string broker, string topic, string subscription) =>
        $$"""
            # pip install pulsar-client
            import os
            import pulsar

            client = pulsar.Client("{{broker}}", authentication=pulsar.AuthenticationToken(os.environ["PULSAR_TOKEN"]))
            consumer = client.subscribe("{{topic}}", "{{subscription}}")
            producer = client.create_producer("{{topic}}")

            producer.send(b"hello")
            message = consumer.receive()
            print(message.data().decode())
            consumer.acknowledge(message)
            client.close()
            """;

    private static string Go(string broker, string topic, string subscription, string first) =>
        $$"""
            // go get github.com/apache/pulsar-client-go{{first}}
            package main

            import (
                "context"
                "fmt"
                "log"
                "os"

                "github.com/apache/pulsar-client-go/pulsar"
            )

            func main() {
                client, err := pulsar.NewClient(pulsar.ClientOptions{
                    URL:            "{{broker}}",
                    Authentication: pulsar.NewAuthenticationToken(os.Getenv("PULSAR_TOKEN")),
                })
                if err != nil {
                    log.Fatal(err)
                }
                defer client.Close()

                consumer, err := client.Subscribe(pulsar.ConsumerOptions{Topic: "{{topic}}", SubscriptionName: "{{subscription}}"})
                if err != nil {
                    log.Fatal(err)
                }
                defer consumer.Close()
                producer, err := client.CreateProducer(pulsar.ProducerOptions{Topic: "{{topic}}"})
                if err != nil {
                    log.Fatal(err)
                }
                defer producer.Close()

                ctx := context.Background()
                if _, err := producer.Send(ctx, &pulsar.ProducerMessage{Payload: []byte("hello")}); err != nil {
                    log.Fatal(err)
                }
                message, err := consumer.Receive(ctx)
                if err != nil {
                    log.Fatal(err)
                }
                fmt.Println(string(message.Payload()))
                if err := consumer.Ack(message); err != nil {
                    log.Fatal(err)
                }
            }
            """;

    private static string Node(string broker, string topic, string subscription) =>
        $$"""
            // npm install pulsar-client; save as hello.cjs
            const Pulsar = require("pulsar-client");

            (async () => {
              const client = new Pulsar.Client({
                serviceUrl: "{{broker}}",
                authentication: new Pulsar.AuthenticationToken({ token: process.env.PULSAR_TOKEN }),
              });
              const consumer = await client.subscribe({ topic: "{{topic}}", subscription: "{{subscription}}" });
              const producer = await client.createProducer({ topic: "{{topic}}" });

              await producer.send({ data: Buffer.from("hello") });
              const message = await consumer.receive();
              console.log(message.getData().toString());
              await consumer.acknowledge(message);
              await client.close();
            })();
            """;

    private static string Cpp(string broker, string topic, string subscription) =>
        $$"""
            // g++ -std=c++17 hello.cc -lpulsar -o hello
            #include <pulsar/Client.h>

            #include <cstdlib>
            #include <iostream>

            int main() {
                const char* token = std::getenv("PULSAR_TOKEN");
                if (!token) {
                    std::cerr << "Set PULSAR_TOKEN first." << std::endl;
                    return 1;
                }
                pulsar::ClientConfiguration config;
                config.setAuth(pulsar::AuthToken::createWithToken(token));
                pulsar::Client client("{{broker}}", config);

                pulsar::Consumer consumer;
                pulsar::Producer producer;
                pulsar::Message message;
                pulsar::Result result = client.subscribe("{{topic}}", "{{subscription}}", consumer);
                if (result == pulsar::ResultOk) result = client.createProducer("{{topic}}", producer);
                if (result == pulsar::ResultOk) result = producer.send(pulsar::MessageBuilder().setContent("hello").build());
                if (result == pulsar::ResultOk) result = consumer.receive(message);
                if (result == pulsar::ResultOk) {
                    std::cout << message.getDataAsString() << std::endl;
                    result = consumer.acknowledge(message);
                }
                client.close();
                if (result != pulsar::ResultOk) std::cerr << result << std::endl;
                return result == pulsar::ResultOk ? 0 : 1;
            }
            """;

    private static string WebSocket(string url, string topic, string subscription) =>
        $$"""
            // npm install ws; save as hello.cjs
            const WebSocket = require("ws");
            const headers = { Authorization: "Bearer " + process.env.PULSAR_TOKEN };

            const consumer = new WebSocket("{{url}}/ws/v2/consumer/{{Path(topic)}}/{{subscription}}", { headers });
            consumer.on("open", () => {
              const producer = new WebSocket("{{url}}/ws/v2/producer/{{Path(topic)}}", { headers });
              producer.on("open", () => producer.send(JSON.stringify({ payload: Buffer.from("hello").toString("base64") })));
              producer.on("message", answer => { console.log("sent", JSON.parse(answer).result); producer.close(); });
            });
            consumer.on("message", text => {
              const message = JSON.parse(text);
              console.log("received", Buffer.from(message.payload, "base64").toString());
              consumer.send(JSON.stringify({ messageId: message.messageId }));
            });
            """;

    // Asks for the upgrade by hand: many builds of curl know no ws:// addresses. Frames of a server are plain text after
    // two to ten bytes of length; a client's would have to be masked, so curl only reads.
    private static string Curl(string url, string topic) =>
        $$"""
            # prints what the topic holds, one JSON frame a message; ends with Ctrl-C
            curl -sN --http1.1 --output - \
              -H "Authorization: Bearer $PULSAR_TOKEN" \
              -H "Connection: Upgrade" -H "Upgrade: websocket" -H "Sec-WebSocket-Version: 13" \
              -H "Sec-WebSocket-Key: $(head -c 16 /dev/urandom | base64)" \
              "{{Http(url)}}/ws/v2/reader/{{Path(topic)}}?messageId=earliest"
            """;

    private static string Http(string url) => url.StartsWith("wss:", StringComparison.Ordinal) ? "https:" + url[4..] : "http:" + url[3..];
}
