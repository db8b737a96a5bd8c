using System.Net;
using System.Net.Http.Headers;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.LocalStripe;

/// <summary>What stands under an idempotency key afterwards: what an endpoint answered once it had begun, good or bad.</summary>
public class KeptAnswerTests
{
    [Theory]
    [InlineData("error_before", 500, 0)]
    [InlineData("error_after_commit", 500, 1)]
    [InlineData("lock_timeout", 429, 0)]
    public async Task A_failure_of_the_endpoint_is_kept(string kind, int status, int made)
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        await stripe.ControlAsync(
            "faults",
            new
            {
                kind,
                path = "/v1/customers",
                method = "POST",
            }
        );
        var first = await PostAsync(stripe, "customers", "once", ("name", "A"));
        var second = await PostAsync(stripe, "customers", "once", ("name", "A"));

        Assert.Equal((status, status), ((int)first.StatusCode, (int)second.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("true", second.Headers.GetValues("Idempotent-Replayed").Single());
        // Stripe's clients are told that trying again is of no use.
        Assert.Equal(status == 500, second.Headers.Contains("Stripe-Should-Retry"));
        Assert.Equal(made, (await stripe.Client.V1.Customers.ListAsync()).Count());
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(stripe, "customers", "another", ("name", "A"))).StatusCode);
    }

    [Theory]
    [InlineData("rate_limit", 429)]
    [InlineData("unavailable", 503)]
    public async Task What_fails_in_front_of_the_endpoint_is_not(string kind, int status)
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        await stripe.ControlAsync(
            "faults",
            new
            {
                kind,
                path = "/v1/customers",
                method = "POST",
            }
        );
        Assert.Equal(status, (int)(await PostAsync(stripe, "customers", "once", ("name", "A"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(stripe, "customers", "once", ("name", "A"))).StatusCode);
    }

    [Fact]
    public async Task A_refusal_by_the_state_of_things_is_kept_and_malformed_parameters_are_not()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await stripe.Client.V1.Customers.CreateAsync(new Stripe.CustomerCreateOptions());
        var missing = ("customer", "cus_none");
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(stripe, "invoices", "state", missing)).StatusCode);
        Assert.True((await PostAsync(stripe, "invoices", "state", missing)).Headers.Contains("Idempotent-Replayed"));

        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await PostAsync(stripe, "invoices", "form", ("customer", customer.Id), ("days_until_due", "soon"))).StatusCode
        );
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(stripe, "invoices", "form", ("customer", customer.Id))).StatusCode);
    }

    [Fact]
    public async Task A_refusal_leaves_nothing_of_what_it_had_begun()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await stripe.Client.V1.Customers.CreateAsync(new Stripe.CustomerCreateOptions());
        await stripe.Client.V1.Invoices.CreateAsync(new Stripe.InvoiceCreateOptions { Customer = customer.Id, Number = "A-1" });
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await PostAsync(stripe, "invoices", "once", ("customer", customer.Id), ("number", "A-1"))).StatusCode
        );
        Assert.Single(await stripe.Client.V1.Invoices.ListAsync());
        Assert.Single(await stripe.Client.V1.Events.ListAsync(new Stripe.EventListOptions { Type = "invoice.created" }));
    }

    private static async Task<HttpResponseMessage> PostAsync(
        LocalStripeFixture stripe,
        string path,
        string key,
        params (string Name, string Value)[] fields
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{stripe.Server.ApiBase}/v1/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", stripe.Server.ApiKey);
        request.Headers.Add("Idempotency-Key", key);
        request.Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await stripe.Browser.SendAsync(request);
    }
}
