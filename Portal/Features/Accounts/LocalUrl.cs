namespace Portal.Features.Accounts;

/// <summary>Where to go after signing in: only addresses of this portal, or a mail could send people elsewhere.</summary>
public static class LocalUrl
{
    public static string Or(string? url, string otherwise) =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? url : otherwise;
}
