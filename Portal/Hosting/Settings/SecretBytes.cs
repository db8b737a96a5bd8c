using System.Text;

namespace Portal.Hosting.Settings;

/// <summary>Secrets of 32 random bytes from settings: in base64, or in a file that holds either that or the bytes themselves.</summary>
internal static class SecretBytes
{
    private const int Length = 32;

    /// <summary>The one in use, and all that were in use before.</summary>
    /// <exception cref="WrongSettingException">The sentence names the setting and never repeats a secret.</exception>
    public static (byte[]? Current, IReadOnlyList<byte[]> Older) Read(
        string section,
        string name,
        string? text,
        string? file,
        IReadOnlyList<string> olderTexts,
        IReadOnlyList<string> olderFiles
    )
    {
        if (text is { Length: > 0 } && file is { Length: > 0 })
            throw new WrongSettingException($"{section}:{name} is set together with {name}File. Keep one of the two.");
        var current =
            text is { Length: > 0 } ? Parse(text, $"{section}:{name}")
            : file is { Length: > 0 } ? FromFile(file, $"{section}:{name}File")
            : null;
        var older = olderTexts
            .Select((one, index) => Parse(one, $"{section}:Older{name}s:{index}"))
            .Concat(olderFiles.Select((one, index) => FromFile(one, $"{section}:Older{name}Files:{index}")))
            .ToList();
        return (current, older);
    }

    private static byte[] Parse(string text, string setting)
    {
        var bytes = new byte[Length + 1];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var length) && length == Length
            ? bytes[..Length]
            : throw new WrongSettingException(
                $"{setting} does not hold {Length} bytes in base64: make a key with 'openssl rand -base64 {Length}'."
            );
    }

    private static byte[] FromFile(string file, string setting)
    {
        try
        {
            var bytes = File.ReadAllBytes(file);
            return bytes.Length == Length ? bytes : Parse(Encoding.UTF8.GetString(bytes), $"{setting} is '{file}', which");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new WrongSettingException($"{setting} is '{file}', which can't be read. Check the path and its permissions.");
        }
    }
}
