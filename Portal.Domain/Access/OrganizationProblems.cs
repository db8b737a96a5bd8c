using Portal.Domain.Common;

namespace Portal.Domain.Access;

internal static class OrganizationProblems
{
    /// <summary>For the operator, who may know.</summary>
    public static readonly Problem.NotFound NoOrganization = new("organization-not-found", "We couldn't find this organization. Check its URL name.");
}
