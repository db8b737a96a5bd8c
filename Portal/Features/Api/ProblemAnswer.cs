using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>
/// Why a request was not carried out (RFC 9457). Branch on <c>code</c>, which never changes; show <c>detail</c> to people.
/// </summary>
/// <param name="Type"><c>urn:portal:</c> followed by the code.</param>
/// <param name="Title">The kind of problem, the same for every problem with this status.</param>
/// <param name="Status">The HTTP status of this answer.</param>
/// <param name="Detail">What happened and what to do about it, in a sentence or two.</param>
/// <param name="Code">Stable and machine-readable, for example <c>tenant-name-taken</c>.</param>
/// <param name="TraceId">Quote this to the operator: the logs list it.</param>
/// <param name="Field">The field or parameter at fault, where there is one.</param>
/// <param name="Limit">The plan's limit (status 422).</param>
/// <param name="Used">How much of the limit is in use (status 422).</param>
/// <param name="LiftedBy">The plan with a higher limit (status 422).</param>
/// <param name="RetryAfterSeconds">When to try again (status 429 and 503); also in the Retry-After header.</param>
public sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    string? TraceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Limit = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Used = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LiftedBy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RetryAfterSeconds = null
);

/// <summary>A problem on its way out: <c>application/problem+json</c>, never with anything of the inside.</summary>
public sealed class ProblemAnswer(ProblemBody body) : IResult
{
    public const string ContentType = "application/problem+json";

    public ProblemBody Body { get; } = body;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (httpContext.Features.Get<StrangerCheck>() is { } check && await check.InsteadOfAsync(Body.Status) is { } refusal)
        {
            await refusal.ToResult().ExecuteAsync(httpContext);
            return;
        }
        if (Body.RetryAfterSeconds is { } seconds)
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await TypedResults.Json(Body, contentType: ContentType, statusCode: Body.Status).ExecuteAsync(httpContext);
    }
}

/// <summary>The one place where a <see cref="Problem"/> becomes an HTTP status.</summary>
public static class ProblemAnswers
{
    /// <summary>Titles by status, for everything the API can answer besides success.</summary>
    public static IReadOnlyDictionary<int, string> Titles { get; } =
        new SortedDictionary<int, string>
        {
            [StatusCodes.Status400BadRequest] = "Invalid request",
            [StatusCodes.Status401Unauthorized] = "Not signed in",
            [StatusCodes.Status402PaymentRequired] = "Payment required",
            [StatusCodes.Status403Forbidden] = "Not allowed",
            [StatusCodes.Status404NotFound] = "Not found",
            [StatusCodes.Status405MethodNotAllowed] = "Method not allowed",
            [StatusCodes.Status409Conflict] = "Conflict with the current state",
            [StatusCodes.Status413PayloadTooLarge] = "Request too large",
            [StatusCodes.Status415UnsupportedMediaType] = "Unsupported media type",
            [StatusCodes.Status422UnprocessableEntity] = "Limit reached",
            [StatusCodes.Status429TooManyRequests] = "Too many requests",
            [StatusCodes.Status500InternalServerError] = "Unexpected error",
            [StatusCodes.Status503ServiceUnavailable] = "Temporarily unavailable",
        };

    public static int StatusOf(this Problem problem) =>
        problem switch
        {
            Problem.Invalid => StatusCodes.Status400BadRequest,
            Problem.Unauthenticated => StatusCodes.Status401Unauthorized,
            Problem.PaymentRequired => StatusCodes.Status402PaymentRequired,
            Problem.Forbidden => StatusCodes.Status403Forbidden,
            Problem.NotFound => StatusCodes.Status404NotFound,
            Problem.Conflict => StatusCodes.Status409Conflict,
            Problem.OverLimit => StatusCodes.Status422UnprocessableEntity,
            Problem.TooMany => StatusCodes.Status429TooManyRequests,
            Problem.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => throw new UnreachableException($"{problem.GetType()} is not a case of Problem."),
        };

    public static ProblemAnswer ToResult(this Problem problem)
    {
        var body = Body(problem.Code, problem.Message, problem.StatusOf());
        return new(
            problem switch
            {
                Problem.Invalid invalid => body with { Field = invalid.Field },
                Problem.Conflict conflict => body with { Field = conflict.Field },
                Problem.OverLimit over => body with { Limit = over.Limit, Used = over.Used, LiftedBy = over.LiftedBy },
                Problem.Unavailable { RetryAfter: { } pause } => body with { RetryAfterSeconds = (int)Math.Ceiling(pause.TotalSeconds) },
                Problem.TooMany many => body with { RetryAfterSeconds = (int)Math.Ceiling(many.RetryAfter.TotalSeconds) },
                _ => body,
            }
        );
    }

    /// <summary>For what no use case decides: requests that cannot be read, and failures of our own.</summary>
    /// <param name="retryAfterSeconds">Null when trying again does not help, or when nobody knows.</param>
    public static ProblemAnswer Of(string code, string detail, int status, int? retryAfterSeconds = null) =>
        new(Body(code, detail, status) with { RetryAfterSeconds = retryAfterSeconds });

    private static ProblemBody Body(string code, string detail, int status) =>
        new($"urn:portal:{code}", Titles[status], status, detail, code, Activity.Current?.TraceId.ToString());
}
