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

    public static SessionId? SessionOf(ClaimsPrincipal? user) =>
        Guid.TryParse(user?.FindFirstValue(Session), out var id) ? new SessionId(id) : null;

    /// <summary>The provider that signed the person in.</summary>
    public const string Provider = "portal_provider";

    /// <summary>
    /// Claim of a sign-in that the account's own password, code or passkey began. Without it a provider's sign-in reaches no further than
    /// the provider.
    /// </summary>
    public const string ProvedHere = "portal_proved_here";

    /// <summary>Claim of an operator who is none yet: see <see cref="Actor.NeedsSecondFactor"/>.</summary>
    public const string NeedsSecondFactor = "portal_needs_second_factor";

    /// <summary>What an account acts with, for the audit log.</summary>
    public const string Via = "portal_via";

    /// <summary>The roles that bound the actor, as words separated by spaces; empty for none at all.</summary>
    public const string Bounds = "portal_bounds";

    /// <summary>The organization of a key or client that is an actor of its own, with the key's role and where it holds.</summary>
    public const string KeyOrganization = "portal_key_organization";

    /// <summary>Claim of a key or client that is an actor of its own: the account that made it, or was shown its secret.</summary>
    public const string Behind = "portal_behind";

    /// <summary>The API key that was sent.</summary>
    public const string ApiKey = "portal_api_key";

    /// <summary>The application whose access token was sent.</summary>
    public const string Client = "portal_client";

    public const string KeyRole = "portal_key_role";
    public const string KeyTenant = "portal_key_tenant";
    public const string KeyNamespace = "portal_key_namespace";

    /// <summary>The one organization that a client may act in.</summary>
    public const string Only = "portal_only";

    /// <summary>
    /// Whose a kept answer is: a credential that may do less does not get the answer that one with more got. Null for nobody.
    /// </summary>
    public static string? SubjectOf(ClaimsPrincipal user) =>
        user.FindFirstValue(ClaimTypes.NameIdentifier) is { } id
            ? string.Join(
                '\n',
                id,
                user.FindFirstValue(Bounds),
                user.FindFirstValue(ViewAs),
                user.FindFirstValue(Only),
                Read(user, null).Reach
            )
            : null;

    public static Actor Read(ClaimsPrincipal? user, string? address) => OfKey(user, address) ?? OfAccount(user, address);

    private static Actor OfAccount(ClaimsPrincipal? user, string? address) =>
        user?.Identity?.IsAuthenticated == true && Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? new Actor(
                new AccountId(id),
                user.FindFirstValue(ClaimTypes.Email) ?? user.Identity.Name ?? id.ToString(),
                user.IsInRole(Operator),
                address,
                Activity.Current?.TraceId.ToString()
            )
            {
                Via = user.FindFirstValue(Via),
                Bounds = BoundsOf(user),
                ViewAs = Guid.TryParse(user.FindFirstValue(ViewAs), out var look) ? new ViewAsId(look) : null,
                NeedsSecondFactor = user.HasClaim(claim => claim.Type == NeedsSecondFactor),
                Session = SessionOf(user),
                Provider = user.FindFirstValue(Provider),
                ProvedHere = user.HasClaim(claim => claim.Type == ProvedHere),
                Only = Guid.TryParse(user.FindFirstValue(Only), out var only) ? new OrganizationId(only) : null,
                ApiKey = ApiKeyOf(user),
                Client = ClientOf(user),
            }
            : Actor.Anonymous with
            {
                Address = address,
                TraceId = Activity.Current?.TraceId.ToString(),
            };

    private static Actor? OfKey(ClaimsPrincipal? user, string? address) =>
        user?.Identity?.IsAuthenticated == true && Guid.TryParse(user.FindFirstValue(KeyOrganization), out var organization)
            ? new Actor(null, user.Identity.Name ?? "key", false, address, Activity.Current?.TraceId.ToString())
            {
                Grant = new(
                    new(organization),
                    Enum.Parse<Role>(user.FindFirstValue(KeyRole)!),
                    new(user.FindFirstValue(KeyTenant), user.FindFirstValue(KeyNamespace))
                ),
                Bounds = BoundsOf(user),
                Behind = Guid.TryParse(user.FindFirstValue(Behind), out var behind) ? new AccountId(behind) : null,
                ApiKey = ApiKeyOf(user),
                Client = ClientOf(user),
            }
            : null;

    private static ApiKeyId? ApiKeyOf(ClaimsPrincipal user) =>
        Guid.TryParse(user.FindFirstValue(ApiKey), out var key) ? new ApiKeyId(key) : null;

    private static OidcClientId? ClientOf(ClaimsPrincipal user) =>
        Guid.TryParse(user.FindFirstValue(Client), out var client) ? new OidcClientId(client) : null;

    private static IReadOnlyList<Role>? BoundsOf(ClaimsPrincipal user) =>
        user.FindFirstValue(Bounds) is { } words
            ? [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<Role>)]
            : null;
}
