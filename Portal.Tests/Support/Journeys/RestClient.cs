using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Portal.Tests.Support.Journeys;

/// <summary>An HTTP client and JSON: what a script has.</summary>
public sealed class RestClient : IDisposable
{
    private readonly HttpClient _http;

    public RestClient(Uri url, string key)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    private RestClient(HttpClient http) => _http = http;

    /// <summary>A person at a browser: a session's cookie in the place of a key.</summary>
    public static async Task<RestClient> SignedInAsync(Uri url, string email, string password)
    {
        var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = url,
            Timeout = TimeSpan.FromSeconds(60),
        };
        http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        using var signedIn = await http.SubmitAsync("sign-in", "sign-in", new() { ["Input.Email"] = email, ["Input.Password"] = password });
        Assert.Equal(HttpStatusCode.Found, signedIn.StatusCode);
        return new(http);
    }

    /// <summary>The same portal with another key.</summary>
    public RestClient As(string key) => new(_http.BaseAddress!, key);

    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body = null,
        string? idempotencyKey = null
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }

    public async Task<JsonNode> GetAsync(string path) => await ExpectAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);

    public async Task<JsonNode> PostAsync(string path, JsonNode? body, HttpStatusCode expected) =>
        await ExpectAsync(HttpMethod.Post, path, body, expected);

    public async Task<JsonNode> PutAsync(string path, JsonNode body) => await ExpectAsync(HttpMethod.Put, path, body, HttpStatusCode.OK);

    /// <summary>A body of bytes.</summary>
    public async Task UploadAsync(string path, byte[] bytes)
    {
        using var body = new ByteArrayContent(bytes);
        using var answer = await _http.PutAsync(new Uri(path, UriKind.Relative), body);
        Assert.True(answer.IsSuccessStatusCode, $"PUT {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Reads the object until its state is no longer <c>creating</c> or <c>running</c>.</summary>
    public async Task<JsonNode> SettledAsync(string path)
    {
        JsonNode? found = null;
        await Eventually.TrueAsync(
            async () => (string?)(found = await GetAsync(path))["state"] is not ("creating" or "running" or "deleting"),
            () => $"{path} settles: {found}"
        );
        return found!;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> ExpectAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode expected)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status == expected, $"{method} {path}: {(int)status} {answer}");
        return answer ?? new JsonObject();
    }
}
