using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Domain.Migration;
using Portal.Tests.Adapters.PulsarAdmin;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// Everything that takes a secret is given one that can be recognized. Then they are looked for, as they are and in the forms that
/// they take on the way: in the database, the log, every page, every answer of the API, the exports, the audit log, and the metrics.
/// </summary>
public sealed partial class SecretSearchTests(ITestOutputHelper output)
{
    private const string Org = "/api/v1/organizations/northwind";
    private const int MostPages = 220;
    private readonly Dictionary<string, string> _secrets = [];
    private readonly ConcurrentDictionary<string, string> _found = new();
    private readonly List<(string Secret, string Form)> _forms = [];
    private int _looks;

    [Fact]
    public async Task No_secret_is_in_the_clear_anywhere()
    {
        await using var stripe = await StripeBeside.StartAsync();
        var log = new LogOfAll();
        var settings = new Dictionary<string, string>(stripe.Settings) { ["Logging__LogLevel__Portal"] = "Debug" };
        await using var world = await ConnectorWorld.StartAsync(
            "LocalPulsar",
            settings,
            services =>
            {
                services.AddSingleton<ILoggerProvider>(log);
                services.AddSingleton<IKafkaCluster>(new StandingKafka());
            }
        );
        await stripe.SendEventsToAsync(world.Portal.Url);
        await using var hook = PostTarget.Start();
        using var http = new HttpClient { BaseAddress = world.Portal.Url, Timeout = TimeSpan.FromSeconds(100) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningPortal.OperatorKey);
        foreach (
            var (name, value) in settings.Where(pair =>
                pair.Key.EndsWith("ApiKey", StringComparison.Ordinal) || pair.Key.EndsWith("WebhookSecret", StringComparison.Ordinal)
            )
        )
            Known(name, value);
        Known("the operator's key", RunningPortal.OperatorKey);
        Known("the operator's password", RunningPortal.OperatorPassword);
        Known("a card", "4242424242424242");

        await ConnectorsAsync(world, http, hook.Url);
        await MigrationsAsync(world, http);
        await RestThreadTests.CheckoutAsync(world.Rest, world.Portal.Url, Org, "4242424242424242");
        Known("the cluster's token", world.AdminToken);
        // What only a person may do.
        using var person = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = world.Portal.Url,
            Timeout = TimeSpan.FromSeconds(100),
        };
        person.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        using var signedIn = await person.SubmitAsync(
            "sign-in",
            "sign-in",
            new() { ["Input.Email"] = RunningPortal.OperatorEmail, ["Input.Password"] = RunningPortal.OperatorPassword }
        );
        await AskAsync(
            person,
            HttpMethod.Put,
            $"{Org}/sign-in",
            new JsonObject
            {
                ["issuer"] = new Uri(world.Portal.Url, "no-provider").ToString(),
                ["clientId"] = "portal",
                ["clientSecret"] = Secret("a provider's client secret"),
                ["domain"] = "northwind.example",
            }
        );
        await AskAsync(
            person,
            HttpMethod.Post,
            "/api/v1/operator/clusters",
            new JsonObject
            {
                ["name"] = "second",
                ["adminUrl"] = "http://127.0.0.1:1",
                ["adminToken"] = Secret("a cluster's token"),
                ["tokenPrivateKey"] = Secret("a cluster's key"),
            }
        );
        // Shown once; the answers are kept for whoever asks again.
        Known(
            "an API key",
            (string)(await MadeAsync(person, $"{Org}/api-keys", new JsonObject { ["name"] = "deploy", ["role"] = "developer" }))["key"]!
        );
        Known(
            "a topic key",
            (string)
                (
                    await MadeAsync(
                        person,
                        $"{Org}/keys",
                        new JsonObject
                        {
                            ["name"] = "app",
                            ["tenant"] = world.Name,
                            ["namespace"] = "default",
                            ["permissions"] = new JsonArray("produce"),
                        }
                    )
                )["token"]!
        );
        output.WriteLine(string.Join(", ", _secrets.Keys));

