using System.Diagnostics;
using Portal.Domain.Common;

namespace Portal.Hosting;

/// <summary>
/// Ends the process as <c>kill -9</c> does, at the point named in the file that the environment variable
/// <c>PORTAL_KILL_AT</c> names: a test arms a portal that runs by writing there. With <c>*N</c> behind the point's name,
/// whoever reaches it waits there until N have, and then all end at once.
/// </summary>
internal sealed class KillPoints : IKillPoints
{
    public const string Variable = "PORTAL_KILL_AT";

    private readonly string _armedIn;
    private int _reached;

    public KillPoints(string armedIn)
    {
        _armedIn = armedIn;
        // Who waits at a point holds a thread, and the pool adds one or two a second: what comes after would miss its deadlines waiting.
        ThreadPool.GetMinThreads(out _, out var completion);
        ThreadPool.SetMinThreads(256, completion);
    }

    public void Reached(string name)
    {
        var parts = File.ReadAllText(_armedIn).Split('*');
        if (name != parts[0])
            return;
        var waitsFor = parts.Length == 2 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : 1;
        if (Interlocked.Increment(ref _reached) < waitsFor)
            new ManualResetEventSlim().Wait();
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
        var armedIn = builder.Environment.IsDevelopment() ? builder.Configuration[KillPoints.Variable] : null;
        builder.Services.AddSingleton<IKillPoints>(string.IsNullOrEmpty(armedIn) ? new NoKillPoints() : new KillPoints(armedIn));
    }
}
