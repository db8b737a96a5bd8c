using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Domain.Migration;
using Portal.Tests.Support.RealServers;

[assembly: AssemblyFixture(typeof(SharedKafkaServer))]

namespace Portal.Tests.Support.RealServers;

/// <summary>What Kafka a test wants.</summary>
/// <param name="Network">Its clients with SASL come through it; null for no such thing.</param>
/// <param name="Audited">Its log has a line about each operation that a client was allowed or denied; see
/// <see cref="KafkaServer.AskedAsync"/>.</param>
public sealed record KafkaSetup(ToxiproxyServer? Network = null, bool Audited = false);

/// <summary>An operation that a client was allowed or denied, as Kafka's own log says.</summary>
/// <param name="Resource">Its kind and its name, as in <c>Topic orders</c>.</param>
public sealed record KafkaAsked(string User, bool Allowed, string Operation, string Resource);

/// <summary>A real Kafka of one node with a listener of each kind, started with <c>kafka.sh</c>.</summary>
public sealed partial class KafkaServer : IAsyncDisposable
{
    private const string Script = "kafka.sh";
    private static readonly Lazy<Task<KafkaServer>> Shared = new(() => StartAsync());

    /// <summary>Why there is none here; null when there is.</summary>
    public static string? MissingReason => ServerScripts.MissingReason(Script);

    /// <summary>
    /// kafka.sh writes the settings anew at each start and then runs <c>java</c>: this one, which puts the address that clients
    /// with SASL are sent to behind them, and runs the real one.
    /// </summary>
    private const string Java = $$"""
        #!/bin/sh
        PATH=${PATH#*:}
        for last; do :; done
        case $last in
        */server.properties)
          sed -n 's/^listeners=\(.*\),CONTROLLER:.*/advertised.listeners=\1/; s/SASL_PLAINTEXT:..127.0.0.1/SASL_PLAINTEXT:\/\/{{ToxiproxyServer.Host}}/p' "$last" >"$last.own"
          cat "$last.own" >>"$last";;
        esac
        exec java "$@"

        """;

    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly ToxiproxyServer? _network;

    private KafkaServer(IReadOnlyDictionary<string, string> values, IReadOnlyDictionary<string, string> environment, KafkaSetup setup) =>
        (Folder, Plaintext, Sasl, Tls, AuthorityPem, _environment, _network) = (
            values["KAFKA_DIR"],
            values["KAFKA_BOOTSTRAP"],
            setup.Network is null
                ? values["KAFKA_SASL_BOOTSTRAP"]
                : values["KAFKA_SASL_BOOTSTRAP"].Replace("127.0.0.1", ToxiproxyServer.Host, StringComparison.Ordinal),
            values["KAFKA_TLS_BOOTSTRAP"],
            File.ReadAllText(values["KAFKA_TLS_CA"]),
            environment,
            setup.Network
        );

    /// <summary>Data and logs; removed on disposal.</summary>
    public string Folder { get; }

    /// <summary><c>host:port</c> of the listener without encryption and sign-in, whose clients may do everything.</summary>
    public string Plaintext { get; }

    /// <summary>
    /// SASL without TLS: <c>portal</c> may do everything, <c>limited</c> what rules allow; their passwords end in <c>-secret</c>.
    /// </summary>
    public string Sasl { get; }

    public int SaslPort => int.Parse(Sasl.Split(':')[1], CultureInfo.InvariantCulture);

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
    public static async Task<KafkaServer> StartAsync(KafkaSetup? setup = null)
    {
        Assert.SkipWhen(MissingReason is not null, MissingReason ?? "");
        var folder = Directory.CreateTempSubdirectory("kafka-").FullName;
        var environment = new Dictionary<string, string>();
        if (setup is { Audited: true })
            environment["PORTAL_SERVERS_JAVA_OPTS"] = "-Dorg.slf4j.simpleLogger.log.kafka.authorizer.logger=debug";
        if (setup?.Network is not null)
        {
            var programs = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
            await File.WriteAllTextAsync(Path.Combine(programs, "java"), Java);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(
                    Path.Combine(programs, "java"),
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
            environment["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}";
        }
        var server = new KafkaServer(
            await ServerScripts.RunAsync(Script, environment, "start", "--dir", folder, "--port", "0"),
            environment,
            setup ?? new()
        );
        if (setup?.Network is { } network)
            await network.AddAsync(server.SaslPort);
        return server;
    }

    /// <summary>One of Kafka's own tools.</summary>
    public Task<string> ToolAsync(params string[] arguments) => ServerScripts.OutputAsync(Script, ["tool", "--dir", Folder, .. arguments]);

    public Task StopAsync() => ServerScripts.RunAsync(Script, "stop", "--dir", Folder);

    /// <summary>On the ports that it had.</summary>
    public Task StartAgainAsync() => ServerScripts.RunAsync(Script, _environment, "start", "--dir", Folder);

    /// <summary>
    /// What clients were allowed and denied since the last start, in order; of one that was started with <see cref="KafkaSetup.Audited"/>.
    /// </summary>
    public async Task<IReadOnlyList<KafkaAsked>> AskedAsync()
    {
        // The server writes on while it is read.
        using var log = new StreamReader(
            new FileStream(Path.Combine(Folder, "server.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
        );
        return
        [
            .. Asked()
                .Matches(await log.ReadToEndAsync())
                .Select(line => new KafkaAsked(
                    line.Groups["user"].Value,
                    line.Groups["verdict"].Value == "Allowed",
                    line.Groups["operation"].Value,
                    $"{line.Groups["kind"].Value} {line.Groups["name"].Value}"
                )),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_network is not null)
            await _network.RemoveAsync(SaslPort);
        Directory.Delete(Folder, recursive: true);
    }

    [GeneratedRegex(
        "Principal = User:(?<user>\\S+) is (?<verdict>Allowed|Denied) operation = (?<operation>\\S+) from host = \\S+ "
            + "on resource = (?<kind>[^:]+):[^:]+:(?<name>.+?) for request"
    )]
    private static partial Regex Asked();

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
