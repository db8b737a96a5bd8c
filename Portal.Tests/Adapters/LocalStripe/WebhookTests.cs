using Portal.Tests.Support;
using Stripe;

namespace Portal.Tests.Adapters.LocalStripe;

public class WebhookTests
{
    [Fact]
    public async Task Events_are_signed_as_Stripe_signs_them_and_kept()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var stripe = await LocalStripeFixture.StartAsync();
        stripe.Server.WebhookUrl = receiver.Url;
        var customer = await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "Northwind" });
        await receiver.UntilAsync(all => all.Count == 1);

        var (body, signature) = receiver.Received.Single();
        var sent = EventUtility.ConstructEvent(body, signature, stripe.Server.WebhookSecret);
        Assert.Equal(
            ("customer.created", customer.Id, StripeConfiguration.ApiVersion),
            (sent.Type, ((Customer)sent.Data.Object).Id, sent.ApiVersion)
        );
        Assert.Equal(
            sent.Id,
            (await stripe.Client.V1.Events.ListAsync(new EventListOptions { Types = ["customer.created", "invoice.paid"] })).Single().Id
        );
    }

    [Fact]
    public async Task An_event_waits_for_the_address_and_outlives_a_restart_and_a_refusal()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var stripe = await LocalStripeFixture.StartAsync();
        await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "Northwind" });
        await stripe.RestartAsync();
        receiver.RefuseFirst = 1;
        stripe.Server.WebhookUrl = receiver.Url;
        await receiver.UntilAsync(all => all.Count == 1);
    }

    [Fact]
    public async Task Deliveries_go_wrong_as_a_test_asks()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var stripe = await LocalStripeFixture.StartAsync();
        foreach (var kind in new[] { "wrong_secret", "stale_timestamp", "duplicate", "drop" })
            await stripe.ControlAsync("webhooks/faults", new { kind });
        stripe.Server.WebhookUrl = receiver.Url;
        for (var count = 0; count < 4; count++)
            await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = $"{count}" });
        await receiver.UntilAsync(all => all.Count == 4);

        var verdicts = receiver.Received.Select(delivery => IsGenuine(delivery, stripe.Server.WebhookSecret));
        Assert.Equal([false, false, true, true], verdicts);

        var dropped = (await stripe.Client.V1.Events.ListAsync()).First();
        using var resent = await stripe.Browser.PostAsync($"{stripe.Server.ApiBase}/_control/events/{dropped.Id}/resend", null);
        await receiver.UntilAsync(all => all.Count == 5 && all[4].Body.Contains(dropped.Id, StringComparison.Ordinal));
    }

    private static bool IsGenuine((string Body, string Signature) delivery, string secret)
    {
        try
        {
            EventUtility.ConstructEvent(delivery.Body, delivery.Signature, secret);
            return true;
        }
        catch (StripeException)
        {
            return false;
        }
    }
}
