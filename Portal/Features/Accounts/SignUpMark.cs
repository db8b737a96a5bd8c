using System.Security.Cryptography;

namespace Portal.Features.Accounts;

/// <summary>
/// Marks the browser in which somebody signed up, for as long as the confirmation link is good: opened there, the link need
/// not ask for the password once more. Whoever opens a link that a stranger had sent to them has no such mark.
/// </summary>
internal static class SignUpMark
{
    private const string Name = "portal-sign-up";

    /// <summary>A new mark, or the one that is there.</summary>
    public static string Set(HttpContext context)
    {
        var mark = Of(context) ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        context.Response.Cookies.Append(Name, mark, new()
        {
            HttpOnly = true, IsEssential = true, Secure = context.Request.IsHttps, Path = "/verify", MaxAge = TimeSpan.FromHours(24),
            // Sent when the link in the email is followed.
            SameSite = SameSiteMode.Lax,
        });
        return mark;
    }

    public static string? Of(HttpContext context) => context.Request.Cookies.TryGetValue(Name, out var mark) && mark.Length == 64 ? mark : null;
}
