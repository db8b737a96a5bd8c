using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Portal.Tests.Api.Matrix;

/// <summary>
/// The order of checks, for every endpoint of the API: whoever may not ask hears that, whatever it is that they send. A
/// problem that speaks of a field, a limit or a page would tell that something is there, or what it looks like.
/// </summary>
public sealed class StrangersFirstTests(MatrixWorld world) : IClassFixture<MatrixWorld>
{
    [Theory]
    [InlineData("nobody")]
    [InlineData("a member of another organization")]
    [InlineData("an organization's key")]
    public async Task A_stranger_who_sends_garbage_hears_only_that_they_may_not_ask(string name)
    {
        var asker = world.Askers.Single(one => one.Name == name);
        var client = world.ClientOf(asker);
        var faces = AuthorizationMatrix
            .All.Where(rule => rule.Who != AuthorizationMatrix.Everybody && IsStranger(asker, rule))
            .SelectMany(rule => rule.Faces)
            .Where(face => face.Contains(" /api/v1/", StringComparison.Ordinal))
            .Distinct()
            .ToList();
        Assert.True(faces.Count > 40, $"only {faces.Count} endpoints");
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            faces,
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (face, _) =>
            {
                var (method, template) = (face[..face.IndexOf(' ')], face[(face.IndexOf(' ') + 1)..]);
                var path = MatrixCalls
                    .Path(method, template, asker.IsKey ? MatrixWorld.South : MatrixWorld.North, "shop", "production")
                    .Split('?')[0];
                foreach (var (what, query, body) in Garbage(method, template))
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?{query}");
                    if (method is "POST" or "PUT" or "PATCH")
                        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                    if (method == "POST")
                        request.Headers.TryAddWithoutValidation("Idempotency-Key", what == "a bad key" ? new string('x', 5_000) : "");
                    using var answer = await client.SendAsync(request, CancellationToken.None);
                    if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
                        continue;
                    wrong.Add(
                        $"{face} with {what}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(CancellationToken.None)}"
                    );
                }
            }
        );
        Assert.True(wrong.IsEmpty, $"{wrong.Count} tell a stranger more:\n{string.Join('\n', wrong.Order().Take(60))}");
    }

    /// <summary>An account is no stranger to what belongs to accounts.</summary>
    private static bool IsStranger(Asker asker, Rule rule) =>
        asker.Key is null || (rule.Place == Place.Outside ? asker.IsKey || rule.Who == AuthorizationMatrix.Operator : true);

    private static IEnumerable<(string What, string Query, string Body)> Garbage(string method, string template)
    {
        const string Paging = "limit=many&after=%00nowhere&search=%ff";
        yield return ("a bad page", Paging, "{}");
        yield return ("no body", "", "");
        yield return ("no JSON", Paging, "{");
        yield return ("another kind of JSON", "", "[1, [2]]");
        yield return ("a field that nobody knows", "", """{"nobodyKnows": {"a": [null]}}""");
        yield return ("null", "", "null");
        yield return ("a bad key", "", "{}");
        var (query, body) = MatrixCalls.Nonsense(method, template);
        yield return ("nonsense", query, body.ToJsonString());
        // The same names with another kind of value.
        var wrongKinds = new JsonObject();
        foreach (var (field, _) in body)
            wrongKinds[field] = new JsonArray(1, 2);
        yield return ("other kinds of values", query.Replace("=nonsense", "=&", StringComparison.Ordinal), wrongKinds.ToJsonString());
        yield return ("very much", Paging, $$"""{"name": "{{new string('x', 200_000)}}"}""");
    }
}
