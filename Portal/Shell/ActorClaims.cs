using System.Diagnostics;
using System.Security.Claims;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Shell;

/// <summary>The actor that a signed-in principal stands for; the one place where claims are read.</summary>
public static class ActorClaims
{
    /// <summary>Role claim of accounts that run the platform.</summary>
    public const string Operator = "operator";

    /// <summary>The look that a token was made for.</summary>
    public const string ViewAs = "portal_view_as";

    /// <summary>Claim of a browser's sign-in: the id of its <see cref="AccountSession"/>.</summary>
    public const string Session = "portal:session";

    public static SessionId? SessionOf(ClaimsPrincipal? user) => Guid.TryParse(user?.FindFirstValue(Session), out var id) ? new SessionId(id) : null;

    public static Actor Read(ClaimsPrincipal? user, string? address) =>
        user?.Identity?.IsAuthenticated == true && Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? new Actor(new AccountId(id), user.FindFirstValue(ClaimTypes.Email) ?? user.Identity.Name ?? id.ToString(), user.IsInRole(Operator), address,
                Activity.Current?.TraceId.ToString())
            {
                ViewAs = Guid.TryParse(user.FindFirstValue(ViewAs), out var look) ? new ViewAsId(look) : null,
                Session = SessionOf(user),
            }
            : Actor.Anonymous with { Address = address, TraceId = Activity.Current?.TraceId.ToString() };
}
