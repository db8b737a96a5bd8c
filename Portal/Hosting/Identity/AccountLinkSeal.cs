using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Portal.Domain.Accounts;

namespace Portal.Hosting.Identity;

/// <summary>Encrypted and authenticated by the key ring in the database, so any replica opens what another sealed.</summary>
internal sealed class AccountLinkSeal(IDataProtectionProvider protection) : IAccountLinkSeal
{
    private readonly IDataProtector _protector = protection.CreateProtector("Portal.AccountLinks");

    public string Seal(AccountLink link) => _protector.Protect(JsonSerializer.Serialize(link));

    public AccountLink? Open(string token)
    {
        try
        {
            return JsonSerializer.Deserialize<AccountLink>(_protector.Unprotect(token));
        }
        catch (CryptographicException)
        {
            // Altered, cut short, or never ours.
            return null;
        }
    }
}
