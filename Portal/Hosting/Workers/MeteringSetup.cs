using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Hosting.Workers;

public static class MeteringSetup
{
    /// <summary>The collector: one worker per cluster of the settings. <c>Portal:Metering:IntervalSeconds</c> is 1 to 300, 60 unless set.</summary>
    public static IServiceCollection AddMetering(this IServiceCollection services, IConfiguration configuration, IEnumerable<string> clusters)
    {
        var text = configuration["Portal:Metering:IntervalSeconds"];
        var seconds = 60;
        if (!string.IsNullOrEmpty(text) && (!int.TryParse(text, out seconds) || seconds is < 1 or > 300))
            throw new InvalidOperationException($"Portal:Metering:IntervalSeconds is '{text}'; it must be a whole number from 1 to 300.");
        var interval = TimeSpan.FromSeconds(seconds);
        services.AddSingleton(new MeteringSettings(interval, TimeSpan.FromSeconds(Math.Max(10, seconds / 2))));
        services.AddSingleton<IFinalReading, TakeFinalReading>();
        foreach (var cluster in clusters)
        {
            services.AddSingleton<IHostedService>(provider => new MeteringWorker(
                cluster, provider.GetRequiredService<PollCluster>(), provider.GetRequiredService<MeteringSettings>(), provider.GetRequiredService<IChanges>(), provider.GetRequiredService<ILeases>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MeteringWorker>>()));
        }
        return services;
    }
}
