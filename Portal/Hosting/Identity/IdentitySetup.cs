using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Identity;
using Portal.Adapters.Mail;
using Portal.Adapters.PortalDatabase.Accounts;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Organizations;
using Portal.Hosting.KeyRing;
using Portal.Hosting.OpenId;
using Portal.Hosting.Settings;
using Portal.Hosting.Workers;
using Portal.Ui;

namespace Portal.Hosting.Identity;

/// <summary>Accounts, their cookie, API keys, and who is asking.</summary>
internal static class IdentitySetup
{
    /// <summary>Picks the API key where a request carries one, else the cookie.</summary>
    private const string CookieOrKey = "CookieOrKey";

    public static void AddPortalIdentity(this WebApplicationBuilder builder, PortalSettings settings)
    {
        var services = builder.Services;
        services.AddHttpContextAccessor();
        services.AddSingleton<LeftPages>();
        services.Configure<CircuitOptions>(options => options.DisconnectedCircuitMaxRetained = LeftPages.Together);
        services.AddScoped<CircuitVisitor>();
        services.AddScoped<CircuitHandler>(provider => provider.GetRequiredService<CircuitVisitor>());
        services.AddScoped<IActorProvider, ActorProvider>();
        services.AddScoped<IBrowserSession, BrowserSession>();
        services.AddSingleton<IRequestOrigin, RequestOrigin>();
        services.AddScoped<AuthenticationStateProvider, CircuitRevalidation>();

        services.AddSingleton<IKnownBrowser, KnownBrowser>();
        services.AddSingleton<IAttemptLimiter, AttemptLimiter>();
        services.AddSingleton<IAccountLinkSeal, AccountLinkSeal>();
        services.AddSingleton<IPasswordStrength, PasswordStrength>();
        services.AddSingleton<IBreachedPasswords, BreachedPasswords>();
        services.AddSingleton<PasswordRules>();
        services.AddSingleton<ISecretSeal, SecretSeal>();
        services.AddSingleton<CodeCheck>();
        services.AddSingleton<IPasskeyCeremonies, PasskeyCeremonies>();
        services.Configure<IdentityPasskeyOptions>(options => PasskeyCeremonies.Configure(options, settings));
        services.AddSingleton(
            new SessionRule
            {
                LongestIdle = TimeSpan.FromMinutes(settings.SignIn.EndAfterIdleMinutes),
                Longest = TimeSpan.FromMinutes(settings.SignIn.EndAfterMinutes),
            }
        );
        services.AddSingleton(new OperatorRule { RequiresSecondFactor = settings.Operators.RequireSecondFactor });
        services.AddSingleton<OperatorFactor>();
        services.AddSingleton(new ProofRule { FreshFor = TimeSpan.FromMinutes(settings.SignIn.ConfirmAfterMinutes) });
        services.AddSingleton(new OrganizationRule { MostFree = settings.Limits.FreeOrganizationsPerAccount });
        services.AddSingleton(
            new InvitationSettings(
                TimeSpan.FromDays(settings.Members.InvitationDays),
                settings.Members.InvitationsPerDay,
                settings.Members.InvitationsPerDayAndAddress
            )
        );
        services.AddSingleton<AccountLinks>();
        services.AddSingleton<FirstRun>();
        services.AddSingleton<ApiKeyUses>();
        services.AddHostedService(provider => provider.GetRequiredService<ApiKeyUses>());
        services.AddSingleton<FirstRunCode>();
        services.AddSingleton<IFirstRunCode>(provider => provider.GetRequiredService<FirstRunCode>());

        services.AddAccountStores(PepperReader.Read(settings.Passwords)).AddSignInManager();
        builder.AddKeyRing(settings);
        AddSchemes(services, settings);
        AddMail(services, settings.Mail);
    }

    private static void AddSchemes(IServiceCollection services, PortalSettings settings)
    {
        services
            .AddAuthentication(CookieOrKey)
            .AddPolicyScheme(
                CookieOrKey,
                null,
                options =>
                    options.ForwardDefaultSelector = context =>
                        ViewAsAuthentication.Applies(context.Request) ? ViewAsAuthentication.SchemeName
                        : AccessTokenAuthentication.Applies(context.Request) ? AccessTokenAuthentication.SchemeName
                        : ApiKeyAuthentication.Applies(context.Request) ? ApiKeyAuthentication.SchemeName
                        : IdentityConstants.ApplicationScheme
            )
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, ViewAsAuthentication>(ViewAsAuthentication.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, AccessTokenAuthentication>(AccessTokenAuthentication.SchemeName, null)
            .AddIdentityCookies();
        services.ConfigureApplicationCookie(options =>
        {
            options.LoginPath = "/sign-in";
            options.AccessDeniedPath = "/not-allowed";
            options.ReturnUrlParameter = "returnUrl";
            // The row decides when a sign-in ends, and knows of visits that set no cookie; kept longer it opens nothing.
            options.ExpireTimeSpan = TimeSpan.FromMinutes(settings.SignIn.EndAfterMinutes);
            options.SlidingExpiration = true;
            Harden(options.Cookie, settings, "portal-session");
            options.Events.OnValidatePrincipal = SessionCookie.ValidateAsync;
            // A script that calls the API wants 401 and 403, not a page.
            options.Events.OnRedirectToLogin = context => Redirect(context, StatusCodes.Status401Unauthorized);
            options.Events.OnRedirectToAccessDenied = context => Redirect(context, StatusCodes.Status403Forbidden);
        });
        services.Configure<CookieAuthenticationOptions>(
            IdentityConstants.TwoFactorUserIdScheme,
            options =>
            {
                options.ExpireTimeSpan = TimeSpan.FromMinutes(10);
                Harden(options.Cookie, settings, "portal-second-step");
            }
        );
        services.AddAntiforgery(options => Harden(options.Cookie, settings, "portal-antiforgery"));
    }

    private static void Harden(CookieBuilder cookie, PortalSettings settings, string name)
    {
        var secure = settings.PublicUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;
        // The prefix makes browsers refuse the cookie from anywhere but this very host.
        cookie.Name = secure ? "__Host-" + name : name;
        cookie.Path = "/";
        cookie.HttpOnly = true;
        cookie.IsEssential = true;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = secure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }

    private static Task Redirect(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (context.Request.Path.StartsWithSegments("/api") || context.Request.Path == "/metrics")
            context.Response.StatusCode = status;
        else
            context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    private static void AddMail(IServiceCollection services, MailSettings mail)
    {
        services.AddSingleton(new MailBrand(mail.Brand, mail.Footer));
        if (mail.Host is null)
            services.AddKeptMails();
        else
            services.AddSmtpMail(new(mail.Host, mail.Port, mail.User, mail.Password, mail.From!, mail.ReplyTo, mail.Security));
    }
}
