using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Portal.Bench;

/// <summary>
/// What 200 wrong sign-ins a second for a minute do to the pages of somebody who is signed in: once all from one
/// address, once each from an address and for an account of its own. Baseline, in the same run: the same page without
/// the flood. The portal is a process of its own; the one that floods shares the machine with it.
/// </summary>
internal static partial class SignInFloodBench
{
    private const int PerSecond = 200;
    private const string Email = "operator@example.com";
    private const string Password = "a quiet river bends slowly 7";
    private const string ApiKey = "bench-key-0123456789abcdef0123456789abcdef";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Flooded = TimeSpan.FromSeconds(60);

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("portal-bench-").FullName;
        var url = new Uri($"http://localhost:{FreePort()}");
        using var portal = await StartAsync(url, folder);
        try
        {
            using var visitor = await SignedInAsync(url);
            await MeasureAsync(visitor, TimeSpan.FromSeconds(5));
            foreach (var (name, own) in new[] { ("one address", false), ("an address and an account each", true) })
            {
                var before = await MeasureAsync(visitor, Quiet);
                using var stop = new CancellationTokenSource(Flooded);
                var flood = FloodAsync(url, own, stop.Token);
                var during = await MeasureAsync(visitor, Flooded);
                var (sent, answers) = await flood;
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"sign-in flood, {name}: {sent / Flooded.TotalSeconds:N0} wrong sign-ins/s for {Flooded.TotalSeconds:N0} "
                            + $"s ({answers}); a signed-in page: median {before.Median:N1} ms quiet, {during.Median:N1} ms flooded "
                            + $"({during.Median / before.Median:N2}x); p95 {before.P95:N1} ms, {during.P95:N1} ms "
                            + $"({during.P95 / before.P95:N2}x)"
                    )
                );
                // The limiters' minute.
                await Task.Delay(TimeSpan.FromSeconds(5));
            }
        }
        finally
        {
            portal.Kill(entireProcessTree: true);
            await portal.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Median, double P95)> MeasureAsync(HttpClient visitor, TimeSpan length)
    {
        var times = new List<double>();
        for (var whole = Stopwatch.StartNew(); whole.Elapsed < length; )
        {
            var begun = Stopwatch.GetTimestamp();
            using var page = await visitor.GetAsync("/o/northwind");
            await page.Content.ReadAsStringAsync();
            page.EnsureSuccessStatusCode();
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await Task.Delay(50);
        }
        times.Sort();
        return (times[times.Count / 2], times[times.Count * 95 / 100]);
    }

    private static async Task<(int Sent, string Answers)> FloodAsync(Uri url, bool own, CancellationToken stop)
    {
        using var http = new HttpClient(
            new SocketsHttpHandler
            {
                MaxConnectionsPerServer = 100,
                UseCookies = false,
                AllowAutoRedirect = false,
            }
        )
        {
            BaseAddress = url,
            Timeout = TimeSpan.FromSeconds(30),
        };
        var (cookie, token) = await FormAsync(http);
        var answers = new ConcurrentDictionary<string, int>();
        var open = new List<Task>();
        var begun = Stopwatch.StartNew();
        var sent = 0;
        while (!stop.IsCancellationRequested)
        {
            // As many as are due by now, so that a slow moment is caught up.
            for (; sent < begun.Elapsed.TotalSeconds * PerSecond; sent++)
                open.Add(AttemptAsync(http, cookie, token, own, sent, answers));
            open.RemoveAll(task => task.IsCompleted);
            await Task.Delay(5, CancellationToken.None);
        }
        await Task.WhenAll(open);
        return (
            sent,
            string.Join(", ", answers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} {pair.Key}"))
        );
    }

    private static async Task AttemptAsync(
        HttpClient http,
        string cookie,
        string token,
        bool own,
        int number,
        ConcurrentDictionary<string, int> answers
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["_handler"] = "sign-in",
                    ["__RequestVerificationToken"] = token,
                    ["Input.Email"] = own ? $"user{number}@example.com" : Email,
                    ["Input.Password"] = "not the password at all",
                }
            ),
        };
        request.Headers.Add("Cookie", cookie);
        if (own)
            request.Headers.Add(
                "X-Forwarded-For",
                string.Create(CultureInfo.InvariantCulture, $"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
            );
        string said;
        try
        {
            using var answer = await http.SendAsync(request);
            var html = await answer.Content.ReadAsStringAsync();
            said = Refusal().Match(html) is { Success: true } match ? match.Groups["code"].Value : $"{(int)answer.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            said = "without an answer";
        }
        answers.AddOrUpdate(said, 1, (_, count) => count + 1);
    }

    private static async Task<HttpClient> SignedInAsync(Uri url)
    {
        using var api = new HttpClient { BaseAddress = url };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        (await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" })).EnsureSuccessStatusCode();
        var cookies = new CookieContainer();
        var visitor = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies }) { BaseAddress = url };
        var (_, token) = await FormAsync(visitor);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = token,
                ["Input.Email"] = Email,
                ["Input.Password"] = Password,
            }
        );
        (await visitor.PostAsync("/sign-in", form)).EnsureSuccessStatusCode();
        return visitor;
    }

    private static async Task<(string Cookie, string Token)> FormAsync(HttpClient http)
    {
        using var page = await http.GetAsync("/sign-in");
        var html = await page.Content.ReadAsStringAsync();
        var cookie = page.Headers.TryGetValues("Set-Cookie", out var set) ? string.Join("; ", set.Select(one => one.Split(';')[0])) : "";
        return (cookie, WebUtility.HtmlDecode(Token().Match(html).Groups["token"].Value));
    }

    internal static async Task<Process> StartAsync(Uri url, string folder, Dictionary<string, string>? settings = null)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        var output = Path.Combine("bin", root.Parent!.Name, root.Name);
        while (!File.Exists(Path.Combine(root!.FullName, "Portal.sln")))
            root = root.Parent!;
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Path.Combine(root.FullName, "Portal"),
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add(Path.Combine(root.FullName, "Portal", output, "Portal.dll"));
        foreach (
            var (name, value) in new Dictionary<string, string>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["urls"] = url.ToString().TrimEnd('/'),
                ["Portal__DataFolder"] = folder,
                ["Portal__TrustedProxies__0"] = "127.0.0.1",
                ["Portal__TrustedProxies__1"] = "::1",
                ["Portal__StandIns__PulsarPort"] = "0",
                ["Portal__StandIns__StripePort"] = "0",
                ["Portal__FirstRun__Email"] = Email,
                ["Portal__FirstRun__Password"] = Password,
                ["Portal__FirstRun__ApiKey"] = ApiKey,
                ["Logging__LogLevel__Default"] = "Error",
            }
        )
            start.Environment[name] = value;
        foreach (var (name, value) in settings ?? [])
            start.Environment[name] = value;
        var ready = new TaskCompletionSource();
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("Portal is at", StringComparison.Ordinal) == true)
                ready.TrySetResult();
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException("The portal did not start."));
        };
        process.Start();
        process.BeginOutputReadLine();
        await ready.Task;
        return process;
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("data-problem=\"(?<code>[^\"]+)\"")]
    private static partial Regex Refusal();
}
