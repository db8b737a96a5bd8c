using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>
/// A portal that has stopped leaves nothing running: what still holds one has timers that tick for ever. In one process
/// there is one portal; in that of the tests there are hundreds, and what each left behind cost the later ones minutes.
/// </summary>
public sealed class LeftBehindTests
{
    // In a process of its own: what other tests leave running at this moment may hold any portal.
    [Fact]
    [Trait("tier", "thorough")]
    public async Task A_portal_that_stopped_is_forgotten()
    {
        // What belongs to the process, such as its metrics, may know the first portal for good.
        await ComeAndGoAsync();
        var portal = await ComeAndGoAsync();
        for (var look = 0; look < 10 && portal.IsAlive; look++)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(portal.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> ComeAndGoAsync()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        Assert.True((await api.GetAsync("/api/v1/organizations", TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        using var page = portal.Browser();
        Assert.True((await page.GetAsync("/sign-in", TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        return new(portal.Services.GetRequiredService<IAttemptLimiter>());
    }
}
