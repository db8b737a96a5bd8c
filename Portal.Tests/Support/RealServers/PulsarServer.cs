using System.Collections.Concurrent;
using Portal.Tests.Support.RealServers;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedPulsarServers))]

namespace Portal.Tests.Support.RealServers;

/// <summary>What Pulsar a test wants. Tests with the same setup share one server in a run.</summary>
/// <param name="Settings">Further broker settings, <c>NAME=value</c>, separated by blanks.</param>
/// <param name="Behind">Clients come to its brokers through a network that can be disturbed, <see cref="PulsarServer.Network"/>.</param>
public sealed record PulsarSetup(string Version = "4.0.7", int Brokers = 1, bool Auth = true, string Settings = "", bool Behind = false)
{
    public static string[] Versions { get; } = ["4.0.7", "4.2.4"];
}

/// <summary>
/// A real Pulsar, started with <c>pulsar.sh</c>, whose broker-stats refresh every second. Shared ones live until the end
/// of the run; a test that stops or kills brokers borrows one with <see cref="BorrowAsync"/>.
/// </summary>
public sealed class PulsarServer : PulsarEndpoint, IAsyncDisposable
{
    private const string Script = "pulsar.sh";
    private static readonly ConcurrentDictionary<PulsarSetup, Lazy<Task<PulsarServer>>> Shared = new();
    private static readonly ConcurrentDictionary<PulsarSetup, Lazy<Task<PulsarServer>>> Lent = new();
    private readonly HashSet<int> _stopped = [];

    private PulsarServer(PulsarSetup setup, ToxiproxyServer? network, IReadOnlyDictionary<string, string> values)
        : base(
            [.. values["PULSAR_ADMIN_URLS"].Split(',').Select(url => new Uri(url))],
            new(values["PULSAR_WEBSOCKET_URL"]),
            values.GetValueOrDefault("PULSAR_ADMIN_TOKEN", ""),
            values.GetValueOrDefault("PULSAR_TOKEN_PRIVATE_KEY", "")
        )
    {
        (Setup, Network, Folder) = (setup, network, values["PULSAR_DIR"]);
        var brokers = values["PULSAR_BROKER_URLS"].Split(',').Select(url => new Uri(url)).ToList();
        BrokerPorts = brokers.ConvertAll(url => url.Port);
        BrokerUrl = network is null ? brokers[0] : new($"pulsar://{ToxiproxyServer.Host}:{brokers[0].Port}");
    }

    public PulsarSetup Setup { get; }

    /// <summary>Data, keys and logs; removed on disposal.</summary>
    public string Folder { get; }

    public Uri BrokerUrl { get; }

    /// <summary>Of the binary protocol, broker by broker.</summary>
    public IReadOnlyList<int> BrokerPorts { get; }

    /// <summary>Where clients come through; null unless the setup wants it.</summary>
    public ToxiproxyServer? Network { get; }

    /// <summary>The server of this setup that the whole run shares. Skips the test when the script is absent.</summary>
    public static Task<PulsarServer> SharedAsync(PulsarSetup setup)
    {
        Assert.SkipWhen(ServerScripts.MissingReason(Script) is not null, ServerScripts.MissingReason(Script) ?? "");
        return Shared.GetOrAdd(setup, wanted => new(() => BeginAsync(wanted))).Value;
    }

    /// <summary>
    /// A server for one test after the other, with all its brokers running whatever the one before did to them. Such tests
    /// stand in the collection <see cref="Borrowers"/>.
    /// </summary>
    public static async Task<PulsarServer> BorrowAsync(PulsarSetup setup)
    {
        Assert.SkipWhen(ServerScripts.MissingReason(Script) is not null, ServerScripts.MissingReason(Script) ?? "");
        var server = await Lent.GetOrAdd(setup, wanted => new(() => BeginAsync(wanted))).Value;
        foreach (var number in server._stopped.ToList())
            await server.StartBrokerAsync(number);
        for (var look = 0; look < Looks && (await server.StartEndedAsync()).Count > 0; look++)
        {
            // Whoever was started may have ended again.
        }
        return server;
    }

    /// <param name="number">From 1, in the order of <see cref="AdminUrls"/>.</param>
    /// <param name="hard">kill -9; else it hands its topics over first.</param>
    public Task StopBrokerAsync(int number, bool hard)
    {
        _stopped.Add(number);
        return ServerScripts.RunAsync(Script, ["stop", "--dir", Folder, "--broker", $"{number}", .. hard ? (string[])["--hard"] : []]);
    }

