using Xunit;

namespace Portal.Tests.Support.RealServers;

/// <summary>Stripe's own mock: refuses what Stripe's OpenAPI document does not allow, answers with fixtures, keeps no state.</summary>
public sealed class StripeMockServer : IAsyncDisposable
{
    private const string Script = "stripe-mock.sh";
    private readonly string _folder;

    private StripeMockServer(string url, string folder) => (Url, _folder) = (url, folder);

    public string Url { get; }

    /// <summary>Skips the test when the script is absent.</summary>
    public static async Task<StripeMockServer> StartAsync()
    {
        Assert.SkipWhen(ServerScripts.MissingReason(Script) is not null, ServerScripts.MissingReason(Script) ?? "");
        var folder = Directory.CreateTempSubdirectory("stripe-mock-").FullName;
        var values = await ServerScripts.RunAsync(Script, "start", "--dir", folder, "--port", "0");
        return new StripeMockServer(values["STRIPE_MOCK_URL"], folder);
    }

    public async ValueTask DisposeAsync()
    {
        await ServerScripts.RunAsync(Script, "stop", "--dir", _folder);
        Directory.Delete(_folder, recursive: true);
    }
}
