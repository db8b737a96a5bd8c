using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

public static class KafkaCopyWiring
{
    /// <summary>Reading the partitions that are copied, and the one way back.</summary>
    public static IServiceCollection AddKafkaPartitions(this IServiceCollection services) => services.AddSingleton<IKafkaPartitions, KafkaPartitions>().AddSingleton<IKafkaBack, KafkaBack>();
}
