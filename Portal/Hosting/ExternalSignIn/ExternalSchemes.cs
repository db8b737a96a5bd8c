using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Hosting.Settings;

namespace Portal.Hosting.ExternalSignIn;

/// <summary>
/// ASP.NET Core's OpenID Connect handler for providers that are not known at the start: the scheme is made when somebody
/// signs in with it, and anew when its settings changed. State, nonce, PKCE, discovery and the check of tokens are the
/// handler's.
/// </summary>
internal sealed class ExternalSchemes(
    IOptionsMonitorCache<OpenIdConnectOptions> cache,
    OutboundGate gate,
    PortalSettings settings,
    IHostEnvironment environment,
    IPublicAddress address
) : IConfigureNamedOptions<OpenIdConnectOptions>
{
    private readonly ConcurrentDictionary<string, SignInProvider> _providers = new();

    // The present scheme of each provider, by its address.
    private readonly ConcurrentDictionary<string, string> _schemes = new();

    public static string AddressOf(SignInProvider provider) =>
        $"/sign-in/{(provider.OrganizationId is null ? "external" : "sso")}/{provider.Key}";

    /// <summary>The handler for one request.</summary>
    public async Task<OpenIdConnectHandler> HandlerAsync(SignInProvider provider, HttpContext context)
    {
        var scheme = new AuthenticationScheme(Scheme(provider), provider.Name, typeof(OpenIdConnectHandler));
        var handler = ActivatorUtilities.CreateInstance<OpenIdConnectHandler>(context.RequestServices);
        await handler.InitializeAsync(scheme, context);
        return handler;
    }

    public SignInProvider ProviderOf(string scheme) => _providers[scheme];

    public void Configure(OpenIdConnectOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        if (name is null || !_providers.TryGetValue(name, out var provider))
            return;
        var mayBeLocal = environment.IsDevelopment() || settings.SignIn.AllowPrivateProviders;
        options.Authority = provider.Issuer;
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret;
        options.CallbackPath = AddressOf(provider) + "/callback";
        options.ResponseType = OpenIdConnectResponseType.Code;
        // A form that another site posts comes without our cookies.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = true;
        options.ClaimActions.MapUniqueJsonKey("email_verified", "email_verified");
        options.Scope.Clear();
        foreach (var scope in new[] { "openid", "email", "profile" })
            options.Scope.Add(scope);
        options.SaveTokens = false;
        options.DisableTelemetry = true;
        options.RequireHttpsMetadata = !(
            new Uri(provider.Issuer) is { Scheme: "http", IsLoopback: true } && (provider.OrganizationId is null || mayBeLocal)
        );
        // The operator's own settings may name what lies inside; what a customer typed may not.
        options.BackchannelHttpHandler = gate.Handler(provider.OrganizationId is null || mayBeLocal);
        options.BackchannelTimeout = TimeSpan.FromSeconds(10);
        options.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(10);
        foreach (var cookie in new[] { options.CorrelationCookie, options.NonceCookie })
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy =
                settings.PublicUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true
                    ? CookieSecurePolicy.Always
                    : CookieSecurePolicy.SameAsRequest;
        }
        options.SignInScheme = Microsoft.AspNetCore.Identity.IdentityConstants.ExternalScheme;
        options.Events.OnRedirectToIdentityProvider = context =>
        {
            context.ProtocolMessage.RedirectUri = new Uri(address.Url, options.CallbackPath.Value).ToString();
            // The browser may be signed in there as somebody else: what is linked for good is asked for anew.
            if (context.Properties.Items.ContainsKey(ExternalSignInEndpoints.LinkTo))
                context.ProtocolMessage.Prompt = "login";
            return Task.CompletedTask;
        };
        options.Events.OnTokenValidated = context =>
        {
            // A provider is what it was named: another issuer in its own metadata would speak for that other one's people.
            if (context.SecurityToken.Issuer != provider.Issuer)
                context.Fail($"The token is of '{context.SecurityToken.Issuer}' and not of '{provider.Issuer}'.");
            // The protocol lets a token that comes straight from the provider go unsigned, and so does the handler.
            else if (context.SecurityToken.RawSignature.Length == 0)
                context.Fail("The token is not signed.");
            return Task.CompletedTask;
        };
        options.Events.OnTicketReceived = ExternalSignInEndpoints.ReceiveAsync;
        options.Events.OnRemoteFailure = ExternalSignInEndpoints.FailAsync;
    }

    /// <summary>Names the settings as well: others make another scheme, with keys and metadata of its own.</summary>
    private string Scheme(SignInProvider provider)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{provider.Link}\n{provider.ClientId}\n{provider.ClientSecret}"));
        var scheme = $"external:{AddressOf(provider)}:{Convert.ToHexStringLower(digest)[..16]}";
        _providers.TryAdd(scheme, provider);
        var before = _schemes.GetValueOrDefault(AddressOf(provider));
        if (before != scheme)
        {
            _schemes[AddressOf(provider)] = scheme;
            if (before is not null && _providers.TryRemove(before, out _))
                cache.TryRemove(before);
        }
        return scheme;
    }
}
