using Portal.Domain.Migration;
using Portal.Domain.Tenants;

namespace Portal.Features.Migration;

/// <summary>One language's client before and after: dependency, configuration and code with the real values.</summary>
public sealed record MoveSnippet(string Language, string Before, string After);

/// <summary>What changes in an application, for each client library. Tokens stay in the environment, as on the Connect page.</summary>
public static class MoveSnippets
{
    private const string NoBroker = "pulsar://your-cluster:6650";

    /// <param name="group">In Kafka.</param>
    /// <param name="type">As Pulsar calls it: Failover or Key_Shared.</param>
    public static IReadOnlyList<MoveSnippet> Consumer(
        KafkaMigration kafka,
        Connection connection,
        MoveTarget target,
        string group,
        string subscription,
        string type
    )
    {
        var (servers, broker, one, topic, source) = (
            kafka.BootstrapServers,
            connection.BrokerUrl ?? NoBroker,
            connection.FirstBrokerUrl ?? NoBroker,
            target.Address,
            target.Source
        );
        return
        [
            new(
                "Java",
                $$"""
                // Maven: org.apache.kafka:kafka-clients
                Properties config = new Properties();
                config.put("bootstrap.servers", "{{servers}}");
                config.put("group.id", "{{group}}");
                config.put("enable.auto.commit", "false");
                KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                consumer.subscribe(List.of("{{source}}"));
                while (true) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                        handle(record.value());
                    }
                    consumer.commitSync();
                }
                """,
                $$"""
                // Maven: org.apache.pulsar:pulsar-client
                PulsarClient client = PulsarClient.builder()
                    .serviceUrl("{{broker}}")
                    .authentication(AuthenticationFactory.token(System.getenv("PULSAR_TOKEN")))
                    .build();
                Consumer<byte[]> consumer = client.newConsumer()
                    .topic("{{topic}}")
                    .subscriptionName("{{subscription}}")
                    .subscriptionType(SubscriptionType.{{type}})
                    .subscribe();
                while (true) {
                    Message<byte[]> message = consumer.receive();
                    handle(message.getData());
                    consumer.acknowledge(message);
                }
                """
            ),
            new(
                "Python",
                $$"""
                # pip install confluent-kafka
                from confluent_kafka import Consumer

                consumer = Consumer({
                    "bootstrap.servers": "{{servers}}",
                    "group.id": "{{group}}",
                    "enable.auto.commit": False,
                })
                consumer.subscribe(["{{source}}"])
                while True:
                    message = consumer.poll(1)
                    if message is not None and message.error() is None:
                        handle(message.value())
                        consumer.commit(message)
                """,
                $$"""
                # pip install pulsar-client
                import os
                import pulsar

                client = pulsar.Client("{{broker}}", authentication=pulsar.AuthenticationToken(os.environ["PULSAR_TOKEN"]))
                consumer = client.subscribe(
                    "{{topic}}", "{{subscription}}", consumer_type=pulsar.ConsumerType.{{Plain(type)}})
                while True:
                    message = consumer.receive()
                    handle(message.data())
                    consumer.acknowledge(message)
                """
            ),
            new(
                "Go",
                $$"""
                // go get github.com/confluentinc/confluent-kafka-go/v2/kafka
                consumer, err := kafka.NewConsumer(&kafka.ConfigMap{
                    "bootstrap.servers":  "{{servers}}",
                    "group.id":           "{{group}}",
                    "enable.auto.commit": false,
                })
                if err != nil {
                    log.Fatal(err)
                }
                if err := consumer.SubscribeTopics([]string{"{{source}}"}, nil); err != nil {
                    log.Fatal(err)
                }
                for {
                    message, err := consumer.ReadMessage(time.Second)
                    if err == nil {
                        handle(message.Value)
                        consumer.CommitMessage(message)
                    }
                }
                """,
                $$"""
                // go get github.com/apache/pulsar-client-go
                client, err := pulsar.NewClient(pulsar.ClientOptions{
                    URL:            "{{one}}",
                    Authentication: pulsar.NewAuthenticationToken(os.Getenv("PULSAR_TOKEN")),
                })
                if err != nil {
                    log.Fatal(err)
                }
                consumer, err := client.Subscribe(pulsar.ConsumerOptions{
                    Topic:            "{{topic}}",
                    SubscriptionName: "{{subscription}}",
                    Type:             pulsar.{{Plain(type)}},
                })
                if err != nil {
                    log.Fatal(err)
                }
                for {
                    message, err := consumer.Receive(context.Background())
                    if err == nil {
                        handle(message.Payload())
                        consumer.Ack(message)
                    }
                }
                """
            ),
            new(
                "Node.js",
                $$"""
                // npm install kafkajs
                const { Kafka } = require("kafkajs");

                const consumer = new Kafka({ brokers: [{{Brokers(servers)}}] }).consumer({ groupId: "{{group}}" });
                await consumer.connect();
                await consumer.subscribe({ topic: "{{source}}" });
                await consumer.run({ eachMessage: async ({ message }) => handle(message.value) });
                """,
                $$"""
                // npm install pulsar-client
                const Pulsar = require("pulsar-client");

                const client = new Pulsar.Client({
                  serviceUrl: "{{broker}}",
                  authentication: new Pulsar.AuthenticationToken({ token: process.env.PULSAR_TOKEN }),
                });
                const consumer = await client.subscribe({
                  topic: "{{topic}}",
                  subscription: "{{subscription}}",
                  subscriptionType: "{{Plain(type)}}",
                });
                while (true) {
                  const message = await consumer.receive();
                  await handle(message.getData());
                  await consumer.acknowledge(message);
                }
                """
            ),
            new(
                "C#",
                $$"""
                // dotnet add package Confluent.Kafka
                using Confluent.Kafka;

                using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
                {
                    BootstrapServers = "{{servers}}", GroupId = "{{group}}", EnableAutoCommit = false,
                }).Build();
                consumer.Subscribe("{{source}}");
                while (true)
                {
                    var result = consumer.Consume();
                    Handle(result.Message.Value);
                    consumer.Commit(result);
                }
                """,
                $$"""
                // dotnet add package DotPulsar
                using DotPulsar;
                using DotPulsar.Extensions;

                await using var client = PulsarClient.Builder()
                    .ServiceUrl(new Uri("{{one}}"))
                    .Authentication(AuthenticationFactory.Token(Environment.GetEnvironmentVariable("PULSAR_TOKEN")!))
                    .Build();
                await using var consumer = client.NewConsumer()
                    .Topic("{{topic}}")
                    .SubscriptionName("{{subscription}}")
                    .SubscriptionType(SubscriptionType.{{Plain(type)}})
                    .Create();
                await foreach (var message in consumer.Messages())
                {
                    Handle(message.Data);
                    await consumer.Acknowledge(message);
                }
                """
            ),
        ];
    }

