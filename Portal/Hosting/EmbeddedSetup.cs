using Microsoft.AspNetCore.Connections;
using Portal.Domain.Common;
using Portal.Hosting.Identity;
using Portal.Hosting.Settings;
using Portal.Shell;

namespace Portal.Hosting;

internal static class EmbeddedSetup
{
    /// <summary>Starts the stand-ins that no setting replaces.</summary>
    public static async Task<StandIns> AddStandInsAsync(this WebApplicationBuilder builder, PortalSettings settings)
    {
#pragma warning disable RS0030 // The composition names the system clock.
        var standIns = await ApartAsync(() =>
            StandIns.StartAsync(
                settings,
                builder.Configuration.GetSection("Logging"),
                TimeProvider.System,
                builder.Environment.IsDevelopment()
            )
        );
#pragma warning restore RS0030
        builder.Configuration.AddInMemoryCollection(standIns.StripeSettings);
        builder.Services.AddSingleton(standIns);
        builder.Services.AddHostedService(services => services.GetRequiredService<StandIns>());
        builder.Services.AddSingleton(
            Installation.Default with
            {
                StandIns = standIns.Names,
                IsProduction = builder.Environment.IsProduction(),
                IsDevelopment = builder.Environment.IsDevelopment(),
            }
        );
        return standIns;
    }

    /// <summary>
    /// Hosts of their own: nothing ambient of this one flows in, or a test host would take the first that is built for
    /// the portal.
    /// </summary>
    private static Task<StandIns> ApartAsync(Func<Task<StandIns>> start)
    {
        using (ExecutionContext.SuppressFlow())
            return Task.Run(start);
    }

    /// <summary>Serves until the process is told to stop.</summary>
    /// <exception cref="WrongSettingException">Another program listens where the portal should.</exception>
    public static async Task ServeAsync(this WebApplication app)
    {
        try
        {
            await app.RunAsync();
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            throw new WrongSettingException(
                $"urls: the portal cannot listen there, another program does ({taken.Message}). "
                    + "Stop it, or choose another address, for example --urls http://localhost:5090."
            );
        }
    }

    /// <summary>The one line that a person waits for, and what to do while there is no account.</summary>
    public static void AnnounceWhenReady(this WebApplication app) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var address = app.Services.GetRequiredService<IPublicAddress>();
            app.Services.GetRequiredService<StandIns>().SendEventsTo(address);
            Console.WriteLine($"Portal is at {address.Url.GetLeftPart(UriPartial.Authority)}");
            if (app.Services.GetRequiredService<FirstRun>().Invitation is { } invitation)
                Console.WriteLine(invitation);
        });
}
