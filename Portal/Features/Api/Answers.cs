using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>
/// From a use case's outcome to what an endpoint answers; the types describe themselves to the OpenAPI document. A POST
/// goes through <see cref="ApiContext"/> instead, which keeps its answer together with its change.
/// </summary>
public static class Answers
{
    /// <summary>200 with a body.</summary>
    public static Answer<TBody> ToOk<T, TBody>(this Outcome<T> outcome, Func<T, TBody> body) =>
        outcome.TryGet(out var value, out var problem) ? Answer<TBody>.Of(body(value)) : problem;

    /// <summary>202: accepted; the same object can be read at its address until it is ready.</summary>
    public static AcceptedAnswer<TBody> ToAccepted<T, TBody>(this Outcome<T> outcome, Func<T, string> address, Func<T, TBody> body) =>
        outcome.TryGet(out var value, out var problem) ? AcceptedAnswer<TBody>.Of(address(value), body(value)) : problem;

    /// <summary>204.</summary>
    public static EmptyAnswer ToNoContent<T>(this Outcome<T> outcome) =>
        outcome.TryGet(out _, out var problem) ? EmptyAnswer.Done : problem;
}

/// <summary>Why something on the cluster is in the state <c>failed</c>, or what it is waiting for.</summary>
public sealed record StateProblemBody(string Code, string Detail);

public static class States
{
    public static string Text(this ResourceState state) =>
        state switch
        {
            ResourceState.Creating => "creating",
            ResourceState.Ready => "ready",
            ResourceState.Deleting or ResourceState.Deleted => "deleting",
            ResourceState.Failed => "failed",
        };

    /// <summary>
    /// Why it failed, what it waits for while it is <c>creating</c> or <c>deleting</c>, or why it is <c>ready</c> again although it was to
    /// be deleted.
    /// </summary>
    public static StateProblemBody? Problem(ResourceState state, string? code, string? message) =>
        state != ResourceState.Deleted && code is not null ? new(code, message ?? "") : null;
}
