using System.Security.Cryptography;
using System.Text;

namespace Portal.Domain.Clusters;

/// <summary>The private key with which Portal signs tokens for a cluster.</summary>
public static class SigningKey
{
    /// <summary>A PKCS#8 private key in DER, as Pulsar's tools write it, or in PEM.</summary>
    /// <exception cref="CryptographicException">It is neither, or no RSA key.</exception>
    public static RSA Import(ReadOnlySpan<byte> key)
    {
        var rsa = RSA.Create();
        try
        {
            if (key.IndexOf("-----BEGIN"u8) >= 0)
                rsa.ImportFromPem(Encoding.UTF8.GetString(key));
            else
                rsa.ImportPkcs8PrivateKey(key, out _);
            rsa.ExportParameters(includePrivateParameters: true);
            return rsa;
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }
}
