using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>A person's account, as the rules see it. Passwords and the like live with the identity adapter.</summary>
public sealed record Account(AccountId Id, string Email, bool EmailVerified, bool IsOperator, DateTimeOffset CreatedAt);

public interface IAccountDirectory
{
    Task<Account?> FindAsync(AccountId id, CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<AccountId, Account>> FindManyAsync(IReadOnlyCollection<AccountId> ids, CancellationToken cancellationToken);
}

/// <summary>A mail to one person; plain text with an HTML twin made by the adapter.</summary>
/// <param name="ActionUrl">The one link the mail is about, or null.</param>
public sealed record Mail(string To, string Subject, string Body, Uri? ActionUrl, string? ActionText);

public interface IMailer
{
    Task SendAsync(Mail mail, CancellationToken cancellationToken);
}
