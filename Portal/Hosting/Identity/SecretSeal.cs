using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Portal.Domain.Common;

namespace Portal.Hosting.Identity;

/// <summary>The key ring in the database: any replica opens what another sealed.</summary>
internal sealed class SecretSeal(IDataProtectionProvider protection) : ISecretSeal
{
    public string Seal(string purpose, string secret) => Protector(purpose).Protect(secret);

    public string? Open(string purpose, string sealedSecret)
    {
        try
        {
            return Protector(purpose).Unprotect(sealedSecret);
        }
        catch (CryptographicException)
        {
            // Altered, cut short, or never ours.
            return null;
        }
    }

    private IDataProtector Protector(string purpose) => protection.CreateProtector("Portal.Secrets", purpose);
}
