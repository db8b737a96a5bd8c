using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

public abstract partial class UsageLedgerContract
{
    [Fact]
    public async Task Partitions_run_from_ready_until_deletion_was_asked_for_and_not_beyond_complete()
    {
        await using var world = await WorldAsync(partitions: 3);
        Assert.Equal(0, await world.TotalAsync(Meter.Partitions, 0, 3600));
        await world.StandAsync(100);
        Assert.Equal(300, await world.TotalAsync(Meter.Partitions, -7200, 3600));
        await world.Database.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Topics.FindAsync(world.Topic.Id, Now))!.Delete(Start.AddSeconds(50));
                return 0;
            },
            Now
        );
        Assert.Equal(150, await world.TotalAsync(Meter.Partitions, -7200, 3600));
        Assert.Equal(60, await world.TotalAsync(Meter.Partitions, 30, 3600));
    }

    [Fact]
    public async Task Connectors_run_by_their_instances_and_stand_under_their_own_names()
    {
        await using var world = await WorldAsync();
        await world.StandAsync(1000);
        var (beats, _) = await ConnectorAsync(world, "beats", 2, (0, 100), (200, null));
        var (gone, _) = await ConnectorAsync(world, "gone", 1, (50, 60));
        // Two instances for 100 s, and from 200 s to where the cluster is complete; one for 10 s.
        Assert.Equal(2 * (100 + 800) + 10, await world.TotalAsync(Meter.Connectors, 0, 3600));
        Assert.Equal(
            2 * 50 + 2 * 50,
            await world.TotalAsync(Meter.Connectors, -50, 50) + await world.TotalAsync(Meter.Connectors, 950, 5000)
        );

        var slices = (
            await world.Ledger.SlicesAsync(
                new(world.Organization.Id, Start, Start.AddDays(1), UsageInterval.Total, true, true, true),
                new(),
                Now
            )
        ).Items;
        Assert.Equal(
            [(beats, "beats", 2 * 900), (gone, "gone", 10)],
            slices
                .Where(slice => slice.Meter == Meter.Connectors)
                .Select(slice => (slice.ConnectorId!.Value, slice.Connector!, (int)slice.Quantity))
                .OrderByDescending(one => one.Item3)
        );
        Assert.All(
            slices,
            slice =>
                Assert.Equal(("shop", "default", slice.Meter == Meter.Connectors), (slice.Tenant, slice.Namespace, slice.TopicId is null))
        );
        var byTenant = (
            await world.Ledger.SlicesAsync(
                new(
                    world.Organization.Id,
                    Start,
                    Start.AddDays(1),
                    UsageInterval.Hour,
                    true,
                    false,
                    false,
                    Meter.Connectors,
                    [world.Topic.TenantId]
                ),
                new(),
                Now
            )
        ).Items;
        Assert.Equal(2 * 900 + 10, (int)Assert.Single(byTenant).Quantity);
        // Asked for a topic, there is only the topic.
        var ofTopic = await world.Ledger.SlicesAsync(
            new(world.Organization.Id, Start, Start.AddDays(1), UsageInterval.Total, false, false, true, null, null, [world.Topic.Id]),
            new(),
            Now
        );
        Assert.DoesNotContain(ofTopic.Items, slice => slice.Meter == Meter.Connectors);
    }

    private async Task<(ConnectorId Id, Connector Connector)> ConnectorAsync(
        World world,
        string name,
        int instances,
        params (double Since, double? Until)[] runs
    )
    {
        var connector = await world.Database.Database.UpdateAsync(
            null,
            async session =>
            {
                var inside = (await session.Tenants.FindNamespaceAsync(world.Topic.NamespaceId, Now))!;
                var made = new Connector(
                    new(_clock.NewUuid()),
                    inside,
                    ConnectorName.Create(name).Value,
                    new(ConnectorKind.Source, "heartbeat", null),
                    [world.Topic.Address],
                    null,
                    false,
                    new(Guarantee.AtLeastOnce, instances, [], null, []),
                    ConnectorWish.Run,
                    Start
                );
                session.Connectors.Add(made);
                return made;
            },
            Now
        );
        foreach (var (since, until) in runs)
        {
            await world.Database.Database.UpdateAsync(
                null,
                session =>
                {
                    var run = new ConnectorRun(connector, Start.AddSeconds(since));
                    if (until is { } end)
                        run.End(Start.AddSeconds(end));
                    session.Connectors.Add(run);
                    return Task.FromResult(0);
                },
                Now
            );
        }
        return (connector.Id, connector);
    }
}
