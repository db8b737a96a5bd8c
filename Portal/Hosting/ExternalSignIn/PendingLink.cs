using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Hosting.Settings;
using Portal.Ui;

namespace Portal.Hosting.ExternalSignIn;

/// <summary>Sealed in a cookie of this browser for ten minutes: nobody can hand it to somebody else.</summary>
internal sealed class PendingLink(IHttpContextAccessor requests, ISecretSeal seal, PortalSettings settings, TimeProvider clock)
    : IPendingLink
{
    private const string Purpose = "pending-link";
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly bool _secure = settings.PublicUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;

    private HttpContext Context =>
        requests.HttpContext ?? throw new InvalidOperationException("A circuit has no cookies: link on a static page.");

    private string Name => _secure ? "__Host-portal-link" : "portal-link";

    public void Keep(ExternalIdentity identity) =>
        Context.Response.Cookies.Append(
            Name,
            seal.Seal(Purpose, JsonSerializer.Serialize(new Kept(identity, clock.Now() + KeptFor))),
            Options()
        );

    public ExternalIdentity? Read() =>
        Context.Request.Cookies.TryGetValue(Name, out var text)
        && seal.Open(Purpose, text) is { } json
        && JsonSerializer.Deserialize<Kept>(json) is { } kept
        && kept.Until > clock.Now()
            ? kept.Identity
            : null;

    public void Forget() => Context.Response.Cookies.Delete(Name, Options());

    private CookieOptions Options() =>
        new()
        {
            HttpOnly = true,
            IsEssential = true,
            SameSite = SameSiteMode.Lax,
            Secure = _secure,
            Path = "/",
            MaxAge = KeptFor,
        };

    private sealed record Kept(ExternalIdentity Identity, DateTimeOffset Until);
}
