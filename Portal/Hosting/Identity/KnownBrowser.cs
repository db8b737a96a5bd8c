using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Portal.Hosting.Settings;

namespace Portal.Hosting.Identity;

/// <summary>The accounts that this browser signed in to before. It opens nothing: limits meant for strangers do not count for it.</summary>
public interface IKnownBrowser
{
    /// <param name="account">An email address in any letter case.</param>
    bool Knows(string account);

    void Remember(string account);
}

/// <summary>In a sealed cookie of a year, as digests: nobody can make one, and it names nobody.</summary>
internal sealed class KnownBrowser(IHttpContextAccessor requests, IDataProtectionProvider protection, PortalSettings settings)
    : IKnownBrowser
{
    private const int Most = 10;
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(365);

    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("Portal.KnownBrowser").ToTimeLimitedDataProtector();
    private readonly bool _secure = settings.PublicUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;

    private string Name => _secure ? "__Host-portal-known" : "portal-known";

    public bool Knows(string account) => Read().Contains(Digest(account));

    public void Remember(string account)
    {
        if (requests.HttpContext is not { } context)
            return;
        string[] known = [Digest(account), .. Read().Where(one => one != Digest(account)).Take(Most - 1)];
        context.Response.Cookies.Append(
            Name,
            _seal.Protect(string.Join(' ', known), KeptFor),
            new()
            {
                HttpOnly = true,
                IsEssential = true,
                SameSite = SameSiteMode.Lax,
                Secure = _secure,
                Path = "/",
                MaxAge = KeptFor,
            }
        );
    }

    private string[] Read()
    {
        if (requests.HttpContext?.Request.Cookies.TryGetValue(Name, out var text) != true || text is not { Length: < 4000 })
            return [];
        try
        {
            return _seal.Unprotect(text).Split(' ');
        }
        catch (CryptographicException)
        {
            // Altered, too old, or never ours.
            return [];
        }
    }

    private static string Digest(string account) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("portal-known:" + account.ToUpperInvariant())))[..32];
}
