using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Matrix;

/// <summary>What became of a call, by the code of its problem: everything that is no refusal is allowed, a wrong input too.</summary>
internal enum Answer
{
    Allowed,
    SignIn,
    Forbidden,
    NotThere,
}

/// <summary>
/// Asks for one thing in every way there is. Inputs are such that what is allowed fails right after the check, or finds nothing.
/// </summary>
internal static partial class MatrixCalls
{
    /// <summary>The places that are asked for: a role may hold in the first, in a part of it, or elsewhere.</summary>
    public static readonly (string Tenant, string Namespace)[] Places =
    [
        ("shop", "production"),
        ("shop", "staging"),
        ("office", "production"),
    ];

    private const string Gone = "gone";

    public static async Task<(Answer Answer, string Detail)> FaceAsync(
        HttpClient client,
        string face,
        string organization,
        string tenant,
        string @namespace
    )
    {
        var (method, template) = (face[..face.IndexOf(' ')], face[(face.IndexOf(' ') + 1)..]);
        var path = Path(method, template, organization, tenant, @namespace);
        using var request = new HttpRequestMessage(method == "page" ? HttpMethod.Get : new HttpMethod(method), path);
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Delete)
            request.Content = new StringContent(
                Body(method, template, tenant, @namespace).ToJsonString(),
                Encoding.UTF8,
                "application/json"
            );
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode < 500, $"{method} {path}: {(int)answer.StatusCode} {text}");
        var said = method == "page" ? string.Join(' ', ShownProblem().Matches(text).Select(match => match.Groups[1].Value)) : text;
        return (
            method == "page" ? OfPage(answer, text) : OfApi(answer, text),
            $"{method} {path}: {(int)answer.StatusCode} {(said.Length > 300 ? said[..300] : said)}"
        );
    }

    /// <summary>
    /// Of the fields that lead past the first check, those that the operation has: one that it doesn't know is refused before anybody's
    /// rights are looked at.
    /// </summary>
    public static JsonObject Body(string method, string template, string tenant, string @namespace)
    {
        var body = new JsonObject
        {
            ["tenant"] = tenant,
            ["namespace"] = @namespace,
            ["topic"] = Gone,
            ["payload"] = "x",
            ["plan"] = "free",
            ["required"] = false,
        };
        if (Fields(method, template) is { } known)
            foreach (var field in body.Select(pair => pair.Key).Where(field => !known.ContainsKey(field)).ToList())
                body.Remove(field);
        return body;
    }

    /// <summary>The same operation with words that nothing has, wherever it takes a text: in its query and in its body.</summary>
    public static (string Query, JsonObject Body) Nonsense(string method, string template)
    {
        const string Word = "nonsense";
        var body = new JsonObject();
        foreach (var (field, schema) in Fields(method, template) ?? [])
            if (schema is JsonObject && Types(schema).Contains("string") && schema["format"] is null)
                body[field] = Word;
        var query = OperationOf(method, template)
            ?["parameters"]?.AsArray()
            .Where(one => (string?)one!["in"] == "query" && Types(one["schema"]).Contains("string") && one["schema"]!["format"] is null)
            .Select(one => $"{one!["name"]}={Word}");
        return (string.Join('&', query ?? []), body);
    }

    private static JsonObject? Fields(string method, string template)
    {
        var schema = OperationOf(method, template)?["requestBody"]?["content"]?["application/json"]?["schema"];
        if (schema?["oneOf"] is JsonArray either)
            schema = either.FirstOrDefault(one => one!["$ref"] is not null);
        if ((string?)schema?["$ref"] is { } name)
            schema = Document.Value["components"]!["schemas"]![name[(name.LastIndexOf('/') + 1)..]];
        return schema?["properties"] as JsonObject;
    }

    private static JsonNode? OperationOf(string method, string template) =>
        Document.Value["paths"]![Constraint().Replace(template, "")]?[method.ToLowerInvariant()];

    private static IEnumerable<string?> Types(JsonNode? schema) =>
        schema?["type"] switch
        {
            JsonArray several => several.Select(one => (string?)one),
            JsonValue one => [(string?)one],
            _ => [],
        };

    private static readonly Lazy<JsonNode> Document = new(() =>
        JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(Repository.Root, "docs", "openapi.json")))!
    );

    // {id:guid} is {id} in the document.
    [GeneratedRegex(@":\w+(?=})")]
    private static partial Regex Constraint();

    public static async Task<(Answer Answer, string Detail)> UseCaseAsync(
        object useCase,
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        (string Name, string Text)? instead = null
    )
    {
        var run = useCase.GetType().GetMethod("RunAsync")!;
        var task = (Task)
            run.Invoke(
                useCase,
                [
                    .. run.GetParameters()
                        .Select(parameter =>
                            parameter.Name == instead?.Name
                                ? instead?.Text
                                : Argument(run, parameter, actor, organization, tenant, @namespace)
                        ),
                ]
            )!;
        await task;
        var outcome = task.GetType().GetProperty("Result")!.GetValue(task)!;
        var problem = (Problem?)outcome.GetType().GetProperty("Problem")!.GetValue(outcome);
        return (Of(problem?.Code), $"{useCase.GetType().Name}: {problem?.Code ?? "done"}");
    }

    /// <summary>
    /// An address of the template: real names where things are looked at, a name that nothing has where they are changed.
    /// </summary>
    public static string Path(string method, string template, string organization, string tenant, string @namespace) =>
        Parameter()
            .Replace(
                template,
                match =>
                {
                    var isLast = match.Index + match.Length == template.Length;
                    return match.Groups["name"].Value.ToLowerInvariant() switch
                    {
                        "org" => organization,
                        "tenant" or "tenantname" => method == "DELETE" && isLast ? Gone : tenant,
                        "namespace" => method == "DELETE" && isLast ? Gone : @namespace,
                        "id" or "job" => "00000000-0000-7000-8000-00000000000f",
                        "month" => "2999-01",
                        "meter" => "write",
                        "documentname" => "v1",
                        _ => Gone,
                    };
                }
            )
        + template[(template.LastIndexOf('/') + 1)..] switch
        {
            "export" => "?format=csv",
            "samples" => "?meter=write&topicId=00000000-0000-7000-8000-00000000000f&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z",
            _ => "",
        };

    public static Answer Of(string? code) =>
        code switch
        {
            "sign-in-required" or "api-key-refused" => Answer.SignIn,
            "role-missing"
            or "role-elsewhere"
            or "scope-missing"
            or "view-as-reads"
            or "organization-suspended"
            or "operator-only"
            or "account-needed"
            or "people-only"
            or "confirm-identity"
            or "own-sign-in-required"
            or "forbidden" => Answer.Forbidden,
            "organization-not-found" => Answer.NotThere,
            _ => Answer.Allowed,
        };

    private static Answer OfApi(HttpResponseMessage answer, string text) =>
        answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? Of((string?)JsonNode.Parse(text)!["code"])
        : answer.StatusCode == HttpStatusCode.Unauthorized || SendsToSignIn(answer) ? Answer.SignIn
        : answer.StatusCode == HttpStatusCode.Forbidden ? Answer.Forbidden
        : answer.StatusCode == HttpStatusCode.NotFound ? Answer.NotThere
        : Answer.Allowed;

    private static Answer OfPage(HttpResponseMessage answer, string html)
    {
        if (answer.StatusCode == HttpStatusCode.Unauthorized || SendsToSignIn(answer))
            return Answer.SignIn;
        if (html.Contains("Your account may not open this page", StringComparison.Ordinal))
            return Answer.Forbidden;
        // The worst that the page says: a part of it may be refused while the rest is shown.
        return ShownProblem().Matches(html).Select(match => Of(match.Groups[1].Value)).DefaultIfEmpty(Answer.Allowed).Max();
    }

    private static bool SendsToSignIn(HttpResponseMessage answer) =>
        answer.Headers.Location?.OriginalString.Contains("sign-in?returnUrl", StringComparison.Ordinal) == true;

    private static object? Argument(
        MethodInfo run,
        ParameterInfo parameter,
        Actor actor,
        string organization,
        string tenant,
        string @namespace
    )
    {
        if (parameter.ParameterType == typeof(Actor))
            return actor;
        // A tenant that may be left out narrows a list: the whole list is asked for.
        var optional = new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;
        if (parameter.Name == "tenant" && optional)
            return null;
        var deletes = run.DeclaringType!.Name.StartsWith("Delete", StringComparison.Ordinal);
        var lastName =
            deletes
            && parameter.Name is not ("organization" or "org")
            && parameter == run.GetParameters().Last(one => one.ParameterType == typeof(string));
        return lastName ? Gone : Value(parameter.ParameterType, parameter.Name!, optional, organization, tenant, @namespace);
    }

    private static object? Value(Type type, string name, bool optional, string organization, string tenant, string @namespace)
    {
        if (type == typeof(string))
        {
            return name.ToLowerInvariant() switch
            {
                "organization" or "org" => organization,
                "slug" when !optional => organization,
                "tenant" => tenant,
                "namespace" => @namespace,
                "topic" or "number" => Gone,
                _ => optional ? null : Gone,
            };
        }
        if (type == typeof(CancellationToken))
            return CancellationToken.None;
        if (type == typeof(Month))
            return new Month(2999, 1);
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        if (type == typeof(Uri))
            return new Uri("http://localhost");
        if (type == typeof(PageRequest))
            return new PageRequest();
        if (type == typeof(Stream))
            return Stream.Null;
        if (optional)
            return null;
        if (type.IsValueType)
            return Activator.CreateInstance(type);
        if (type.IsGenericType && typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
            return type.GetGenericArguments() is [var item]
                ? Array.CreateInstance(item, 0)
                : Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GetGenericArguments()));
        // What was asked, read: as if it could be.
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Outcome<>))
            return typeof(Outcome)
                .GetMethod(nameof(Outcome.Of))!
                .MakeGenericMethod(type.GetGenericArguments())
                .Invoke(null, [Value(type.GetGenericArguments()[0], name, optional: false, organization, tenant, @namespace)]);
        var make = type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        var nullability = new NullabilityInfoContext();
        return make.Invoke([
            .. make.GetParameters()
                .Select(one =>
                    Value(
                        one.ParameterType,
                        one.Name!,
                        nullability.Create(one).WriteState == NullabilityState.Nullable,
                        organization,
                        tenant,
                        @namespace
                    )
                ),
        ]);
    }

    [GeneratedRegex(@"\{\*{0,2}(?<name>\w+)[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("data-problem=\"([^\"]+)\"")]
    private static partial Regex ShownProblem();
}
