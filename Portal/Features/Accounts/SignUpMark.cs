using System.Security.Cryptography;

namespace Portal.Features.Accounts;

/// <summary>
/// Marks the browser in which somebody signed up, for as long as the confirmation link is good: opened there, the link need
/// not ask for the password once more, and signs in soon after. Whoever opens a link that a stranger had sent to them has no such mark.
/// </summary>
internal static class SignUpMark
{
    // Whoever serves a neighboring name could set a cookie for ours; never one with this prefix.
    private static string NameIn(HttpContext context) => context.Request.IsHttps ? "__Host-portal-sign-up" : "portal-sign-up";

    /// <summary>A new mark, or the one that is there.</summary>
    public static string Set(HttpContext context)
    {
        var mark = Of(context) ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        context.Response.Cookies.Append(
            NameIn(context),
            mark,
            new()
            {
                HttpOnly = true,
                IsEssential = true,
                Secure = context.Request.IsHttps,
                Path = "/",
                MaxAge = TimeSpan.FromHours(24),
                // Sent when the link in the email is followed.
                SameSite = SameSiteMode.Lax,
            }
        );
        return mark;
    }

    /// <summary>Its sign-up is confirmed: the next one gets another.</summary>
    public static void Forget(HttpContext context) =>
        context.Response.Cookies.Delete(
            NameIn(context),
            new()
            {
                HttpOnly = true,
                Secure = context.Request.IsHttps,
                Path = "/",
                SameSite = SameSiteMode.Lax,
            }
        );

    public static string? Of(HttpContext context) =>
        context.Request.Cookies.TryGetValue(NameIn(context), out var mark) && mark.Length == 64 ? mark : null;
}
