using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>
/// Whether a sign-in still goes on: asked by every request, and by open pages when a sign-in of the account ends and every 30 seconds.
/// Notes that it was seen, at most once a minute.
/// </summary>
public sealed class CheckSession(ISessionDirectory sessions, TimeProvider clock, SessionRule? rule = null)
{
    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(1);

    private readonly SessionRule _rule = rule ?? SessionRule.Default;

    /// <summary>Null when it ended or has run out.</summary>
    /// <param name="visit">Somebody did something: a page that is merely open keeps no sign-in alive.</param>
    public async Task<LiveSession?> RunAsync(SessionId id, string? address, bool visit, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        if (await sessions.FindAsync(id, now, cancellationToken) is not { } live)
            return null;
        // Settings that became shorter count for sign-ins that began before.
        if (_rule.ExpiryOf(live.CreatedAt, live.LastSeenAt) <= now)
            return null;
        if (visit && now - live.LastSeenAt >= NotedEvery)
            await sessions.SeenAsync(id, now, _rule.ExpiryOf(live.CreatedAt, now), address, cancellationToken);
        return live;
    }
}

/// <summary>The sign-ins of the actor's account that go on.</summary>
public sealed class ListSessions(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<PageOf<AccountSession>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        if (
            (
                await guard.CheckAccountAsync(actor, new(Permission.ManageAccount, "account.session.list", actor.Name), cancellationToken)
            ).Problem is
            { } refused
        )
            return refused;
        return await database.ReadAsync(
            session => session.Sessions.ListAsync(actor.AccountId!.Value, clock.Now(), page, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>Ends one sign-in of the actor's account. Its open pages end with it.</summary>
public sealed class EndSession(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    private static readonly Problem.NotFound NoSuch = new("session-not-found", "This session has already ended. Reload the list.");

    public async Task<Outcome<Done>> RunAsync(Actor actor, SessionId id, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageAccount,
            "account.session.end",
            actor.Name,
            new Dictionary<string, string> { ["session"] = id.ToString() }
        );
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var account, out var refused))
            return refused;
        return await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                if (await session.Sessions.FindAsync(account, id, clock.Now(), cancellationToken) is null)
                    return NoSuch;
                await session.Sessions.EndAsync(account, id, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>Ends the sign-in of this browser.</summary>
public sealed class SignOut(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageSession, "account.sign-out", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var account, out var refused))
            return refused;
        return await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                if (actor.Session is { } present)
                    await session.Sessions.EndAsync(account, present, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>Ends every sign-in of the account, this browser's included, and makes every link in a mail void.</summary>
public sealed class SignOutEverywhere(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.sign-out-everywhere", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        return await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is { } account)
                    session.Accounts.Save(account.WithNewStamp());
                await session.Sessions.EndAllAsync(id, except: null, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
