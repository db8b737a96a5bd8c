using Portal.Domain.Billing;

namespace Portal.Features.Billing;

/// <summary>Tax IDs in words.</summary>
internal static class TaxIdWords
{
    internal static string Name(string type) => TaxIdFormats.Find(type)?.Name ?? type;

    internal static string Of(TaxId one) =>
        one switch
        {
            { State: TaxIdState.Pending } => "being added",
            { State: TaxIdState.Removing } => "being removed",
            { State: TaxIdState.Refused } => "rejected",
            { Verification: TaxIdVerification.Pending } => "verification pending",
            { Verification: TaxIdVerification.Verified } => "verified",
            { Verification: TaxIdVerification.Unverified } => "not verified",
            _ => "added",
        };

    internal static string Mood(TaxId one) =>
        one switch
        {
            { State: TaxIdState.Refused } => "bad",
            { State: TaxIdState.Pending or TaxIdState.Removing } => "info busy",
            { Verification: TaxIdVerification.Verified } => "good",
            { Verification: TaxIdVerification.Unverified } => "warn",
            _ => "info",
        };

    /// <summary>Null when there is nothing to add.</summary>
    internal static string? Detail(TaxId one) =>
        one switch
        {
            { State: TaxIdState.Refused } => one.ProblemMessage,
            { State: TaxIdState.Ready, Verification: TaxIdVerification.Unverified } =>
                "The tax office doesn't know this number. Check it, remove it, and add it again.",
            { State: TaxIdState.Ready, VerifiedName: { } name } => $"Registered to {name}",
            _ => null,
        };
}
