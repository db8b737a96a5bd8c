using System.Net;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Adapters.KafkaSource;
using Portal.Adapters.KafkaSource.Apart;
using Portal.Adapters.PulsarAdmin;
using Portal.Adapters.PulsarWire;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Support;

/// <summary>
/// A copy from a real Kafka to a real Pulsar with the product's own steps over a database of its own; the test takes the steps.
/// </summary>
public sealed class CopyWorld : IAsyncDisposable, IMigrationSources, ITokenSigner
{
    private readonly ClusterConnections _connections;
    private readonly ServiceProvider _apart;
    private OpenCopies _open = new(TimeProvider.System);

    private CopyWorld(KafkaServer kafka, PulsarServer pulsar, TestDatabase database, string name, KafkaConnection? connection)
    {
        Connection = connection ?? kafka.Connection;
        (Kafka, Pulsar, Database, Name) = (kafka, pulsar, database, name);
        var clusters = new FixedClusters([
            new("tested", pulsar.AdminUrls, pulsar.BrokerUrl.ToString().TrimEnd('/'), pulsar.WebSocketUrl, pulsar.AdminToken, null),
        ]);
        _connections = new(clusters, TimeProvider.System, NullLoggerFactory.Instance);
        Partitions = new PulsarPartitions(clusters, this, new PulsarTopicEnds(_connections), TimeProvider.System);
        _apart = new ServiceCollection().AddSingleton(TimeProvider.System).AddKafkaSource(KafkaReach.Anywhere).BuildServiceProvider();
        Source = _apart.GetRequiredService<IKafkaPartitions>();
    }

    public KafkaServer Kafka { get; }

    /// <summary>What it is copied with.</summary>
    public KafkaConnection Connection { get; }
    public PulsarServer Pulsar { get; }
    public TestDatabase Database { get; }

    /// <summary>Of the Kafka topic and of the Pulsar topic in <c>copying/default</c>.</summary>
    public string Name { get; }

    internal IPulsarPartitions Partitions { get; }
    internal IKafkaPartitions Source { get; }
    internal IKafkaCluster Cluster => _apart.GetRequiredService<IKafkaCluster>();

    /// <summary>The process of its Kafka client; null while there is none.</summary>
    public int? KafkaClient => _apart.GetRequiredService<KafkaChildren>().ProcessOf(Connection);

    public MigrationId Migration { get; } = new(Guid.NewGuid());
    public List<CopyId> Copies { get; } = [];
    public Topic Target { get; private set; } = null!;

    public static async Task<CopyWorld> StartAsync(
        KafkaServer kafka,
        PulsarServer pulsar,
        int partitions,
        Dictionary<string, string>? configuration = null,
        Action<CopySettings>? settings = null,
        KafkaConnection? connection = null
    )
    {
        var world = new CopyWorld(kafka, pulsar, await TestDatabase.SqliteAsync(), $"copied-{Guid.NewGuid():N}", connection);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();
        await admin.CreateTopicsAsync([
            new TopicSpecification
            {
                Name = world.Name,
                NumPartitions = partitions,
                ReplicationFactor = 1,
                Configs = configuration ?? [],
            },
        ]);
        await pulsar.CallAsync(HttpMethod.Put, "admin/v2/tenants/copying", """{"allowedClusters":["standalone"]}""");
        await pulsar.CallAsync(HttpMethod.Put, "admin/v2/namespaces/copying/default");
        // As the start of a copy does: without it, Pulsar drops what nobody subscribed to when a broker takes the topic over.
        await pulsar.CallAsync(
            HttpMethod.Post,
            "admin/v2/namespaces/copying/default/retention",
            """{"retentionTimeInMinutes":-1,"retentionSizeInMB":-1}"""
        );
        await Eventually.TrueAsync(
            async () =>
                (
                    await pulsar.CallAsync(HttpMethod.Put, $"admin/v2/persistent/copying/default/{world.Name}/partitions", $"{partitions}")
                ).Status == HttpStatusCode.NoContent,
            $"{world.Name} is made"
        );
        await world.Database.Database.UpdateAsync(
            null,
            null,
            session =>
            {
                var now = world.Database.Clock.Now();
                var organization = new Organization(new(Guid.NewGuid()), Slug.Create("acme").Value, "Acme", now);
                session.Organizations.Add(organization);
                var tenant = new Tenant(new(Guid.NewGuid()), organization.Id, TenantName.Create("copying").Value, "tested", now);
                session.Tenants.Add(tenant);
                var inside = new Namespace(new(Guid.NewGuid()), tenant, NamespaceName.Default, now);
                session.Tenants.Add(inside);
                world.Target = new Topic(new(Guid.NewGuid()), inside, TopicName.Create(world.Name).Value, true, partitions, now);
                world.Target.Ready(now);
                session.Topics.Add(world.Target);
                var chosen = new CopySettings(world.Migration, organization.Id);
                settings?.Invoke(chosen);
                session.Copies.Add(chosen);
                for (var number = 0; number < partitions; number++)
                {
                    var copy = new CopiedPartition(new(Guid.NewGuid()), world.Migration, world.Target, world.Name, number, now);
                    session.Copies.Add(copy);
                    world.Copies.Add(copy.Id);
                }
                return Task.FromResult(true);
            },
            default
        );
        return world;
    }

    /// <summary>The steps as a process that has just begun would have them; what the one before had open is left to fall.</summary>
    public CopySteps Reborn(bool politely = true)
    {
        if (politely)
            _open.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _open = new(TimeProvider.System);
        return new(
            Database.Database,
            this,
            Source,
            Partitions,
            new PulsarRepeats(_connections),
            _open,
            new(TimeProvider.System),
            TimeProvider.System
        );
    }

