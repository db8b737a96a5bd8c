using System.Net;
using System.Net.Http.Headers;
using global::LocalStripe;
using Microsoft.Extensions.Time.Testing;
using Portal.Tests.Support;
using Stripe;

namespace Portal.Tests.Adapters.LocalStripe;

public class TransportTests
{
    [Fact]
    public async Task A_key_answers_the_second_time_what_it_answered_the_first()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var request = new RequestOptions { IdempotencyKey = "once" };
        var first = await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "A" }, request);
        var second = await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "A" }, request);

        Assert.Equal(first.Id, second.Id);
        Assert.Single(await stripe.Client.V1.Customers.ListAsync());
        var mismatch = await Assert.ThrowsAsync<StripeException>(() =>
            stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "B" }, request)
        );
        Assert.Equal((HttpStatusCode.BadRequest, "idempotency_error"), (mismatch.HttpStatusCode, mismatch.StripeError.Type));
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_day()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var stripe = await LocalStripeFixture.StartAsync(clock);
        var request = new RequestOptions { IdempotencyKey = "once" };
        var first = await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "A" }, request);
        clock.Advance(TimeSpan.FromHours(25));
        Assert.NotEqual(first.Id, (await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "A" }, request)).Id);
    }

    [Fact]
    public async Task A_request_that_fails_validation_leaves_its_key_free()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var request = new RequestOptions { IdempotencyKey = "once" };
        await Assert.ThrowsAsync<StripeException>(() =>
            stripe.Client.V1.Invoices.CreateAsync(new InvoiceCreateOptions { Number = "A-1" }, request)
        );
        Assert.NotNull((await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "A" }, request)).Id);
    }

    [Fact]
    public async Task Unknown_parameters_and_objects_are_refused_as_Stripe_refuses_them()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var options = new CustomerCreateOptions { Name = "A" };
        options.AddExtraParam("colour[shade]", "blue");
        var unknown = await Assert.ThrowsAsync<StripeException>(() => stripe.Client.V1.Customers.CreateAsync(options));
        Assert.Equal(("parameter_unknown", "colour[shade]"), (unknown.StripeError.Code, unknown.StripeError.Param));
        Assert.Empty(await stripe.Client.V1.Customers.ListAsync());

        var missing = await Assert.ThrowsAsync<StripeException>(() => stripe.Client.V1.Invoices.GetAsync("in_none"));
        Assert.Equal((HttpStatusCode.NotFound, "resource_missing"), (missing.HttpStatusCode, missing.StripeError.Code));
    }

    [Fact]
    public async Task Live_keys_and_foreign_keys_are_refused()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        foreach (var key in new[] { "sk_live_123", "sk_test_foreign", "" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{stripe.Server.ApiBase}/v1/customers");
            if (key.Length > 0)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await stripe.Browser.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Metadata_is_merged_key_by_key()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await stripe.Client.V1.Customers.CreateAsync(
            new CustomerCreateOptions
            {
                Metadata = new() { ["a"] = "1", ["b"] = "2" },
            }
        );
        var updated = await stripe.Client.V1.Customers.UpdateAsync(
            customer.Id,
            new CustomerUpdateOptions
            {
                Metadata = new() { ["a"] = "", ["c"] = "3" },
            }
        );
        Assert.Equal(
            [new("b", "2"), new("c", "3")],
            updated.Metadata.Order(Comparer<KeyValuePair<string, string>>.Create((x, y) => string.CompareOrdinal(x.Key, y.Key)))
        );
    }

    [Fact]
    public async Task Lists_page_both_ways_and_filter_by_time()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        await using var stripe = await LocalStripeFixture.StartAsync(clock);
        for (var count = 0; count < 5; count++)
        {
            await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = $"{count}" });
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        var first = await stripe.Client.V1.Customers.ListAsync(new CustomerListOptions { Limit = 2 });
        Assert.Equal(["4", "3"], first.Select(customer => customer.Name));
        Assert.True(first.HasMore);
        var second = await stripe.Client.V1.Customers.ListAsync(new CustomerListOptions { Limit = 2, StartingAfter = first.Last().Id });
        Assert.Equal(["2", "1"], second.Select(customer => customer.Name));
        var back = await stripe.Client.V1.Customers.ListAsync(new CustomerListOptions { Limit = 2, EndingBefore = second.First().Id });
        Assert.Equal(["4", "3"], back.Select(customer => customer.Name));
        var late = await stripe.Client.V1.Customers.ListAsync(
            new CustomerListOptions
            {
                Created = new DateRangeOptions { GreaterThanOrEqual = new DateTime(2026, 11, 1, 0, 3, 0, DateTimeKind.Utc) },
            }
        );
        Assert.Equal(["4", "3"], late.Select(customer => customer.Name));
    }

    [Fact]
    public async Task What_was_answered_is_there_after_a_restart_with_the_same_keys_and_port()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var before = (stripe.Server.ApiBase, stripe.Server.ApiKey, stripe.Server.WebhookSecret);
        var customer = await stripe.Client.V1.Customers.CreateAsync(
            new CustomerCreateOptions { Name = "A" },
            new RequestOptions { IdempotencyKey = "once" }
        );
        await stripe.RestartAsync();

        Assert.Equal(before, (stripe.Server.ApiBase, stripe.Server.ApiKey, stripe.Server.WebhookSecret));
        Assert.Equal("A", (await stripe.Client.V1.Customers.GetAsync(customer.Id)).Name);
        var again = await stripe.Client.V1.Customers.CreateAsync(
            new CustomerCreateOptions { Name = "A" },
            new RequestOptions { IdempotencyKey = "once" }
        );
        Assert.Equal(customer.Id, again.Id);
    }

    [Fact]
    public async Task A_second_process_on_one_data_folder_is_refused_with_a_sentence()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var refusal = await Assert.ThrowsAsync<LocalStripeRefusedException>(() =>
            LocalStripeServer.StartAsync(LocalStripeFixture.Options(stripe.Folder, TimeProvider.System), CancellationToken.None)
        );
        Assert.Contains(stripe.Folder, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_cannot_steer_it()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"{stripe.Server.ApiBase}/_control/faults");
        request.Headers.Add("Origin", "https://elsewhere.example");
        using var answer = await stripe.Browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
