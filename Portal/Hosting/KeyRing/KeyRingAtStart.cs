using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using Portal.Adapters.PortalDatabase;
using Portal.Hosting.Settings;

namespace Portal.Hosting.KeyRing;

/// <summary>
/// Before anything uses the key ring: it can be opened, and all of it is encrypted with the key of the settings. Data
/// Protection itself would pass over keys that it cannot open and make a new ring, and everything sealed would be lost
/// without a word.
/// </summary>
internal sealed partial class KeyRingAtStart(KeyRingRows rows, KeyRingKeys keys, ILogger<KeyRingAtStart> logger)
{
    /// <summary>What is said at start, and on the operator's page, while the ring lies in clear.</summary>
    public const string InClear =
        "Portal:KeyRing:Key is not set: the key ring is stored unencrypted in the database, so whoever reads the database or a "
        + "backup can open every secret in it. "
        + "Set Portal:KeyRing:Key or KeyFile to 32 random bytes in base64, for example from 'openssl rand -base64 32'.";

    private static readonly XNamespace DataProtection = "http://schemas.asp.net/2015/03/dataProtection";
    private static readonly XName RequiresEncryption = DataProtection + "requiresEncryption";
    private static readonly XName EncryptedSecret = DataProtection + "encryptedSecret";
    private static readonly XName DecryptorType = "decryptorType";

    /// <exception cref="WrongSettingException">The ring is encrypted with a key that no setting has.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var changed = new List<KeyRingChange>();
        foreach (var row in await rows.ReadAsync(cancellationToken))
        {
            if (Rewritten(row.Xml) is { } now)
                changed.Add(new(row.Id, row.Xml, now));
        }
        if (keys.Current is null)
        {
            LogInClear(InClear);
            return;
        }
        if (changed.Count == 0)
            return;
        await rows.ReplaceAsync(changed, cancellationToken);
        LogEncrypted(keys.Current, changed.Count);
    }

    /// <returns>The row as it should be; null where it is so already.</returns>
    private string? Rewritten(string xml)
    {
        if (Parse(xml) is not { } row)
            return null;
        foreach (var secret in row.Descendants(EncryptedSecret).ToList())
        {
            // A decryptor that is not ours has keys of its own.
            if (secret.Element(KeyRingEncryptor.Element) is not { } element)
                continue;
            var clear = Open(element);
            if (KeyRingDecryptor.KeyIdOf(element) != keys.Current)
                secret.ReplaceWith(clear);
        }
        var inClear = row.Descendants().Where(one => (bool?)one.Attribute(RequiresEncryption) == true).ToList();
        if (inClear.Count == 0 || keys.Current is null)
            return null;
        foreach (var one in inClear)
            one.ReplaceWith(Encrypted(one));
        return row.ToString(SaveOptions.DisableFormatting);
    }

    private XElement Encrypted(XElement clear)
    {
        var encrypted = new KeyRingEncryptor(keys).Encrypt(clear);
        return new(
            EncryptedSecret,
            new XAttribute(DecryptorType, encrypted.DecryptorType.AssemblyQualifiedName!),
            encrypted.EncryptedElement
        );
    }

    private XElement Open(XElement element)
    {
        var keyId = KeyRingDecryptor.KeyIdOf(element);
        try
        {
            return new KeyRingDecryptor(keys).Decrypt(element);
        }
        catch (CryptographicException)
        {
            throw new WrongSettingException(
                keys.Current is null
                    ? "Portal:KeyRing:Key is not set, but the key ring in the database is encrypted: "
                        + $"set Portal:KeyRing:Key or KeyFile to the key with the id {keyId}."
                : keys.Has(keyId)
                    ? "Portal:KeyRing:Key fits the key ring, but a row of data_protection_keys was altered and does not open with "
                        + $"the key with the id {keyId}: bring back a backup with './dev restore FILE'."
                : $"Portal:KeyRing:Key has the id {keys.Current}, but the key ring in the database is encrypted with the key with "
                    + $"the id {keyId}: set that one, or add it to Portal:KeyRing:OlderKeys."
            );
        }
    }

    private static XElement? Parse(string xml)
    {
        try
        {
            return XElement.Parse(xml);
        }
        catch (XmlException)
        {
            // Data Protection says what it makes of it.
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence}")]
    private partial void LogInClear(string sentence);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The key ring is now encrypted with the key with the id {KeyId}; rows encrypted at this start: {Count}"
    )]
    private partial void LogEncrypted(string keyId, int count);
}
