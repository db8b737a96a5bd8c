using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>The one place where a <see cref="Problem"/> becomes <c>application/problem+json</c>.</summary>
public static class Answers
{
    public static ProblemHttpResult ToResult(this Problem problem)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = problem.Code, ["traceId"] = Activity.Current?.TraceId.ToString() };
        switch (problem)
        {
            case Problem.Invalid { Field: { } field }: extensions["field"] = field; break;
            case Problem.Conflict { Field: { } field }: extensions["field"] = field; break;
            case Problem.OverLimit over:
                (extensions["limit"], extensions["used"], extensions["liftedBy"]) = (over.Limit, over.Used, over.LiftedBy);
                break;
            case Problem.TooMany many: extensions["retryAfterSeconds"] = (int)Math.Ceiling(many.RetryAfter.TotalSeconds); break;
        }
        var (status, title) = Describe(problem);
        return TypedResults.Problem(problem.Message, statusCode: status, title: title, type: $"urn:portal:{problem.Code}", extensions: extensions);
    }

    public static IResult ToOk<T, TBody>(this Outcome<T> outcome, Func<T, TBody> body) => outcome.TryGet(out var value, out var problem)
        ? TypedResults.Ok(body(value))
        : problem.ToResult();

    public static IResult ToPage<T, TBody>(this Outcome<PageOf<T>> outcome, Func<T, TBody> body) => outcome.TryGet(out var page, out var problem)
        ? TypedResults.Ok(page.Map(body))
        : problem.ToResult();

    /// <summary>201 with the address of what was made.</summary>
    public static IResult ToCreated<T, TBody>(this Outcome<T> outcome, Func<T, string> address, Func<T, TBody> body) => outcome.TryGet(out var value, out var problem)
        ? TypedResults.Created(address(value), body(value))
        : problem.ToResult();

    /// <summary>202: accepted; the same object can be read at its address until it is ready.</summary>
    public static IResult ToAccepted<T, TBody>(this Outcome<T> outcome, Func<T, string> address, Func<T, TBody> body) => outcome.TryGet(out var value, out var problem)
        ? TypedResults.Accepted(address(value), body(value))
        : problem.ToResult();

    public static IResult ToNoContent<T>(this Outcome<T> outcome) => outcome.TryGet(out _, out var problem) ? TypedResults.NoContent() : problem.ToResult();

    private static (int Status, string Title) Describe(Problem problem) => problem switch
    {
        Problem.Invalid => (StatusCodes.Status400BadRequest, "The request is not right"),
        Problem.Unauthenticated => (StatusCodes.Status401Unauthorized, "Sign in first"),
        Problem.PaymentRequired => (StatusCodes.Status402PaymentRequired, "Payment needed"),
        Problem.Forbidden => (StatusCodes.Status403Forbidden, "Not allowed"),
        Problem.NotFound => (StatusCodes.Status404NotFound, "Not found"),
        Problem.Conflict => (StatusCodes.Status409Conflict, "It contradicts what is there"),
        Problem.OverLimit => (StatusCodes.Status422UnprocessableEntity, "Over a limit of the plan"),
        Problem.TooMany => (StatusCodes.Status429TooManyRequests, "Too many requests"),
        Problem.Unavailable => (StatusCodes.Status503ServiceUnavailable, "Not available right now"),
        _ => throw new UnreachableException($"{problem.GetType()} is not a case of Problem."),
    };
}

/// <summary>The state of a thing on the cluster, with the problem when it failed.</summary>
public sealed record ProblemBody(string Code, string Detail);

public static class States
{
    public static string Text(this ResourceState state) => state switch
    {
        ResourceState.Creating => "creating",
        ResourceState.Ready => "ready",
        ResourceState.Deleting or ResourceState.Deleted => "deleting",
        ResourceState.Failed => "failed",
    };

    /// <summary>Why it failed, or while it is <c>creating</c> or <c>deleting</c> what it waits for.</summary>
    public static ProblemBody? Problem(ResourceState state, string? code, string? message) =>
        state != ResourceState.Ready && code is not null ? new(code, message ?? "") : null;
}
