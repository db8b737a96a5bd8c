using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>What the browser needs to ask for a passkey, before anybody said who they are.</summary>
public sealed class OfferPasskeySignIn(IPasskeyCeremonies ceremonies)
{
    public async Task<Outcome<string>> RunAsync(CancellationToken cancellationToken) =>
        await ceremonies.BeginProofAsync(account: null, cancellationToken);
}

/// <summary>A passkey says who it is and proves it: the device, and the person to the device. No password, no code.</summary>
public sealed class SignInWithPasskey(
    IPortalDatabase database,
    IPasskeyCeremonies ceremonies,
    IAttemptLimiter limiter,
    TimeProvider clock,
    SessionRule? sessionRule = null
)
{
    private static readonly Problem.Unauthenticated Gone = new(
        "passkey-refused",
        "This passkey no longer works here. Use another one, or your password."
    );

    internal static readonly Problem.Invalid Used = new(
        "passkey-refused",
        "The passkey wasn't accepted because this sign-in was already used. Try again."
    );

    public async Task<Outcome<SignedInAccount>> RunAsync(
        Actor actor,
        string? credential,
        string? userAgent,
        CancellationToken cancellationToken
    )
    {
        if (limiter.Check(actor, Attempt.Other) is { } tooMany)
            return tooMany;
        if (!(await ceremonies.FinishProofAsync(credential, cancellationToken)).TryGet(out var proof, out var failed))
        {
            await database.RefuseAsync(
                actor,
                null,
                AccountOperations.Open("account.sign-in", "passkey"),
                failed,
                _ => Task.CompletedTask,
                cancellationToken
            );
            return failed;
        }
        var owner = proof.Passkey.Account;
        if (await database.ReadAsync(session => session.Accounts.FindAsync(owner, cancellationToken), cancellationToken) is not { } found)
            return Gone;
        var operation = PasskeyOperations.Of(AccountOperations.Open("account.sign-in", found.Account.Email), proof.Passkey);
        return await database.WriteAccountAsync(
            actor.As(found.Account),
            operation,
            async session =>
            {
                if (
                    await session.Accounts.FindAsync(owner, cancellationToken) is not { } account
                    || await session.Passkeys.FindAsync(owner, proof.Passkey.Id, cancellationToken) is not { } kept
                )
                    return Gone;
                if (kept.After(proof) is not { } after)
                    return Used;
                session.Passkeys.Save(after);
                return Outcome.Of(
                    await session.BeginAsync(account, SignInMethod.Passkey, actor, userAgent, clock, cancellationToken, rule: sessionRule)
                );
            },
            cancellationToken
        );
    }
}

/// <summary>What the browser needs to ask for a passkey of the person who is signed in.</summary>
public sealed class OfferPasskeyProof(AccessGuard guard, IPasskeyCeremonies ceremonies)
{
    public async Task<Outcome<string>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.confirm-identity", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        return await ceremonies.BeginProofAsync(id, cancellationToken);
    }
}

/// <summary>A fresh proof by passkey: see <see cref="ConfirmIdentity"/>.</summary>
public sealed class ConfirmWithPasskey(AccessGuard guard, IPortalDatabase database, IPasskeyCeremonies ceremonies, TimeProvider clock)
{
    private static readonly Problem.Forbidden Another = new(
        "passkey-refused",
        "This passkey belongs to a different account than the one signed in here."
    );

    public async Task<Outcome<Done>> RunAsync(Actor actor, string? credential, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.confirm-identity", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        if (actor.Session is not { } present)
            return ConfirmIdentity.NoBrowser;
        var proof = await ceremonies.FinishProofAsync(credential, cancellationToken);
        var problem = proof.Problem ?? (proof.Value.Passkey.Account == id ? null : Another);
        if (problem is not null)
        {
            await database.RefuseAsync(actor, null, operation, problem, _ => Task.CompletedTask, cancellationToken);
            return problem;
        }
        return await database.WriteAccountAsync(
            actor,
            PasskeyOperations.Of(operation, proof.Value.Passkey),
            async session =>
            {
                if (await session.Passkeys.FindAsync(id, proof.Value.Passkey.Id, cancellationToken) is not { } kept)
                    return Another;
                if (kept.After(proof.Value) is not { } after)
                    return SignInWithPasskey.Used;
                session.Passkeys.Save(after);
                return await session.ConfirmAsync(id, present, clock.Now(), cancellationToken, SignInMethod.Passkey);
            },
            cancellationToken
        );
    }
}
