using System.Net;
using System.Net.Sockets;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// The portal as its operator runs it: a process, a data folder, settings. Unattended installation makes the operator's
/// account and API key. The folder outlives a restart and goes with the object.
/// </summary>
public sealed class PortalProcess : IAsyncDisposable
{
    public const string OperatorEmail = "operator@example.com";
    public const string OperatorPassword = "correct horse battery staple 9";
    public const string OperatorKey = "journey-key-0123456789abcdef0123456789";

    private readonly Dictionary<string, string> _settings;
    private readonly string _folder = Directory.CreateTempSubdirectory("portal-journey-").FullName;
    private ChildProcess? _process;

    private PortalProcess(IReadOnlyDictionary<string, string> settings, bool firstRun)
    {
        Url = new Uri($"http://localhost:{FreePort()}/");
        _settings = new(settings)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development", ["urls"] = Url.ToString().TrimEnd('/'),
            ["Portal__Metering__IntervalSeconds"] = "1", ["Portal__StandIns__PulsarPort"] = "0", ["Portal__StandIns__StripePort"] = "0",
        };
        // A folder that the test names is the test's.
        _settings.TryAdd("Portal__DataFolder", _folder);
        if (!firstRun) return;
        (_settings["Portal__FirstRun__Email"], _settings["Portal__FirstRun__Password"], _settings["Portal__FirstRun__ApiKey"]) = (OperatorEmail, OperatorPassword, OperatorKey);
    }

    public Uri Url { get; }

    public string DataFolder => _settings["Portal__DataFolder"];

    public string Said => _process?.Said ?? "";

    /// <param name="firstRun">False leaves the first-run page to the browser.</param>
    public static async Task<PortalProcess> StartAsync(IReadOnlyDictionary<string, string>? settings = null, bool firstRun = true)
    {
        var portal = new PortalProcess(settings ?? new Dictionary<string, string>(), firstRun);
        await portal.StartAgainAsync();
        return portal;
    }

    /// <param name="killAt">The kill point that ends it.</param>
    public async Task StartAgainAsync(string? killAt = null)
    {
        var environment = new Dictionary<string, string>(_settings);
        if (killAt is not null) environment["PORTAL_KILL_AT"] = killAt;
        if (_process is not null) await _process.DisposeAsync();
        var process = _process = ChildProcess.Start("Portal", "Portal", [], environment);
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                // One that dies at its kill point while starting has been there too.
                if (process.HasEnded) return killAt is not null ? true : throw new InvalidOperationException($"The portal ended: {process.Said}");
                try
                {
                    using var answer = await http.GetAsync(new Uri(Url, "health/ready"));
                    return answer.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            () => $"the portal is ready: {process.Said}");
    }

    public RestClient Rest() => new(Url, OperatorKey);

    /// <summary>The operator at a browser, for what keys may not do.</summary>
    public Task<RestClient> OperatorAsync() => RestClient.SignedInAsync(Url, OperatorEmail, OperatorPassword);

    public void Kill() => _process!.Kill();

    public bool HasEnded => _process!.HasEnded;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Below the ports that the system gives to connections, and each given once in a run: between the question and its use
    // nobody else takes it.
    private static int _port = 20_000 + Environment.ProcessId % 1_000 * 10;

    internal static int FreePort()
    {
        while (true)
        {
            var port = 20_000 + (Interlocked.Increment(ref _port) - 20_000) % 12_000;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }
}
