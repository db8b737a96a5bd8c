using Microsoft.Extensions.Options;
using OpenIddict.Server;
using OpenIddict.Validation;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.OpenId;
using Portal.Hosting.ExternalSignIn;
using Portal.Hosting.Settings;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Hosting.OpenId;

/// <summary>Both ends of OpenID Connect: the portal as a provider, on OpenIddict, and people who come from other providers.</summary>
internal static class OpenIdSetup
{
    /// <summary>The audience of access tokens that the REST API takes.</summary>
    public const string ApiAudience = "urn:portal:api";

    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RefreshLifetime = TimeSpan.FromDays(14);

    public static void AddPortalOpenId(this WebApplicationBuilder builder, PortalSettings settings)
    {
        builder.AddExternalSignIn(settings);
        var services = builder.Services;
        // One process on SQLite: whoever makes a key knows it. Replicas read them every few seconds.
        var lead = settings.Database.IsPostgreSql ? 4 * OidcKeyRing.ReadEvery : TimeSpan.Zero;
        services.AddSingleton(
            new OidcKeySettings(TimeSpan.FromDays(settings.OpenId.KeyRotationDays), lead, RefreshLifetime + TimeSpan.FromDays(1))
        );
        services.AddSingleton<OidcKeySeal>();
        services.AddSingleton<IOidcKeyMaker>(provider => provider.GetRequiredService<OidcKeySeal>());
        services.AddSingleton<OidcKeyRing>();
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(provider => provider.GetRequiredService<OidcKeyRing>());
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(provider =>
            provider.GetRequiredService<OidcKeyRing>().ServerChanges
        );
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictValidationOptions>>(provider =>
            provider.GetRequiredService<OidcKeyRing>().ValidationChanges
        );
        services.AddHostedService<OidcKeyReader>();
        services.AddScoped<TokenAccounts>();
        services.AddScoped<BrowserSignOut>();

        services
            .AddOpenIddict()
            .AddCore(core =>
            {
                core.UseEntityFrameworkCore()
                    .UseDbContext<PortalDbContext>()
                    .ReplaceDefaultEntities<OidcApplicationRow, OidcAuthorizationRow, OidcScopeRow, OidcTokenRow, Guid>();
                core.ReplaceApplicationManager<OidcApplicationRow, OidcApplications>();
            })
            .AddServer(server => Offer(server, settings))
            .AddValidation(validation =>
            {
                validation.UseLocalServer();
                validation.UseAspNetCore();
                validation.AddAudiences(ApiAudience);
                // A revoked token is refused with the next call, not when it expires.
                validation.EnableTokenEntryValidation();
                validation.EnableAuthorizationEntryValidation();
            });
    }

    public static void MapPortalOpenId(this WebApplication app)
    {
        AuthorizeEndpoint.Map(app);
        TokenEndpoint.Map(app);
        UserInfoEndpoint.Map(app);
        EndSessionEndpoint.Map(app);
        ContinuePage.Map(app);
        app.MapExternalSignIn();
    }

    private static void Offer(OpenIddictServerBuilder server, PortalSettings settings)
    {
        server
            .SetAuthorizationEndpointUris("connect/authorize")
            .SetTokenEndpointUris("connect/token")
            .SetUserInfoEndpointUris("connect/userinfo")
            .SetEndSessionEndpointUris("connect/end-session")
            .SetRevocationEndpointUris("connect/revoke")
            .SetIntrospectionEndpointUris("connect/introspect");
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowRefreshTokenFlow().AllowClientCredentialsFlow();
        server.RegisterScopes([.. OidcScopes.All.Select(scope => scope.Name)]);
        server.RegisterClaims(Claims.Name, Claims.PreferredUsername, Claims.Email, Claims.EmailVerified, Claims.AuthenticationTime);
        server
            .SetAccessTokenLifetime(TimeSpan.FromMinutes(settings.OpenId.AccessTokenMinutes))
            .SetAuthorizationCodeLifetime(CodeLifetime)
            .SetRefreshTokenLifetime(RefreshLifetime);
        // A refresh token is good for one use. The second one means that it was copied: everything of that sign-in ends.
        server.SetRefreshTokenReuseLeeway(null);
        // Clients may look into access tokens (they hold nothing secret); codes and refresh tokens stay encrypted.
        server.DisableAccessTokenEncryption();
        server.Configure(options =>
        {
            options.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain);
            options.ResponseModes.Remove(ResponseModes.Fragment);
            // Its page posts a form to the client, which the content security policy of all our pages forbids.
            options.ResponseModes.Remove(ResponseModes.FormPost);
            // Clients have a secret or nothing: no client has registered keys.
            options.ClientAuthenticationMethods.Remove(ClientAuthenticationMethods.PrivateKeyJwt);
            options.ClientAssertionTypes.Clear();
        });
        if (settings.PublicUrl is { } url)
            server.SetIssuer(new Uri(url));
        var web = server
            .UseAspNetCore()
            .EnableAuthorizationEndpointPassthrough()
            .EnableTokenEndpointPassthrough()
            .EnableUserInfoEndpointPassthrough()
            .EnableEndSessionEndpointPassthrough()
            .EnableErrorPassthrough();
        if (IsPlainLoopback(settings.PublicUrl ?? PublicAddress.Default))
            web.DisableTransportSecurityRequirement();
    }

    private static bool IsPlainLoopback(string url) => new Uri(url) is { Scheme: "http", IsLoopback: true };
}
