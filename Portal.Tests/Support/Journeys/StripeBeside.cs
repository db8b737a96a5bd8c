using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LocalStripe;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// LocalStripe beside the portal: it outlives the portal, and a test acts there as the customer on the hosted pages, as
/// the seller in the dashboard, as the bank, or as fate.
/// </summary>
public sealed class StripeBeside : IAsyncDisposable
{
    private readonly LocalStripeServer _server;
    private readonly string _folder;
    private readonly HttpClient _browser = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly string _secret;

    private StripeBeside(LocalStripeServer server, string folder)
    {
        (_server, _folder, _secret) = (server, folder, server.WebhookSecret);
        Address = new Uri(server.ApiBase);
        Key = server.ApiKey;
        Api = new RestClient(Address, Key);
    }

    public Uri Address { get; }

    public string Key { get; }

    /// <summary>Stripe's API with the portal's key.</summary>
    public RestClient Api { get; }

    public static async Task<StripeBeside> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("portal-stripe-").FullName;
        return new(
            await LocalStripeServer.StartAsync(LocalStripeFixture.Options(folder, TimeProvider.System), CancellationToken.None),
            folder
        );
    }

    /// <summary>A portal whose Stripe this is, and who hears of its events.</summary>
    public async Task<PortalHere> PortalAsync(int reconcileSeconds = 600)
    {
        var portal = await PortalHere.StartAsync(
            new Dictionary<string, string>(Settings) { ["Portal__Billing__ReconcileSeconds"] = $"{reconcileSeconds}" }
        );
        await SendEventsToAsync(portal.Url);
        return portal;
    }

    /// <summary>What a portal needs to have it as its Stripe.</summary>
    public Dictionary<string, string> Settings =>
        new()
        {
            ["Portal__Stripe__ApiBase"] = Address.ToString().TrimEnd('/'),
            ["Portal__Stripe__ApiKey"] = Key,
            ["Portal__Stripe__WebhookSecret"] = _secret,
        };

    public Task SendEventsToAsync(Uri portal) => ControlAsync("webhooks/url", new { url = new Uri(portal, "webhooks/stripe") });

    public async Task ControlAsync(string path, object body)
    {
        using var answer = await _browser.PostAsJsonAsync(new Uri(Address, $"_control/{path}"), body);
        Assert.True(answer.IsSuccessStatusCode, $"/_control/{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Takes back what was asked to go wrong.</summary>
    public async Task CalmAsync()
    {
        using var answer = await _browser.DeleteAsync(new Uri(Address, "_control/faults"));
        Assert.True(answer.IsSuccessStatusCode);
    }

    /// <summary>Presses a button of a hosted page.</summary>
    public async Task SubmitAsync(Uri page, string name, string value)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create(name, value)]);
        using var answer = await _browser.PostAsync(page, form);
        Assert.True((int)answer.StatusCode is 302 or 422, $"{page}: {(int)answer.StatusCode}");
    }

    public async Task<IReadOnlyList<JsonNode>> ListAsync(string path) =>
        [.. (await Api.GetAsync($"/v1/{path}"))["data"]!.AsArray().Select(item => item!)];

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        _browser.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
