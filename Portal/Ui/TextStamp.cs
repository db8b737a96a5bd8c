namespace Portal.Ui;

/// <summary>
/// Tells whether two places hold the same text, without the text: its length in UTF-16 units and their 32-bit FNV-1a
/// hash. <c>wwwroot/js/fields.js</c> computes the same.
/// </summary>
public static class TextStamp
{
    /// <returns><c>{length}.{hash in lowercase hexadecimal}</c></returns>
    public static string Of(string text)
    {
        var hash = 2_166_136_261u;
        foreach (var unit in text)
            hash = unchecked((hash ^ unit) * 16_777_619u);
        return $"{text.Length}.{hash:x}";
    }
}
