using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Portal.Shell;
using Portal.Ui;
using Prometheus;

namespace Portal.Hosting.Telemetry;

internal static class TelemetrySetup
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The runtime's own meter and source of HTTP clients; whom they call is said with <see cref="PeerTag"/>.</summary>
    private const string CallsOut = "System.Net.Http";

    /// <summary>Traces and metrics over OTLP, only where the standard variable names a collector.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[Endpoint]))
            return;
        builder
            .Services.AddOpenTelemetry()
            .WithTracing(tracing =>
                tracing.AddAspNetCoreInstrumentation().AddSource("Portal", "Microsoft.AspNetCore.Components*", CallsOut).AddOtlpExporter()
            )
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddMeter("Portal*", CallsOut).AddOtlpExporter());
    }

    /// <summary>Prometheus text for the operator: an API key or cookie of one, or Development's own machine.</summary>
    public static void MapTelemetry(this WebApplication app)
    {
        app.UseHttpMetrics();
        // Of the hundreds of gauges of the runtime and its libraries only those of the process; our own by their meter.
        Metrics.ConfigureEventCounterAdapter(options => options.EventSourceFilterPredicate = _ => false);
        Metrics.ConfigureMeterAdapter(options =>
            options.InstrumentFilterPredicate = instrument =>
                instrument.Meter.Name.StartsWith("Portal", StringComparison.Ordinal)
                || instrument is { Meter.Name: CallsOut, Name: "http.client.request.duration" }
        );
        app.MapMetrics("/metrics")
            .RequireAuthorization(policy => policy.RequireAssertion(check => check.Resource is HttpContext context && Allowed(context)));
    }

    private static bool Allowed(HttpContext context) =>
        context.User.IsInRole(ActorClaims.Operator) || context.RequestServices.GetRequiredService<IRequestOrigin>().IsDeveloper;
}
