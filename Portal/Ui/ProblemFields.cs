using Portal.Domain.Common;

namespace Portal.Ui;

/// <summary>Which field of a form a problem is said at.</summary>
internal static class ProblemFields
{
    /// <summary>The field's name in camelCase; null for what belongs to none.</summary>
    internal static string? Field(this Problem? problem) =>
        problem switch
        {
            Problem.Invalid invalid => invalid.Field,
            Problem.Conflict conflict => conflict.Field,
            _ => null,
        };

    /// <summary>The sentence to say at <paramref name="field"/>; null where it belongs elsewhere.</summary>
    internal static string? MessageAt(this Problem? problem, string field) => problem.Field() == field ? problem!.Message : null;
}
