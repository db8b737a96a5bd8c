using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Portal.Adapters.PortalDatabase.Faults;
using Portal.Domain.Clusters;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>Becomes true once migrations and first-run settings are done; the stand-ins listen since before.</summary>
internal sealed class Readiness
{
    private volatile bool _prepared;

    public bool IsPrepared => _prepared;

    public void Prepared() => _prepared = true;
}

internal sealed class PreparedCheck(Readiness readiness) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(readiness.IsPrepared ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Still starting."));
}

/// <summary>The portal's own database takes a write and gives it back.</summary>
internal sealed class DatabaseCheck(DatabaseProbe probe) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await probe.FaultAsync(cancellationToken) is { } fault
            ? HealthCheckResult.Unhealthy(fault.Kind.ToString())
            : HealthCheckResult.Healthy();
}

internal static class HealthSetup
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void AddPortalHealth(this IServiceCollection services)
    {
        services.AddSingleton<Readiness>();
        services.AddHealthChecks().AddCheck<PreparedCheck>("prepared").AddCheck<DatabaseCheck>("database");
    }

    /// <summary>
    /// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve. A cluster or Stripe that is away is
    /// said in the body and makes nothing red: the portal still serves what it can.
    /// </summary>
    public static void MapPortalHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync });
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        // No descriptions and no exceptions: this answers to anybody.
        var standIns = context.RequestServices.GetRequiredService<StandIns>();
        // Names of clusters are their customers' business, unless the status page tells them to everybody.
        var named = context.RequestServices.GetRequiredService<PortalSettings>().StatusPage.Public;
        var clusters = context
            .RequestServices.GetRequiredService<IClusterCatalog>()
            .All.Select(cluster => new { Name = named || cluster.IsStandIn ? cluster.Name : null, cluster.IsStandIn });
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(
            JsonSerializer.Serialize(
                new
                {
                    status = report.Status.ToString(),
                    checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString()),
                    clusters,
                    standIns = standIns.Names,
                },
                Json
            )
        );
    }
}
