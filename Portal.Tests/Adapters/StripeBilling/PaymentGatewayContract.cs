using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.StripeBilling;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Usage;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>What the portal asks of a payment gateway: the same calls against LocalStripe and against Stripe's own mock.</summary>
public abstract class PaymentGatewayContract
{
    /// <summary>The calls of an organisation's first month, in their order; asserts nothing but that each is answered.</summary>
    protected static async Task WalkAsync(IPaymentGateway gateway, Func<string, Task<string>> idOf)
    {
        var organization = new OrganizationId(Guid.CreateVersion7());
        var customer = await idOf(Ok(await gateway.EnsureCustomerAsync(organization, "northwind", "Northwind", "pay@northwind.example", default)));
        Assert.True(Ok(await gateway.StartCheckoutAsync(customer, organization, new Uri("http://localhost:5080/o/northwind/billing?done=1"), default)).IsAbsoluteUri);
        Ok(await gateway.ListCardsAsync(customer, default));
        Ok(await gateway.AdoptCardAsync(customer, default));
        foreach (var payBy in new[] { PayBy.Card, PayBy.Invoice })
        {
            var invoice = NewInvoice(organization, $"northwind-2026-10-{(int)payBy + 1}", payBy);
            invoice.Drafted(Ok(await gateway.EnsureDraftAsync(customer, invoice, 30, default)));
            foreach (var line in LinesOf(invoice))
                Assert.NotEmpty(Ok(await gateway.EnsureItemAsync(customer, invoice, line, default)));
            Ok(await gateway.ReadInvoiceAsync(invoice.StripeInvoiceId!, default));
            Ok(await gateway.FinalizeAsync(invoice.StripeInvoiceId!, default));
        }
    }

    protected static Invoice NewInvoice(OrganizationId organization, string number, PayBy payBy, params long[] amounts)
    {
        var month = new Month(2026, 10);
        var book = new PriceBookId(Guid.CreateVersion7());
        var lines = (amounts.Length > 0 ? amounts : [1234, 66]).Select((amount, index) => new InvoiceLine(
            Guid.CreateVersion7(), (Meter)index, book, month.Start, month.End, amount, amount / 100m, amount, "as the test has it"));
        return new Invoice(new InvoiceId(Guid.CreateVersion7()), organization, number, month, month.Start, month.End, Currency.Usd, payBy, lines, 0, DateTimeOffset.UtcNow);
    }

    protected static IEnumerable<GatewayLine> LinesOf(Invoice invoice) =>
        invoice.Lines.Select(line => new GatewayLine(line.Id, $"{line.Meter} (1.000000 GiB)", line.AmountMinor, line.From, line.To));

    protected static T Ok<T>(Outcome<T> outcome) =>
        outcome.IsOk ? outcome.Value : throw new Xunit.Sdk.XunitException($"{outcome.Problem.Code}: {outcome.Problem.Message}");

    /// <summary>The gateway as the portal wires it.</summary>
    protected static ServiceProvider Wire(string apiBase, string apiKey, string webhookSecret, TimeProvider? clock = null, Action<IServiceCollection>? change = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Portal:Stripe:ApiBase"] = apiBase,
            ["Portal:Stripe:ApiKey"] = apiKey,
            ["Portal:Stripe:WebhookSecret"] = webhookSecret,
        }).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(clock ?? TimeProvider.System);
        services.AddStripeBilling(configuration);
        change?.Invoke(services);
        return services.BuildServiceProvider();
    }
}
