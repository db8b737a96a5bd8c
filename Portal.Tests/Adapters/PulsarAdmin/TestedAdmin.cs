using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>The admin ports of all features, asked by the portal's own entities as the use cases ask.</summary>
public sealed class TestedAdmin(IServiceProvider services)
{
    private INamespaceAdmin Namespaces => services.GetRequiredService<INamespaceAdmin>();
    private ITopicAdmin Topics => services.GetRequiredService<ITopicAdmin>();
    private IGrantAdmin Grants => services.GetRequiredService<IGrantAdmin>();

    public Task<Outcome<Done>> EnsureTenantAsync(Tenant tenant, CancellationToken stop) =>
        services.GetRequiredService<ITenantAdmin>().EnsureAsync(tenant.OnCluster, stop);

    public Task<Outcome<Done>> DeleteTenantAsync(Tenant tenant, CancellationToken stop) =>
        services.GetRequiredService<ITenantAdmin>().DeleteAsync(tenant.OnCluster, stop);

    /// <summary>The namespace without its policies.</summary>
    public Task<Outcome<Done>> EnsureNamespaceAsync(Namespace @namespace, CancellationToken stop) =>
        Namespaces.EnsureAsync(@namespace.OnCluster, stop);

    public async Task<Outcome<Done>> EnsureNamespaceAsync(Namespace @namespace, NamespacePolicies policies, CancellationToken stop)
    {
        var made = await Namespaces.EnsureAsync(@namespace.OnCluster, stop);
        return made.IsOk ? await SetPoliciesAsync(@namespace, policies, stop) : made;
    }

    public Task<Outcome<Done>> SetPoliciesAsync(Namespace @namespace, NamespacePolicies policies, CancellationToken stop) =>
        Namespaces.SetPoliciesAsync(@namespace.OnCluster, policies, stop);

    public Task<Outcome<NamespacePolicies?>> ReadPoliciesAsync(Namespace @namespace, CancellationToken stop) =>
        Namespaces.ReadPoliciesAsync(@namespace.OnCluster, stop);

    public Task<Outcome<Done>> AdmitPortalAsync(Namespace @namespace, CancellationToken stop) =>
        Namespaces.AdmitPortalAsync(@namespace.OnCluster, @namespace.MessagesRole, stop);

    public Task<Outcome<Done>> DeleteNamespaceAsync(Namespace @namespace, CancellationToken stop) =>
        Namespaces.DeleteAsync(@namespace.OnCluster, stop);

    public Task<Outcome<Done>> EnsureTopicAsync(Topic topic, CancellationToken stop) => Topics.EnsureAsync(topic.OnCluster, stop);

    public Task<Outcome<Done>> DeleteTopicAsync(Topic topic, bool force, CancellationToken stop) =>
        Topics.DeleteAsync(topic.OnCluster, force, stop);

    public Task<Outcome<TopicStats>> TopicStatsAsync(Topic topic, CancellationToken stop) => Topics.StatsAsync(topic.OnCluster, stop);

    public Task<Outcome<TopicSchema?>> SchemaAsync(Topic topic, CancellationToken stop) => Topics.SchemaAsync(topic.OnCluster, stop);

    public Task<Outcome<Done>> CreateSubscriptionAsync(Topic topic, SubscriptionName name, bool fromEarliest, CancellationToken stop) =>
        Topics.CreateSubscriptionAsync(topic.OnCluster, name, fromEarliest, stop);

    public Task<Outcome<Done>> DeleteSubscriptionAsync(Topic topic, SubscriptionName name, bool force, CancellationToken stop) =>
        Topics.DeleteSubscriptionAsync(topic.OnCluster, name, force, stop);

    public Task<Outcome<Done>> GrantTopicAsync(Topic topic, string role, bool produce, bool consume, CancellationToken stop) =>
        Grants.GrantAsync(topic.OnCluster, role, new(produce, consume), stop);

    public Task<Outcome<Done>> RevokeTopicAsync(Topic topic, string role, CancellationToken stop) =>
        Grants.RevokeAsync(topic.OnCluster, role, stop);

    public Task<Outcome<Done>> GrantConsumeAsync(Namespace @namespace, string role, CancellationToken stop) =>
        Grants.GrantConsumeAsync(@namespace.OnCluster, role, stop);

    public Task<Outcome<Done>> RevokeNamespaceAsync(Namespace @namespace, string role, CancellationToken stop) =>
        Grants.RevokeAsync(@namespace.OnCluster, role, stop);

    public Task<Outcome<ClusterHealth>> CheckAsync(string cluster, CancellationToken stop) =>
        services.GetRequiredService<IClusterHealth>().CheckAsync(cluster, stop);

    public Task<Outcome<ClusterHealth>> CheckAsync(ClusterRegistration candidate, CancellationToken stop) =>
        services.GetRequiredService<IClusterHealth>().CheckAsync(candidate, stop);
}
