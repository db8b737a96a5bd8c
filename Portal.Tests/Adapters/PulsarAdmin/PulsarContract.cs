using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>A contract test against one Pulsar.</summary>
public abstract class PulsarContract : IAsyncLifetime
{
    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected PulsarEndpoint Pulsar { get; private set; } = null!;

    protected PulsarPorts Ports { get; private set; } = null!;

    /// <summary>The Pulsar that the class is about.</summary>
    protected abstract Task<PulsarEndpoint> StartAsync();

    public async ValueTask InitializeAsync()
    {
        Pulsar = await StartAsync();
        Ports = PulsarPorts.To(Pulsar);
    }

    public ValueTask DisposeAsync()
    {
        Ports?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A tenant of its own and a namespace with a plan's limits.</summary>
    protected async Task<(Tenant Tenant, Namespace Namespace)> NamespaceAsync(PlanCode? plan = null)
    {
        var tenant = Given.Tenant();
        var @namespace = Given.Namespace(tenant);
        await Ports.Admin.EnsureTenantAsync(tenant, Stop).Ok();
        await Ports.Admin.EnsureNamespaceAsync(@namespace, NamespacePolicies.Of(ShippedPlans.Of(plan ?? PlanCode.Payg).Limits), Stop).Ok();
        return (tenant, @namespace);
    }
}
