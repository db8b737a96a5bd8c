using Portal.Domain.Common;
using Portal.Domain.Federation;

namespace Portal.Ui;

/// <summary>Who came from a provider to whom no account is linked yet; waits in this browser for ten minutes.</summary>
public interface IPendingLink
{
    void Keep(ExternalIdentity identity);

    ExternalIdentity? Read();

    void Forget();
}

/// <summary>Addresses with which a form sends the browser on to a provider.</summary>
public interface ILinkStart
{
    /// <summary>Links what comes back to the account.</summary>
    string Address(AccountId account, SignInProvider provider, string returnUrl);

    /// <param name="address">Of the portal: <c>/sign-in/sso/…</c> or <c>/sign-in/external/…</c>.</param>
    string Begin(string address);
}
