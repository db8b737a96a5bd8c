using System.Security.Cryptography;
using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

public enum AccountLinkPurpose
{
    VerifyEmail,
    ResetPassword,
    ConfirmOldEmail,
    ConfirmNewEmail,
}

/// <summary>What a link in a mail says once its seal was checked.</summary>
/// <param name="Number">Of the change that it belongs to, where there is one.</param>
/// <param name="PasswordHash">Of a link that confirms an address: the password chosen in the sign-up that it was sent for, and of no
/// other.</param>
/// <param name="Browser">Digest of the mark that the browser of that sign-up keeps.</param>
public sealed record AccountLink(
    AccountLinkPurpose Purpose,
    AccountId Account,
    string SecurityStamp,
    DateTimeOffset ExpiresAt,
    Guid? Number = null,
    string? PasswordHash = null,
    string? Browser = null
)
{
    public static readonly Problem.Invalid Used = new(
        "link-used",
        "This link has already been used or was replaced by a newer one. Use the latest email, or request a new link.",
        "token"
    );

    /// <summary>The account, unless the link was used or overtaken: ask inside the transaction that acts on it.</summary>
    public Outcome<AccountState> Opens(AccountState? account) => account?.SecurityStamp == SecurityStamp ? account : Used;

    /// <summary>Whether it was sent for a sign-up in the browser with this mark.</summary>
    public bool IsOf(string? browser) =>
        browser is not null
        && Browser is not null
        && CryptographicOperations.FixedTimeEquals(Convert.FromHexString(Browser), Convert.FromHexString(DigestOf(browser)));

    /// <summary>When it was sent.</summary>
    public DateTimeOffset SentAt => ExpiresAt - AccountLinks.Lifetime(Purpose);

    internal static string DigestOf(string browser) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(browser)));

    /// <summary>Without stamp and hash: it may end up in a log.</summary>
    public override string ToString() => $"{Purpose} of account {Account}";
}

/// <summary>Seals and opens the tokens of links in mails. Nobody can make one or read one but the portal.</summary>
public interface IAccountLinkSeal
{
    string Seal(AccountLink link);

    /// <summary>Null when it was altered or is not one of ours.</summary>
    AccountLink? Open(string token);
}

/// <summary>Makes links of mails and says, when one is opened, what is the matter with it.</summary>
public sealed class AccountLinks(IAccountLinkSeal seal, IPublicAddress address, TimeProvider clock)
{
    private static readonly Problem.Invalid Broken = new(
        "link-broken",
        "This link is incomplete. Copy the whole link from the email, or request a new one.",
        "token"
    );

    /// <param name="number">Of the change that it belongs to, where there is one.</param>
    /// <param name="browser">The mark of the browser in which the sign-up happens.</param>
    public Uri Create(AccountLinkPurpose purpose, AccountState account, Guid? number = null, string? browser = null)
    {
        var hash = purpose == AccountLinkPurpose.VerifyEmail ? account.PasswordHash : null;
        var token = seal.Seal(
            new(
                purpose,
                account.Account.Id,
                account.SecurityStamp,
                clock.Now() + Lifetime(purpose),
                number,
                hash,
                browser is null ? null : AccountLink.DigestOf(browser)
            )
        );
        return new(address.Url, $"{PageOf(purpose)}?token={Uri.EscapeDataString(token)}");
    }

    public Outcome<AccountLink> Open(string? token, params AccountLinkPurpose[] purposes)
    {
        var link = string.IsNullOrEmpty(token) || token.Length > 4000 ? null : seal.Open(token);
        if (link is null || !purposes.Contains(link.Purpose))
            return Broken;
        return link.ExpiresAt > clock.Now()
            ? link
            : new Problem.Invalid(
                "link-expired",
                $"This link was valid for {InWords(link.Purpose)} and has expired. Request a new one.",
                "token"
            );
    }

    /// <summary>In words, for the mail: <c>24 hours</c>.</summary>
    public static string InWords(AccountLinkPurpose purpose) => purpose == AccountLinkPurpose.ResetPassword ? "one hour" : "24 hours";

    internal static TimeSpan Lifetime(AccountLinkPurpose purpose) =>
        TimeSpan.FromHours(purpose == AccountLinkPurpose.ResetPassword ? 1 : 24);

    private static string PageOf(AccountLinkPurpose purpose) =>
        purpose switch
        {
            AccountLinkPurpose.VerifyEmail => "/verify",
            AccountLinkPurpose.ResetPassword => "/reset",
            AccountLinkPurpose.ConfirmOldEmail or AccountLinkPurpose.ConfirmNewEmail => "/account/email/confirm",
        };
}