    public static IReadOnlyList<MoveSnippet> Producer(KafkaMigration kafka, Connection connection, MoveTarget target)
    {
        var (servers, broker, one, topic, source) = (
            kafka.BootstrapServers,
            connection.BrokerUrl ?? NoBroker,
            connection.FirstBrokerUrl ?? NoBroker,
            target.Address,
            target.Source
        );
        return
        [
            new(
                "Java",
                $$"""
                // Maven: org.apache.kafka:kafka-clients
                Properties config = new Properties();
                config.put("bootstrap.servers", "{{servers}}");
                KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
                producer.send(new ProducerRecord<>("{{source}}", key, value)).get();
                """,
                $$"""
                // Maven: org.apache.pulsar:pulsar-client
                PulsarClient client = PulsarClient.builder()
                    .serviceUrl("{{broker}}")
                    .authentication(AuthenticationFactory.token(System.getenv("PULSAR_TOKEN")))
                    .build();
                Producer<byte[]> producer = client.newProducer()
                    .topic("{{topic}}")
                    .hashingScheme(HashingScheme.Murmur3_32Hash)
                    .create();
                producer.newMessage().keyBytes(key).value(value).send();
                """
            ),
            new(
                "Python",
                $$"""
                # pip install confluent-kafka
                from confluent_kafka import Producer

                producer = Producer({"bootstrap.servers": "{{servers}}"})
                producer.produce("{{source}}", key=key, value=value)
                producer.flush()
                """,
                $$"""
                # pip install pulsar-client
                import os
                import pulsar

                client = pulsar.Client("{{broker}}", authentication=pulsar.AuthenticationToken(os.environ["PULSAR_TOKEN"]))
                producer = client.create_producer("{{topic}}", hashing_scheme=pulsar.HashingScheme.Murmur3_32Hash)
                producer.send(value, partition_key=key)
                """
            ),
            new(
                "Go",
                $$"""
                // go get github.com/confluentinc/confluent-kafka-go/v2/kafka
                producer, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": "{{servers}}"})
                if err != nil {
                    log.Fatal(err)
                }
                topic := "{{source}}"
                err = producer.Produce(&kafka.Message{
                    TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny},
                    Key: key, Value: value,
                }, nil)
                """,
                $$"""
                // go get github.com/apache/pulsar-client-go
                client, err := pulsar.NewClient(pulsar.ClientOptions{
                    URL:            "{{one}}",
                    Authentication: pulsar.NewAuthenticationToken(os.Getenv("PULSAR_TOKEN")),
                })
                if err != nil {
                    log.Fatal(err)
                }
                producer, err := client.CreateProducer(pulsar.ProducerOptions{
                    Topic: "{{topic}}", HashingScheme: pulsar.Murmur3_32Hash,
                })
                if err != nil {
                    log.Fatal(err)
                }
                _, err = producer.Send(context.Background(), &pulsar.ProducerMessage{Key: key, Payload: value})
                """
            ),
            new(
                "Node.js",
                $$"""
                // npm install kafkajs
                const { Kafka } = require("kafkajs");

                const producer = new Kafka({ brokers: [{{Brokers(servers)}}] }).producer();
                await producer.connect();
                await producer.send({ topic: "{{source}}", messages: [{ key, value }] });
                """,
                $$"""
                // npm install pulsar-client
                const Pulsar = require("pulsar-client");

                const client = new Pulsar.Client({
                  serviceUrl: "{{broker}}",
                  authentication: new Pulsar.AuthenticationToken({ token: process.env.PULSAR_TOKEN }),
                });
                const producer = await client.createProducer({ topic: "{{topic}}", hashingScheme: "Murmur3_32Hash" });
                await producer.send({ partitionKey: key, data: Buffer.from(value) });
                """
            ),
            new(
                "C#",
                $$"""
                // dotnet add package Confluent.Kafka
                using Confluent.Kafka;

                using var producer = new ProducerBuilder<string, byte[]>(
                    new ProducerConfig { BootstrapServers = "{{servers}}" }).Build();
                await producer.ProduceAsync("{{source}}", new() { Key = key, Value = value });
                """,
                $$"""
                // dotnet add package DotPulsar
                using DotPulsar;
                using DotPulsar.Extensions;

                await using var client = PulsarClient.Builder()
                    .ServiceUrl(new Uri("{{one}}"))
                    .Authentication(AuthenticationFactory.Token(Environment.GetEnvironmentVariable("PULSAR_TOKEN")!))
                    .Build();
                await using var producer = client.NewProducer().Topic("{{topic}}").Create();
                await producer.NewMessage().Key(key).Send(value);
                """
            ),
        ];
    }

    private static string Plain(string type) => type.Replace("_", "", StringComparison.Ordinal);

    private static string Brokers(string servers) =>
        string.Join(", ", servers.Split(',', StringSplitOptions.TrimEntries).Select(server => $"\"{server}\""));
}
