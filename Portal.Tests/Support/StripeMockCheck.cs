using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Portal.Tests.Support;

/// <summary>
/// Sends a copy of each request to Stripe's own mock, which refuses what Stripe's OpenAPI document doesn't allow. The mock
/// keeps no state, so what it answers is of no interest beyond that.
/// </summary>
internal sealed class StripeMockCheck(string mock) : IDisposable
{
    /// <summary>
    /// Parameters of the client's API version that the mock's older document (2026-08-26) does not know. They are taken out
    /// on the way and listed here by name.
    /// </summary>
    public static readonly string[] NewerThanTheMock = ["allowed_payment_method_types"];

    private readonly HttpClient _http = new() { BaseAddress = new Uri(mock) };
    private int _checked;

    public int Checked => _checked;

    /// <summary>Requests with what the mock had against them.</summary>
    public ConcurrentQueue<string> Refused { get; } = new();

    public DelegatingHandler Handler() => new Copying(this);

    /// <summary>A form without the parameters that the mock doesn't know yet, and the names of those that were in it.</summary>
    public static (string Form, IReadOnlyList<string> Taken) WithoutNewer(string form)
    {
        var pairs = form.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .ToLookup(pair => NewerThanTheMock.FirstOrDefault(name => pair.StartsWith(name, StringComparison.Ordinal)));
        return (
            string.Join('&', pairs[null]),
            [.. pairs.Where(group => group.Key is not null).SelectMany(group => group.Select(_ => group.Key!))]
        );
    }

    public void Dispose() => _http.Dispose();

    private async Task CheckAsync(HttpMethod method, string path, string? form)
    {
        using var copy = new HttpRequestMessage(method, path);
        copy.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk_test_123");
        if (form is not null)
            copy.Content = new StringContent(WithoutNewer(form).Form, null, "application/x-www-form-urlencoded");
        using var answer = await _http.SendAsync(copy);
        Interlocked.Increment(ref _checked);
        if (answer.StatusCode is >= HttpStatusCode.BadRequest and not HttpStatusCode.PaymentRequired)
            Refused.Enqueue($"{method} {path} {form}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private sealed class Copying(StripeMockCheck check) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var form = request.Content is { } content ? await content.ReadAsStringAsync(cancellationToken) : null;
            await check.CheckAsync(request.Method, request.RequestUri!.PathAndQuery, form);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
