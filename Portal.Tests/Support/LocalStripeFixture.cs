using System.Net.Http.Json;
using LocalStripe;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Adapters.StripeBilling;
using Stripe;

namespace Portal.Tests.Support;

/// <summary>A LocalStripe of the test's own in a temporary folder, and the genuine client for it.</summary>
public sealed class LocalStripeFixture : IAsyncDisposable
{
    private readonly TimeProvider _clock;
    private readonly HttpClient _stripeHttp = new();

    private LocalStripeFixture(LocalStripeServer server, string folder, TimeProvider clock)
    {
        (Server, Folder, _clock) = (server, folder, clock);
        Client = ClientOf(server);
    }

    public LocalStripeServer Server { get; private set; }

    public string Folder { get; }

    public StripeClient Client { get; private set; }

    /// <summary>A browser: cookies aside, follows nothing by itself.</summary>
    public HttpClient Browser { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public static async Task<LocalStripeFixture> StartAsync(TimeProvider? clock = null)
    {
        var folder = Directory.CreateTempSubdirectory("localstripe-").FullName;
        return new LocalStripeFixture(
            await LocalStripeServer.StartAsync(Options(folder, clock ?? TimeProvider.System), CancellationToken.None),
            folder,
            clock ?? TimeProvider.System
        );
    }

    public static LocalStripeOptions Options(string folder, TimeProvider clock) =>
        new()
        {
            DataFolder = folder,
            Clock = clock,
            LoggerFactory = NullLoggerFactory.Instance,
            Port = 0,
        };

    /// <summary>Stops it and starts it again on the same data folder.</summary>
    public async Task RestartAsync()
    {
        await Server.DisposeAsync();
        Server = await LocalStripeServer.StartAsync(Options(Folder, _clock), CancellationToken.None);
        Client = ClientOf(Server);
    }

    /// <summary>Stops it, forgets its idempotency keys as Stripe does after 24 hours, and starts it again.</summary>
    public async Task ForgetKeysAsync()
    {
        await Server.DisposeAsync();
        await using (
            var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Folder, "localstripe.db")};Pooling=False")
        )
        {
            await database.OpenAsync();
            await using var command = database.CreateCommand();
            command.CommandText = "DELETE FROM answers";
            await command.ExecuteNonQueryAsync();
        }

        await RestartAsync();
    }

    public async Task ControlAsync(string path, object body)
    {
        using var answer = await Browser.PostAsJsonAsync($"{Server.ApiBase}/_control/{path}", body);
        Assert.True(answer.IsSuccessStatusCode, $"/_control/{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>
    /// The page of a session as a person uses it: choose a card, press the button. Where it leads, or the page that came back.
    /// </summary>
    public async Task<(Uri? GoesTo, string Page)> SubmitAsync(string url, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await Browser.PostAsync(url, form);
        return (answer.Headers.Location is { } location ? new Uri(new Uri(url), location) : null, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A card saved through Checkout's page and made the default, as the portal has it done.</summary>
    public async Task<string> SaveCardAsync(string customerId, string card = "visa")
    {
        var session = await Client.V1.Checkout.Sessions.CreateAsync(
            new Stripe.Checkout.SessionCreateOptions
            {
                Mode = "setup",
                Customer = customerId,
                AllowedPaymentMethodTypes = ["card"],
                SuccessUrl = "http://localhost/done?session={CHECKOUT_SESSION_ID}",
            }
        );
        var (goesTo, page) = await SubmitAsync(session.Url, ("card", card));
        Assert.True(goesTo is not null, page);
        var intent = await Client.V1.SetupIntents.GetAsync(session.SetupIntentId);
        await Client.V1.Customers.UpdateAsync(
            customerId,
            new CustomerUpdateOptions
            {
                InvoiceSettings = new CustomerInvoiceSettingsOptions { DefaultPaymentMethod = intent.PaymentMethodId },
            }
        );
        return intent.PaymentMethodId;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Browser.Dispose();
        _stripeHttp.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private StripeClient ClientOf(LocalStripeServer server) =>
        StripeBillingRegistration.Client(new StripeOptions { ApiKey = server.ApiKey, ApiBase = server.ApiBase }, _stripeHttp);
}
