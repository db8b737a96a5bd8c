using System.Net;
using System.Net.Sockets;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// A portal at an address of its own, with a data folder and settings. Unattended installation makes the operator's account
/// and API key. The folder outlives a restart and goes with the object.
/// </summary>
public abstract class RunningPortal : IAsyncDisposable
{
    public const string OperatorEmail = "operator@example.com";
    public const string OperatorPassword = "correct horse battery staple 9";
    public const string OperatorKey = "journey-key-0123456789abcdef0123456789";

    // Below the ports that the system gives to connections, and each given once in a run: between the question and its use
    // nobody else takes it.
    private static int _port = 20_000 + Environment.ProcessId % 1_000 * 10;

    private readonly string _folder = PreparedFolder.ForPortal("portal-journey-");

    /// <param name="settings">By the names that environment variables have, with <c>__</c>.</param>
    /// <param name="firstRun">False leaves the first-run page to the browser.</param>
    protected RunningPortal(IReadOnlyDictionary<string, string> settings, bool firstRun)
    {
        Url = new Uri($"http://localhost:{FreePort()}/");
        Settings = new(settings)
        {
            ["urls"] = Url.ToString().TrimEnd('/'),
            ["Portal__Metering__IntervalSeconds"] = "1",
            ["Portal__StandIns__PulsarPort"] = "0",
            ["Portal__StandIns__StripePort"] = "0",
        };
        // A folder that the test names is the test's.
        Settings.TryAdd("Portal__DataFolder", _folder);
        if (!firstRun)
            return;
        (Settings["Portal__FirstRun__Email"], Settings["Portal__FirstRun__Password"]) = (OperatorEmail, OperatorPassword);
        Settings["Portal__FirstRun__ApiKey"] = OperatorKey;
    }

    public Uri Url { get; }

    public string DataFolder => Settings["Portal__DataFolder"];

    protected Dictionary<string, string> Settings { get; }

    public RestClient Rest() => new(Url, OperatorKey);

    /// <summary>The operator at a browser, for what keys may not do.</summary>
    public Task<RestClient> OperatorAsync() => RestClient.SignedInAsync(Url, OperatorEmail, OperatorPassword);

    public virtual async ValueTask DisposeAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 20)
            {
                // A step that did not end within the host's time to stop still writes there.
                await Task.Delay(100);
            }
        }
    }

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
