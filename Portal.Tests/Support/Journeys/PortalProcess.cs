using System.Net;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// The portal as its operator runs it: a process that can be killed, and what it said. It starts in 6 to 8 seconds of
/// processor time, nearly all of it compiling; who does neither takes <see cref="PortalHere"/>.
/// </summary>
public sealed class PortalProcess : RunningPortal
{
    private readonly string _armedIn = Path.Combine(Path.GetTempPath(), $"portal-armed-{Guid.NewGuid():N}");
    private ChildProcess? _process;
    private string? _armed;

    private PortalProcess(IReadOnlyDictionary<string, string> settings, bool firstRun)
        : base(settings, firstRun) { }

    public string Said => _process?.Said ?? "";

    /// <param name="firstRun">False leaves the first-run page to the browser.</param>
    /// <param name="armed">It may be killed at points that <see cref="Arm"/> names.</param>
    public static async Task<PortalProcess> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null,
        bool firstRun = true,
        bool armed = false
    )
    {
        var portal = new PortalProcess(settings ?? new Dictionary<string, string>(), firstRun);
        if (armed)
            portal.Arm("");
        await portal.StartAgainAsync();
        return portal;
    }

    public async Task StartAgainAsync()
    {
        var environment = new Dictionary<string, string>(Settings) { ["ASPNETCORE_ENVIRONMENT"] = "Development" };
        if (_armed is not null)
            environment["PORTAL_KILL_AT"] = _armedIn;
        if (_process is not null)
            await _process.DisposeAsync();
        var process = _process = ChildProcess.Start("Portal", "Portal", [], environment);
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                // One that dies at its kill point while starting has been there too.
                if (process.HasEnded)
                    return _armed is { Length: > 0 } ? true : throw new InvalidOperationException($"The portal ended: {process.Said}");
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
            () => $"the portal is ready: {process.Said}"
        );
    }

    /// <summary>Ends the portal at a kill point: the one that runs, if it was started armed, and each that starts afterwards.</summary>
    /// <param name="point">Empty disarms it; with <c>*N</c> when N have reached it.</param>
    public void Arm(string point)
    {
        _armed = point;
        // In one step: the portal reads it at every point that it passes.
        File.WriteAllText(_armedIn + ".new", point);
        File.Move(_armedIn + ".new", _armedIn, overwrite: true);
    }

    public void Kill() => _process!.Kill();

    /// <summary>It stays, and does nothing until it goes on.</summary>
    public void Pause() => _process!.Pause();

    public void Continue() => _process!.Continue();

    public int ProcessId => _process!.Id;

    public bool HasEnded => _process!.HasEnded;

    public override async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        File.Delete(_armedIn);
        await base.DisposeAsync();
    }
}
