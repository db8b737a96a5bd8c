using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Portal.Adapters.StripeBilling;
using Portal.Domain.Common;
using Stripe;

namespace Portal.Tests.Adapters.StripeBilling;

public class StripeWebhooksTests
{
    private const string Secret = "whsec_current";
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string Body =
        """{"id":"evt_1","object":"event","api_version":"2026-10-28.endive","created":1793534400,"livemode":false,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1"}}}""";

    [Fact]
    public void A_signed_event_says_what_it_is_about()
    {
        var read = Read(Body, Sign(Body, Secret)).Value;
        Assert.Equal(("evt_1", "invoice.paid", "in_1", "cus_1"), (read.Id, read.Type, read.ObjectId, read.CustomerId));
    }

    [Fact]
    public void While_the_secret_is_rolled_both_are_good() => Assert.True(Read(Body, Sign(Body, "whsec_next")).IsOk);

    [Theory]
    [InlineData(-299, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public void Old_and_future_signatures_are_replays(int seconds, bool good) =>
        Assert.Equal(good, Read(Body, Sign(Body, Secret, Now.AddSeconds(seconds))).IsOk);

    [Fact]
    public void Every_change_of_body_or_header_is_refused()
    {
        var header = Sign(Body, Secret);
        var changed = new[]
        {
            (Body.Replace("in_1", "in_2", StringComparison.Ordinal), header),
            (Body + " ", header),
            (Body, header.Replace("v1=", "v0=", StringComparison.Ordinal)),
            (Body, Sign(Body, "whsec_other")),
            (Body, ""),
            (Body, "t=1"),
            (Body, $"t={Now.AddSeconds(1).ToUnixTimeSeconds()},{header.Split(',')[1]}"),
        };
        foreach (var (body, signature) in changed)
            Assert.Equal("webhook-signature-invalid", Read(body, signature).Problem?.Code);
    }

    [Fact]
    public void Events_of_the_other_mode_and_bodies_that_are_no_event_are_refused()
    {
        var live = Body.Replace("\"livemode\":false", "\"livemode\":true", StringComparison.Ordinal);
        Assert.Equal("webhook-wrong-mode", Read(live, Sign(live, Secret)).Problem?.Code);
        string[] bodies =
        [
            "",
            "[]",
            "{}",
            "{\"livemode\":false}",
            "null",
            Body.Replace("\"evt_1\"", "null", StringComparison.Ordinal),
            Body.Replace("1793534400", "1.5", StringComparison.Ordinal),
            Body.Replace("1793534400", "1e18", StringComparison.Ordinal),
            Body.Replace("cus_1", "\\ud800", StringComparison.Ordinal),
        ];
        foreach (var body in bodies)
            Assert.Equal("webhook-malformed", Read(body, Sign(body, Secret)).Problem?.Code);
    }

    private static string Sign(string body, string secret, DateTimeOffset? at = null) =>
        EventUtility.GenerateSignatureHeader(body, secret, (at ?? Now).ToUnixTimeSeconds());

    private static Outcome<Portal.Domain.Billing.GatewayEvent> Read(string body, string header) =>
        new StripeWebhooks(
            Options.Create(new StripeOptions { ApiKey = "sk_test_1", WebhookSecret = $"{Secret}, whsec_next" }),
            new FakeTimeProvider(Now)
        ).Read(body, header);
}
