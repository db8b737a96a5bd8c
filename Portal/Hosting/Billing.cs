using Portal.Domain.Billing;
using Portal.Hosting.Workers;

namespace Portal.Hosting;

/// <summary>Billing's settings and workers, and the shipped price book at the first start.</summary>
public static class Billing
{
    public static IServiceCollection AddBilling(this IServiceCollection services)
    {
        services.AddSingleton(BillingSettings.Default);
        services.AddHostedService<ShippedPriceBook>();
        services.AddHostedService<MonthCloseWorker>();
        return services.AddHostedService<PaymentEventsWorker>();
    }

    /// <summary>Prices are there before the first request. The database is migrated before hosted services start.</summary>
    private sealed class ShippedPriceBook(EnsureShippedPriceBook ensure) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken) => await ensure.RunAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
