using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Ui;

namespace Portal.Hosting.ExternalSignIn;

/// <summary>A sealed word that says: this account wants to link a provider, now. Good for two minutes.</summary>
internal sealed class LinkWord(ISecretSeal seal, TimeProvider clock)
{
    private const string Purpose = "link-start";
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(2);

    public string Make(AccountId account) =>
        seal.Seal(Purpose, string.Create(CultureInfo.InvariantCulture, $"{account}|{(clock.Now() + GoodFor).ToUnixTimeSeconds()}"));

    public AccountId? Open(string word) =>
        seal.Open(Purpose, word)?.Split('|') is [var id, var until]
        && Guid.TryParse(id, out var account)
        && long.TryParse(until, CultureInfo.InvariantCulture, out var seconds)
        && clock.Now().ToUnixTimeSeconds() < seconds
            ? new AccountId(account)
            : null;
}

/// <summary>By the page that goes on by itself: a form's own redirects may not leave the portal.</summary>
internal sealed class LinkStart(LinkWord word) : ILinkStart
{
    public string Address(AccountId account, SignInProvider provider, string returnUrl) =>
        Begin(
            $"{ExternalSchemes.AddressOf(provider)}?returnUrl={Uri.EscapeDataString(returnUrl)}&link={Uri.EscapeDataString(word.Make(account))}"
        );

    public string Begin(string address) => $"/sign-in/continue?to={Uri.EscapeDataString(address)}";
}
