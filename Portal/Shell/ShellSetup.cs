using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using MudBlazor.Services;
using Portal.Ui;

namespace Portal.Shell;

/// <summary>Pages, their layouts and what they stand on.</summary>
public static class ShellSetup
{
    public static IServiceCollection AddShell(this IServiceCollection services)
    {
        services
            .AddRazorComponents()
            .AddInteractiveServerComponents()
            .AddHubOptions(options => options.MaximumReceiveMessageSize = TextInput.HubMessageBytes);
        services.AddScoped<PageLife>();
        services.AddCascadingAuthenticationState();
        services.AddAuthorization();
        services.AddMudServices(options =>
        {
            options.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            options.SnackbarConfiguration.VisibleStateDuration = 4000;
            options.SnackbarConfiguration.PreventDuplicates = true;
        });
        services.TryAddSingleton(Installation.Default);
        return services;
    }

    /// <summary>Wants <c>UseAntiforgery</c>, authentication and authorisation before it.</summary>
    public static WebApplication MapShell(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }
}
