using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Portal.Shell;
using Portal.Ui;
using Prometheus;

namespace Portal.Hosting.Telemetry;

internal static class TelemetrySetup
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Traces and metrics over OTLP, only where the standard variable names a collector.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[Endpoint])) return;
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddSource("Portal").AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddMeter("Portal").AddOtlpExporter());
    }

    /// <summary>Prometheus text for the operator: an API key or cookie of one, or Development's own machine.</summary>
    public static void MapTelemetry(this WebApplication app)
    {
        app.UseHttpMetrics();
        // Of the hundreds of gauges of the runtime and its libraries only those of the process; our own by their meter.
        Metrics.ConfigureEventCounterAdapter(options => options.EventSourceFilterPredicate = _ => false);
        Metrics.ConfigureMeterAdapter(options => options.InstrumentFilterPredicate = instrument => instrument.Meter.Name.StartsWith("Portal", StringComparison.Ordinal));
        app.MapMetrics("/metrics").RequireAuthorization(policy => policy.RequireAssertion(check => check.Resource is HttpContext context && Allowed(context)));
    }

    private static bool Allowed(HttpContext context) =>
        context.User.IsInRole(ActorClaims.Operator) || context.RequestServices.GetRequiredService<IRequestOrigin>().IsDeveloper;
}
