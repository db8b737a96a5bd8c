using Portal.Domain.Clusters;
using Portal.Domain.Credentials;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

public static class PulsarAdminWiring
{
    /// <summary>The clusters of the settings, or the stand-in when there are none: <see cref="ClusterRegistration.Read"/>.</summary>
    public static IServiceCollection AddPulsarAdmin(this IServiceCollection services, IReadOnlyList<ClusterRegistration> clusters) => services
        .AddSingleton(provider => new ClusterConnections(clusters, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()))
        .AddSingleton<IClusterCatalog>(provider => provider.GetRequiredService<ClusterConnections>())
        .AddSingleton<GrantPacer>()
        .AddSingleton<PulsarClusterAdmin>()
        .AddSingleton<IClusterAdmin>(provider => provider.GetRequiredService<PulsarClusterAdmin>())
        .AddSingleton<INamespaceState>(provider => provider.GetRequiredService<PulsarClusterAdmin>())
        .AddSingleton<IBrokerStatistics, PulsarBrokerStatistics>()
        .AddSingleton<ITokenSigner, PulsarTokenSigner>();
}
