using System.Diagnostics.CodeAnalysis;

namespace Portal.Domain.Common;

/// <summary>Either a value or the <see cref="Common.Problem"/> that stood in the way.</summary>
public sealed record Outcome<T>
{
    private readonly T? _value;

    internal Outcome(T value) => _value = value;

    internal Outcome(Problem problem) => Problem = problem;

    /// <summary>The refusal, or null when there is a value.</summary>
    public Problem? Problem { get; }

    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsOk => Problem is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none: ask <see cref="IsOk"/> first.</exception>
    public T Value => Problem is null ? _value! : throw new InvalidOperationException($"No value: {Problem.Code}: {Problem.Message}");

    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Problem? problem)
    {
        (value, problem) = (_value, Problem);
        return Problem is null;
    }

    public Outcome<TNext> Then<TNext>(Func<T, Outcome<TNext>> next) => Problem is null ? next(_value!) : new(Problem);

    public Outcome<TNext> Map<TNext>(Func<T, TNext> map) => Problem is null ? new(map(_value!)) : new(Problem);

    public static implicit operator Outcome<T>(T value) => new(value);

    public static implicit operator Outcome<T>(Problem problem) => new(problem);
}

public static class Outcome
{
    /// <summary>For values of interface types, which C# does not convert implicitly.</summary>
    public static Outcome<T> Of<T>(T value) => new(value);

    public static Outcome<T> Refused<T>(Problem problem) => new(problem);

    public static Outcome<Done> Done { get; } = new(default(Done));
}

/// <summary>The value of an action that only happens.</summary>
public readonly record struct Done;
