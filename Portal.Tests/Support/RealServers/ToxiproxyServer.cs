using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Portal.Tests.Support.RealServers;

/// <summary>Which way bytes go that a fault holds up or cuts.</summary>
public enum Way
{
    /// <summary>From a server to its client.</summary>
    Down,

    /// <summary>From a client to its server.</summary>
    Up,
}

/// <summary>
/// The network between clients and servers of a test, started with <c>toxiproxy.sh</c>. A server that stands behind it listens
/// on 127.0.0.1 and advertises <see cref="Host"/> with the same port, so that clients come through it wherever they are sent.
/// </summary>
public sealed class ToxiproxyServer : IAsyncDisposable
{
    private const string Script = "toxiproxy.sh";
    private readonly HttpClient _http;
    private readonly string _folder;
    private int _made;

    private ToxiproxyServer(string url, string folder) => (_http, _folder) = (new() { BaseAddress = new($"{url}/") }, folder);

    /// <summary>The address of everything that stands behind it.</summary>
    public const string Host = "127.0.0.2";

    /// <summary>Skips the test when the script is absent, or where there is one loopback address only.</summary>
    public static async Task<ToxiproxyServer> StartAsync()
    {
        Assert.SkipWhen(ServerScripts.MissingReason(Script) is not null, ServerScripts.MissingReason(Script) ?? "");
        Assert.SkipUnless(OperatingSystem.IsLinux(), $"{Host} is no address of this system's own");
        var folder = Directory.CreateTempSubdirectory("toxiproxy-").FullName;
        var values = await ServerScripts.RunAsync(Script, "start", "--dir", folder, "--port", "0");
        return new(values["TOXIPROXY_URL"], folder);
    }

    /// <summary>Puts a port of this machine behind it; the server need not be there yet.</summary>
    public Task AddAsync(int port) =>
        SendAsync(
            HttpMethod.Post,
            "proxies",
            new()
            {
                ["name"] = $"{port}",
                ["listen"] = $"{Host}:{port}",
                ["upstream"] = $"127.0.0.1:{port}",
            }
        );

    /// <summary>Disturbs what goes to or comes from a port, until <see cref="HealAsync"/>.</summary>
    /// <param name="kind">Toxiproxy's name of the fault.</param>
    public Task DisturbAsync(int port, string kind, Way way, params (string Name, int Value)[] attributes) =>
        SendAsync(
            HttpMethod.Post,
            $"proxies/{port}/toxics",
            new()
            {
                ["name"] = $"fault-{_made++}",
                ["type"] = kind,
                ["stream"] = way == Way.Up ? "upstream" : "downstream",
                ["attributes"] = new JsonObject(attributes.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)one.Value))),
            }
        );

    /// <summary>Ends every connection to a port and lets none through, until <see cref="HealAsync"/>.</summary>
    public Task CutAsync(int port) => SendAsync(HttpMethod.Post, $"proxies/{port}", new() { ["enabled"] = false });

    /// <summary>A port is behind it no longer.</summary>
    public Task RemoveAsync(int port) => SendAsync(HttpMethod.Delete, $"proxies/{port}", []);

    public Task HealAsync() => SendAsync(HttpMethod.Post, "reset", []);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await ServerScripts.RunAsync(Script, "stop", "--dir", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task SendAsync(HttpMethod method, string path, JsonObject body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var answer = await _http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{path} {body}: {await answer.Content.ReadAsStringAsync()}");
    }
}
