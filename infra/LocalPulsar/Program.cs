using System.Runtime.InteropServices;
using LocalPulsar;

var settings = new ConfigurationBuilder().AddEnvironmentVariables("LOCALPULSAR_").AddCommandLine(args).Build();
using var logging = LoggerFactory.Create(builder =>
    builder.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
);
var options = new LocalPulsarOptions
{
    DataFolder = settings["data"] ?? Path.Combine(AppContext.BaseDirectory, "data"),
    Port = settings.GetValue<int?>("port"),
    StatsInterval = TimeSpan.FromSeconds(settings.GetValue<double?>("stats-interval-seconds") ?? 1),
#pragma warning disable RS0030 // composition: the one place that names the system clock
    Clock = TimeProvider.System,
#pragma warning restore RS0030
    LoggerFactory = logging,
};
var ended = new TaskCompletionSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
try
{
    await using var server = await LocalPulsarServer.StartAsync(options, CancellationToken.None);
    Console.WriteLine(
        $"""
        PULSAR_DIR={Path.GetFullPath(options.DataFolder)}
        PULSAR_VERSION={LocalPulsarServer.Version}
        PULSAR_ADMIN_URL={server.AdminUrl.GetLeftPart(UriPartial.Authority)}
        PULSAR_WEBSOCKET_URL={server.WebSocketUrl.GetLeftPart(UriPartial.Authority)}
        PULSAR_ADMIN_URLS={server.AdminUrl.GetLeftPart(UriPartial.Authority)}
        PULSAR_ADMIN_TOKEN={server.AdminToken}
        PULSAR_TOKEN_PRIVATE_KEY={server.TokenPrivateKeyFile}
        PULSAR_TOKEN_PUBLIC_KEY={server.TokenPublicKeyFile}
        """
    );
    await ended.Task;
    return 0;
}
catch (Exception e) when (e is InvalidOperationException or IOException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    ended.TrySetResult();
}
