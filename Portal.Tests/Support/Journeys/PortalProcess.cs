using System.Net;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// The portal as its operator runs it: a process that can be killed, and what it said. It starts in 6 to 8 seconds of
/// processor time, nearly all of it compiling; who does neither takes <see cref="PortalHere"/>.
/// </summary>
public sealed class PortalProcess : RunningPortal
{
    private ChildProcess? _process;

    private PortalProcess(IReadOnlyDictionary<string, string> settings, bool firstRun) : base(settings, firstRun)
    {
    }

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
        var environment = new Dictionary<string, string>(Settings) { ["ASPNETCORE_ENVIRONMENT"] = "Development" };
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

    public void Kill() => _process!.Kill();

    /// <summary>It stays, and does nothing until it goes on.</summary>
    public void Pause() => _process!.Pause();

    public void Continue() => _process!.Continue();

    public bool HasEnded => _process!.HasEnded;

    public override async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        await base.DisposeAsync();
    }
}
