using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// The organizations that are entered through their own provider only: members with an address of the domain, by browser
/// or by a client that they let in. Owners keep every way, so that nobody locks the last one out; keys and clients of the
/// organization are no people.
/// </summary>
internal static class ProviderRule
{
    private static readonly Problem.Forbidden Elsewhere = new(
        "sso-required",
        "This organization requires single sign-on. Sign in with your organization. Scripts can use one of the organization's API keys."
    );

    public static Problem.Forbidden? Refuse(Actor actor, OrganizationAccess access, Permission permission)
    {
        // Nobody is held by a provider that they cannot or will not come through.
        if (permission == Permission.LeaveOrganization)
            return null;
        if (access.Organization.SignInDomain is not { } domain || access.Role is null or Role.Owner || actor.AccountId is null)
            return null;
        var came = actor.Provider?.StartsWith(ProviderLink.PrefixOf(access.Organization.Id), StringComparison.Ordinal) == true;
        return came || EmailDomain.Of(actor.Name) != domain ? null : Elsewhere;
    }
}
