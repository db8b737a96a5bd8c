using Portal.Adapters.PortalDatabase;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Hosting.Settings;

internal static class SettingsSetup
{
    /// <summary>Reads and checks the settings; the portal listens on <see cref="PublicAddress.Default"/> unless told otherwise.</summary>
    /// <exception cref="WrongSettingException">The start ends here, with that sentence.</exception>
    public static PortalSettings AddPortalSettings(this WebApplicationBuilder builder)
    {
        var settings = SettingsReader.Read(builder.Configuration, builder.Environment);
        settings = settings with { DataFolder = Path.GetFullPath(settings.DataFolder, builder.Environment.ContentRootPath) };
        MakeDataFolder(settings.DataFolder);
        if (
            string.IsNullOrEmpty(builder.Configuration["urls"])
            && builder.Configuration["http_ports"] is null
            && builder.Configuration["https_ports"] is null
        )
            builder.WebHost.UseUrls(PublicAddress.Default);
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = ApiExceptionHandler.LargestBody;
            // Who sends slower than a modem, or never ends a header, is hung up on. The gateway's sessions are not bodies.
            server.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
            server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
#pragma warning disable RS0030 // The composition names the system clock.
        builder.Services.AddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<IPublicAddress, PublicAddress>();
        return settings;
    }

    private static void MakeDataFolder(string folder)
    {
        try
        {
            DataFolderLock.MustBeWritable(folder);
        }
        catch (InvalidOperationException refused)
        {
            throw new WrongSettingException(refused.Message);
        }
    }
}
