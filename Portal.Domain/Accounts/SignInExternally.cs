using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Federation;

namespace Portal.Domain.Accounts;

/// <summary>What a sign-in at a provider leads to.</summary>
public abstract record ExternalStep
{
    public sealed record Done(SignedInAccount SignedIn) : ExternalStep;

    /// <summary>There is an account with this address: its owner signs in to it first and links the two.</summary>
    public sealed record LinkWanted(string Email) : ExternalStep;
}

/// <summary>
/// Begins a sign-in for who was checked by a provider: the account that is linked, or a new one for a verified address.
/// Through an organization's own provider the account becomes a member of it. Whoever the provider is, it never gets into
/// an account that is not linked. Through an organization's own provider, what begins reaches that organization only
/// (<see cref="Actor.Reach"/>), unless this browser had proved itself to the portal before.
/// </summary>
public sealed class SignInExternally(IPortalDatabase database, IAttemptLimiter limiter, TimeProvider clock, SessionRule? sessionRule = null)
{
    private static readonly Problem.Forbidden NoEmail = new(
        "external-email-missing",
        "Your identity provider didn't share your email address. Ask its administrator to release it to Portal (scope and claim 'email')."
    );

    private static readonly Problem.Forbidden NotVerified = new(
        "external-email-unverified",
        "Your email address isn't verified at your identity provider. Verify it there, then sign in again."
    );

    private static readonly Problem.Forbidden WrongDomain = new(
        "sso-domain-mismatch",
        "Your email address isn't in this organization's domain. Use your work account."
    );

    private static readonly Problem.Forbidden Removed = new(
        "removed-from-organization",
        "You were removed from this organization. Ask an owner or admin for an invitation."
    );

    internal static readonly Problem.Forbidden OperatorAccount = new(
        "operator-account",
        "Operator accounts can sign in only with their own password or passkey. Use another account for this organization."
    );

    private static readonly Problem.Forbidden NotReady = new(
        "sso-not-ready",
        "This organization's single sign-on isn't active yet. Sign in another way."
    );

    public async Task<Outcome<ExternalStep>> RunAsync(
        Actor actor,
        ExternalIdentity identity,
        string? userAgent,
        CancellationToken cancellationToken
    )
    {
        if (limiter.Check(actor, Attempt.Other) is { } tooMany)
            return tooMany;
        var operation = new Operation(
            Permission.HaveAccount,
            "account.sign-in",
            identity.Email ?? identity.Subject,
            new Dictionary<string, string> { ["provider"] = identity.ProviderName, ["issuer"] = identity.Link }
        );
        if (await FindWantedAsync(identity, cancellationToken) is { } wanted)
            return wanted;
        var outcome = await database.WriteAsync<ExternalStep>(
            actor with
            {
                Name = identity.Email ?? actor.Name,
            },
            identity.OrganizationId,
            operation,
            async session =>
            {
                if (!(await AccountAsync(session, identity, cancellationToken)).TryGet(out var account, out var refused))
                    return refused;
                if (identity.OrganizationId is not null && account.Account.IsOperator)
                    return OperatorAccount;
                if (
                    identity.OrganizationId is { } organization
                    && await JoinAsync(session, organization, account.Account, cancellationToken) is { } unready
                )
                    return unready;
                if (
                    identity.OrganizationId is not null
                    && await PresentAsync(session, actor, account.Account, cancellationToken) is { } present
                )
                {
                    present.AlsoThrough(identity.Link);
                    return new ExternalStep.Done(new(account.Account, present.Id));
                }
                return new ExternalStep.Done(
                    await session.BeginAsync(
                        account,
                        SignInMethod.External,
                        actor,
                        userAgent,
                        clock,
                        cancellationToken,
                        identity.Link,
                        sessionRule
                    )
                );
            },
            cancellationToken
        );
        if (outcome.Problem is { } problem)
            await database.RefuseAsync(actor, identity.OrganizationId, operation, problem, _ => Task.CompletedTask, cancellationToken);
        return outcome;
    }

