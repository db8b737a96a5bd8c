using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

public sealed partial class CollectorTests
{
    [Fact]
    public async Task What_a_dead_counter_missed_is_read_from_the_ledgers_whatever_hangs_beside_it()
    {
        var (orders, stuck) = (await TopicAsync("orders"), await TopicAsync("stuck"));
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(orders.Address, 100, 100), Row(stuck.Address, 50, 50));
        await PollAsync();
        var seen = _clock.Now();
        _clock.Advance(Minute);
        _brokers.Show("b1");
        _brokers.Show("b2", Row(orders.Address, 30, 180), Row(stuck.Address, 10, 70));
        await PollAsync();
        var recover = new RecoverWritten(_brokers, Collector, _database.Provider.GetRequiredService<IMeteredTopics>(), Settings, _clock);
        _brokers.Ledgers[orders.Address] = new(1, [new(7, 3, 150), new(9, 1, 30)]);
        _brokers.Live[orders.Address] = new("b2", Row(orders.Address, 30, 180));

        // The first look, then every picture that is older than it goes, then the second.
        await RoundAsync(() => Task.FromResult(_brokers.Asked.Contains(orders.Address)));
        Assert.Equal(130, await UsedAsync(orders));
        _clock.Advance(TimeSpan.FromSeconds(70));
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await RoundAsync(async () => await UsedAsync(orders) == 180);
        Assert.Equal(180, await UsedAsync(orders));
        Assert.Equal(60, await UsedAsync(stuck));

        var ledger = _database.Provider.GetRequiredService<IUsageLedger>();
        var recovered = Assert.Single(await ledger.RecoveredAsync(_organization.Id, seen, _clock.Now().AddSeconds(1), 10, Now));
        Assert.Equal((50L, orders.Address, orders.Id, seen), (recovered.Bytes, recovered.Partition, recovered.Topic, recovered.From));
        var sample = Assert.Single(
            (await ledger.SamplesAsync(_organization.Id, Meter.Write, orders.Id, seen, _clock.Now().AddSeconds(1), new(), Now)).Items,
            sample => sample.IsRecovered
        );
        Assert.Equal((100, 150, 50), (sample.OpenedValue, sample.ClosedValue, sample.Quantity));
        Assert.Equal(stuck.Address, Assert.Single(await Collector.LostAsync("local", "", 10, Now)).Partition);

        // The time of the one that hangs runs out once the other one is through, however slow the machine is.
        async Task RoundAsync(Func<Task<bool>> through)
        {
            var round = recover.RecoverAsync("local", null, Now);
            await Eventually.TrueAsync(through, () => "the one that answers is through");
            await Eventually.TrueAsync(
                async () =>
                {
                    await Task.Yield();
                    if (!round.IsCompleted)
                        _clock.Advance(TimeSpan.FromSeconds(11));
                    return round.IsCompleted;
                },
                () => "the round is over"
            );
            await round;
        }
    }
}
