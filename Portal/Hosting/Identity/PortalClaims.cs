using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Shell;

namespace Portal.Hosting.Identity;

/// <summary>What a principal says: who it is and whether it runs the platform. Roles in organisations are read afresh every time.</summary>
internal sealed class PortalClaims(UserManager<PortalUser> users, IOptions<IdentityOptions> options) : UserClaimsPrincipalFactory<PortalUser>(users, options)
{
    public static ClaimsIdentity Of(Account account, string scheme)
    {
        var identity = new ClaimsIdentity(scheme);
        identity.AddClaim(new(ClaimTypes.NameIdentifier, account.Id.ToString()));
        identity.AddClaim(new(ClaimTypes.Name, account.Email));
        identity.AddClaim(new(ClaimTypes.Email, account.Email));
        if (account.IsOperator) identity.AddClaim(new(ClaimTypes.Role, ActorClaims.Operator));
        return identity;
    }

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(PortalUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        if (user.IsOperator) identity.AddClaim(new(ClaimTypes.Role, ActorClaims.Operator));
        return identity;
    }
}
