using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Portal.Domain.Federation;
using Portal.Hosting.Settings;
using Portal.Ui;

namespace Portal.Hosting.ExternalSignIn;

internal static class ExternalSignInSetup
{
    public static void AddExternalSignIn(this WebApplicationBuilder builder, PortalSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton<ISignInProviders, SettingsProviders>();
        services.AddSingleton(new IssuerRule(builder.Environment.IsDevelopment() || settings.SignIn.AllowPrivateProviders));
        services.AddSingleton<OutboundGate>();
        services.AddSingleton<ExternalSchemes>();
        services.AddSingleton<IConfigureOptions<OpenIdConnectOptions>>(provider => provider.GetRequiredService<ExternalSchemes>());
        // What AddOpenIdConnect adds besides a scheme.
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>()
        );
        services.AddSingleton<LinkWord>();
        services.AddScoped<ILinkStart, LinkStart>();
        services.AddScoped<IPendingLink, PendingLink>();
    }
}
