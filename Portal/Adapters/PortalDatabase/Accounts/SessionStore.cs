using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

internal sealed class SessionStore(PortalDbContext context) : ISessionStore
{
    private DbSet<AccountSession> Sessions => context.Set<AccountSession>();

    public Task<AccountSession?> FindAsync(AccountId account, SessionId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        Sessions.SingleOrDefaultAsync(
            session => session.Id == id && session.AccountId == account && session.ExpiresAt > now,
            cancellationToken
        );

    public Task<PageOf<AccountSession>> ListAsync(
        AccountId account,
        DateTimeOffset now,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Sessions
            .Where(session => session.AccountId == account && session.ExpiresAt > now)
            .PageAsync(page, "sessions", session => session.CreatedAt, session => session.Id, newestFirst: true, cancellationToken);

    public void Add(AccountSession session) => context.Add(session);

    public Task EndAsync(AccountId account, SessionId id, CancellationToken cancellationToken)
    {
        context.AlsoTold.Add(Change.SessionsOf(account));
        return Sessions.Where(session => session.Id == id && session.AccountId == account).ExecuteDeleteAsync(cancellationToken);
    }

    public Task EndAllAsync(AccountId account, SessionId? except, CancellationToken cancellationToken)
    {
        context.AlsoTold.Add(Change.SessionsOf(account));
        var sessions = Sessions.Where(session => session.AccountId == account);
        if (except is { } one)
            sessions = sessions.Where(session => session.Id != one);
        return sessions.ExecuteDeleteAsync(cancellationToken);
    }

    public Task ForgetExpiredAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken) =>
        Sessions.Where(session => session.AccountId == account && session.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
}

internal sealed class SessionDirectory(PortalConnections connections) : ISessionDirectory
{
    public async Task<LiveSession?> FindAsync(SessionId id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        var found =
            from session in context.Set<AccountSession>()
            where session.Id == id && session.ExpiresAt > now
            from user in context.Users
            where user.Id == (Guid)(object)session.AccountId
            select new { session, user };
        return await found.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is { session: var live, user: var owner }
            ? new(
                live.Id,
                new(new(owner.Id), owner.Email ?? "", owner.EmailConfirmed, owner.IsOperator, owner.CreatedAt),
                live.CreatedAt,
                live.LastSeenAt,
                live.Provider,
                live.ProvedHere,
                live.Method
            )
            : null;
    }

    public async Task SeenAsync(
        SessionId id,
        DateTimeOffset at,
        DateTimeOffset expiresAt,
        string? address,
        CancellationToken cancellationToken
    )
    {
        using var turn = await connections.WriteTurnAsync(cancellationToken);
        await using var context = connections.CreateDbContext();
        await context
            .Set<AccountSession>()
            .Where(session => session.Id == id && session.LastSeenAt < at)
            .ExecuteUpdateAsync(
                set =>
                    set.SetProperty(session => session.LastSeenAt, at)
                        .SetProperty(session => session.ExpiresAt, expiresAt)
                        .SetProperty(session => session.Address, session => address ?? session.Address),
                cancellationToken
            );
    }
}
