namespace Portal.Features;

/// <summary>A call of Portal's API to copy into a shell. The key stays in the environment.</summary>
public static class ApiCall
{
    /// <param name="portal">The portal's address, with its closing slash.</param>
    /// <param name="path">Below it, such as <c>api/v1/organizations/northwind/keys</c>.</param>
    public static string Post(string portal, string path, string body) =>
        $$"""
            curl -X POST {{Quoted($"{portal.TrimEnd('/')}/{path}")}} \
              -H "Authorization: Bearer $PORTAL_API_KEY" \
              -H 'Content-Type: application/json' \
              -d {{Quoted(body.ReplaceLineEndings("\n"))}}
            """;

    /// <summary>A text that a POSIX shell takes as it is.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
