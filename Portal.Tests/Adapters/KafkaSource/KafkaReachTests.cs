using System.Net;
using Portal.Adapters.KafkaSource;
using Portal.Domain.Migration;
using Portal.Hosting.ExternalSignIn;

namespace Portal.Tests.Adapters.KafkaSource;

/// <summary>Where a customer's address, or what a hostile cluster advertises, may lead.</summary>
public sealed class KafkaReachTests
{
    private static readonly KafkaReach Public = new(OutboundGate.IsPublic);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1:9092")]
    [InlineData("127.1:9092")]
    [InlineData("2130706433:9092")]
    [InlineData("0x7f.0.0.1:9092")]
    [InlineData("0177.0.0.1:9092")]
    [InlineData("0.0.0.0:9092")]
    [InlineData("169.254.169.254:80")]
    [InlineData("10.0.0.1:9092")]
    [InlineData("100.64.0.1:9092")]
    [InlineData("[::1]:9092")]
    [InlineData("[::]:9092")]
    [InlineData("[::ffff:127.0.0.1]:9092")]
    [InlineData("[::ffff:a9fe:a9fe]:80")]
    [InlineData("[::127.0.0.1]:9092")]
    [InlineData("[64:ff9b::7f00:1]:9092")]
    [InlineData("[64:ff9b::a9fe:a9fe]:80")]
    [InlineData("[2002:7f00:1::]:9092")]
    [InlineData("[2001:0:4136:e378:8000:63bf:3fff:fdd2]:9092")]
    [InlineData("[fd00:ec2::254]:80")]
    [InlineData("[fe80::1]:9092")]
    [InlineData("[fec0::1]:9092")]
    [InlineData("localhost:9092")]
    public async Task No_spelling_of_an_inner_address_is_gone_to(string server)
    {
        // Refused as it is written, or for where it leads.
        if (KafkaHost.ParseAll(server).TryGet(out var hosts, out _))
            Assert.NotNull(await RefusedAsync(hosts));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(101)]
    [InlineData(1_000)]
    public async Task The_last_of_very_many_brokers_is_looked_at_as_well(int count)
    {
        var good = Enumerable.Range(0, count - 1).Select(number => new KafkaHost($"8.8.{number / 250}.{number % 250 + 1}", 9092)).ToList();
        Assert.Null(await Public.RefuseAsync(good, Stop));
        Assert.Equal("kafka-private-address", (await Public.RefuseAsync([.. good, new KafkaHost("169.254.169.254", 80)], Stop))?.Code);
    }

    [Fact]
    public async Task More_brokers_than_are_looked_at_are_gone_to_by_nobody() =>
        Assert.Equal(
            "kafka-servers-too-many",
            (await Public.RefuseAsync(Enumerable.Range(1, 1_001).Select(port => new KafkaHost("8.8.8.8", port)), Stop))?.Code
        );

    private static async Task<object?> RefusedAsync(IReadOnlyList<KafkaHost> hosts)
    {
        foreach (var host in hosts)
            if ((await Public.ResolveAsync(host, Stop)).Problem is { } problem)
                return problem;
        return null;
    }
}
