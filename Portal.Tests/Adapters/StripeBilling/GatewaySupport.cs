using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.StripeBilling;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>The gateway as the portal wires it, and what tests ask of it.</summary>
internal static class GatewaySupport
{
    public static ServiceProvider Wire(string apiBase, string apiKey, string webhookSecret, Action<IServiceCollection>? change = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Portal:Stripe:ApiBase"] = apiBase,
                    ["Portal:Stripe:ApiKey"] = apiKey,
                    ["Portal:Stripe:WebhookSecret"] = webhookSecret,
                }
            )
            .Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System);
        services.AddStripeBilling(configuration);
        change?.Invoke(services);
        return services.BuildServiceProvider();
    }

    public static T Ok<T>(Outcome<T> outcome) =>
        outcome.IsOk ? outcome.Value : throw new Xunit.Sdk.XunitException($"{outcome.Problem.Code}: {outcome.Problem.Message}");

    public static GatewayCustomer Customer(OrganizationId organization, string? knownId = null, string name = "Northwind") =>
        new(organization, "northwind", name, "pay@northwind.example", knownId);
}

/// <summary>An invoice as the books have it: its head and its lines.</summary>
internal sealed record Books(InvoiceDraft Draft, IReadOnlyList<GatewayLine> Lines)
{
    public static Books New(
        OrganizationId organization,
        string number = "northwind-2026-10-1",
        PayBy payBy = PayBy.Card,
        string currency = "usd",
        params long[] amounts
    )
    {
        var month = new Month(2026, 10);
        IReadOnlyList<GatewayLine> lines =
        [
            .. (amounts.Length > 0 ? amounts : [1234, 66]).Select(
                (amount, index) => new GatewayLine(Guid.CreateVersion7(), $"Line {index} (1.000000 GiB)", amount, month.Start, month.End)
            ),
        ];
        var draft = new InvoiceDraft(
            new InvoiceId(Guid.CreateVersion7()),
            organization,
            number,
            currency,
            payBy,
            month.Start,
            month.End,
            lines.Sum(line => line.AmountMinor),
            DaysUntilDue: 30
        );
        return new(draft, lines);
    }
}

/// <summary>The gateway on a LocalStripe of the test's own.</summary>
internal sealed class GatewayOnLocalStripe : IAsyncDisposable
{
    private ServiceProvider _services;

    private GatewayOnLocalStripe(LocalStripeFixture stripe) => (Stripe, _services) = (stripe, WireTo(stripe));

    public LocalStripeFixture Stripe { get; }

    public IPaymentGateway Port => _services.GetRequiredService<IPaymentGateway>();

    public static async Task<GatewayOnLocalStripe> StartAsync() => new(await LocalStripeFixture.StartAsync());

    /// <summary>Another process of the portal: nothing that the first held in memory is there.</summary>
    public async Task RestartAsync()
    {
        await _services.DisposeAsync();
        _services = WireTo(Stripe);
    }

    public Task FaultAsync(string kind, string path, int times = 1, string method = "POST") =>
        Stripe.ControlAsync(
            "faults",
            new
            {
                kind,
                path,
                method,
                times,
            }
        );

    public async Task<(OrganizationId Organization, string Customer)> CustomerAsync()
    {
        var organization = new OrganizationId(Guid.CreateVersion7());
        return (organization, GatewaySupport.Ok(await Port.EnsureCustomerAsync(GatewaySupport.Customer(organization), default)));
    }

    /// <summary>A draft with all its items.</summary>
    public async Task<string> DraftAsync(string customer, Books books)
    {
        var draft = GatewaySupport.Ok(await Port.EnsureDraftAsync(customer, books.Draft, default));
        foreach (var line in books.Lines)
            GatewaySupport.Ok(await Port.EnsureItemAsync(customer, draft, books.Draft, line, default));
        return draft;
    }

    /// <summary>An issued invoice.</summary>
    public async Task<string> IssuedAsync(string customer, Books books)
    {
        var draft = await DraftAsync(customer, books);
        GatewaySupport.Ok(await Port.FinalizeAsync(draft, default));
        return draft;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Stripe.DisposeAsync();
    }

    private static ServiceProvider WireTo(LocalStripeFixture stripe) =>
        GatewaySupport.Wire(stripe.Server.ApiBase, stripe.Server.ApiKey, stripe.Server.WebhookSecret);
}
