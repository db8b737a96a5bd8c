using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Credentials;

/// <summary>What keys of accounts and of organizations have in common.</summary>
internal static class ApiKeyRules
{
    private const int LongestOverlapHours = 30 * 24;
    private const int UsualOverlapHours = 24;

    public static readonly Problem.NotFound NoKey = new(
        "api-key-not-found",
        "We couldn't find this API key. Reload the list; the key may belong to another organization or account."
    );

    public static readonly Problem.Forbidden MadeByPeople = new(
        "account-needed",
        "An organization's API key can't create other keys. Sign in, or use one of your account's API keys."
    );

    public static Problem.OverLimit TooMany(int most, int used) =>
        new("api-keys-limit", $"You already have {used} of at most {most} API keys. Revoke the ones you no longer use.", most, used, null);

    public static Problem.Invalid? RefuseExpiry(DateTimeOffset? expiresAt, DateTimeOffset now) =>
        expiresAt <= now ? new("expiry-past", "The expiry date is in the past. Choose a later one, or none.", "expiresAt") : null;

    public static Outcome<TimeSpan> Overlap(int? hours) =>
        hours is < 0 or > LongestOverlapHours
            ? new Problem.Invalid(
                "overlap-out-of-range",
                $"Choose an overlap of 0 to {LongestOverlapHours} hours. With 0, the old key stops working immediately.",
                "overlapHours"
            )
            : TimeSpan.FromHours(hours ?? UsualOverlapHours);

    public static Outcome<NewApiKey> Rotate(IPortalSession session, ApiKey key, Actor actor, TimeSpan overlap, TimeProvider clock)
    {
        if (!key.IsLive(clock.Now()))
            return new Problem.Conflict("api-key-ended", "This key has already ended, so it can't be rotated. Create a new one.");
        if (key.ReplacedBy is not null)
            return new Problem.Conflict("api-key-rotated", "This key has already been rotated. Rotate the key that replaced it.");
        var text = ApiKeyText.New();
        var next = key.Rotate(new(clock.NewUuid()), text, actor.AccountId is { } id ? (id, actor.Name) : null, overlap, clock.Now());
        session.ApiKeys.Add(next);
        return new NewApiKey(next, text);
    }

    public static Dictionary<string, string> Describe(ApiKeyRequest request)
    {
        var details = new Dictionary<string, string>
        {
            ["expires"] = request.ExpiresAt?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? "never",
        };
        if (!string.IsNullOrEmpty(request.Role))
            details["role"] = Operation.Brief(request.Role);
        if (!string.IsNullOrEmpty(request.Tenant))
            details["scope"] = Operation.Brief(
                string.IsNullOrEmpty(request.Namespace) ? request.Tenant : $"{request.Tenant}/{request.Namespace}"
            );
        return details;
    }
}
