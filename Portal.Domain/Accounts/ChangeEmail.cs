using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>The wish that waits for its links, null for none.</summary>
public sealed class GetEmailChange(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<EmailChange?>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (
            !(
                await guard.CheckAccountAsync(actor, new(Permission.ManageAccount, "account.email.read", actor.Name), cancellationToken)
            ).TryGet(out var id, out var refused)
        )
            return refused;
        return Outcome.Of(
            await database.ReadAsync(session => session.EmailChanges.FindAsync(id, clock.Now(), cancellationToken), cancellationToken)
        );
    }
}

/// <summary>
/// Sends a link to the present address and one to the new. The answer, and the work for it, never tell whether the new
/// address has an account: its owner gets a mail instead of a link.
/// </summary>
public sealed class RequestEmailChange(
    AccessGuard guard,
    IPortalDatabase database,
    AccountLinks links,
    IAttemptLimiter limiter,
    IPublicAddress address,
    TimeProvider clock
)
{
    private static readonly Problem.Conflict OfOrganization = new(
        "email-of-organization",
        "Your organization allows only addresses in its own domain, so you can't change the address of this account. "
            + "Use another account for personal use, or ask an owner."
    );

    public async Task<Outcome<EmailChange>> RunAsync(Actor actor, string? email, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.email.request", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        if (!EmailAddress.CreateNew(email).TryGet(out var wanted, out var malformed))
            return malformed;
        if (limiter.Check(actor, Attempt.Email, wanted.Value) is { } tooMany)
            return tooMany;
        return await database.WriteAccountAsync(
            actor,
            operation with
            {
                Details = new Dictionary<string, string> { ["newEmail"] = wanted.Value },
            },
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is not { } account)
                    return AccountOperations.NoAccount;
                if (account.Account.Email == wanted.Value)
                    return new Problem.Invalid("email-same", "This is your address already.", "email");
                // Another address would be a way around the provider that the organization asks for.
                if (await session.OrganizationSignIns.BindsAsync(id, EmailDomain.Of(account.Account.Email), cancellationToken))
                    return OfOrganization;
                var owner = await session.Accounts.FindAsync(wanted, cancellationToken);
                var change = new EmailChange(id, wanted, clock.NewUuid(), clock.Now());
                await session.EmailChanges.ReplaceAsync(change, cancellationToken);
                session.Mails.Add(AccountMails.LeaveEmail(account, change, links));
                // Another letter case of one's own address is no other owner's.
                session.Mails.Add(
                    owner is null || owner.Account.Id == id
                        ? AccountMails.EnterEmail(account, change, links)
                        : AccountMails.EmailWanted(owner, address)
                );
                return Outcome.Of(change);
            },
            cancellationToken
        );
    }
}

/// <summary>Takes the wish back; its links are void.</summary>
public sealed class CancelEmailChange(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.email.cancel", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        return await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                await session.EmailChanges.RemoveAsync(id, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>Opens one of the two links. The second one changes the address; sign-ins go on.</summary>
public sealed class ConfirmEmailChange(IPortalDatabase database, AccountLinks links, IPublicAddress address, TimeProvider clock)
{
    private static readonly Problem.Conflict Taken = new(
        "email-taken",
        "Another account uses the new address now. Sign in with that account, or choose a different address."
    );

    /// <summary>Whether the address is changed now; false while the other link waits.</summary>
    public async Task<Outcome<bool>> RunAsync(Actor actor, string? token, CancellationToken cancellationToken)
    {
        if (
            !links.Open(token, AccountLinkPurpose.ConfirmOldEmail, AccountLinkPurpose.ConfirmNewEmail).TryGet(out var link, out var problem)
        )
            return problem;
        var opened = link.Opens(
            await database.ReadAsync(session => session.Accounts.FindAsync(link.Account, cancellationToken), cancellationToken)
        );
        if (!opened.TryGet(out var known, out problem))
            return problem;
        var details = new Dictionary<string, string> { ["address"] = link.Purpose == AccountLinkPurpose.ConfirmOldEmail ? "old" : "new" };
        return await database.WriteAccountAsync<bool>(
            actor.As(known.Account),
            AccountOperations.Open("account.email.confirm", known.Account.Email) with
            {
                Details = details,
            },
            async session =>
            {
                if (!link.Opens(await session.Accounts.FindAsync(link.Account, cancellationToken)).TryGet(out var account, out var used))
                    return used;
                var change = await session.EmailChanges.FindAsync(link.Account, clock.Now(), cancellationToken);
                if (change is null || change.Number != link.Number)
                    return AccountLink.Used;
                change.Confirm(link.Purpose, clock.Now());
                if (!change.IsConfirmed)
                    return false;
                var wanted = EmailAddress.Create(change.NewEmail).Value;
                if (await session.Accounts.FindAsync(wanted, cancellationToken) is { } other && other.Account.Id != link.Account)
                    return Taken;
                session.Accounts.Save(account.WithEmail(wanted));
                await session.EmailChanges.RemoveAsync(link.Account, cancellationToken);
                foreach (var side in new[] { account.Account, account.WithEmail(wanted).Account })
                    session.Mails.Add(AccountNotices.EmailChanged(side, wanted.Value, new(actor, clock.Now(), address)));
                return true;
            },
            cancellationToken
        );
    }
}
