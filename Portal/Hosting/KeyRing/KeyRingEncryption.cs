using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Portal.Hosting.KeyRing;

/// <summary>Encrypts the secret part of a new key of the ring before it is stored.</summary>
internal sealed class KeyRingEncryptor(KeyRingKeys keys) : IXmlEncryptor
{
    public static readonly XName Element = "sealedKey";
    public static readonly XName KeyId = "keyId";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) =>
        new(
            new XElement(
                Element,
                new XAttribute(KeyId, keys.Current!),
                keys.Encrypt(plaintextElement.ToString(SaveOptions.DisableFormatting))
            ),
            typeof(KeyRingDecryptor)
        );
}

/// <summary>
/// Decrypts what <see cref="KeyRingEncryptor"/> made. Its full name stands in the stored rows and Data Protection makes
/// it by that name with this constructor: neither may change.
/// </summary>
internal sealed class KeyRingDecryptor : IXmlDecryptor
{
    private readonly KeyRingKeys _keys;

    public KeyRingDecryptor(IServiceProvider services)
        : this(services.GetRequiredService<KeyRingKeys>()) { }

    internal KeyRingDecryptor(KeyRingKeys keys) => _keys = keys;

    /// <exception cref="CryptographicException">The key is not among those set, or what was encrypted is not as it was.</exception>
    public XElement Decrypt(XElement encryptedElement) => XElement.Parse(_keys.Decrypt(KeyIdOf(encryptedElement), encryptedElement.Value));

    internal static string KeyIdOf(XElement encryptedElement) => (string?)encryptedElement.Attribute(KeyRingEncryptor.KeyId) ?? "";
}
