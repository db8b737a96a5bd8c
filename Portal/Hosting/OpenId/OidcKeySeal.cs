using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Tokens;
using Portal.Domain.OpenId;

namespace Portal.Hosting.OpenId;

/// <summary>
/// Makes the provider's keys and opens them again: encrypted with the key ring in the database, which all replicas share.
/// </summary>
internal sealed class OidcKeySeal(IDataProtectionProvider protection) : IOidcKeyMaker
{
    private const int RsaBits = 2048;
    private const int EncryptionBytes = 32;

    private readonly IDataProtector _protector = protection.CreateProtector("Portal.OidcKeys");

    public byte[] MakeSealed(OidcKeyUse use)
    {
        if (use == OidcKeyUse.Encryption)
            return _protector.Protect(RandomNumberGenerator.GetBytes(EncryptionBytes));
        using var rsa = RSA.Create(RsaBits);
        return _protector.Protect(rsa.ExportPkcs8PrivateKey());
    }

    /// <summary>RSA for signing, whose public half is published; symmetric for what only the portal reads.</summary>
    public SecurityKey Open(OidcKey key)
    {
        var id = key.Id.Value.ToString("N");
        var opened = _protector.Unprotect(key.Sealed);
        if (key.Use == OidcKeyUse.Encryption)
            return new SymmetricSecurityKey(opened) { KeyId = id };
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(opened, out _);
        return new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true)) { KeyId = id };
    }
}
