using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Tests.Support;

/// <summary>Accounts, sign-ins and mails in memory.</summary>
public sealed class MemoryAccounts : IAccountStore, ISessionStore, IRecoveryCodeStore, IPasskeyStore, IEmailChangeStore, IMailQueue
{
    public Dictionary<AccountId, AccountState> Accounts { get; } = [];
    public List<AccountSession> Sessions { get; } = [];
    public List<(AccountId Account, byte[] Hash)> Codes { get; private set; } = [];
    public List<Passkey> Passkeys { get; } = [];
    public Dictionary<AccountId, EmailChange> EmailChanges { get; } = [];
    public List<Mail> Mails { get; } = [];

    /// <summary>How often accounts were looked up: what the database had to do.</summary>
    public int Lookups { get; private set; }

    public Task<bool> AnyAsync(CancellationToken cancellationToken) => Task.FromResult(Accounts.Count > 0);

    public Task<AccountState?> FindAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        Lookups++;
        return Task.FromResult(
            Accounts.Values.SingleOrDefault(account => account.Account.Email.Equals(email.Value, StringComparison.OrdinalIgnoreCase))
        );
    }

    public Task<AccountState?> FindAsync(AccountId id, CancellationToken cancellationToken)
    {
        Lookups++;
        return Task.FromResult(Accounts.GetValueOrDefault(id));
    }

    /// <summary>Accounts that an external provider signs in.</summary>
    public HashSet<AccountId> Elsewhere { get; } = [];

    public Task<bool> SignsInElsewhereAsync(AccountId id, CancellationToken cancellationToken) => Task.FromResult(Elsewhere.Contains(id));

    public void Add(AccountState account) => Accounts.Add(account.Account.Id, account);

    public void Save(AccountState account) => Accounts[account.Account.Id] = account;

    public Task<AccountSession?> FindAsync(AccountId account, SessionId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult(Sessions.Find(session => session.Id == id && session.AccountId == account && session.ExpiresAt > now));

    public Task<PageOf<AccountSession>> ListAsync(
        AccountId account,
        DateTimeOffset now,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            new PageOf<AccountSession>(
                [.. Sessions.Where(session => session.AccountId == account && session.ExpiresAt > now).Reverse()],
                null
            )
        );

    public void Add(AccountSession session) => Sessions.Add(session);

    public Task EndAsync(AccountId account, SessionId id, CancellationToken cancellationToken)
    {
        Sessions.RemoveAll(session => session.Id == id && session.AccountId == account);
        return Task.CompletedTask;
    }

    public Task EndAllAsync(AccountId account, SessionId? except, CancellationToken cancellationToken)
    {
        Sessions.RemoveAll(session => session.AccountId == account && session.Id != except);
        return Task.CompletedTask;
    }

    public Task ForgetExpiredAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Sessions.RemoveAll(session => session.AccountId == account && session.ExpiresAt <= now);
        return Task.CompletedTask;
    }

    public Task<int> CountAsync(AccountId account, CancellationToken cancellationToken) =>
        Task.FromResult(Codes.Count(code => code.Account == account));

    public Task ReplaceAsync(AccountId account, IReadOnlyList<byte[]> hashes, CancellationToken cancellationToken)
    {
        Codes = [.. Codes.Where(code => code.Account != account), .. hashes.Select(hash => (account, hash))];
        return Task.CompletedTask;
    }

    public Task<bool> UseAsync(AccountId account, byte[] hash, CancellationToken cancellationToken) =>
        Task.FromResult(Codes.RemoveAll(code => code.Account == account && code.Hash.AsSpan().SequenceEqual(hash)) == 1);

    public Task<Passkey?> FindAsync(AccountId account, string id, CancellationToken cancellationToken) =>
        Task.FromResult(Passkeys.Find(passkey => passkey.Account == account && passkey.Id == id));

    public Task<IReadOnlyList<Passkey>> ListAsync(AccountId account, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Passkey>>([.. Passkeys.Where(passkey => passkey.Account == account)]);

    public void Add(Passkey passkey) => Passkeys.Add(passkey);

    public void Save(Passkey passkey) => Passkeys[Passkeys.FindIndex(one => one.Id == passkey.Id)] = passkey;

    public void Remove(Passkey passkey) => Passkeys.RemoveAll(one => one.Id == passkey.Id);

    public Task<EmailChange?> FindAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult(EmailChanges.GetValueOrDefault(account) is { } change && change.ExpiresAt > now ? change : null);

    public Task ReplaceAsync(EmailChange change, CancellationToken cancellationToken)
    {
        EmailChanges[change.AccountId] = change;
        return Task.CompletedTask;
    }

    public Task RemoveAsync(AccountId account, CancellationToken cancellationToken)
    {
        EmailChanges.Remove(account);
        return Task.CompletedTask;
    }

    void IMailQueue.Add(Mail mail) => Mails.Add(mail);

    Task<Mail?> IMailQueue.FindAsync(Guid id, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IMailQueue.RemoveAsync(Guid id, CancellationToken cancellationToken) => throw new NotSupportedException();
}
