using LocalPulsar;
using LocalStripe;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// The embedded stand-ins for outside systems that no setting names. They listen before anything that needs them is
/// built and stop after everything else.
/// </summary>
internal sealed class StandIns(LocalPulsarServer? pulsar, LocalStripeServer? stripe) : IHostedService
{
    public IReadOnlyList<string> Names => [.. new[] { pulsar is null ? null : "LocalPulsar", stripe is null ? null : "LocalStripe" }.OfType<string>()];

    /// <summary>LocalPulsar as a cluster; null when the settings name real ones.</summary>
    public ClusterRegistration? Cluster => pulsar is null
        ? null
        : new("local", [pulsar.AdminUrl], null, pulsar.WebSocketUrl, pulsar.AdminToken, File.ReadAllBytes(pulsar.TokenPrivateKeyFile), IsStandIn: true);

    /// <summary>LocalStripe as the settings of Stripe; empty when there are some.</summary>
    public IEnumerable<KeyValuePair<string, string?>> StripeSettings => stripe is null
        ? []
        :
        [
            new("Portal:Stripe:ApiKey", stripe.ApiKey),
            new("Portal:Stripe:WebhookSecret", stripe.WebhookSecret),
            new("Portal:Stripe:ApiBase", stripe.ApiBase),
        ];

    /// <exception cref="WrongSettingException">One cannot start: its folder is in use or its port is taken.</exception>
    public static async Task<StandIns> StartAsync(PortalSettings settings, ILoggerFactory loggers, TimeProvider clock)
    {
        LocalPulsarServer? pulsar = null;
        try
        {
            if (settings.UsesLocalPulsar)
            {
                pulsar = await LocalPulsarServer.StartAsync(
                    new() { DataFolder = Path.Combine(settings.DataFolder, "pulsar"), Clock = clock, LoggerFactory = loggers, Port = settings.StandIns.PulsarPort }, CancellationToken.None);
            }
            var stripe = settings.UsesLocalStripe
                ? await LocalStripeServer.StartAsync(
                    new() { DataFolder = Path.Combine(settings.DataFolder, "stripe"), Clock = clock, LoggerFactory = loggers, Port = settings.StandIns.StripePort }, CancellationToken.None)
                : null;
            return new StandIns(pulsar, stripe);
        }
        catch (Exception refused) when (refused is LocalStripeRefusedException or InvalidOperationException or IOException)
        {
            if (pulsar is not null) await pulsar.StopAsync();
            throw new WrongSettingException(refused.Message);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (stripe is not null) await stripe.StopAsync(cancellationToken);
        if (pulsar is not null) await pulsar.StopAsync();
    }

    /// <summary>Stripe's events go to the portal once it listens.</summary>
    public void SendEventsTo(IPublicAddress listening)
    {
        if (stripe is not null) stripe.WebhookUrl = new Uri(listening.Url, "/webhooks/stripe");
    }
}