    /// <summary>The session of this browser, if it is the account's and proved itself to the portal.</summary>
    private async Task<AccountSession?> PresentAsync(
        IPortalSession session,
        Actor actor,
        Account account,
        CancellationToken cancellationToken
    ) =>
        actor.Session is { } id
        && actor.AccountId == account.Id
        && await session.Sessions.FindAsync(account.Id, id, clock.Now(), cancellationToken) is { ProvedHere: true } present
            ? present
            : null;

    private Task<ExternalStep?> FindWantedAsync(ExternalIdentity identity, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
                await session.ExternalLogins.FindAsync(identity.Link, identity.Subject, cancellationToken) is null
                && (await AddressAsync(session, identity, cancellationToken)).TryGet(out var email, out _)
                && await session.Accounts.FindAsync(email, cancellationToken) is { Account.EmailVerified: true } existing
                    ? (ExternalStep?)new ExternalStep.LinkWanted(existing.Account.Email)
                    : null,
            cancellationToken
        );

    private async Task<Outcome<AccountState>> AccountAsync(
        IPortalSession session,
        ExternalIdentity identity,
        CancellationToken cancellationToken
    )
    {
        if (
            await session.ExternalLogins.FindAsync(identity.Link, identity.Subject, cancellationToken) is { } login
            && await session.Accounts.FindAsync(login.AccountId, cancellationToken) is { } linked
        )
            return linked;
        if (!(await AddressAsync(session, identity, cancellationToken)).TryGet(out var email, out var refused))
            return refused;
        var known = await session.Accounts.FindAsync(email, cancellationToken);
        if (known is { Account.EmailVerified: true })
            return new Problem.Conflict("external-account-exists", "An account with this address was just created. Sign in to it.");
        // Somebody began to sign up with this address and never showed that it is theirs: their password goes.
        var account = known is null
            ? AccountState.New(new(clock.NewUuid()), email, null, clock.Now()).Verified()
            : known.WithNewStamp().Verified() with
            {
                PasswordHash = null,
                Totp = null,
            };
        if (known is null)
            session.Accounts.Add(account);
        else
            await session.EndMadeBeforeAsync(account.Account, clock, cancellationToken);
        session.ExternalLogins.Add(new(identity, account.Account.Id, clock.Now()));
        return account;
    }

    /// <summary>The address that the provider may speak for.</summary>
    private static async Task<Outcome<EmailAddress>> AddressAsync(
        IPortalSession session,
        ExternalIdentity identity,
        CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrEmpty(identity.Email) || !EmailAddress.Create(identity.Email).TryGet(out var email, out _))
            return NoEmail;
        if (identity.OrganizationId is not { } organization)
            return identity.EmailVerified == true ? email : NotVerified;
        if (await session.OrganizationSignIns.FindAsync(organization, cancellationToken) is not { IsReady: true } signIn)
            return NotReady;
        if (EmailDomain.Of(email.Value) != signIn.Domain)
            return WrongDomain;
        // Many companies' providers do not say it; that the domain is theirs is proven.
        return identity.EmailVerified == false ? NotVerified : email;
    }

    private async Task<Problem?> JoinAsync(
        IPortalSession session,
        OrganizationId organization,
        Account account,
        CancellationToken cancellationToken
    )
    {
        if (await session.OrganizationSignIns.FindAsync(organization, cancellationToken) is not { IsReady: true } signIn)
            return NotReady;
        var membership = await session.Organizations.FindMembershipAsync(organization, account.Id, cancellationToken);
        if (membership is null && await session.Organizations.FindRemovedAsync(organization, account.Id, cancellationToken) is not null)
            return Removed;
        if (membership is null)
            session.Organizations.Add(new Membership(organization, account.Id, signIn.DefaultRole, clock.Now()));
        else if (membership.Role == Role.Owner)
            signIn.OwnerCame(clock.Now());
        return null;
    }
}
