using System.Globalization;
using Portal.Domain.Migration;
using Portal.Tests.Support.RealServers;

[assembly: AssemblyFixture(typeof(SharedKafkaServer))]

namespace Portal.Tests.Support.RealServers;

/// <summary>A real Kafka of one node with a listener of each kind, started with <c>kafka.sh</c>.</summary>
public sealed class KafkaServer : IAsyncDisposable
{
    private const string Script = "kafka.sh";
    private static readonly Lazy<Task<KafkaServer>> Shared = new(StartAsync);

    /// <summary>Why there is none here; null when there is.</summary>
    public static string? MissingReason => ServerScripts.MissingReason(Script);

    private KafkaServer(IReadOnlyDictionary<string, string> values) =>
        (Folder, Plaintext, Sasl, Tls, AuthorityPem) = (
            values["KAFKA_DIR"],
            values["KAFKA_BOOTSTRAP"],
            values["KAFKA_SASL_BOOTSTRAP"],
            values["KAFKA_TLS_BOOTSTRAP"],
            File.ReadAllText(values["KAFKA_TLS_CA"])
        );

    /// <summary>Data and logs; removed on disposal.</summary>
    public string Folder { get; }

    /// <summary><c>host:port</c> of the listener without encryption and sign-in, whose clients may do everything.</summary>
    public string Plaintext { get; }

    /// <summary>SASL without TLS: <c>portal</c> may do everything, <c>limited</c> what rules allow; their passwords end in <c>-secret</c>.</summary>
    public string Sasl { get; }

    /// <summary>TLS without sign-in.</summary>
    public string Tls { get; }

    /// <summary>Signed its certificate.</summary>
    public string AuthorityPem { get; }

    /// <summary>Who may do everything.</summary>
    public KafkaConnection Connection => new(Plaintext, KafkaSecurity.Plaintext, null, null, null);

    public KafkaConnection SaslConnection(
        string user = "portal",
        string? password = null,
        KafkaSecurity security = KafkaSecurity.SaslScram512
    ) => new(Sasl, security, user, password ?? $"{user}-secret", null);

    /// <summary>The server that the whole run shares; tests name topics of their own. Skips the test when the script is absent.</summary>
    public static Task<KafkaServer> SharedAsync()
    {
        Assert.SkipWhen(MissingReason is not null, MissingReason ?? "");
        return Shared.Value;
    }

    /// <summary>One of the test's own.</summary>
    public static async Task<KafkaServer> StartAsync()
    {
        Assert.SkipWhen(MissingReason is not null, MissingReason ?? "");
        return new(
            await ServerScripts.RunAsync(Script, "start", "--dir", Directory.CreateTempSubdirectory("kafka-").FullName, "--port", "0")
        );
    }

    /// <summary>One of Kafka's own tools.</summary>
    public Task<string> ToolAsync(params string[] arguments) => ServerScripts.OutputAsync(Script, ["tool", "--dir", Folder, .. arguments]);

    public Task StopAsync() => ServerScripts.RunAsync(Script, "stop", "--dir", Folder);

    /// <summary>On the ports that it had.</summary>
    public Task StartAgainAsync() => ServerScripts.RunAsync(Script, "start", "--dir", Folder);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    internal static async Task StopSharedAsync()
    {
        if (
            Shared.IsValueCreated
            && await Shared.Value.ContinueWith(started => started.IsCompletedSuccessfully ? started.Result : null, TaskScheduler.Default)
                is { } server
        )
            await server.DisposeAsync();
    }

    /// <summary>A name that no other test has.</summary>
    public static string Unique(string name) => string.Create(CultureInfo.InvariantCulture, $"{name}.{Guid.CreateVersion7():N}");
}

public sealed class SharedKafkaServer : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await KafkaServer.StopSharedAsync();
}
