using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>The actor's own account.</summary>
public sealed class GetAccount(AccessGuard guard, IAccountDirectory accounts)
{
    public async Task<Outcome<Account>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (
            !(await guard.CheckAccountAsync(actor, new(Permission.HaveAccount, "account.read", actor.Name), cancellationToken)).TryGet(
                out var id,
                out var refused
            )
        )
            return refused;
        return await accounts.FindAsync(id, cancellationToken) is { } account ? account : AccountOperations.NoAccount;
    }
}
