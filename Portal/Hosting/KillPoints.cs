using System.Diagnostics;
using Portal.Domain.Common;

namespace Portal.Hosting;

/// <summary>Ends the process as <c>kill -9</c> does, at the point named by the environment variable <c>PORTAL_KILL_AT</c>.</summary>
internal sealed class KillPoints(string armed) : IKillPoints
{
    public const string Variable = "PORTAL_KILL_AT";

    public void Reached(string name)
    {
        if (name != armed) return;
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
