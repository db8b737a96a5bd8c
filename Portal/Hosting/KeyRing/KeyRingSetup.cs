using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Portal.Adapters.PortalDatabase;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Features.Operator;
using Portal.Hosting.Settings;

namespace Portal.Hosting.KeyRing;

/// <summary>The key ring that seals everything secret: in the database, for all replicas, encrypted with the key of the settings.</summary>
internal static class KeyRingSetup
{
    public static void AddKeyRing(this WebApplicationBuilder builder, PortalSettings settings)
    {
        var keys = KeyRingKeys.Read(settings.KeyRing);
        builder.Services.AddSingleton(keys);
        builder.Services.AddSingleton(
            new InstallationFacts(
                ChargesForReal: !settings.UsesLocalStripe,
                SendsEmail: settings.Mail.Host is not null,
                HasPublicUrl: settings.PublicUrl is not null,
                EncryptsKeyRing: keys.Current is not null,
                RequiresSecondFactor: settings.Operators.RequireSecondFactor
            )
        );
        builder.Services.AddSingleton<KeyRingRows>();
        builder.Services.AddSingleton<KeyRingAtStart>();
        builder.Services.AddDataProtection().SetApplicationName("Portal").PersistKeysToDbContext<PortalDbContext>();
        if (keys.Current is not null)
        {
            builder.Services.Configure<KeyManagementOptions>(options => options.XmlEncryptor = new KeyRingEncryptor(keys));
            return;
        }
        builder.Services.AddSingleton(new InstallationWarning(KeyRingAtStart.InClear));
        // The framework's own warning, with each new key, names no setting; ours is said once.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
    }
}
