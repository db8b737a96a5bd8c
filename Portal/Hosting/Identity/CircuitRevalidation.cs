using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Hosting.Identity;

/// <summary>Ends what an open page may do within 30 seconds of a new security stamp (password changed, signed out everywhere).</summary>
internal sealed class CircuitRevalidation(ILoggerFactory loggers, IIdentityStore identities, IOptions<IdentityOptions> options) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => IdentitySetup.Revalidation;

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Guid.TryParse(authenticationState.User.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
        && await identities.FindAsync(new AccountId(id), cancellationToken) is { } account
        && account.SecurityStamp == authenticationState.User.FindFirstValue(options.Value.ClaimsIdentity.SecurityStampClaimType);
}
