using System.Diagnostics;
using Portal.Domain.Migration;
using Portal.Tests.Support.RealServers;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedKafkaServer))]

namespace Portal.Tests.Support.RealServers;

/// <summary>A real Kafka, started with <c>kafka.sh</c>. The shared one lives until the end of the run; a test that kills one has its own.</summary>
public sealed class KafkaServer : IAsyncDisposable
{
    private const string Script = "kafka.sh";
    private static readonly Lazy<Task<KafkaServer>> Shared = new(StartAsync);
    private int _process;

    private KafkaServer(IReadOnlyDictionary<string, string> values)
    {
        (Folder, Bootstrap, SaslBootstrap, TlsBootstrap) = (values["KAFKA_DIR"], values["KAFKA_BOOTSTRAP"], values["KAFKA_SASL_BOOTSTRAP"], values["KAFKA_TLS_BOOTSTRAP"]);
        (AuthorityFile, _process) = (values["KAFKA_TLS_CA"], int.Parse(values["KAFKA_PID"], System.Globalization.CultureInfo.InvariantCulture));
    }

    public string Folder { get; }
    public string Bootstrap { get; }
    public string SaslBootstrap { get; }
    public string TlsBootstrap { get; }

    /// <summary>PEM.</summary>
    public string AuthorityFile { get; }

    public KafkaConnection Plaintext => new(Bootstrap, KafkaSecurity.Plaintext, null, null, null);

    /// <summary>The server that the whole run shares: name your own topics. Skips the test when the script is absent.</summary>
    public static Task<KafkaServer> SharedAsync()
    {
        Assert.SkipWhen(ServerScripts.MissingReason(Script) is not null, ServerScripts.MissingReason(Script) ?? "");
        return Shared.Value;
    }

    /// <summary>A server of the test's own.</summary>
    public static async Task<KafkaServer> OwnAsync()
    {
        Assert.SkipWhen(ServerScripts.MissingReason(Script) is not null, ServerScripts.MissingReason(Script) ?? "");
        return await StartAsync();
    }

    /// <summary>kill -9, and the same data again.</summary>
    public async Task RestartHardAsync()
    {
        using (var process = Process.GetProcessById(_process)) process.Kill();
        await ServerScripts.RunAsync(Script, "stop", "--dir", Folder);
        _process = int.Parse((await ServerScripts.RunAsync(Script, "start", "--dir", Folder))["KAFKA_PID"], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await ServerScripts.RunAsync(Script, "stop", "--dir", Folder);
        Directory.Delete(Folder, recursive: true);
    }

    internal static async Task StopSharedAsync()
    {
        if (Shared.IsValueCreated && Shared.Value.IsCompletedSuccessfully) await (await Shared.Value).DisposeAsync();
    }

    private static async Task<KafkaServer> StartAsync() => new(await ServerScripts.RunAsync(
        Script, "start", "--dir", Directory.CreateTempSubdirectory("kafka-").FullName, "--port", "0"));
}

/// <summary>Stops the shared server at the end of the run.</summary>
public sealed class SharedKafkaServer : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await KafkaServer.StopSharedAsync();
}