    public Task StartBrokerAsync(int number)
    {
        _stopped.Remove(number);
        return ServerScripts.RunAsync(Script, "broker", "--dir", Folder, $"{number}");
    }

    /// <summary>
    /// Starts brokers again that ended by themselves, as their supervisor does in production: a broker ends itself when
    /// its functions worker cannot take over from one that was killed. Those that the test stopped stay away.
    /// </summary>
    /// <returns>What each of them said last.</returns>
    public async Task<IReadOnlyList<string>> StartEndedAsync()
    {
        var ended = (await ServerScripts.OutputAsync(Script, "status", "--dir", Folder))
            .Split('\n')
            .Where(line => line.EndsWith(" stopped", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))
            .Where(number => !_stopped.Contains(number))
            .ToList();
        var words = ended.ConvertAll(number => $"broker {number} ended by itself: {LastTrouble(number)}");
        foreach (var number in ended)
        {
            try
            {
                await StartBrokerAsync(number);
            }
            catch (InvalidOperationException refused)
            {
                // It asked one that was not up yet, and ended again: a supervisor tries until it stays.
                words.Add($"broker {number} did not start: {refused.Message.Split('\n')[0]}");
            }
        }
        return words;
    }

    private const int Looks = 4;

    /// <summary>Ports that a Pulsar of the script takes.</summary>
    private const int BlockSize = 10;

    private const int MetadataOffset = 2;

    /// <summary>The collection of the tests that borrow.</summary>
    public const string Borrowers = "tests that kill brokers";

    public async ValueTask DisposeAsync()
    {
        await ServerScripts.RunAsync(Script, "stop", "--dir", Folder, "--hard");
        if (Network is not null)
            await Network.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private string LastTrouble(int broker)
    {
        // The broker writes on while it is read.
        using var log = new StreamReader(
            new FileStream(Path.Combine(Folder, $"broker-{broker}.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
        );
        return log.ReadToEnd().Split('\n').LastOrDefault(line => line.Contains(" ERROR ", StringComparison.Ordinal))
            ?? "no error in its log";
    }

    internal static Task StopSharedAsync() => StopAsync(Shared);

    internal static Task StopLentAsync() => StopAsync(Lent);

    private static async Task StopAsync(ConcurrentDictionary<PulsarSetup, Lazy<Task<PulsarServer>>> servers)
    {
        foreach (var server in servers.Values.Where(server => server.IsValueCreated && server.Value.IsCompletedSuccessfully))
            await (await server.Value).DisposeAsync();
        servers.Clear();
    }

    /// <summary>Below the ports that systems hand out, as the script looks for them.</summary>
    private static int FreeBlock()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 20_000);
            var listening = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
            if (!listening.Any(one => one.Port >= port && one.Port < port + BlockSize))
                return port;
        }
    }

    private static async Task<PulsarServer> BeginAsync(PulsarSetup setup)
    {
        string[] settings =
        [
            "statsUpdateFrequencyInSecs=1",
            "statsUpdateInitialDelayInSecs=1",
            .. setup.Settings.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ];
        var (network, port) = (setup.Behind ? await ToxiproxyServer.StartAsync() : null, 0);
        if (network is not null)
        {
            port = FreeBlock();
            // The storage says where it is with the same address; the metadata doesn't.
            foreach (var offset in Enumerable.Range(0, BlockSize).Where(offset => offset != MetadataOffset))
                await network.AddAsync(port + offset);
            settings = [.. settings, $"advertisedAddress={ToxiproxyServer.Host}"];
        }
        return new(
            setup,
            network,
            await ServerScripts.RunAsync(
                Script,
                [
                    "start",
                    "--version",
                    setup.Version,
                    "--brokers",
                    $"{setup.Brokers}",
                    "--port",
                    $"{port}",
                    .. setup.Auth ? (string[])["--auth"] : [],
                    .. settings.SelectMany(setting => (string[])["--set", setting]),
                ]
            )
        );
    }
}

/// <summary>Stops the shared servers at the end of the run.</summary>
public sealed class SharedPulsarServers : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await PulsarServer.StopSharedAsync();
}

/// <summary>
/// Stops the lent servers when the last who borrows has ended: brokers that nobody asks still cost a tenth of a core each.
/// </summary>
[CollectionDefinition(PulsarServer.Borrowers)]
public sealed class LentPulsarServers : IAsyncDisposable, ICollectionFixture<LentPulsarServers>
{
    public async ValueTask DisposeAsync() => await PulsarServer.StopLentAsync();
}
