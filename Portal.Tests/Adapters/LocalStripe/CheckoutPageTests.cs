using Microsoft.Extensions.Time.Testing;
using Portal.Tests.Support;
using Stripe;
using Stripe.Checkout;

namespace Portal.Tests.Adapters.LocalStripe;

public class CheckoutPageTests
{
    [Theory]
    [InlineData("card", "visa", "4242")]
    [InlineData("number", "5555 5555 5555 4444", "4444")]
    [InlineData("number", "4000000000000341", "0341")]
    public async Task A_test_card_is_saved_and_the_browser_goes_back(string field, string value, string last4)
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var session = await SessionAsync(stripe);
        Assert.Contains("4242 4242 4242 4242", await stripe.Browser.GetStringAsync(session.Url), StringComparison.Ordinal);

        var (goesTo, _) = await stripe.SubmitAsync(session.Url, (field, value));
        Assert.Equal($"http://localhost:5080/o/acme?session={session.Id}", goesTo?.AbsoluteUri);
        var done = await stripe.Client.V1.Checkout.Sessions.GetAsync(
            session.Id,
            new SessionGetOptions { Expand = ["setup_intent.payment_method"] }
        );
        Assert.Equal(("complete", "succeeded", last4), (done.Status, done.SetupIntent.Status, done.SetupIntent.PaymentMethod.Card.Last4));
        Assert.Equal(
            last4,
            (await stripe.Client.V1.PaymentMethods.ListAsync(new PaymentMethodListOptions { Customer = session.CustomerId }))
                .Single()
                .Card.Last4
        );
    }

    [Theory]
    [InlineData("4111 1111 1111 1111", "Only Stripe&#39;s published test card numbers")]
    [InlineData("4000 0000 0000 0002", "Your card was declined.")]
    [InlineData("4000 0000 0000 9995", "insufficient funds")]
    public async Task Other_numbers_are_refused_with_a_sentence_and_the_session_stays_open(string number, string sentence)
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var session = await SessionAsync(stripe);
        var (goesTo, page) = await stripe.SubmitAsync(session.Url, ("number", number));

        Assert.Null(goesTo);
        Assert.Contains(sentence, page, StringComparison.Ordinal);
        Assert.Contains("href=\"http://localhost:5080/o/acme/cancelled\"", page, StringComparison.Ordinal);
        Assert.Equal("open", (await stripe.Client.V1.Checkout.Sessions.GetAsync(session.Id)).Status);
        Assert.Empty(await stripe.Client.V1.PaymentMethods.ListAsync(new PaymentMethodListOptions { Customer = session.CustomerId }));
    }

    [Fact]
    public async Task A_card_that_asks_for_authentication_is_saved_after_it_and_charged_without()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var session = await SessionAsync(stripe);
        var (step, _) = await stripe.SubmitAsync(session.Url, ("number", "4000002500003155"));
        Assert.EndsWith("/authenticate", step!.AbsoluteUri, StringComparison.Ordinal);
        var (failed, page) = await stripe.SubmitAsync(step.AbsoluteUri, ("answer", "fail"));
        Assert.Null(failed);
        Assert.Contains("authentication failed", page, StringComparison.Ordinal);

        await stripe.SubmitAsync(session.Url, ("number", "4000002500003155"));
        var (done, _) = await stripe.SubmitAsync(step.AbsoluteUri, ("answer", "complete"));
        Assert.Equal("localhost:5080", done!.Authority);

        var method = (
            await stripe.Client.V1.PaymentMethods.ListAsync(new PaymentMethodListOptions { Customer = session.CustomerId })
        ).Single();
        await stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = session.CustomerId,
                Amount = 500,
                Currency = "usd",
            }
        );
        var invoice = await stripe.Client.V1.Invoices.CreateAsync(
            new InvoiceCreateOptions { Customer = session.CustomerId, PendingInvoiceItemsBehavior = "include" }
        );
        Assert.Equal(
            "paid",
            (await stripe.Client.V1.Invoices.PayAsync(invoice.Id, new InvoicePayOptions { PaymentMethod = method.Id })).Status
        );
    }

    [Fact]
    public async Task A_session_ends_after_a_day()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var stripe = await LocalStripeFixture.StartAsync(clock);
        var session = await SessionAsync(stripe);
        clock.Advance(TimeSpan.FromHours(25));
        var (_, page) = await stripe.SubmitAsync(session.Url, ("card", "visa"));
        Assert.Contains("This session is over", page, StringComparison.Ordinal);
        Assert.Equal("expired", (await stripe.Client.V1.Checkout.Sessions.GetAsync(session.Id)).Status);
    }

    private static async Task<Session> SessionAsync(LocalStripeFixture stripe)
    {
        var customer = await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "Northwind" });
        return await stripe.Client.V1.Checkout.Sessions.CreateAsync(
            new SessionCreateOptions
            {
                Mode = "setup",
                Customer = customer.Id,
                AllowedPaymentMethodTypes = ["card"],
                SuccessUrl = "http://localhost:5080/o/acme?session={CHECKOUT_SESSION_ID}",
                CancelUrl = "http://localhost:5080/o/acme/cancelled",
            }
        );
    }
}
