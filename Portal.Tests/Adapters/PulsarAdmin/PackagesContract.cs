using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Tests.Support.Fakes;
using Portal.Tests.Support.Journeys;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>Packages on a cluster: stored, replaced, deleted, and what workers say of how they separate functions.</summary>
public abstract class PackagesContract : PulsarContract
{
    [Fact]
    public async Task A_package_is_stored_replaced_and_deleted_as_often_as_one_likes()
    {
        var (_, @namespace) = await NamespaceAsync();
        var package = new PackageAddress(PulsarPorts.ClusterName, @namespace.TenantName, @namespace.Name, "code", "1.0-beta_2");
        await Ports.Packages.DeleteAsync(package, Stop).Ok();
        for (var life = 0; life < 2; life++)
        {
            await Ports.Packages.UploadAsync(package, new MemoryStream("def process(input):\n    return input\n"u8.ToArray()), Stop).Ok();
            // Of an upload that nobody saw the end of.
            await Ports.Packages.UploadAsync(package, new MemoryStream(Archives.Binary(62)), Stop).Ok();
            await Ports.Packages.DeleteAsync(package, Stop).Ok();
            await Ports.Packages.DeleteAsync(package, Stop).Ok();
        }
    }

    /// <summary>LocalPulsar runs no packages; the servers of the tests run functions as threads.</summary>
    protected abstract RuntimeFinding Finding { get; }

    [Fact]
    public async Task How_functions_are_separated_is_found_out_and_nothing_is_left_of_the_look()
    {
        RuntimeLook? look = null;
        await Eventually.TrueAsync(
            async () =>
                (await Ports.Packages.LookAtRuntimeAsync(PulsarPorts.ClusterName, Stop)).TryGet(out look, out _) && look.Finding == Finding,
            () => $"the worker says how: {look}"
        );
        Assert.NotNull(look!.Says);
        await Ports
            .Connectors.StatusAsync(new(PulsarPorts.ClusterName, "public", "default", "portal-runtime-check", ConnectorKind.Function), Stop)
            .Refused("connector-not-on-cluster");
    }
}
