using Portal.Domain.Credentials;

namespace Portal.Features.Credentials;

/// <summary>Where an API key stands, for the API and for pages.</summary>
public static class ApiKeyWords
{
    public static string State(ApiKey key, DateTimeOffset now) =>
        key.RevokedAt is not null ? "revoked"
        : !key.IsLive(now) ? "expired"
        : key.IsExpiring(now) ? "expiring"
        : "active";

    public static string Mood(string state) =>
        state switch
        {
            "active" => "good",
            "expiring" => "warn",
            _ => "",
        };

    /// <summary>What the key may do: <c>Developer in shop/production</c>; of an account's key, after "may do".</summary>
    public static string Role(ApiKey key) =>
        key.Role is not { } role ? "all that you may"
        : key.OrganizationId is null ? $"what {(role is Domain.Access.Role.Owner or Domain.Access.Role.Admin ? "an" : "a")} {role} may"
        : key.Scope.IsWhole ? role.ToString()
        : $"{role} in {key.Scope}";
}
