using System.Text;
using Microsoft.AspNetCore.Http;
using Portal.Domain.Clusters;
using Portal.Domain.Usage;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>Answers that a healthy Pulsar does not give on demand.</summary>
public sealed class ClusterConnectionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credentials_are_not_carried_to_a_host_that_is_no_broker()
    {
        var reached = 0;
        await using var stranger = await PretendedBroker.StartAsync(context =>
        {
            Interlocked.Increment(ref reached);
            return Task.CompletedTask;
        });
        await using var broker = await PretendedBroker.StartAsync(context =>
            context.Request.Path == "/admin/v2/brokers"
                ? context.Response.WriteAsJsonAsync<string[]>([context.Request.Host.Value!])
                : RedirectAsync(context, new Uri(stranger.Url, "/admin/v2/tenants/x"))
        );
        using var ports = new PulsarPorts(broker.Registration);
        await ports.Admin.DeleteTenantAsync(Given.Tenant(), Stop).Refused("cluster-redirect-refused");
        Assert.Equal(0, reached);
    }

    [Fact]
    public async Task A_redirect_to_a_broker_of_the_list_takes_method_body_and_credentials_along()
    {
        (string Method, string Body, string? Authorization)? seen = null;
        await using var owner = await PretendedBroker.StartAsync(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            seen = (context.Request.Method, await body.ReadToEndAsync(), context.Request.Headers.Authorization);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        await using var broker = await PretendedBroker.StartAsync(context =>
            context.Request.Path == "/admin/v2/brokers"
                ? context.Response.WriteAsJsonAsync<string[]>([context.Request.Host.Value!, owner.Url.Authority])
                : RedirectAsync(context, new Uri(owner.Url, context.Request.Path.Value))
        );
        using var ports = new PulsarPorts(broker.Registration);
        await ports.Admin.EnsureTopicAsync(Given.Topic(Given.Namespace(Given.Tenant()), partitions: 7), Stop).Ok();
        Assert.Equal(("PUT", "7", "Bearer secret-token"), seen);
    }

    [Fact]
    public async Task A_redirect_in_circles_ends()
    {
        var asked = 0;
        await using var broker = await PretendedBroker.StartAsync(context =>
        {
            asked++;
            return RedirectAsync(context, new Uri($"http://{context.Request.Host}{context.Request.Path}"));
        });
        using var ports = new PulsarPorts(broker.Registration);
        await ports.Admin.DeleteTenantAsync(Given.Tenant(), Stop).Refused("cluster-redirect-refused");
        Assert.Equal(6, asked);
    }

    [Fact]
    public async Task A_stack_trace_reaches_nobody()
    {
        await using var broker = await PretendedBroker.StartAsync(context =>
        {
            context.Response.StatusCode = 500;
            return context.Response.WriteAsJsonAsync(new { reason = "java.lang.NullPointerException at org.apache.pulsar" });
        });
        using var ports = new PulsarPorts(broker.Registration);
        var problem = await ports.Admin.DeleteTenantAsync(Given.Tenant(), Stop).Refused("cluster-error");
        Assert.DoesNotContain("java", problem.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Statistics_come_through_in_any_pieces_and_numbers_beyond_2_to_53_stay_exact()
    {
        const string document = """
            {"t/n": {"0x0_0x1": {"persistent": {"persistent://t/n/a": {"publishers": [{"msgInCount": 99}], "later": {"bytesInCount": 77}, "msgInCount": 9007199254740993,
            "bytesInCount": 9223372036854775807, "msgOutCount": 3, "bytesOutCount": 4, "storageSize": 5, "msgRateIn": 1.5E7}}, "segment": {"segment://t/n/s": {"msgInCount": 1}},
            "non-persistent": {"non-persistent://t/n/ü": {"msgInCount": 1, "bytesInCount": 2, "msgOutCount": 3, "bytesOutCount": 4}}}},
            "pulsar/standalone/127.0.0.1:8080": {"0x0_0x1": {"persistent": {"persistent://pulsar/standalone/127.0.0.1:8080/healthcheck": {"msgInCount": 1.5}}}}}
            """;
        foreach (var size in (int[])[1, 7, 100_000])
        {
            await using var broker = await PretendedBroker.StartAsync(async context =>
            {
                foreach (var piece in Encoding.UTF8.GetBytes(document).Chunk(size))
                {
                    await context.Response.Body.WriteAsync(piece);
                    await context.Response.Body.FlushAsync();
                }
            });
            Assert.Equal(
                [
                    new("persistent://t/n/a", 9007199254740993, 9223372036854775807, 3, 4, 5),
                    new("non-persistent://t/n/ü", 1, 2, 3, 4, 0),
                    new TopicCounters("persistent://pulsar/standalone/127.0.0.1:8080/healthcheck", -1, -1, -1, -1, 0),
                ],
                await ReadAsync(broker)
            );
        }
    }

    [Theory]
    [InlineData("""{"t/n": {"0x0_0x1": {"persistent": {"persistent://t/n/a": {"msgInCount": 1}""")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("{} {}")]
    public async Task Statistics_that_break_off_or_are_something_else_are_a_silent_broker(string document)
    {
        await using var broker = await PretendedBroker.StartAsync(context => context.Response.WriteAsync(document));
        await Assert.ThrowsAsync<BrokerSilentException>(() => ReadAsync(broker));
    }

    [Fact]
    public async Task Statistics_are_of_the_broker_that_was_asked_never_of_another()
    {
        await using var other = await PretendedBroker.StartAsync(context => context.Response.WriteAsync("{}"));
        await using var broker = await PretendedBroker.StartAsync(context =>
            RedirectAsync(context, new Uri(other.Url, context.Request.Path.Value))
        );
        await Assert.ThrowsAsync<BrokerSilentException>(() => ReadAsync(broker));
    }

    [Theory]
    [InlineData(-90, "", "clock-skew", "seconds behind the clock of cluster")]
    [InlineData(0, "", "cluster-unauthorized", "AdminToken")]
    // It was recognized: its clock is not the matter.
    [InlineData(-90, """{"reason": "This operation requires super-user access"}""", "cluster-unauthorized", "AdminToken")]
    [InlineData(0, "<title>Error 401 JWT must not be accepted before 2026-11-28T09:01:30Z</title>", "clock-skew", "isn't valid yet")]
    public async Task A_token_that_is_refused_for_the_clock_is_not_blamed(int ahead, string body, string code, string words)
    {
        await using var broker = await PretendedBroker.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.Date = DateTimeOffset.UtcNow.AddSeconds(-ahead).ToString("R");
            return context.Response.WriteAsync(body);
        });
        using var ports = new PulsarPorts(broker.Registration);
        var problem = await ports.Admin.CheckAsync(PulsarPorts.ClusterName, Stop).Refused(code);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_address_takes_effect_with_the_next_call_and_a_lost_key_ring_is_said()
    {
        var (reached, changing) = (0, new ChangingClusters());
        await using var old = await PretendedBroker.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        });
        await using var moved = await PretendedBroker.StartAsync(context =>
        {
            reached++;
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        using var ports = new PulsarPorts(changing);
        await ports.Admin.DeleteTenantAsync(Given.Tenant(), Stop).Refused("cluster-unknown");
        changing.Now = old.Registration;
        await ports.Admin.DeleteTenantAsync(Given.Tenant(), Stop).Refused("cluster-error");
        changing.Now = moved.Registration;
        await ports.Admin.DeleteTenantAsync(Given.Tenant(), Stop).Ok();
        Assert.Equal(1, reached);
        changing.Now = moved.Registration with { IsUnreadable = true };
        await ports.Admin.DeleteTenantAsync(Given.Tenant(), Stop).Refused("cluster-credentials-unreadable");
    }

    private sealed class ChangingClusters : IClusterAccess
    {
        public ClusterRegistration? Now { get; set; }

        public ClusterRegistration? Access(string name) => Now;
    }

    private static async Task<List<TopicCounters>> ReadAsync(PretendedBroker broker)
    {
        using var ports = new PulsarPorts(broker.Registration);
        var rows = new List<TopicCounters>();
        await foreach (var row in ports.Statistics.ReadAsync(PulsarPorts.ClusterName, broker.Url.Authority, Stop))
            rows.Add(row);
        return rows;
    }

    private static Task RedirectAsync(HttpContext context, Uri target)
    {
        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        context.Response.Headers.Location = target.AbsoluteUri;
        return Task.CompletedTask;
    }
}
