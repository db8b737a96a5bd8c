using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Portal.Adapters.KafkaSource;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.KafkaSource;

/// <summary>What decides where Kafka clients connect to, with a real cluster that is reached by one address and names another.</summary>
public sealed class KafkaGateTests
{
    private static readonly IPAddress Outside = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task A_client_goes_nowhere_inside_whatever_the_cluster_says_its_leaders_are()
    {
        var kafka = await KafkaServer.SharedAsync();
        var topic = KafkaServer.Unique("test.inside");
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.Plaintext }).Build())
            await producer.ProduceAsync(topic, new() { Value = "from inside" });
        using var door = new Door(IPEndPoint.Parse(kafka.Plaintext));

        // The cluster answers at the door and names its broker by the inner address.
        Assert.Equal("from inside", Read(new(_ => true), door.Address, topic));
        var asked = new ConcurrentBag<IPAddress>();
        Assert.Null(
            Read(
                new(address =>
                {
                    asked.Add(address);
                    return address.Equals(Outside);
                }),
                door.Address,
                topic
            )
        );
        Assert.Contains(IPAddress.Loopback, asked);
        Assert.Contains(Outside, asked);
        Assert.Null(Read(new(_ => throw new InvalidOperationException("Whoever decides is broken.")), door.Address, topic));
    }

    private static string? Read(KafkaReach reach, string servers, string topic)
    {
        using var consumer = KafkaGate.Through(
            reach,
            new ConsumerBuilder<Ignore, string>(new ConsumerConfig { GroupId = "portal-gate", EnableAutoCommit = false })
                .SetLogHandler((_, _) => { })
                .Build(),
            servers
        );
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        // Long for what comes, short for what must not: a client that is refused tries again several times a second.
        for (var tries = 0; tries < (reach.Allows.Target is null ? 60 : 16); tries++)
            if (consumer.Consume(TimeSpan.FromMilliseconds(500)) is { } got)
                return got.Message.Value;
        return null;
    }

    /// <summary>An address of the outside that leads to the cluster.</summary>
    private sealed class Door : IDisposable
    {
        private readonly TcpListener _listener = new(Outside, 0);

        public Door(IPEndPoint inner)
        {
            _listener.Start();
            _ = AcceptAsync(inner);
        }

        public string Address => $"{_listener.LocalEndpoint}";

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync(IPEndPoint inner)
        {
            try
            {
                while (true)
                    _ = CarryAsync(await _listener.AcceptTcpClientAsync(), inner);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Closed.
            }
        }

        private static async Task CarryAsync(TcpClient client, IPEndPoint inner)
        {
            using var server = new TcpClient();
            using (client)
            {
                try
                {
                    await server.ConnectAsync(inner);
                    await Task.WhenAny(
                        client.GetStream().CopyToAsync(server.GetStream()),
                        server.GetStream().CopyToAsync(client.GetStream())
                    );
                }
                catch (Exception exception) when (exception is IOException or SocketException)
                {
                    // Either side is gone.
                }
            }
        }
    }
}
