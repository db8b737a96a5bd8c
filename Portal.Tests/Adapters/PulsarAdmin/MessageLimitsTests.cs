using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>What the portal's own clients take up on a cluster and in the process.</summary>
public sealed class MessageLimitsTests(SharedLocalPulsar local) : PulsarContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();

    [Fact]
    public async Task A_producer_leaves_although_timers_fire_early()
    {
        var (@namespace, _) = await TopicAsync();
        using var ports = new PulsarPorts(PulsarPorts.Registration(Pulsar), new EarlyTimers());
        var topics = Enumerable.Range(0, 10).Select(number => Given.Topic(@namespace, $"t{number}")).ToList();
        foreach (var topic in topics)
        {
            await ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
            await Task.WhenAll(
                Enumerable
                    .Range(0, 3)
                    .Select(_ =>
                        ports.Messages.SendAsync(@namespace, topic, new("x"u8.ToArray(), null, new Dictionary<string, string>()), Stop).Ok()
                    )
            );
        }
        for (var seconds = 0; seconds < 10 && await ConnectedAsync(topics) > 0; seconds++)
            await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        Assert.Equal(0, await ConnectedAsync(topics));
    }

    [Fact]
    public async Task An_organizations_many_slow_reads_say_when_to_come_again_and_leave_room_for_others()
    {
        var (@namespace, topic) = await TopicAsync();
        for (var number = 0; number < 4; number++)
            await Ports.Messages.SendAsync(@namespace, topic, new(new byte[400_000], null, new Dictionary<string, string>()), Stop).Ok();
        await using var line = new TcpRelay(Pulsar.WebSocketUrl.Port, bytesPerSecond: 40_000);
        using var far = new PulsarPorts(PulsarPorts.Registration(Pulsar) with { WebSocketUrl = new($"ws://127.0.0.1:{line.Port}") });
        var (others, orders) = await TopicAsync();
        await Ports.Messages.SendAsync(others, orders, new("hello"u8.ToArray(), null, new Dictionary<string, string>()), Stop).Ok();
        var reading = Enumerable
            .Range(0, 16)
            .Select(_ => far.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop))
            .ToList();
        await Task.Delay(TimeSpan.FromSeconds(2), Stop);
        Assert.Single((await far.Messages.ReadAsync(others, orders, new ReadQuery("earliest"), 100, Stop).Ok()).Items);
        var reads = await Task.WhenAll(reading);
        Assert.Equal(2, reads.Count(read => read.IsOk));
        Assert.All(
            reads.Where(read => !read.IsOk),
            read => Assert.True(read.Problem is Problem.Unavailable { Code: "reads-busy", RetryAfter.TotalSeconds: > 0 })
        );
        Assert.Equal(4, (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok()).Items.Count);
        // What was taken is free again.
        Assert.NotEmpty((await far.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok()).Items);
    }

    private async Task<(Namespace Namespace, Topic Topic)> TopicAsync()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return (@namespace, topic);
    }

    private async Task<int> ConnectedAsync(IEnumerable<Topic> topics)
    {
        var count = 0;
        foreach (var topic in topics)
            count += (await Pulsar.GetAsync($"/admin/v2/{topic.Address.Replace("://", "/", StringComparison.Ordinal)}/stats"))
                .GetProperty("publishers")
                .GetArrayLength();
        return count;
    }

    /// <summary>The system's clock, whose timers fire a few milliseconds before it says that their time is over.</summary>
    private sealed class EarlyTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(
                callback,
                state,
                dueTime > TimeSpan.FromMilliseconds(100) ? dueTime - TimeSpan.FromMilliseconds(8) : dueTime,
                period
            );
    }
}
