using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Desired;
using Portal.Domain.Gateway;
using Portal.Domain.Notices;
using Portal.Domain.Plans;
using Portal.Domain.Sample;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Hosting.OpenId;
using Portal.Hosting.Settings;

namespace Portal.Hosting.Workers;

/// <summary>The engine for durable work, with every step there is and the work that comes back for ever.</summary>
internal static partial class WorkSetup
{
    public static IServiceCollection AddWork(this IServiceCollection services, PortalSettings settings)
    {
        services.AddSingleton(ReconcileSettings.Default);
        services.AddSingleton(new SampleSettings(settings.Sample.OnFirstRun));
        services.AddSingleton(BillingSettings.Default with { ReconcileEvery = TimeSpan.FromSeconds(settings.Billing.ReconcileSeconds) });
        services.AddSingleton(DunningSettingsReader.Read(settings.Billing.Dunning));
        services.AddSingleton(new ConnectorGuides(ConnectorGuidesReader.Read(settings.Connectors)));
        services.AddSingleton(new StatusSettings(settings.StatusPage.Public));
        services.AddSingleton(
            new AuditRetention(settings.Audit.RetentionDays == 0 ? null : TimeSpan.FromDays(settings.Audit.RetentionDays))
        );
        services.AddSingleton(WorkSettings.Default with { SharesLanes = settings.Database.IsPostgreSql });
        services.AddSingleton<WorkObserver>();
        services.AddSingleton<IWorkObserver>(provider => provider.GetRequiredService<WorkObserver>());
        services.AddSingleton<TendOidc>();
        services.AddSingleton(provider => new WorkHandlers(
            Steps().SelectMany(step => WorkHandler.Of(provider.GetRequiredService(step))),
            provider.GetRequiredService<NoticesOfWork>()
        ));
        services.AddSingleton<NoticesOfWork>();
        services.AddHostedService<ShippedData>();
        if (!settings.GatewayOnly)
            services.AddHostedService<WorkHost>().AddHostedService<SampleTrafficHost>();
        services.AddSingleton(new GatewayLimits(settings.Limits.WebSocketSessionsPerKey));
        services.AddHostedService<GatewayHost>();
        return services.AddHostedService<ClusterHost>();
    }

    /// <summary>Every class that is a step of some kind of work.</summary>
    internal static IEnumerable<Type> Steps() =>
        from assembly in new[] { typeof(WorkHandler).Assembly, typeof(WorkSetup).Assembly }
        from type in assembly.GetTypes()
        where type is { IsClass: true, IsAbstract: false } && WorkHandler.PayloadsOf(type).Any()
        select type;

    /// <summary>Prices and plans are there before the first request. The database is migrated before hosted services start.</summary>
    private sealed class ShippedData(EnsureShippedPriceBook prices, EnsureShippedPlans plans) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await prices.RunAsync(cancellationToken);
            await plans.RunAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed partial class WorkHost(
        WorkRunner runner,
        WorkObserver observer,
        IPortalDatabase database,
        TimeProvider clock,
        ILogger<WorkHost> logger
    ) : BackgroundService
    {
        private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);
        private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            // The host starts services one after another; none holds up the next.
            await Task.Yield();
            var running = runner.RunAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await EnsureRecurringAsync(stoppingToken);
                    break;
                }
                catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
                {
                    break;
                }
#pragma warning disable CA1031 // The database is away: tried until it is back.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    LogNotWritten(logger, exception);
                    await Task.Delay(BetweenTries, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            await MeasureAsync(stoppingToken);
            await running;
        }

        /// <summary>Keeps the gauges of every replica as they are in the database.</summary>
        private async Task MeasureAsync(CancellationToken stoppingToken)
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    var (depths, webhooks) = await database.ReadAsync(
                        async session =>
                            (
                                await session.Work.DepthsAsync(clock.Now(), stoppingToken),
                                await session.Work.CountOpenAsync(PaymentEventWork.Kind, stoppingToken)
                            ),
                        stoppingToken
                    );
                    observer.Show(depths, webhooks);
                }
#pragma warning disable CA1031 // The engine itself says that the database is away.
                catch (Exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    observer.Show([], 0);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                await Task.Delay(BetweenLooks, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private async Task EnsureRecurringAsync(CancellationToken cancellationToken)
        {
            await Recurring.EnsureAsync(database, clock, new StartDueClosesWork(), Lanes.Billing, "automatic close", cancellationToken);
            await Recurring.EnsureAsync(database, clock, new CheckBudgetsWork(), Lanes.Billing, "budgets", cancellationToken);
            await Recurring.EnsureAsync(database, clock, new CheckDunningWork(), Lanes.Billing, "overdue invoices", cancellationToken);
            await Recurring.EnsureAsync(database, clock, new ReconcileInvoicesWork(), Lanes.Billing, "open invoices", cancellationToken);
            await Recurring.EnsureAsync(database, clock, new ReconcileDisputesWork(), Lanes.Stripe, "disputed payments", cancellationToken);
            await Recurring.EnsureAsync(
                database,
                clock,
                new ReconcileCorrectionsWork(),
                Lanes.Stripe,
                "credit notes and refunds",
                cancellationToken
            );
            await Recurring.EnsureAsync(database, clock, new CutAuditLogsWork(), Lanes.Upkeep, "audit logs", cancellationToken);
            await Recurring.EnsureAsync(database, clock, new CutUsageWork(), Lanes.Usage, "old usage samples", cancellationToken);
            await Recurring.EnsureAsync(database, clock, new CutWorkWork(), Lanes.Upkeep, "ended work", cancellationToken);
            await Recurring.EnsureAsync(database, clock, new CutNoticesWork(), Lanes.Upkeep, "old notifications", cancellationToken);
            await Recurring.EnsureAsync(
                database,
                clock,
                new WarnOfEndingKeysWork(),
                Lanes.Upkeep,
                "keys that expire soon",
                cancellationToken
            );
            await Recurring.EnsureAsync(database, clock, new CutPaymentEventsWork(), Lanes.Upkeep, "webhook events", cancellationToken);
            await Recurring.EnsureAsync(database, clock, new TendOidcWork(), Lanes.Upkeep, "sign-in keys and tokens", cancellationToken);
            await Recurring.EnsureAsync(
                database,
                clock,
                new EndKeysWork(),
                new WorkPlace(Lanes.Upkeep, EndKeysWork.Kind, null, "expired keys", WorkPriority.TakeAway),
                cancellationToken
            );
        }

        [LoggerMessage(Level = LogLevel.Error, Message = "The recurring work could not be written and is written again")]
        private static partial void LogNotWritten(ILogger logger, Exception exception);
    }
}
