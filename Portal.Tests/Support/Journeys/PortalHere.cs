using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Portal.Hosting.Settings;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// The portal in the process of the tests, listening like any other: the same composition and the same wire, without the
/// seconds that a new process spends on compiling what this one has compiled.
/// </summary>
public sealed class PortalHere : RunningPortal
{
    private readonly Factory _host;

    private PortalHere(IReadOnlyDictionary<string, string> settings, bool firstRun, Action<IServiceCollection> replace)
        : base(settings, firstRun) => _host = new Factory(Settings, replace);

    public IServiceProvider Services => _host.Services;

    /// <param name="replace">What the test puts in the place of an outside system; null for nothing.</param>
    public static async Task<PortalHere> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null,
        bool firstRun = true,
        Action<IServiceCollection>? replace = null
    )
    {
        var portal = new PortalHere(settings ?? new Dictionary<string, string>(), firstRun, replace ?? (_ => { }));
        // Starting blocks until the portal serves.
        await Task.Run(() =>
        {
            portal._host.UseKestrel(kestrel => kestrel.ListenLocalhost(portal.Url.Port));
            portal._host.StartServer();
        });
        return portal;
    }

    public override async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await base.DisposeAsync();
    }

    private sealed class Factory(Dictionary<string, string> settings, Action<IServiceCollection> replace)
        : WebApplicationFactory<PortalSettings>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            // Where it listens is said to Kestrel itself.
            foreach (var (name, value) in settings.Where(setting => setting.Key != "urls"))
                builder.UseSetting(name.Replace("__", ":", StringComparison.Ordinal), value);
            builder.ConfigureTestServices(replace);
            builder.ConfigureServices(services =>
                services
                    .PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1_000)
                    // At a test's end a browser may still hold its connection; nobody waits until it lets go.
                    .PostConfigure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1))
            );
        }
    }
}
