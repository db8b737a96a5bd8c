using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Tests.Support;

/// <summary>
/// Stands where the portal's webhook would and keeps what it gets. Refuses the first <see cref="RefuseFirst"/> deliveries.
/// </summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _seen;

    private WebhookReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<(string Body, string Signature)> Received { get; } = new();

    public int RefuseFirst { get; set; }

    public Uri Url => new(new Uri(_app.Urls.First()), "/webhooks/stripe");

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.MapPost("/webhooks/stripe", receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until what came satisfies the condition; fails after ten seconds with what did come.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<(string Body, string Signature)>, bool> satisfied)
    {
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (!satisfied([.. Received]))
        {
            Assert.True(
                DateTime.UtcNow < deadline,
                $"Not within 10 s. Came: {string.Join('\n', Received.Select(delivery => delivery.Body[..Math.Min(120, delivery.Body.Length)]))}"
            );
            await Task.Delay(20);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        if (Interlocked.Increment(ref _seen) <= RefuseFirst)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        Received.Enqueue((body, context.Request.Headers["Stripe-Signature"].ToString()));
    }
}
