using System.Diagnostics;
using Portal.Domain.Common;

namespace Portal.Ui;

/// <summary>What a page waits for: not there yet, there, or refused. Closed: a page shows one of the three, never nothing.</summary>
public abstract record Loading<T>
{
    private Loading() { }

    public sealed record Pending : Loading<T>;

    public sealed record Ready(T Value) : Loading<T>
    {
        /// <summary>Why the last refresh brought nothing newer; null while the value is as fresh as the page asks for.</summary>
        public Problem? Stale { get; init; }
    }

    /// <param name="TraceId">What support finds the request by; null outside a request.</param>
    public sealed record Failed(Problem Problem, string? TraceId) : Loading<T>;

    /// <summary>The value, or default while it is not there.</summary>
    public T? ValueOrDefault => this is Ready ready ? ready.Value : default;

    public static implicit operator Loading<T>(Outcome<T> outcome) => Loading.Of(outcome);
}

public static class Loading
{
    public static Loading<T> Of<T>(Outcome<T> outcome) =>
        outcome.TryGet(out var value, out var problem)
            ? new Loading<T>.Ready(value)
            : new Loading<T>.Failed(problem, Activity.Current?.TraceId.ToString());

    /// <summary>
    /// A refresh keeps what is shown when the new answer is only an outage, and says so: old figures never pass for new ones.
    /// </summary>
    public static Loading<T> Refresh<T>(Loading<T> shown, Outcome<T> outcome) =>
        shown is Loading<T>.Ready ready && outcome.Problem is Problem.Unavailable outage ? ready with { Stale = outage } : Of(outcome);
}