    /// <summary>Takes one step and notes it, as the engine does.</summary>
    public async Task<StepResult> StepAsync(CopySteps steps, CopyId copy, CancellationToken cancellationToken = default)
    {
        var result = await steps.RunAsync(new(copy), new(default, null, null, 0, default, null), cancellationToken);
        await NoteAsync(result);
        return result;
    }

    public async Task NoteAsync(StepResult result)
    {
        var settle = result switch
        {
            StepResult.Done done => done.Settle,
            StepResult.GoOn step => step.Settle,
            _ => null,
        };
        if (settle is null)
            return;
        await Database.Database.UpdateAsync(
            null,
            null,
            async session =>
            {
                await settle(session, default);
                return true;
            },
            default
        );
    }

    /// <summary>Steps of every partition until each has come to Kafka's end.</summary>
    public async Task CopyAsync(CopySteps? with = null)
    {
        var steps = with ?? Reborn();
        foreach (var copy in Copies)
        {
            for (var turn = 0; (await FindAsync(copy)) is { State: CopyState.Copying }; turn++)
            {
                Assert.True(turn < 200, $"{(await FindAsync(copy)).ProblemMessage}");
                if (await StepAsync(steps, copy) is StepResult.Later later)
                    Assert.Fail(later.Problem.ToString());
            }
        }
    }

    public Task<CopiedPartition> FindAsync(CopyId copy) =>
        Database.Database.ReadAsync(async session => (await session.Copies.FindAsync(copy, default))!, default);

    /// <summary>The proof of every partition, from the beginning.</summary>
    public async Task<List<PartitionProof>> ProveAsync(ProofSettings? settings = null)
    {
        var steps = new ProofSteps(Database.Database, this, Source, Partitions, settings ?? ProofSettings.Default, TimeProvider.System);
        var proofs = new List<PartitionProof>();
        foreach (var copy in Copies)
        {
            await Database.Database.UpdateAsync(
                null,
                null,
                async session =>
                {
                    var partition = (await session.Copies.FindAsync(copy, default))!;
                    if (await session.Copies.ProofAsync(copy, default) is { } there)
                        there.Begin(partition.NextOffset, DateTimeOffset.UtcNow);
                    else
                        session.Copies.Add(new PartitionProof(partition, DateTimeOffset.UtcNow));
                    return true;
                },
                default
            );
            for (string? checkpoint = null; ; )
            {
                var result = await steps.RunAsync(new(copy), new(default, null, checkpoint, 0, default, null), default);
                await NoteAsync(result);
                if (result is StepResult.GoOn step)
                    checkpoint = step.Checkpoint;
                else
                {
                    Assert.True(result is StepResult.Done, $"{result}");
                    break;
                }
            }
            proofs.Add(await Database.Database.ReadAsync(async session => (await session.Copies.ProofAsync(copy, default))!, default));
        }
        return proofs;
    }

    /// <summary>A producer of Kafka's own.</summary>
    public IProducer<byte[]?, byte[]?> Producer(Action<ProducerConfig>? settings = null)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = Kafka.Plaintext,
            LingerMs = 5,
            MessageMaxBytes = 2_000_000,
            Acks = Acks.All,
            EnableIdempotence = true,
        };
        settings?.Invoke(config);
        return new ProducerBuilder<byte[]?, byte[]?>(config).Build();
    }

    /// <summary>Records of all kinds: text, binary and null keys, headers of all kinds, tombstones, 0 B to 900 KB.</summary>
    public void Produce(IProducer<byte[]?, byte[]?> producer, int count, int seed, int largest = 900_000)
    {
        var random = new Random(seed);
        for (var number = 0; number < count; number++)
        {
            var size =
                number % 200 == 7 ? random.Next(largest)
                : number % 20 == 3 ? random.Next(20_000)
                : random.Next(300);
            var value = new byte[size];
            random.NextBytes(value);
            var headers = new Headers();
            if (number % 3 == 0)
                headers.Add("trace", Encoding.UTF8.GetBytes($"t-{number}"));
            if (number % 9 == 0)
                headers.Add("trace", "again"u8.ToArray());
            if (number % 5 == 0)
                headers.Add("raw", [0xff, (byte)(number % 256), 0]);
            if (number % 25 == 0)
                headers.Add("none", null);
            byte[]? key =
                number % 4 == 0 ? null
                : number % 4 == 1 ? [0xfe, (byte)(number % 97)]
                : Encoding.UTF8.GetBytes($"key-{number % 500}");
            var message = new Message<byte[]?, byte[]?>
            {
                Key = key,
                Value = key is not null && number % 30 == 2 ? null : value,
                Headers = headers,
            };
            while (true)
            {
                try
                {
                    producer.Produce(new TopicPartition(Name, new(number % Copies.Count)), message);
                    break;
                }
                catch (ProduceException<byte[]?, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(50));
                }
            }
        }
        producer.Flush(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await _open.DisposeAsync();
        await _apart.DisposeAsync();
        _connections.Dispose();
        await Database.DisposeAsync();
    }

    Task<KafkaConnection?> IMigrationSources.OfAsync(MigrationId migration, CancellationToken cancellationToken) =>
        Task.FromResult<KafkaConnection?>(Connection);

    Outcome<string> ITokenSigner.Sign(string cluster, string role, DateTimeOffset? expiresAt) => Pulsar.Token("admin", expiresAt);
}
