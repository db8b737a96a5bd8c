using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>The actor's own account.</summary>
public sealed class GetAccount(AccessGuard guard, IAccountDirectory accounts)
{
    private static readonly Problem.NotFound Gone = new("account-not-found", "This account is gone. Sign in with another one.");

    public async Task<Outcome<Account>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!(await guard.CheckAccountAsync(actor, new(Permission.HaveAccount, "account.read", actor.Name), cancellationToken)).TryGet(out var id, out var refused)) return refused;
        return await accounts.FindAsync(id, cancellationToken) is { } account ? account : Gone;
    }
}
