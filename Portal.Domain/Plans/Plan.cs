using System.Diagnostics.CodeAnalysis;
using Portal.Domain.Access;

namespace Portal.Domain.Plans;

/// <summary>
/// What holds of a plan whatever the operator publishes. Its name and limits are data: an organization's are read with
/// <see cref="PlanReading.PlanOfAsync"/>, and there is no other way to them.
/// </summary>
public static class Plan
{
    /// <summary>From the narrowest to the widest.</summary>
    public static IReadOnlyList<PlanCode> All { get; } = [PlanCode.Free, PlanCode.Payg, PlanCode.Dedicated];

    /// <summary>Free is not; the others follow the price book.</summary>
    public static bool IsCharged(this PlanCode code) => code != PlanCode.Free;

    public static string Text(PlanCode code) =>
        code switch
        {
            PlanCode.Free => "free",
            PlanCode.Payg => "payg",
            PlanCode.Dedicated => "dedicated",
        };

    public static bool TryParse([NotNullWhen(true)] string? text, out PlanCode code)
    {
        PlanCode? found = text switch
        {
            "free" => PlanCode.Free,
            "payg" => PlanCode.Payg,
            "dedicated" => PlanCode.Dedicated,
            _ => null,
        };
        code = found ?? PlanCode.Free;
        return found is not null;
    }
}
