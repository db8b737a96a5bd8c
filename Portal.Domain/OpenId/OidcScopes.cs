using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.OpenId;

/// <summary>Something that a client may ask for.</summary>
/// <param name="Role">The role that a token with it is capped to; null for scopes that only tell who signed in.</param>
/// <param name="Meaning">For the page where a person decides: ends the sentence "It may …".</param>
public sealed record OidcScope(string Name, Role? Role, string Meaning);

/// <summary>The scopes of the portal's own OpenID Connect provider.</summary>
public static class OidcScopes
{
    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string Email = "email";
    public const string OfflineAccess = "offline_access";

    /// <summary>The operator's rights: for clients of the platform, and worth nothing to anybody but an operator.</summary>
    public const string Operator = "portal.operator";

    public static IReadOnlyList<OidcScope> All { get; } =
    [
        new(OpenId, null, "know that it is you who signed in"),
        new(Profile, null, "see the name of your account"),
        new(Email, null, "see your email address"),
        new(OfflineAccess, null, "stay signed in while you are away"),
        new("portal.read", Role.Viewer, "see your organizations' resources and usage"),
        new("portal.write", Role.Developer, "create, change and delete tenants, topics and keys, and read and send messages"),
        new("portal.admin", Role.Admin, "manage your organizations and their members"),
        new("portal.billing", Role.Billing, "see and change plans, invoices and payment methods"),
        new(Operator, null, "run this platform as its operator"),
    ];

    public static OidcScope? Find(string name) => All.FirstOrDefault(scope => scope.Name == name);

    /// <summary>What a token with these scopes may act as at most: the rights of all of them together. Empty: no call of the API.</summary>
    public static IReadOnlyList<Role> RolesOf(IEnumerable<string> scopes) =>
        [.. scopes.Select(Find).Select(scope => scope?.Role).OfType<Role>().Distinct().Order()];

    /// <param name="ofPlatform">Clients of an organization never get the operator's scope.</param>
    internal static Outcome<IReadOnlyList<string>> Check(IReadOnlyList<string>? names, bool ofPlatform)
    {
        var allowed = All.Where(scope => ofPlatform || scope.Name != Operator).Select(scope => scope.Name).ToList();
        var asked = (names ?? []).Distinct(StringComparer.Ordinal).ToList();
        if (asked.Count == 0 || asked.Except(allowed).Any())
            return new Problem.Invalid("scopes-unknown", $"Scopes are one or more of {string.Join(", ", allowed)}.", "scopes");
        return Outcome.Of<IReadOnlyList<string>>([.. allowed.Intersect(asked)]);
    }
}
