using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portal.Domain.Clusters;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>An HTTP server in a broker's place that answers what a test wants: for what no broker does on demand.</summary>
public sealed class PretendedBroker : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PretendedBroker(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public ClusterRegistration Registration => new(PulsarPorts.ClusterName, [Url], null, null, "secret-token", null);

    public static async Task<PretendedBroker> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
