using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>A wish to change an account's address: good once both addresses said yes within 24 hours.</summary>
public sealed class EmailChange
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromHours(24);

    private EmailChange() { }

    public EmailChange(AccountId accountId, EmailAddress newEmail, Guid number, DateTimeOffset at) =>
        (AccountId, NewEmail, Number, ExpiresAt) = (accountId, newEmail.Value, number, at + GoodFor);

    /// <summary>An account has one wish at a time.</summary>
    public AccountId AccountId { get; private set; }

    public string NewEmail { get; private set; } = "";

    /// <summary>What its links name, so that those of an earlier wish are void.</summary>
    public Guid Number { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }
    public DateTimeOffset? OldConfirmedAt { get; private set; }
    public DateTimeOffset? NewConfirmedAt { get; private set; }

    public bool IsConfirmed => OldConfirmedAt is not null && NewConfirmedAt is not null;

    public void Confirm(AccountLinkPurpose side, DateTimeOffset at)
    {
        if (side == AccountLinkPurpose.ConfirmOldEmail)
            OldConfirmedAt ??= at;
        else
            NewConfirmedAt ??= at;
    }
}

/// <summary>Wishes for another address inside one transaction.</summary>
public interface IEmailChangeStore
{
    /// <summary>Null when there is none, or it has run out.</summary>
    Task<EmailChange?> FindAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Takes the place of the one that was there.</summary>
    Task ReplaceAsync(EmailChange change, CancellationToken cancellationToken);

    Task RemoveAsync(AccountId account, CancellationToken cancellationToken);
}
