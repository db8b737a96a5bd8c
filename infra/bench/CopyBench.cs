using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.KafkaSource;
using Portal.Adapters.PortalDatabase;
using Portal.Adapters.PulsarAdmin;
using Portal.Adapters.PulsarWire;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Bench;

/// <summary>
/// What the copier makes of what there is to be had: records of 1 KiB with keys and headers from one Kafka partition to
/// one Pulsar partition, by the product's own steps over a database. Baseline, in the same run and in turns: a bare
/// consumer of Confluent.Kafka with its own settings and a bare producer of the same protocol, which send the very same
/// messages: keys, values, headers and times. Each is warm before it counts. Needs real servers:
/// <c>KAFKA_BOOTSTRAP</c> and <c>PULSAR_ADMIN_URL</c>, <c>PULSAR_BROKER_URL</c>, <c>PULSAR_ADMIN_TOKEN</c>,
/// <c>PULSAR_TOKEN_PRIVATE_KEY</c>.
/// </summary>
internal static class CopyBench
{
    private const int Records = 200_000;
    private const int Turns = 5;

    public static async Task RunAsync()
    {
        if (Variable("KAFKA_BOOTSTRAP") is not { } kafka || Variable("PULSAR_BROKER_URL") is null)
        {
            Console.WriteLine("copy: skipped, there are no KAFKA_BOOTSTRAP and PULSAR_… variables");
            return;
        }
        var folder = Directory.CreateTempSubdirectory("portal-bench-").FullName;
        await using var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddPulsarAdmin([
                new(
                    "bench",
                    [new(Variable("PULSAR_ADMIN_URL")!)],
                    Variable("PULSAR_BROKER_URL"),
                    null,
                    Variable("PULSAR_ADMIN_TOKEN"),
                    File.ReadAllBytes(Variable("PULSAR_TOKEN_PRIVATE_KEY")!)
                ),
            ])
            .AddPulsarWire()
            .AddKafkaSource(KafkaReach.Anywhere)
            .AddPortalDatabase(new(DatabaseProvider.Sqlite, folder, null))
            .AddSingleton<IMigrationSources>(new Source(new(kafka, KafkaSecurity.Plaintext, null, null, null)))
            .AddSingleton<OpenCopies>()
            .AddSingleton<CopyPace>()
            .AddSingleton<CopySteps>()
            .BuildServiceProvider();
        await services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        try
        {
            var world = new World(services, kafka);
            await world.PrepareAsync();
            var (bare, copier) = (new List<double>(), new List<double>());
            await world.BareAsync();
            await world.CopierAsync();
            for (var turn = 0; turn < Turns; turn++)
            {
                bare.Add(await world.BareAsync());
                copier.Add(await world.CopierAsync());
                Say(
                    $"turn {turn + 1}: bare {bare[^1]:N0} records/s, copier {copier[^1]:N0}; "
                        + $"{Environment.WorkingSet / ByteSize.MiB} MiB here, {World.ClientMemory() / ByteSize.MiB} MiB in the Kafka "
                        + "client"
                );
            }
            Say(
                $"bare {bare.Average():N0} records/s, copier {copier.Average():N0}: {copier.Average() / bare.Average():N2} of it; "
                    + $"best of both {copier.Max() / bare.Max():N2}"
            );
        }
        finally
        {
            await services.GetRequiredService<OpenCopies>().DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Say(string text) => Console.WriteLine($"copy: {text}");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private sealed class Source(KafkaConnection connection) : IMigrationSources
    {
        public Task<KafkaConnection?> OfAsync(MigrationId migration, CancellationToken cancellationToken) =>
            Task.FromResult<KafkaConnection?>(connection);
    }

    private sealed class World(IServiceProvider services, string kafka)
    {
        private readonly string _topic = $"bench-{Guid.NewGuid():N}";
        private readonly Organization _owner = new(
            new(Guid.NewGuid()),
            Slug.Create("bench").Value,
            "Bench",
            TimeProvider.System.GetUtcNow()
        );
        private Namespace _inside = null!;
        private int _targets;

        public async Task PrepareAsync()
        {
            var tenant = new Tenant(
                new(Guid.NewGuid()),
                _owner.Id,
                TenantName.Create($"bench-{Guid.NewGuid():N}"[..20]).Value,
                "bench",
                TimeProvider.System.GetUtcNow()
            );
            _inside = new(new(Guid.NewGuid()), tenant, NamespaceName.Default, TimeProvider.System.GetUtcNow());
            Check(await services.GetRequiredService<ITenantAdmin>().EnsureAsync(tenant.OnCluster, default));
            var namespaces = services.GetRequiredService<INamespaceAdmin>();
            Check(await namespaces.EnsureAsync(_inside.OnCluster, default));
            Check(await namespaces.AdmitPortalAsync(_inside.OnCluster, _inside.MessagesRole, default));
            await WriteAsync(session =>
            {
                session.Organizations.Add(_owner);
                session.Tenants.Add(tenant);
                session.Tenants.Add(_inside);
            });
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka }).Build();
            await admin.CreateTopicsAsync([
                new TopicSpecification
                {
                    Name = _topic,
                    NumPartitions = 1,
                    ReplicationFactor = 1,
                },
            ]);
            using var producer = new ProducerBuilder<byte[], byte[]>(
                new ProducerConfig
                {
                    BootstrapServers = kafka,
                    LingerMs = 20,
                    QueueBufferingMaxMessages = Records + 1,
                }
            ).Build();
            var value = new byte[1024];
            for (var number = 0; number < Records; number++)
                producer.Produce(
                    _topic,
                    new()
                    {
                        Key = Encoding.ASCII.GetBytes($"key-{number % 1000}"),
                        Value = value,
                        Headers = new Headers { { "trace", "0123456789abcdef"u8.ToArray() } },
                    }
                );
            producer.Flush(TimeSpan.FromMinutes(2));
        }

        /// <summary>Records a second.</summary>
        public async Task<double> BareAsync()
        {
            var target = await TargetAsync();
            var writer = Get(
                await services
                    .GetRequiredService<IPulsarPartitions>()
                    .WriterAsync(new(target.OnCluster, _inside.MessagesRole, null), "portal-producer-bare", WriterSettings.Default, default)
            );
            await using var closing = writer;
            var began = Stopwatch.GetTimestamp();
            using var consumer = new ConsumerBuilder<byte[], byte[]>(
                new ConsumerConfig
                {
                    BootstrapServers = kafka,
                    GroupId = "bench",
                    EnableAutoCommit = false,
                }
            ).Build();
            consumer.Assign(new TopicPartitionOffset(_topic, 0, 0));
            var records = new List<PulsarRecord>();
            for (var read = 0; read < Records; )
            {
                if (consumer.Consume(TimeSpan.FromSeconds(10)) is not { } one)
                    throw new InvalidOperationException("Kafka is silent.");
                read++;
                records.Add(
                    new(
                        read,
                        Encoding.UTF8.GetString(one.Message.Key),
                        false,
                        one.Message.Value,
                        one.Message.Timestamp.UnixTimestampMs,
                        [
                            .. one.Message.Headers.Select(header =>
                                KeyValuePair.Create(header.Key, Encoding.UTF8.GetString(header.GetValueBytes()))
                            ),
                        ]
                    )
                );
                if (records.Count < 1000 && read < Records)
                    continue;
                Check(await writer.WriteAsync(records, default));
                records = [];
            }
            Check(await writer.FlushAsync(default));
            return Records / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        public async Task<double> CopierAsync()
        {
            var target = await TargetAsync();
            var copy = new CopiedPartition(new(Guid.NewGuid()), new(Guid.NewGuid()), target, _topic, 0, TimeProvider.System.GetUtcNow());
            await WriteAsync(session => session.Copies.Add(copy));
            var steps = services.GetRequiredService<CopySteps>();
            await StepAsync();
            var began = Stopwatch.GetTimestamp();
            while (
                (
                    await services
                        .GetRequiredService<IPortalDatabase>()
                        .ReadAsync(session => session.Copies.FindAsync(copy.Id, default), default)
                )!.NextOffset < Records
            )
                await StepAsync();
            return Records / Stopwatch.GetElapsedTime(began).TotalSeconds;

            async Task StepAsync()
            {
                var result = await steps.RunAsync(new(copy.Id), new(default, null, null, 0, default, null), default);
                if (result is not StepResult.GoOn { Settle: { } settle })
                    throw new InvalidOperationException($"{result}");
                await services
                    .GetRequiredService<IPortalDatabase>()
                    .UpdateAsync(
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
        }

        public static long ClientMemory() =>
            // Of every thread: a child belongs to the one that started it.
            Directory
                .GetDirectories("/proc/self/task")
                .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Sum(child =>
                    System
                        .Diagnostics.Process.GetProcessById(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture))
                        .WorkingSet64
                );

        private async Task<Topic> TargetAsync()
        {
            var topic = new Topic(
                new(Guid.NewGuid()),
                _inside,
                TopicName.Create($"{_topic}-{++_targets}").Value,
                persistent: true,
                0,
                TimeProvider.System.GetUtcNow()
            );
            topic.Ready(TimeProvider.System.GetUtcNow());
            Check(await services.GetRequiredService<ITopicAdmin>().EnsureAsync(topic.OnCluster, default));
            await WriteAsync(session => session.Topics.Add(topic));
            return topic;
        }

        private Task WriteAsync(Action<IPortalSession> change) =>
            services
                .GetRequiredService<IPortalDatabase>()
                .UpdateAsync(
                    null,
                    null,
                    session =>
                    {
                        change(session);
                        return Task.FromResult(true);
                    },
                    default
                );

        private static void Check<T>(Outcome<T> outcome) => Get(outcome);

        private static void Check(WriteResult result)
        {
            if (!result.IsOk)
                throw new InvalidOperationException(result.Problem!.ToString());
        }

        private static T Get<T>(Outcome<T> outcome) =>
            outcome.IsOk ? outcome.Value : throw new InvalidOperationException(outcome.Problem.ToString());
    }
}
