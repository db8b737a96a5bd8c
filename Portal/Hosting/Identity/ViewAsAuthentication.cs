using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Shell;

namespace Portal.Hosting.Identity;

/// <summary>
/// <c>Authorization: Bearer</c> with the token of an operator's look: acts as the operator, in that one organization, for reading.
/// </summary>
internal sealed class ViewAsAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    IPortalDatabase database,
    IAccountDirectory accounts,
    TimeProvider clock
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ViewAs";
    private const string Prefix = "Bearer " + StartViewAs.TokenPrefix;

    public static bool Applies(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Applies(Request))
            return AuthenticateResult.NoResult();
        var hash = StartViewAs.Hash(Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim());
        var look = await database.ReadAsync(session => session.ViewAs.FindAsync(hash, Context.RequestAborted), Context.RequestAborted);
        if (look is null || look.IsOver(clock.Now()))
            return AuthenticateResult.Fail("The token is unknown or its time is over.");
        // Somebody who runs the platform no more looks at nothing.
        if (await accounts.FindAsync(look.OperatorId, Context.RequestAborted) is not { IsOperator: true } account)
            return AuthenticateResult.Fail("The token's account does not run the platform any more.");
        var identity = PortalClaims.Of(account with { IsOperator = false }, SchemeName);
        identity.AddClaim(new(ActorClaims.ViewAs, look.Id.ToString()));
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), SchemeName));
    }
}
