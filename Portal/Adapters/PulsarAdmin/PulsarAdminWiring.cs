using Portal.Domain.Clusters;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Desired;
using Portal.Domain.Gateway;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

public static class PulsarAdminWiring
{
    /// <summary>With these clusters for good.</summary>
    public static IServiceCollection AddPulsarAdmin(this IServiceCollection services, IReadOnlyList<ClusterRegistration> clusters) =>
        services
            .AddSingleton(new FixedClusters(clusters))
            .AddSingleton<IClusterCatalog>(provider => provider.GetRequiredService<FixedClusters>())
            .AddSingleton<IClusterAccess>(provider => provider.GetRequiredService<FixedClusters>())
            .AddPulsarAdmin();

    /// <summary>With the clusters of <see cref="IClusterAccess"/> as they are at each call.</summary>
    public static IServiceCollection AddPulsarAdmin(this IServiceCollection services) =>
        services
            .AddSingleton<ClusterConnections>()
            .AddSingleton<GrantPacer>()
            .AddSingleton<IClusterHealth, PulsarHealth>()
            .AddSingleton<ITenantAdmin, PulsarTenants>()
            .AddSingleton<PulsarNamespaces>()
            .AddSingleton<INamespaceAdmin>(provider => provider.GetRequiredService<PulsarNamespaces>())
            .AddSingleton<INamespaceState>(provider => provider.GetRequiredService<PulsarNamespaces>())
            .AddSingleton<ITopicAdmin, PulsarTopics>()
            .AddSingleton<ISubscriptionAdmin, PulsarSubscriptions>()
            .AddSingleton<ISubscriptionProgress, PulsarProgress>()
            .AddSingleton<IConnectorAdmin, PulsarConnectors>()
            .AddSingleton<IFunctionPackages, PulsarPackages>()
            .AddSingleton<ISchemaAdmin, PulsarSchemas>()
            .AddSingleton<ITopicEnds, PulsarTopicEnds>()
            .AddSingleton<IMessageOrigins, PulsarOrigins>()
            .AddSingleton<ISubscriptionCursors, PulsarCursors>()
            .AddSingleton<IRepeats, PulsarRepeats>()
            .AddSingleton<PulsarGrants>()
            .AddSingleton<IGrantAdmin>(provider => provider.GetRequiredService<PulsarGrants>())
            .AddSingleton<IConnectedClients, PulsarClients>()
            .AddSingleton<IBrokerStatistics, PulsarBrokerStatistics>()
            .AddSingleton<ITopicFigures, PulsarTopicFigures>()
            .AddSingleton<PulsarTokenSigner>()
            .AddSingleton<ITokenSigner>(provider => provider.GetRequiredService<PulsarTokenSigner>())
            .AddSingleton<ITokenVerifier>(provider => provider.GetRequiredService<PulsarTokenSigner>());
}