        await LookAtTheApiAsync(world, http);
        await LookAtPagesAsync(world);
        Look("metrics", await http.GetStringAsync("/metrics"));
        foreach (var line in log.Lines)
            Look("the log", line);
        foreach (
            var file in Directory
                .EnumerateFiles(world.Portal.DataFolder, "*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
        )
            Look($"the file {Path.GetFileName(file)}", await TextAsync(file));
        output.WriteLine(
            $"{_looks} texts looked through for {_secrets.Count} secrets in {_forms.Count} forms, {log.Lines.Count} lines of the "
                + "log among them"
        );
        Assert.True(log.Lines.Count > 100);
        Assert.True(
            _found.IsEmpty,
            string.Join('\n', _found.Select(pair => $"{pair.Key}: …{pair.Value}…").Order(StringComparer.Ordinal).Take(60))
        );
    }

    private static async Task<JsonNode> MadeAsync(HttpClient person, string path, JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await person.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Everything that can be read of what there is.</summary>
    private async Task LookAtTheApiAsync(ConnectorWorld world, HttpClient http)
    {
        var document = (JsonObject)JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json"))!;
        var migration = (string?)(await world.Rest.GetAsync($"{Org}/migrations"))["items"]!.AsArray().FirstOrDefault()?["id"];
        var asked = 0;
        foreach (var (path, operations) in document["paths"]!.AsObject().Where(path => path.Value!.AsObject().ContainsKey("get")))
        {
            foreach (
                var name in path.Contains("/functions/", StringComparison.Ordinal) ? (string[])["score"]
                : path.Contains("{name}", StringComparison.Ordinal) ? ["hook", "failing", "applied", "tested"]
                : [""]
            )
            {
                var address = path.Replace("{org}", "northwind", StringComparison.Ordinal)
                    .Replace("{tenant}", world.Name, StringComparison.Ordinal)
                    .Replace("{namespace}", "default", StringComparison.Ordinal)
                    .Replace("{topic}", "orders", StringComparison.Ordinal)
                    .Replace("{subscription}", "hook", StringComparison.Ordinal)
                    .Replace("{name}", name, StringComparison.Ordinal)
                    .Replace("{kind}", "sink", StringComparison.Ordinal)
                    .Replace("{type}", "http-post", StringComparison.Ordinal)
                    .Replace("{migration}", migration, StringComparison.Ordinal);
                if (address.Contains('{', StringComparison.Ordinal))
                    continue;
                using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
                // What goes on for ever is no document.
                if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
                    continue;
                Look($"GET {address}", await answer.Content.ReadAsStringAsync());
                asked++;
            }
        }
        output.WriteLine($"{asked} answers of the API");
        Assert.True(asked > 80, $"{asked}");
    }

    /// <summary>The pages that a browser reaches from the first ones.</summary>
    private async Task LookAtPagesAsync(ConnectorWorld world)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = true })
        {
            BaseAddress = world.Portal.Url,
            Timeout = TimeSpan.FromSeconds(100),
        };
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        using var signedIn = await browser.SubmitAsync(
            "sign-in",
            "sign-in",
            new() { ["Input.Email"] = RunningPortal.OperatorEmail, ["Input.Password"] = RunningPortal.OperatorPassword }
        );
        var tenant = $"/o/northwind/tenants/{world.Name}";
        Queue<string> next = new([
            "/o/northwind",
            $"{tenant}/connectors",
            $"{tenant}/connectors/default/hook",
            $"{tenant}/connectors/default/failing",
            $"{tenant}/connectors/default/applied",
            $"{tenant}/connectors/default/score",
            $"{tenant}/connectors/new?type=sink%3Ahttp-post",
            "/o/northwind/migrations",
            "/o/northwind/audit",
            "/o/northwind/billing",
            "/operator/jobs",
            "/operator/clusters",
            "/operator/emails",
            "/outbox",
            "/operator",
        ]);
        HashSet<string> seen = [.. next];
        var looked = 0;
        while (looked < MostPages && next.TryDequeue(out var path))
        {
            using var answer = await browser.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            if (answer.Content.Headers.ContentType?.MediaType is not ("text/html" or "text/csv" or "application/json" or "text/plain"))
                continue;
            var page = await answer.Content.ReadAsStringAsync();
            looked++;
            Look($"the page {path}", page);
            Look($"the page {path}", WebUtility.HtmlDecode(page));
            foreach (Match link in Links().Matches(page))
            {
                var address = new Uri(world.Portal.Url, WebUtility.HtmlDecode(link.Groups[1].Value));
                if (
                    address.Authority != world.Portal.Url.Authority
                    || address.AbsolutePath.Contains("sign-out", StringComparison.Ordinal)
                    || address.AbsolutePath.StartsWith("/_", StringComparison.Ordinal)
                )
                    continue;
                if (seen.Add(address.PathAndQuery))
                    next.Enqueue(address.PathAndQuery);
            }
        }
        output.WriteLine($"{looked} pages");
        Assert.True(looked > 40, $"{looked}");
    }

    private async Task AskAsync(HttpClient http, HttpMethod method, string path, JsonObject body, HttpStatusCode? expected = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Look($"{method} {path}", text);
        if (expected is { } status)
            Assert.True(answer.StatusCode == status, $"{method} {path}: {(int)answer.StatusCode} {text}");
        else
            output.WriteLine($"{method} {path}: {(int)answer.StatusCode}");
    }

    private string Secret(string what, string also = "")
    {
        var secret = $"mk{Guid.NewGuid():N}{also}{Guid.NewGuid():N}";
        Known(what, secret);
        return secret;
    }

    private void Known(string what, string secret)
    {
        _secrets[what] = secret;
        var bytes = Encoding.UTF8.GetBytes(secret);
        HashSet<string> forms =
        [
            secret,
            Uri.EscapeDataString(secret),
            WebUtility.UrlEncode(secret),
            WebUtility.HtmlEncode(secret),
            HtmlEncoder.Default.Encode(secret),
            JsonEncodedText.Encode(secret).ToString(),
            JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
            Convert.ToHexString(bytes),
            Convert.ToHexStringLower(bytes),
        ];
        // Wherever in a longer text it begins, these letters of Base64 are its own.
        for (var before = 0; before < 3; before++)
        {
            var inside = Convert.ToBase64String([.. new byte[before], .. bytes])[(before == 0 ? 0 : 4)..^4];
            forms.UnionWith([inside, inside.Replace('+', '-').Replace('/', '_')]);
        }
        // A part of it is enough to guess the rest.
        if (secret.StartsWith("mk", StringComparison.Ordinal))
            forms.UnionWith([secret[..34], secret[^32..]]);
        lock (_forms)
            _forms.AddRange(forms.Where(form => form.Length >= 12).Select(form => (what, form)));
    }

    private void Look(string where, string text)
    {
        _looks++;
        foreach (var (secret, form) in _forms)
        {
            if (text.IndexOf(form, StringComparison.Ordinal) is >= 0 and var at)
                _found.TryAdd($"{secret} in {where}", text[Math.Max(0, at - 120)..at].ReplaceLineEndings(" "));
        }
    }

    /// <summary>Its bytes, one character each: the database is open meanwhile.</summary>
    private static async Task<string> TextAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex("<a [^>]*href=\"([^\"#]+)\"")]
    private static partial Regex Links();

    /// <summary>Every line that the portal logs, with what belongs to it.</summary>
    private sealed class LogOfAll : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue(
                $"scope {string.Join(' ', state is IEnumerable<KeyValuePair<string, object?>> pairs ? pairs.Select(pair => $"{pair.Key}={pair.Value}") : [$"{state}"])}"
            );
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) =>
            Lines.Enqueue(
                $"{formatter(state, exception)} "
                    + $"{(state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}")) : "")} "
                    + $"{exception}"
            );

        public void Dispose() { }
    }
}
