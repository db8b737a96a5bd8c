using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// LocalStripe as a process of its own: it outlives the portal, and a test acts there as the customer on the hosted pages, as
/// the seller in the dashboard, as the bank, or as fate.
/// </summary>
public sealed class StripeProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly string _folder;
    private readonly HttpClient _browser = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly string _secret;

    private StripeProcess(ChildProcess process, string folder, string address, string key, string secret)
    {
        (_process, _folder, _secret) = (process, folder, secret);
        Address = new Uri(address);
        Api = new RestClient(Address, key);
        Key = key;
    }

    public Uri Address { get; }

    public string Key { get; }

    /// <summary>Stripe's API with the portal's key.</summary>
    public RestClient Api { get; }

    public static async Task<StripeProcess> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("portal-stripe-").FullName;
        var process = ChildProcess.Start("infra/LocalStripe", "LocalStripe", ["--data-folder", folder, "--port", "0"]);
        return new(process, folder, await process.ValueAsync("STRIPE_API_BASE"), await process.ValueAsync("STRIPE_API_KEY"), await process.ValueAsync("STRIPE_WEBHOOK_SECRET"));
    }

    /// <summary>A portal whose Stripe this is, and who hears of its events.</summary>
    public async Task<PortalProcess> PortalAsync(int reconcileSeconds = 600)
    {
        var portal = await PortalProcess.StartAsync(new Dictionary<string, string>(Settings) { ["Portal__Billing__ReconcileSeconds"] = $"{reconcileSeconds}" });
        await SendEventsToAsync(portal.Url);
        return portal;
    }

    /// <summary>What a portal needs to have it as its Stripe.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["Portal__Stripe__ApiBase"] = Address.ToString().TrimEnd('/'), ["Portal__Stripe__ApiKey"] = Key, ["Portal__Stripe__WebhookSecret"] = _secret,
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

    public async Task<IReadOnlyList<JsonNode>> ListAsync(string path) => [.. (await Api.GetAsync($"/v1/{path}"))["data"]!.AsArray().Select(item => item!)];

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        _browser.Dispose();
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
