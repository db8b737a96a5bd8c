using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Adapters.KafkaSource.Apart;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

public static class KafkaWiring
{
    /// <summary>
    /// Customers' Kafka clusters: looked at, read, and on the way back written. All of it in processes of their own; no
    /// Kafka client lives in the portal's.
    /// </summary>
    /// <param name="reach">Which addresses customers' clusters may have.</param>
    public static IServiceCollection AddKafkaSource(this IServiceCollection services, KafkaReach reach, KafkaChildSettings? settings = null)
    {
        services.TryAddSingleton<ILoggerFactory>(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        services.TryAddSingleton(typeof(ILogger<>), typeof(Logger<>));
        return services
            .AddSingleton(provider => new KafkaChildren(
                reach,
                settings ?? KafkaChildSettings.Default,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<KafkaChildren>>()
            ))
            .AddSingleton<KafkaChildCalls>()
            .AddSingleton<IKafkaCluster, ApartCluster>()
            .AddSingleton<IKafkaPartitions, ApartPartitions>()
            .AddSingleton<IKafkaBack, ApartBack>();
    }
}
