using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// Text as both databases keep it. PostgreSQL refuses U+0000, and half of a surrogate pair is no text anywhere: they
/// become U+FFFD, so that what a stranger sends finds nothing instead of breaking a statement.
/// </summary>
internal static class StorableText
{
    internal static string Clean(string text)
    {
        if (!text.Contains('\0', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var clean = new StringBuilder(text.Length);
        // Runes of a text: a lone half comes out as the replacement.
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        return clean.ToString();
    }

    internal static object Clean(object value) => value is string text ? Clean(text) : value;
}

/// <summary>Cleans the parameters of every statement that EF Core sends.</summary>
internal sealed class StorableParameters : DbCommandInterceptor
{
    public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        foreach (DbParameter parameter in result.Parameters)
            if (parameter.Value is string text)
                parameter.Value = StorableText.Clean(text);
        return result;
    }
}
