using Microsoft.Extensions.Options;
using Portal.Domain.Billing;
using Portal.Domain.Sample;
using Stripe;

namespace Portal.Adapters.StripeBilling;

public static class StripeBillingRegistration
{
    private const string HttpClientName = "stripe";

    /// <summary>Stripe behind <see cref="IPaymentGateway"/>; settings from <c>Portal:Stripe</c>, read at the first use.</summary>
    public static IServiceCollection AddStripeBilling(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StripeOptions>().Bind(configuration.GetSection(StripeOptions.Section));
        services.AddSingleton<StripePace>();
        services.AddTransient<StripePaceHandler>();
        // Stripe's client keeps one handler for good, so the factory could never replace it: connections are renewed instead, and with them
        // addresses.
        services
            .AddHttpClient(HttpClientName, client => client.Timeout = TimeSpan.FromSeconds(30))
            .AddHttpMessageHandler<StripePaceHandler>()
            .UseSocketsHttpHandler((sockets, _) => sockets.PooledConnectionLifetime = TimeSpan.FromMinutes(5))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        services.AddSingleton(provider =>
            Client(
                provider.GetRequiredService<IOptions<StripeOptions>>().Value,
                provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName)
            )
        );
        services.AddSingleton<StripeCustomers>();
        services.AddSingleton<StripeCards>();
        services.AddSingleton<StripeDrafts>();
        services.AddSingleton<StripeDisputes>();
        services.AddSingleton<StripeTaxIds>();
        services.AddSingleton<StripeTaxes>();
        services.AddSingleton<StripeRefunds>();
        services.AddSingleton<StripeCreditNotes>();
        services.AddSingleton<StripeInvoices>();
        services.AddSingleton<StripeWebhooks>();
        services.AddSingleton<IPaymentGateway, StripeGateway>();
        services.AddSingleton<ITestPayments, StripeTestPayments>();
        return services;
    }

    /// <summary>
    /// The client of one key; repeating is <see cref="StripePaceHandler"/>'s. Every base follows <c>ApiBase</c>, so that nothing of a test
    /// reaches Stripe.
    /// </summary>
    public static StripeClient Client(StripeOptions options, HttpClient http)
    {
        var client = new StripeClientOptions
        {
            ApiKey = options.ApiKey,
            HttpClient = new SystemNetHttpClient(
                http,
                maxNetworkRetries: 0,
                appInfo: new AppInfo { Name = "Portal" },
                enableTelemetry: false
            ),
        };
        if (options.ApiBase?.TrimEnd('/') is { Length: > 0 } address)
            (client.ApiBase, client.FilesBase, client.ConnectBase, client.MeterEventsBase) = (address, address, address, address);
        return new StripeClient(client);
    }
}
