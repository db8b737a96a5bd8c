using Portal.Domain.Common;

namespace Portal.Domain.Access;

internal static class OrganizationProblems
{
    /// <summary>For the operator, who may know.</summary>
    public static readonly Problem.NotFound NoOrganization = new(
        "organization-not-found",
        "We couldn't find this organization. Check its URL name."
    );

    /// <summary>Why no key may produce, and what ends it.</summary>
    public static Problem.Conflict PublishingBlocked(Organization organization) =>
        new(
            "publishing-blocked",
            organization.Arrears >= Arrears.PublishingBlocked
                ? "Publishing is blocked because an invoice is overdue. Pay it on the Billing page, and publishing resumes right away."
                : "Publishing is blocked: your organization has reached the hard cap of its budget. "
                    + "Raise the budget on the Billing page, or wait for the new month."
        );
}
