namespace Portal.Features.Accounts;

/// <summary>
/// What people call a browser: <c>Firefox on Windows</c>. A guess by well-known words; what a browser says of itself proves nothing.
/// </summary>
public static class BrowserName
{
    // In this order: each also claims to be those below it.
    private static readonly (string Word, string Name)[] Browsers =
    [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];

    private static readonly (string Word, string Name)[] Systems =
    [
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];

    public static string Of(string? userAgent)
    {
        var (browser, system) = (Find(Browsers, userAgent), Find(Systems, userAgent));
        return (browser, system) switch
        {
            (null, null) => "Unknown browser",
            (null, _) => $"A browser on {system}",
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }

    private static string? Find((string Word, string Name)[] table, string? userAgent) =>
        userAgent is null ? null : Array.Find(table, row => userAgent.Contains(row.Word, StringComparison.Ordinal)).Name;
}
