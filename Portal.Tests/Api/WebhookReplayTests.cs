using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>Events that somebody saw and sends again, or changes on the way.</summary>
public sealed class WebhookReplayTests
{
    private const string Secret = "whsec_of-the-tests";

    [Fact]
    public async Task A_signed_event_counts_once_however_often_it_is_sent_and_none_that_was_touched()
    {
        await using var portal = new PortalHost
        {
            Settings =
            {
                ["Portal:Stripe:ApiKey"] = "sk_test_of_the_tests",
                ["Portal:Stripe:ApiBase"] = "http://127.0.0.1:9",
                ["Portal:Stripe:WebhookSecret"] = Secret,
            },
        };
        using var stripe = portal.CreateClient();
        var now = DateTimeOffset.UtcNow;
        var body = Event("evt_1", now);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(stripe, body, Sign(body, now))));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer));
        // A later signature of the same event is no news either.
        Assert.Equal(HttpStatusCode.OK, await SendAsync(stripe, body, Sign(body, now.AddSeconds(1))));
        Assert.Equal(["evt_1"], await KnownAsync(portal));

        // Seen long ago; signed for another body; signed with another secret, or by nobody; another event under a signature that was seen.
        Assert.Equal(
            HttpStatusCode.BadRequest,
            await SendAsync(stripe, Event("evt_2", now), Sign(Event("evt_2", now), now.AddMinutes(-10)))
        );
        Assert.Equal(
            HttpStatusCode.BadRequest,
            await SendAsync(stripe, body.Replace("\"livemode\": false", "\"livemode\":  false", StringComparison.Ordinal), Sign(body, now))
        );
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(stripe, Event("evt_3", now), Sign(body, now)));
        Assert.Equal(
            HttpStatusCode.BadRequest,
            await SendAsync(stripe, Event("evt_4", now), Sign(Event("evt_4", now), now, "whsec_guessed"))
        );
        foreach (
            var none in new[]
            {
                null,
                "",
                "t=1",
                $"t={now.ToUnixTimeSeconds()},v1=",
                $"t={now.ToUnixTimeSeconds()},v0={new string('0', 64)}",
            }
        )
            Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(stripe, Event("evt_5", now), none));
        Assert.Equal(["evt_1"], await KnownAsync(portal));
    }

    private static string Event(string id, DateTimeOffset at) =>
        $$$"""
            {"id": "{{{id}}}", "object": "event", "api_version": "2026-08-27", "created": {{{at.ToUnixTimeSeconds()}}}, "livemode": false, "pending_webhooks": 1, "type": "invoice.paid",
             "data": {"object": {"id": "in_1", "object": "invoice"}}, "request": {"id": null, "idempotency_key": null}}
            """;

    private static string Sign(string body, DateTimeOffset at, string secret = Secret) =>
        $"t={at.ToUnixTimeSeconds()},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{at.ToUnixTimeSeconds()}.{body}")))}";

    private static async Task<HttpStatusCode> SendAsync(HttpClient stripe, string body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/stripe")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (signature is not null)
            request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        using var answer = await stripe.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<IReadOnlyList<string>> KnownAsync(PortalHost portal)
    {
        await using var scope = portal.Services.CreateAsyncScope();
        await using var context = await scope
            .ServiceProvider.GetRequiredService<IDbContextFactory<PortalDbContext>>()
            .CreateDbContextAsync();
        return await context.Database.SqlQueryRaw<string>("SELECT id AS \"Value\" FROM payment_events").ToListAsync();
    }
}
