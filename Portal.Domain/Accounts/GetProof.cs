using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>
/// Whether what asks for a fresh proof of identity would be let through now, so that a page can offer to confirm in place
/// of running into a refusal. Scripts are asked for none.
/// </summary>
public sealed class GetProof(AccessGuard guard, IPortalDatabase database, ProofRule proofRule, TimeProvider clock)
{
    public async Task<Outcome<bool>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.HaveAccount, "account.proof", actor.Name), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (actor is not { AccountId: { } account, Session: { } id })
            return true;
        var now = clock.Now();
        var session = await database.ReadAsync(stores => stores.Sessions.FindAsync(account, id, now, cancellationToken), cancellationToken);
        return proofRule.IsFresh(session, now);
    }
}
