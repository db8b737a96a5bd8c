using System.Buffers.Text;
using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Hosting.Settings;

namespace Portal.Hosting.Identity;

/// <summary>
/// ASP.NET Core Identity's WebAuthn. What it must remember between the two halves of a ceremony, the challenge above all,
/// is in a sealed cookie of this browser, good for five minutes and taken away by the second half.
/// </summary>
internal sealed class PasskeyCeremonies(IHttpContextAccessor requests, ISecretSeal seal, PortalSettings settings, TimeProvider clock)
    : IPasskeyCeremonies
{
    private const string Registration = "passkey-registration";
    private const string Proof = "passkey-proof";
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);

    private static readonly Problem.Invalid Refused = new(
        "passkey-refused",
        "The passkey wasn't accepted. Try again. If that doesn't work, use your password and add a new passkey on the security page."
    );

    private HttpContext Context =>
        requests.HttpContext ?? throw new InvalidOperationException("A passkey's ceremony needs a request of the browser.");

    private IPasskeyHandler<PortalUser> Handler => Context.RequestServices.GetRequiredService<IPasskeyHandler<PortalUser>>();

    private string CookieName => IsSecure ? "__Host-portal-passkey" : "portal-passkey";

    private bool IsSecure => settings.PublicUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;

    public async Task<string> BeginRegistrationAsync(Account account, CancellationToken cancellationToken)
    {
        var options = await Handler.MakeCreationOptionsAsync(
            new()
            {
                Id = account.Id.ToString(),
                Name = account.Email,
                DisplayName = account.Email,
            },
            Context
        );
        Remember(Registration, options.AttestationState);
        return options.CreationOptionsJson;
    }

    public async Task<Outcome<Passkey>> FinishRegistrationAsync(
        AccountId account,
        string name,
        string? credential,
        CancellationToken cancellationToken
    )
    {
        if (Recall(Registration) is not { State: var state } || string.IsNullOrEmpty(credential))
            return Refused;
        var result = await Handler.PerformAttestationAsync(
            new()
            {
                CredentialJson = credential,
                AttestationState = state,
                HttpContext = Context,
            }
        );
        return result.Succeeded && result.UserEntity.Id == account.ToString() ? Read(account, name, result.Passkey) : Refused;
    }

    public async Task<string> BeginProofAsync(AccountId? account, CancellationToken cancellationToken)
    {
        var users = Context.RequestServices.GetRequiredService<UserManager<PortalUser>>();
        var user = account is { } id ? await users.FindByIdAsync(id.ToString()) : null;
        var options = await Handler.MakeRequestOptionsAsync(user, Context);
        Remember(Proof, options.AssertionState);
        return options.RequestOptionsJson;
    }

    public async Task<Outcome<PasskeyProof>> FinishProofAsync(string? credential, CancellationToken cancellationToken)
    {
        if (Recall(Proof) is not var (state, askedAt) || string.IsNullOrEmpty(credential))
            return Refused;
        var result = await Handler.PerformAssertionAsync(
            new()
            {
                CredentialJson = credential,
                AssertionState = state,
                HttpContext = Context,
            }
        );
        return result.Succeeded ? new PasskeyProof(Read(new(result.User.Id), result.Passkey.Name ?? "", result.Passkey), askedAt) : Refused;
    }

    /// <summary>Answers of another site's page are refused, whatever its certificate says.</summary>
    internal static void Configure(IdentityPasskeyOptions options, PortalSettings settings)
    {
        (options.UserVerificationRequirement, options.ResidentKeyRequirement) = ("required", "required");
        if (settings.PublicUrl is { } url)
            options.ServerDomain = new Uri(url).Host;
        options.ValidateOrigin = origin =>
            ValueTask.FromResult(
                !origin.CrossOrigin
                    && Uri.TryCreate(origin.Origin, UriKind.Absolute, out var page)
                    // Where the public address is known it is the only one: a page of a subdomain could answer for the same name, and Host
                    // is what the sender says.
                    && page.GetLeftPart(UriPartial.Authority)
                        == (
                            settings.PublicUrl is { } ours
                                ? new Uri(ours).GetLeftPart(UriPartial.Authority)
                                : $"{origin.HttpContext.Request.Scheme}://{origin.HttpContext.Request.Host}"
                        )
            );
    }

    private void Remember(string purpose, string? state) =>
        Context.Response.Cookies.Append(
            CookieName,
            seal.Seal(purpose, $"{clock.Now().ToUnixMicroseconds().ToString(CultureInfo.InvariantCulture)} {state}"),
            Cookie()
        );

    private (string State, DateTimeOffset AskedAt)? Recall(string purpose)
    {
        if (Context.Request.Cookies[CookieName] is not { } kept)
            return null;
        Context.Response.Cookies.Delete(CookieName, Cookie());
        if (seal.Open(purpose, kept)?.Split(' ', 2) is not [var asked, var state])
            return null;
        var askedAt = Clock.FromUnixMicroseconds(long.Parse(asked, CultureInfo.InvariantCulture));
        return clock.Now() <= askedAt + GoodFor ? (state, askedAt) : null;
    }

    private CookieOptions Cookie() =>
        new()
        {
            Path = "/",
            HttpOnly = true,
            IsEssential = true,
            SameSite = SameSiteMode.Strict,
            Secure = IsSecure,
        };

    private static Passkey Read(AccountId account, string name, UserPasskeyInfo passkey) =>
        new(
            Base64Url.EncodeToString(passkey.CredentialId),
            account,
            name,
            passkey.PublicKey,
            passkey.CreatedAt.TruncateToMicroseconds(),
            passkey.SignCount,
            passkey.Transports ?? [],
            passkey.IsBackupEligible,
            passkey.IsBackedUp,
            passkey.AttestationObject,
            passkey.ClientDataJson
        );
}
