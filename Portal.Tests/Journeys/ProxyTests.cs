using System.Net;
using System.Text.RegularExpressions;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>Two replicas behind the nginx of <c>docs/proxies.md</c>, which sends each request to the other one than the last.</summary>
public sealed partial class ProxyTests(PostgresServer postgres)
{
    private const string Nginx = "/usr/sbin/nginx";

    [Fact]
    public async Task Pages_become_interactive_whichever_replica_their_WebSocket_reaches()
    {
        Assert.SkipUnless(File.Exists(Nginx), "no nginx: install Debian's nginx");
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var stripe = await StripeBeside.StartAsync();
        var front = new Uri($"http://localhost:{RunningPortal.FreePort()}/");
        var settings = new Dictionary<string, string>(cluster.Settings.Concat(stripe.Settings))
        {
            ["Portal__Database__Provider"] = "PostgreSql",
            ["Portal__Database__ConnectionString"] = await postgres.NewEmptyDatabaseAsync(),
            ["Portal__PublicUrl"] = front.ToString().TrimEnd('/'),
            ["Portal__TrustedProxies__0"] = "127.0.0.1",
        };
        await using var first = await PortalProcess.StartAsync(settings);
        await using var second = await PortalHere.StartAsync(settings);
        var folder = TestDatabase.NewFolder();
        await using var proxy = ChildProcess.Run(
            Nginx,
            folder,
            [
                "-p",
                folder,
                "-c",
                await ConfigureAsync(folder, front.Port, first.Url.Port, second.Url.Port),
                "-g",
                "daemon off; user root; pid nginx.pid; error_log stderr;",
            ]
        );
        using var http = new HttpClient { BaseAddress = front };
        await Eventually.TrueAsync(async () => await AnswersAsync(http), () => $"nginx serves: {proxy.Said}");

        var visitor = await browser.VisitorAsync(front);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        foreach (var page in new[] { "organizations/new", "operator/organizations", "operator/jobs", "organizations/new" })
            await visitor.GoAsync(page);
        await visitor.FillAsync("Name", "Northwind");
        await visitor.PressAsync("Create organization");
        await visitor.HeadingAsync("Northwind");

        var served = (await File.ReadAllLinesAsync(Path.Combine(folder, "access.log"))).Select(line => line.Split(' ')).ToList();
        Assert.Equal(
            2,
            served.Select(parts => parts[0]).Where(upstream => upstream.StartsWith("127.", StringComparison.Ordinal)).Distinct().Count()
        );
        Assert.DoesNotContain(served, parts => parts[1].Contains("negotiate", StringComparison.Ordinal));

        // One of the two goes; the other serves on, and the open page finds its way.
        first.Kill();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await visitor.GoAsync("operator/organizations");
                    return true;
                }
                catch (Microsoft.Playwright.PlaywrightException aborted)
                    when (aborted.Message.Contains("ERR_ABORTED", StringComparison.Ordinal))
                {
                    // The page was just opening itself anew.
                    return false;
                }
            },
            "the other replica serves"
        );
        await visitor.LookedAtAsync();
    }

    /// <summary>The block of the documentation with the addresses of this run.</summary>
    private static async Task<string> ConfigureAsync(string folder, int port, int first, int second)
    {
        var text = Block().Match(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "proxies.md"))).Groups["text"].Value;
        string Put(string from, string to) =>
            text.Contains(from, StringComparison.Ordinal)
                ? text.Replace(from, to, StringComparison.Ordinal)
                : throw new InvalidOperationException($"docs/proxies.md has no '{from}'.");
        text = Put("10.0.0.11:5080", $"127.0.0.1:{first}");
        text = Put("10.0.0.12:5080", $"127.0.0.1:{second}");
        text = Put("listen 80;", $"listen 127.0.0.1:{port}; listen [::1]:{port};");
        text = Put(
            "http {",
            $"http {{ log_format upstreams '$upstream_addr $request_uri'; access_log {folder}/access.log upstreams; "
                + $"client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; "
                + $"scgi_temp_path {folder};"
        );
        var file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(file, text);
        return file;
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            return (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [GeneratedRegex("```nginx\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
