using Portal.Features.Accounts;
using Portal.Features.Api;
using Portal.Features.Billing;
using Portal.Features.Gateway;
using Portal.Hosting;
using Portal.Hosting.Api;
using Portal.Hosting.Identity;
using Portal.Hosting.OpenId;
using Portal.Hosting.Settings;
using Portal.Hosting.Telemetry;
using Portal.Shell;

try
{
    if (PortalCommands.IsAskedFor(args))
        return await PortalCommands.RunAsync(args);
    var builder = WebApplication.CreateBuilder(args);
    var settings = builder.AddPortalSettings();
    var standIns = await builder.AddStandInsAsync(settings);
    builder.AddAdapters(settings, standIns);
    builder.AddPortalIdentity(settings);
    builder.AddPortalOpenId(settings);
    builder.AddKillPoints();
    builder.LogThingsOnce();
    builder.AddTelemetry();
    builder.AddWorkers(settings);
    builder.Services.AddPortalHealth();
    builder.Services.AddUseCases().AddApi();
    builder.AddEdge();
    builder.Services.AddShell();
    var app = builder.Build();
    app.UseEdge(settings);
    app.UsePortalSecurityHeaders();
    app.UseErrorAnswers();
    app.UseOwnAddress().UseGateway().UseGatewayOnly(settings).UseMiddleware<OwnOrigin>();
    app.UseAuthentication();
    app.UseMiddleware<ApiRateLimit>().UseMiddleware<OpenPages>();
    app.UseRefusedCredentials();
    app.UseAuthorization();
    app.UseMiddleware<StrangersFirst>().UseMiddleware<IdempotencyKeys>();
    app.UseAntiforgery();
    app.MapTelemetry();
    app.MapPortalHealth();
    app.MapApi();
    app.MapStripeWebhook();
    app.MapAccount();
    app.MapPortalOpenId();
    app.MapShell();
    app.BuildEndpointsOnce();
    app.AnnounceWhenReady();
    await app.PrepareAsync();
    await app.ServeAsync();
    return 0;
}
catch (WrongSettingException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}
