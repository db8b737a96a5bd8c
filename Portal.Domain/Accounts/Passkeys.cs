using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

public sealed class ListPasskeys(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<IReadOnlyList<Passkey>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (
            !(
                await guard.CheckAccountAsync(actor, new(Permission.ManageAccount, "account.passkey.list", actor.Name), cancellationToken)
            ).TryGet(out var id, out var refused)
        )
            return refused;
        return Outcome.Of(await database.ReadAsync(session => session.Passkeys.ListAsync(id, cancellationToken), cancellationToken));
    }
}

/// <summary>What the browser needs to make a passkey for the actor's account.</summary>
public sealed class OfferPasskey(AccessGuard guard, IAccountDirectory accounts, IPasskeyCeremonies ceremonies)
{
    public async Task<Outcome<string>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!(await guard.CheckAccountAsync(actor, PasskeyOperations.Add(actor), cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        return await accounts.FindAsync(id, cancellationToken) is { } account
            ? await ceremonies.BeginRegistrationAsync(account, cancellationToken)
            : PasskeyOperations.Missing;
    }
}

/// <summary>Keeps the passkey that the browser made.</summary>
public sealed class AddPasskey(
    AccessGuard guard,
    IPortalDatabase database,
    IPasskeyCeremonies ceremonies,
    IPublicAddress address,
    TimeProvider clock
)
{
    private const int Most = 20;

    private static readonly Problem.Conflict TooMany = new(
        "passkeys-full",
        "You can have up to 20 passkeys. Remove one you no longer use."
    );

    public async Task<Outcome<Passkey>> RunAsync(Actor actor, string? name, string? credential, CancellationToken cancellationToken)
    {
        var operation = PasskeyOperations.Add(actor);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        if (!Label.Create(name, "name").TryGet(out var label, out var malformed))
            return malformed;
        if (
            !(await ceremonies.FinishRegistrationAsync(id, label.Value, credential, cancellationToken)).TryGet(
                out var passkey,
                out var failed
            )
        )
            return failed;
        return await database.WriteAccountAsync(
            actor,
            PasskeyOperations.Of(operation, passkey),
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is not { } account)
                    return PasskeyOperations.Missing;
                if ((await session.Passkeys.ListAsync(id, cancellationToken)).Count >= Most)
                    return TooMany;
                session.Passkeys.Add(passkey);
                await session.AlsoProvedAsync(actor, id, SignInMethod.Passkey, clock.Now(), cancellationToken);
                session.Mails.Add(AccountNotices.PasskeyAdded(account.Account, passkey.Name, new(actor, clock.Now(), address)));
                return Outcome.Of(passkey);
            },
            cancellationToken
        );
    }
}

public sealed class RenamePasskey(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Passkey>> RunAsync(Actor actor, string id, string? name, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.passkey.rename", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var account, out var refused))
            return refused;
        if (!Label.Create(name, "name").TryGet(out var label, out var malformed))
            return malformed;
        return await database.WriteAccountAsync(
            actor,
            operation with
            {
                Details = new Dictionary<string, string> { ["name"] = label.Value },
            },
            async session =>
            {
                if (await session.Passkeys.FindAsync(account, id, cancellationToken) is not { } passkey)
                    return PasskeyOperations.Missing;
                var renamed = passkey with { Name = label.Value };
                session.Passkeys.Save(renamed);
                return Outcome.Of(renamed);
            },
            cancellationToken
        );
    }
}

/// <summary>Removes a passkey, unless nothing else signs the person in.</summary>
public sealed class RemovePasskey(AccessGuard guard, IPortalDatabase database, IPublicAddress address, TimeProvider clock)
{
    private static readonly Problem.Conflict LastWay = new(
        "last-way-in",
        "This passkey is your only sign-in method. Add another one or set a password first."
    );

    public async Task<Outcome<Done>> RunAsync(Actor actor, string id, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.passkey.remove", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var owner, out var refused))
            return refused;
        var known = await database.ReadAsync(session => session.Passkeys.FindAsync(owner, id, cancellationToken), cancellationToken);
        if (known is null)
            return PasskeyOperations.Missing;
        return await database.WriteAccountAsync(
            actor,
            PasskeyOperations.Of(operation, known),
            async session =>
            {
                if (
                    await session.Accounts.FindAsync(owner, cancellationToken) is not { } account
                    || await session.Passkeys.FindAsync(owner, id, cancellationToken) is not { } passkey
                )
                    return PasskeyOperations.Missing;
                var another =
                    account.PasswordHash is not null
                    || (await session.Passkeys.ListAsync(owner, cancellationToken)).Count > 1
                    || await session.Accounts.SignsInElsewhereAsync(owner, cancellationToken);
                if (!another)
                    return LastWay;
                session.Passkeys.Remove(passkey);
                session.Mails.Add(AccountNotices.PasskeyRemoved(account.Account, passkey.Name, new(actor, clock.Now(), address)));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

internal static class PasskeyOperations
{
    public static readonly Problem.NotFound Missing = new("passkey-not-found", "We couldn't find this passkey. Reload the list.");

    public static Operation Add(Actor actor) => new(Permission.ManageAccount, "account.passkey.add", actor.Name);

    public static Operation Of(Operation operation, Passkey passkey) =>
        operation with
        {
            Details = new Dictionary<string, string> { ["name"] = passkey.Name },
        };
}
