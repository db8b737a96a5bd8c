using System.Diagnostics;
using Portal.Domain.Common;

namespace Portal.Hosting;

/// <summary>
/// Ends the process as <c>kill -9</c> does, at the point named by the environment variable <c>PORTAL_KILL_AT</c>. With
/// <c>*N</c> behind the name, whoever reaches it waits there until N have, and then all end at once.
/// </summary>
internal sealed class KillPoints : IKillPoints
{
    public const string Variable = "PORTAL_KILL_AT";

    private readonly string _armed;
    private readonly int _waitsFor = 1;
    private int _reached;

    public KillPoints(string armed)
    {
        var parts = armed.Split('*');
        _armed = parts[0];
        if (parts.Length == 2) _waitsFor = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Reached(string name)
    {
        if (name != _armed) return;
        if (Interlocked.Increment(ref _reached) < _waitsFor) new ManualResetEventSlim().Wait();
        using var self = Process.GetCurrentProcess();
        self.Kill();
        // SIGKILL is on its way: nothing may run past the point.
        self.WaitForExit();
    }
}

internal static class KillPointsSetup
{
    /// <summary>Development only; elsewhere the points do nothing, whatever the environment says.</summary>
    public static void AddKillPoints(this WebApplicationBuilder builder)
    {
        var armed = builder.Environment.IsDevelopment() ? builder.Configuration[KillPoints.Variable] : null;
        builder.Services.AddSingleton<IKillPoints>(string.IsNullOrEmpty(armed) ? new NoKillPoints() : new KillPoints(armed));
    }
}
