using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Billing;
using Portal.Tests.Support.RealServers;
using Stripe;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>Every request that the adapter makes is one that Stripe's OpenAPI document allows.</summary>
public class StripeMockContractTests : PaymentGatewayContract
{
    /// <summary>
    /// Parameters of the client's API version that the mock's older document (2026-08-26) does not know. They are taken
    /// out on the way and listed here by name.
    /// </summary>
    private static readonly string[] NewerThanTheMock = ["allowed_payment_method_types"];

    [Fact]
    public async Task Every_request_conforms_to_Stripes_own_description()
    {
        await using var mock = await StripeMockServer.StartAsync();
        var taken = new List<string>();
        await using var services = Wire(mock.Url, "sk_test_123", "whsec_123", change: all => all
            .AddHttpClient("stripe").AddHttpMessageHandler(() => new WithoutNewerParameters(taken)));
        await WalkAsync(services.GetRequiredService<IPaymentGateway>(), id => Task.FromResult(id));

        // The mock's invoices are drafts for ever: the calls behind an open one are made directly.
        var client = services.GetRequiredService<StripeClient>();
        await client.V1.Invoices.PayAsync("in_1", new InvoicePayOptions { OffSession = true });
        await client.V1.Invoices.UpdateAsync("in_1", new InvoiceUpdateOptions { AutoAdvance = true });
        await client.V1.Customers.UpdateAsync("cus_1", new CustomerUpdateOptions { InvoiceSettings = new CustomerInvoiceSettingsOptions { DefaultPaymentMethod = "pm_1" } });
        Assert.Equal(NewerThanTheMock, taken.Distinct());
    }

    [Fact]
    public async Task The_mock_would_refuse_a_wrong_request()
    {
        await using var mock = await StripeMockServer.StartAsync();
        await using var services = Wire(mock.Url, "sk_test_123", "whsec_123");
        var options = new CustomerCreateOptions();
        options.AddExtraParam("colour", "blue");
        var refusal = await Assert.ThrowsAsync<StripeException>(() => services.GetRequiredService<StripeClient>().V1.Customers.CreateAsync(options));
        Assert.Equal(HttpStatusCode.BadRequest, refusal.HttpStatusCode);
    }

    private sealed class WithoutNewerParameters(List<string> taken) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
            {
                var pairs = (await content.ReadAsStringAsync(cancellationToken)).Split('&', StringSplitOptions.RemoveEmptyEntries);
                var newer = pairs.Where(pair => NewerThanTheMock.Any(name => pair.StartsWith(name, StringComparison.Ordinal))).ToList();
                taken.AddRange(newer.Select(pair => NewerThanTheMock.First(name => pair.StartsWith(name, StringComparison.Ordinal))));
                request.Content = new StringContent(string.Join('&', pairs.Except(newer)), null, "application/x-www-form-urlencoded");
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
