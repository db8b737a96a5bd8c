using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

public abstract partial class UsageLedgerContract
{
    private sealed record World(TestDatabase Database, Organization Organization, Topic Topic) : IAsyncDisposable
    {
        public ICollectorLedger Collector => Database.Provider.GetRequiredService<ICollectorLedger>();
        public IUsageLedger Ledger => Database.Provider.GetRequiredService<IUsageLedger>();
        public MeteredTopic Metered => new(Topic.Id, Organization.Id, Topic.Partitions, false);

        public MeteredDelta Delta(Meter meter, double from, double to, long quantity, string broker = "b1", long value = 0) =>
            new(
                meter,
                Metered,
                broker,
                Topic.Address,
                Start.AddSeconds(from),
                Start.AddSeconds(to),
                value,
                meter == Meter.Storage ? value : value + quantity,
                quantity
            );

        public Task WriteAsync(params MeteredDelta[] deltas) => WriteAsync(new PollResult(deltas, [], [], TrafficApart.None));

        public async Task WriteAsync(PollResult part)
        {
            await Collector.BeginAsync("local", Start, Now);
            await Collector.AdvanceAsync("local", null, new(null, null), (_, _) => part, Now);
        }

        public Task StandAsync(double completeTo, params BrokerMetering[] brokers) =>
            Collector.SaveAsync(
                new("local", Start.AddSeconds(completeTo + 60), Start, Start.AddSeconds(completeTo), brokers, TrafficApart.None),
                null,
                Now
            );

        public async Task<Int128> TotalAsync(Meter meter, double from, double to) =>
            (await Ledger.TotalsAsync(Organization.Id, Start.AddSeconds(from), Start.AddSeconds(to), Now)).GetValueOrDefault(meter);

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }

    private async Task<World> WorldAsync(int partitions = 0)
    {
        var database = await NewAsync(_clock);
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", _clock.Now());
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", _clock.Now());
        var @namespace = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, _clock.Now());
        var topic = new Topic(new(_clock.NewUuid()), @namespace, TopicName.Create("orders").Value, true, partitions, _clock.Now());
        topic.Ready(Start);
        await database.Database.UpdateAsync(
            null,
            session =>
            {
                session.Organizations.Add(organization);
                session.Tenants.Add(tenant);
                session.Tenants.Add(@namespace);
                session.Topics.Add(topic);
                return Task.FromResult(0);
            },
            Now
        );
        return new(database, organization, topic);
    }
}
