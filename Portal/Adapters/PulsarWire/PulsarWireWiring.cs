using Portal.Domain.Migration;

namespace Portal.Adapters.PulsarWire;

public static class PulsarWireWiring
{
    /// <summary>Writing and reading partitions over the binary protocol; needs the ports of AddPulsarAdmin.</summary>
    public static IServiceCollection AddPulsarWire(this IServiceCollection services) =>
        services.AddSingleton<IPulsarPartitions, PulsarPartitions>();
}
