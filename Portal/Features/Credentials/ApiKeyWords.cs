using Portal.Domain.Credentials;

namespace Portal.Features.Credentials;

/// <summary>Where an API key stands, for the API and for pages.</summary>
public static class ApiKeyWords
{
    public static string State(ApiKey key, DateTimeOffset now) =>
        key.RevokedAt is not null ? "revoked" : !key.IsLive(now) ? "expired" : key.IsExpiring(now) ? "expiring" : "active";

    public static string Mood(string state) => state switch { "active" => "good", "expiring" => "warn", _ => "" };

    /// <summary>What the key may do: <c>Developer in shop/production</c>.</summary>
    public static string Role(ApiKey key) => key.Role is not { } role ? "all that the account may" : key.Scope.IsWhole ? role.ToString() : $"{role} in {key.Scope}";
}
