using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>The OpenAPI document is a promise: complete, and the same in the repository as from the running portal.</summary>
public sealed partial class OpenApiTests
{
    /// <summary>Set by <c>./dev openapi</c>: the committed files are written instead of compared.</summary>
    private static readonly bool Writes = Environment.GetEnvironmentVariable("PORTAL_WRITE_OPENAPI") == "1";

    private static readonly string[] ValueSets =
    [
        "state",
        "status",
        "role",
        "defaultRole",
        "plan",
        "payBy",
        "meter",
        "unit",
        "per",
        "interval",
        "outcome",
        "cause",
        "method",
        "stage",
        "permissions",
        "awaitingCardFor",
        "model",
        "use",
    ];

    [Fact]
    public async Task The_committed_document_is_what_the_portal_serves()
    {
        var served =
            (await ServedAsync()).Root.ToJsonString(
                new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            ) + "\n";
        Same("docs/openapi.json", served);
    }

    [Fact]
    public void Every_code_of_a_problem_is_in_the_document()
    {
        var codes = Repository
            .Sources("Portal", ".cs", ".razor")
            .Concat(Repository.Sources("Portal.Domain", ".cs"))
            .SelectMany(file => Codes(string.Join('\n', Repository.Lines(file))))
            .Distinct()
            .Order(StringComparer.Ordinal);
        Same("Portal/Features/Api/problem-codes.txt", string.Join('\n', codes) + "\n");
    }

    [Fact]
    public async Task Every_list_takes_limit_and_after_and_answers_items_and_next()
    {
        var document = await ServedAsync();
        var lists = 0;
        foreach (var (method, path, operation) in document.Operations)
        {
            var fields = document.SuccessOf(operation)?["properties"]?.AsObject().Select(field => field.Key).ToList() ?? [];
            var parameters = document.ParametersOf(operation);
            Assert.True(fields.Contains("items") == fields.Contains("next"), $"{method} {path} answers one of items and next");
            Assert.True(
                fields.Contains("items") == parameters.Contains("limit") && fields.Contains("items") == parameters.Contains("after"),
                $"{method} {path}: a list takes limit and after, and nothing else does"
            );
            if (fields.Contains("items"))
                lists++;
        }
        Assert.True(lists > 25);
    }

    [Fact]
    public async Task Every_operation_says_what_it_takes_and_answers()
    {
        var document = await ServedAsync();
        Assert.Equal(
            ["apiKey", "openIdConnect"],
            document.Root["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key).Order()
        );
        Assert.Equal(2, document.Root["security"]!.AsArray().Count);
        foreach (var (method, path, operation) in document.Operations)
        {
            var responses = operation["responses"]!.AsObject();
            Assert.True(responses.Count(answer => answer.Key.StartsWith('2')) == 1, $"{method} {path} has one success");
            foreach (var (_, problem) in responses.Where(answer => !answer.Key.StartsWith('2')))
                Assert.Equal(
                    "#/components/schemas/Problem",
                    (string?)document.Follow(problem)!["content"]!["application/problem+json"]!["schema"]!["$ref"]
                );
            Assert.True(
                new[] { "401", "403", "429", "503", "default" }.All(responses.ContainsKey),
                $"{method} {path} describes its problems"
            );
            Assert.True(
                operation["operationId"] is not null && operation["summary"] is not null,
                $"{method} {path} has a name and a summary"
            );
            Assert.Equal(method == "POST", document.ParametersOf(operation).Contains("Idempotency-Key"));
        }
    }

    [Fact]
    public async Task Values_are_listed_times_are_times_and_integers_are_64_bits()
    {
        var document = await ServedAsync();
        foreach (var (name, schema) in document.Root["components"]!["schemas"]!.AsObject())
        {
            Assert.DoesNotMatch("[0-9]$", name);
            foreach (var (field, described) in schema!["properties"]?.AsObject() ?? [])
            {
                var types = Types(described!);
                var where = $"{name}.{field}";
                if (ValueSets.Contains(field) && (name, field) is not (("Key" or "NewKey", "role") or ("Problem", "status")))
                    Assert.True(
                        (described!["enum"] ?? described["items"]?["enum"]) is JsonArray { Count: > 1 },
                        $"{where} lists its values"
                    );
                if (
                    (field.EndsWith("At", StringComparison.Ordinal) && field != "brokenAt")
                    || field is "from" or "to" or "since" or "completeTo"
                )
                    Assert.Equal((where, "date-time"), (where, (string?)described!["format"]));
                if (types.Contains("integer"))
                    Assert.Equal((where, "int64"), (where, (string?)described!["format"]));
            }
        }
    }

    private static IReadOnlyList<string> Types(JsonNode schema) =>
        schema["type"] switch
        {
            JsonArray several => [.. several.Select(one => (string)one!)],
            { } one => [(string)one!],
            null => [],
        };

    private static async Task<ApiDocument> ServedAsync()
    {
        await using var portal = new PortalHost();
        using var client = portal.Api();
        return new((await client.GetFromJsonAsync<JsonNode>("/openapi/v1.json"))!);
    }

    private static void Same(string file, string now)
    {
        var path = Path.Combine(Repository.Root, file);
        if (Writes)
            File.WriteAllText(path, now);
        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == now,
            $"{file} is not what the portal serves. If the change is meant, run ./dev openapi and commit the file; scripts rely on it."
        );
    }

    /// <summary>Lines of "status code", as the sources make problems.</summary>
    private static IEnumerable<string> Codes(string source) =>
        Made()
            .Matches(source)
            .Concat(MadeByTarget().Matches(source))
            .Select(match => $"{StatusOf(match.Groups["kind"].Value)} {match.Groups["code"].Value}")
            .Concat(OfPlan().Matches(source).Select(match => $"422 {match.Groups["code"].Value}"))
            .Concat(OfEdge().Matches(source).Select(match => $"{match.Groups["status"].Value} {match.Groups["code"].Value}"));

    private static int StatusOf(string kind) =>
        (
            (Problem)(
                kind switch
                {
                    "Invalid" => new Problem.Invalid("", ""),
                    "NotFound" => new Problem.NotFound("", ""),
                    "Unauthenticated" => new Problem.Unauthenticated("", ""),
                    "Forbidden" => new Problem.Forbidden("", ""),
                    "Conflict" => new Problem.Conflict("", ""),
                    "OverLimit" => new Problem.OverLimit("", "", 0, 0, null),
                    "PaymentRequired" => new Problem.PaymentRequired("", ""),
                    "TooMany" => new Problem.TooMany("", "", TimeSpan.Zero),
                    _ => new Problem.Unavailable("", ""),
                }
            )
        ).StatusOf();

    [GeneratedRegex("""new (Portal\.Domain\.Common\.)?Problem\.(?<kind>\w+)\(\s*"(?<code>[a-z0-9-]+)"\s*,""")]
    private static partial Regex Made();

    [GeneratedRegex("""Problem\.(?<kind>\w+)\??\s+\w+(\([^)]*\))?\s*(=>|=)\s*new\(\s*"(?<code>[a-z0-9-]+)"\s*,""")]
    private static partial Regex MadeByTarget();

    [GeneratedRegex("""\.Refuse\(\s*"(?<code>[a-z0-9-]+)"\s*,""")]
    private static partial Regex OfPlan();

    [GeneratedRegex(
        """ProblemAnswers\s*\.Of\(\s*"(?<code>[a-z0-9-]+)"\s*,[^;]*?StatusCodes\.Status(?<status>\d{3})""",
        RegexOptions.Singleline
    )]
    private static partial Regex OfEdge();
}
