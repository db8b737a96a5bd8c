using Portal.Domain.Clusters;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Hosting.Workers;

public static class MeteringSetup
{
    /// <summary>
    /// The collector, which <see cref="ClusterHost"/> runs for each registered cluster. <c>Portal:Metering:IntervalSeconds</c> is 1 to 300,
    /// 60 unless
    /// set; how long the ledger keeps what is <c>:KeepSamplesDays</c>, <c>:KeepHoursDays</c> and <c>:KeepGapsDays</c>.
    /// </summary>
    public static IServiceCollection AddMetering(this IServiceCollection services, IConfiguration configuration)
    {
        var text = configuration["Portal:Metering:IntervalSeconds"];
        var seconds = 60;
        if (!string.IsNullOrEmpty(text) && (!int.TryParse(text, out seconds) || seconds is < 1 or > 300))
            throw new InvalidOperationException($"Portal:Metering:IntervalSeconds is '{text}'; it must be a whole number from 1 to 300.");
        var interval = TimeSpan.FromSeconds(seconds);
        services.AddSingleton(new MeteringSettings(interval, TimeSpan.FromSeconds(Math.Max(10, seconds / 2))));
        services.AddSingleton<MeteringTelemetry>();
        services.AddSingleton<RecoverWritten>();
        services.AddSingleton<IFinalReading, TakeFinalReading>();
        services.AddSingleton(
            new UsageRetention(
                TimeSpan.FromDays(configuration.GetValue("Portal:Metering:KeepSamplesDays", 7)),
                Days("KeepHoursDays", 3660),
                Days("KeepGapsDays", 400),
                UsageRetention.Default.Readings
            )
        );
        services.AddHostedService<MeteringWatch>();
        return services.AddSingleton<MeteringWorker>();

        // 0 is for ever.
        TimeSpan? Days(string name, int unset) =>
            configuration.GetValue($"Portal:Metering:{name}", unset) is not 0 and var days ? TimeSpan.FromDays(days) : null;
    }
}
