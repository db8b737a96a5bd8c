using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

/// <summary>What each of an organization's many topics costs.</summary>
public sealed class UsageByTopicTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_page_of_topics_over_two_lines_costs_what_its_topics_cost_however_many_there_are()
    {
        var organization = await _world.ReadAsync(async session => (await session.Organizations.FindAsync("northwind", default))!.Id);
        TopicId[] topics = [.. Enumerable.Range(0, 450).Select(number => new TopicId(new Guid(number, 0, 0, new byte[8])))];
        foreach (var topic in topics)
            _world.Ledger.Add(organization, Meter.Write, BillingWorld.November.AddDays(2), ByteSize.GiB / 10, topic);
        await _world.CloseAsync(early: true);
        foreach (var topic in topics)
            _world.Ledger.Add(organization, Meter.Write, _world.Clock.GetUtcNow(), ByteSize.GiB / 10, topic);
        _world.Ledger.Asked.Clear();

        var usage = (
            await new GetUsage(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                BillingWorld.Owner,
                "northwind",
                UsageRequest.Create(null, "2026-12-01T00:00:00Z", "topic", "total", _world.Clock).Value,
                new PageRequest(100),
                default
            )
        ).Value;
        Assert.Equal(100, usage.Items.Items.Count);
        Assert.All(usage.Items.Items, item => Assert.Equal(usage.Items.Items[0].Amount, item.Amount));
        Assert.True(usage.Items.Items[0].Amount > 0);
        // The page itself, and of each of the two lines what its hundred topics used: nothing walks through the other 350.
        Assert.Equal([null, 100, 100], _world.Ledger.Asked.Select(asked => asked.Query.Topics?.Count));
    }
}
