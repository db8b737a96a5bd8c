using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Hosting.Identity;

/// <summary><c>Authorization: Bearer</c> with a portal API key: acts as the account that owns the key.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IApiKeyStore keys, IAccountDirectory accounts, TimeProvider clock)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    private const string Prefix = "Bearer ";

    public static bool Applies(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Applies(Request)) return AuthenticateResult.NoResult();
        var key = Request.Headers.Authorization.ToString()[Prefix.Length..].Trim();
        // The look-up is by hash: how long it takes says nothing about the key.
        if (await keys.FindAsync(Hash(key), Context.RequestAborted) is not { } record || record.ExpiresAt <= clock.Now()) return AuthenticateResult.Fail("The API key is unknown or has expired.");
        if (await accounts.FindAsync(record.Account, Context.RequestAborted) is not { } account) return AuthenticateResult.Fail("The API key's account is gone.");
        return AuthenticateResult.Success(new(new ClaimsPrincipal(PortalClaims.Of(account, SchemeName)), SchemeName));
    }
}
