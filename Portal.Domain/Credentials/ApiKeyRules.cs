using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Credentials;

/// <summary>What keys of accounts and of organizations have in common.</summary>
internal static class ApiKeyRules
{
    private const int LongestOverlapHours = 30 * 24;
    private const int UsualOverlapHours = 24;

    public static readonly Problem.NotFound NoKey = new("api-key-not-found", "There is no such API key. Load the list again: it may belong to another organization or account.");

    public static readonly Problem.Forbidden MadeByPeople = new("account-needed", "An organization's API key makes no further ones. Sign in, or use an API key of your account.");

    public static Problem.OverLimit TooMany(int most, int used) =>
        new("api-keys-limit", $"There are {used} API keys already, and {most} is the most. Revoke those that nobody uses.", most, used, null);

    public static Problem.Invalid? RefuseExpiry(DateTimeOffset? expiresAt, DateTimeOffset now) =>
        expiresAt <= now ? new("expiry-past", "The expiry lies in the past. Choose a later one, or none.", "expiresAt") : null;

    public static Outcome<TimeSpan> Overlap(int? hours) => hours is < 0 or > LongestOverlapHours
        ? new Problem.Invalid("overlap-out-of-range", $"The overlap is 0 to {LongestOverlapHours} hours; 0 ends the old key at once.", "overlapHours")
        : TimeSpan.FromHours(hours ?? UsualOverlapHours);

    public static Outcome<NewApiKey> Rotate(IPortalSession session, ApiKey key, Actor actor, TimeSpan overlap, TimeProvider clock)
    {
        if (!key.IsLive(clock.Now())) return new Problem.Conflict("api-key-ended", "This key has ended, so there is nothing to overlap. Make a new one.");
        if (key.ReplacedBy is not null) return new Problem.Conflict("api-key-rotated", "This key was rotated already. Rotate the one that took its place.");
        var text = ApiKeyText.New();
        var next = key.Rotate(new(clock.NewUuid()), text, actor.AccountId is { } id ? (id, actor.Name) : null, overlap, clock.Now());
        session.ApiKeys.Add(next);
        return new NewApiKey(next, text);
    }

    public static Dictionary<string, string> Describe(ApiKeyRequest request)
    {
        var details = new Dictionary<string, string> { ["expires"] = request.ExpiresAt?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? "never" };
        if (!string.IsNullOrEmpty(request.Role)) details["role"] = Operation.Brief(request.Role);
        if (!string.IsNullOrEmpty(request.Tenant)) details["scope"] = Operation.Brief(string.IsNullOrEmpty(request.Namespace) ? request.Tenant : $"{request.Tenant}/{request.Namespace}");
        return details;
    }
}
