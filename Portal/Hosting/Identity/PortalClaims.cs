using System.Security.Claims;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Shell;

namespace Portal.Hosting.Identity;

/// <summary>What a principal says: who it is and whether it runs the platform. Roles in organizations are read afresh every time.</summary>
internal static class PortalClaims
{
    /// <param name="session">The browser's sign-in; null for scripts.</param>
    /// <param name="provider">What proved who the person is, where it was not the portal alone.</param>
    /// <param name="provedHere">The account's own password, code or passkey was asked for as well, or alone.</param>
    /// <param name="lacksFactor">The second factor that the installation asks of operators.</param>
    public static ClaimsIdentity Of(
        Account account,
        string scheme,
        SessionId? session = null,
        string? provider = null,
        bool provedHere = false,
        bool lacksFactor = false
    )
    {
        var identity = new ClaimsIdentity(scheme);
        identity.AddClaim(new(ClaimTypes.NameIdentifier, account.Id.ToString()));
        identity.AddClaim(new(ClaimTypes.Name, account.Email));
        identity.AddClaim(new(ClaimTypes.Email, account.Email));
        // Nobody who runs an organization's provider runs the platform with it.
        if (account.IsOperator && (provedHere || ProviderLink.OrganizationOf(provider) is null))
            identity.AddClaim(lacksFactor ? new(ActorClaims.NeedsSecondFactor, "true") : new(ClaimTypes.Role, ActorClaims.Operator));
        if (session is { } id)
            identity.AddClaim(new(ActorClaims.Session, id.ToString()));
        if (provider is not null)
            identity.AddClaim(new(ActorClaims.Provider, provider));
        if (provedHere)
            identity.AddClaim(new(ActorClaims.ProvedHere, "true"));
        return identity;
    }
}
