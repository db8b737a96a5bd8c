using LocalPulsar;
using LocalStripe;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Hosting.ExternalSignIn;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// The embedded stand-ins for outside systems that no setting names. They listen before anything that needs them is
/// built and stop after everything else.
/// </summary>
internal sealed class StandIns : IHostedService
{
    private readonly LocalPulsarServer? _pulsar;
    private readonly LocalStripeServer? _stripe;
    private readonly ILoggerFactory _loggers;

    private StandIns(LocalPulsarServer? pulsar, LocalStripeServer? stripe, ILoggerFactory loggers) =>
        (_pulsar, _stripe, _loggers) = (pulsar, stripe, loggers);

    public IReadOnlyList<string> Names =>
        [.. new[] { _pulsar is null ? null : "LocalPulsar", _stripe is null ? null : "LocalStripe" }.OfType<string>()];

    /// <summary>LocalPulsar as a cluster; null when the settings name real ones.</summary>
    public ClusterRegistration? Cluster =>
        _pulsar is null
            ? null
            : new(
                "local",
                [_pulsar.AdminUrl],
                null,
                _pulsar.WebSocketUrl,
                _pulsar.AdminToken,
                File.ReadAllBytes(_pulsar.TokenPrivateKeyFile),
                IsStandIn: true
            );

    /// <summary>LocalStripe as the settings of Stripe; empty when there are some.</summary>
    public IEnumerable<KeyValuePair<string, string?>> StripeSettings =>
        _stripe is null
            ? []
            :
            [
                new("Portal:Stripe:ApiKey", _stripe.ApiKey),
                new("Portal:Stripe:WebhookSecret", _stripe.WebhookSecret),
                new("Portal:Stripe:ApiBase", _stripe.ApiBase),
            ];

    /// <exception cref="WrongSettingException">One cannot start: its folder is in use or its port is taken.</exception>
    public static async Task<StandIns> StartAsync(PortalSettings settings, IConfiguration logging, TimeProvider clock, bool isDevelopment)
    {
        // Without the framework's own lines: a port that is taken is no failure, the next one is tried.
        var loggers = LoggerFactory.Create(builder =>
            builder.AddConfiguration(logging).AddSimpleConsole().AddFilter("Microsoft", LogLevel.None)
        );
        LocalPulsarServer? pulsar = null;
        try
        {
            if (settings.UsesLocalPulsar)
            {
                pulsar = await LocalPulsarServer.StartAsync(
                    new()
                    {
                        DataFolder = Path.Combine(settings.DataFolder, "pulsar"),
                        Clock = clock,
                        LoggerFactory = loggers,
                        Port = settings.StandIns.PulsarPort,
                        // Customers' connectors run in this process: what listens beside it is none of theirs.
                        MayConnectTo = isDevelopment ? _ => true : OutboundGate.IsPublic,
                    },
                    CancellationToken.None
                );
            }
            var stripe = settings.UsesLocalStripe
                ? await LocalStripeServer.StartAsync(
                    new()
                    {
                        DataFolder = Path.Combine(settings.DataFolder, "stripe"),
                        Clock = clock,
                        LoggerFactory = loggers,
                        Port = settings.StandIns.StripePort,
                        // Anybody on the machine could call invoices paid.
                        Steered = isDevelopment,
                    },
                    CancellationToken.None
                )
                : null;
            return new StandIns(pulsar, stripe, loggers);
        }
        catch (Exception refused) when (refused is LocalStripeRefusedException or InvalidOperationException or IOException)
        {
            if (pulsar is not null)
                await pulsar.StopAsync();
            loggers.Dispose();
            throw new WrongSettingException(refused.Message);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stripe is not null)
            await _stripe.StopAsync(cancellationToken);
        if (_pulsar is not null)
            await _pulsar.StopAsync();
        _loggers.Dispose();
    }

    /// <summary>Stripe's events go to the portal once it listens.</summary>
    public void SendEventsTo(IPublicAddress listening)
    {
        if (_stripe is not null)
            _stripe.WebhookUrl = new Uri(listening.Url, "/webhooks/stripe");
    }
}
