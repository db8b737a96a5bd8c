using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>Links who signed in at a provider to the actor's account. Asked for by the actor; nothing is ever merged silently.</summary>
public sealed class LinkExternalLogin(AccessGuard guard, IPortalDatabase database, IPublicAddress address, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, ExternalIdentity identity, CancellationToken cancellationToken)
    {
        var operation = ExternalLoginOperations.Link(identity.ProviderName) with
        {
            Details = new Dictionary<string, string> { ["provider"] = identity.Link },
        };
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var account, out var refused))
            return refused;
        return await database.WriteAccountAsync<Done>(
            actor,
            operation,
            async session =>
            {
                // Whoever runs the organization's provider would run the platform.
                if (
                    identity.OrganizationId is not null
                    && await session.Accounts.FindAsync(account, cancellationToken) is { Account.IsOperator: true }
                )
                    return SignInExternally.OperatorAccount;
                if (await session.ExternalLogins.FindAsync(identity.Link, identity.Subject, cancellationToken) is { } known)
                    return known.AccountId == account
                        ? Outcome.Done
                        : new Problem.Conflict(
                            "external-login-taken",
                            "This sign-in method is linked to another account. Sign in with that account, or unlink it there first."
                        );
                session.ExternalLogins.Add(new(identity, account, clock.Now()));
                if (await session.Accounts.FindAsync(account, cancellationToken) is { Account: var owner })
                    session.Mails.Add(AccountNotices.SignInLinked(owner, identity, new(actor, clock.Now(), address)));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>Whether a linking may begin, before anybody is sent to the provider.</summary>
public sealed class OfferLink(AccessGuard guard)
{
    public async Task<Outcome<AccountId>> RunAsync(Actor actor, string provider, CancellationToken cancellationToken) =>
        await guard.CheckAccountAsync(actor, ExternalLoginOperations.Link(provider), cancellationToken);
}

/// <summary>Ends a way to sign in, but never the last one.</summary>
public sealed class UnlinkExternalLogin(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? link, string? subject, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageAccount,
            "account.login.unlink",
            actor.Name,
            new Dictionary<string, string> { ["provider"] = link is { Length: <= 600 } ? link : "" }
        );
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var account, out var refused))
            return refused;
        return await database.WriteAccountAsync<Done>(
            actor,
            operation,
            async session =>
            {
                var logins = await session.ExternalLogins.OfAccountAsync(account, cancellationToken);
                if (logins.FirstOrDefault(login => login.Link == link && login.Subject == subject) is not { } found)
                    return new Problem.NotFound(
                        "external-login-not-found",
                        "This sign-in method is no longer linked to your account. Reload the page."
                    );
                if (
                    logins.Count == 1
                    && (await session.Accounts.FindAsync(account, cancellationToken))?.PasswordHash is null
                    && (await session.Passkeys.ListAsync(account, cancellationToken)).Count == 0
                )
                    return new Problem.Conflict("last-way-in", "This is your only sign-in method. Set a password or add a passkey first.");
                session.ExternalLogins.Remove(found);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>The providers that sign in to the actor's account.</summary>
public sealed class ListExternalLogins(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<IReadOnlyList<ExternalLogin>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (
            !(
                await guard.CheckAccountAsync(actor, new(Permission.ManageAccount, "account.login.list", actor.Name), cancellationToken)
            ).TryGet(out var account, out var refused)
        )
            return refused;
        return Outcome.Of(
            await database.ReadAsync(session => session.ExternalLogins.OfAccountAsync(account, cancellationToken), cancellationToken)
        );
    }
}

internal static class ExternalLoginOperations
{
    public static Operation Link(string provider) => new(Permission.ManageAccount, "account.login.link", provider);
}
