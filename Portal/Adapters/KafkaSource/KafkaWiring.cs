using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

public static class KafkaWiring
{
    /// <param name="reach">Which addresses customers' clusters may have.</param>
    public static IServiceCollection AddKafkaSource(this IServiceCollection services, KafkaReach reach) => services
        .AddSingleton(reach)
        .AddSingleton<IKafkaCluster, KafkaCluster>();
}
