using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>An organization that the actor may act in, as what and where.</summary>
/// <param name="Role">Null for an operator who views as the organization.</param>
/// <param name="Scope">Where the role holds; lists answer only what lies inside.</param>
/// <param name="Bounds">What narrows the role further, such as a client's scopes; null for nothing.</param>
/// <param name="ViewAs">Set while an operator looks at the organization: reading only, every look in its audit log.</param>
public sealed record OrganizationAccess(
    Organization Organization,
    Role? Role,
    Scope Scope,
    IReadOnlyList<Role>? Bounds = null,
    ViewAs? ViewAs = null
)
{
    /// <summary>Of a list: the actor's sign-in does not reach it (<see cref="Actor.Reach"/>), another one would.</summary>
    public bool IsOutOfReach { get; init; }

    /// <summary>For people: <c>Developer in shop/production</c>.</summary>
    public string RoleText =>
        Role is not { } role ? "viewing as a customer"
        : Scope.IsWhole ? role.ToString()
        : $"{role} in {Scope}";

    /// <summary>
    /// For pages, so that they hide what would be refused. Operations are checked by <see cref="AccessGuard"/>, never by this alone.
    /// </summary>
    public bool Allows(Permission permission, Scope? within = null) =>
        (Role is { } role ? role.Allows(permission) : ViewAs is not null && Roles.AllowsViewAs(permission))
        && (Bounds is null || Bounds.Any(bound => bound.Allows(permission)))
        && Scope.Covers(within ?? Scope.Whole);

    /// <summary>
    /// For pages too: whether it is allowed anywhere in the place, if not in all of it. A role in a namespace makes topics in its tenant.
    /// </summary>
    public bool AllowsSomewhereIn(Permission permission, Scope place) => Allows(permission, Scope.Anywhere) && Scope.Touches(place);

    /// <summary>For pages that begin something: the refusal it would meet, before anything was typed in vain.</summary>
    public Outcome<OrganizationAccess> Foresee(Permission permission, Scope? within = null) =>
        Allows(permission, within) ? this
        : ViewAs is not null ? Roles.ViewAsReads
        : Allows(permission, Scope.Anywhere) ? Roles.ScopeRefusal(Scope)
        : Roles.Refusal(permission);
}

/// <summary>
/// Authorisation in one place. Every use case begins here, and memberships are read afresh each time, so that who is
/// removed is out with the next thing they do; a change asks once more inside its transaction (<see cref="Standing"/>),
/// since what it waited behind may have been the removal. Refusals are recorded: those of members in their organization's log,
/// those of strangers in the platform's, never in the victim's.
/// </summary>
public sealed class AccessGuard(IPortalDatabase database, IAuditTrail audit, TimeProvider clock, ProofRule? proofRule = null)
{
    private static readonly Problem.Forbidden ConfirmIdentity = new(
        "confirm-identity",
        "Confirm that it's you first: enter your password or a code, or use a passkey. Then try again."
    );

    private readonly ProofRule _proofRule = proofRule ?? new();

    private static readonly Problem.Unauthenticated SignInFirst = new(
        "sign-in-required",
        "Sign in first, or send an API key as 'Authorization: Bearer …'."
    );

    private static readonly Problem.Forbidden AccountOnly = new(
        "account-needed",
        "This requires an account. An organization's API key or client works only inside that organization. "
            + "Use an account API key, or sign in."
    );

    private static readonly Problem.Forbidden PersonOnly = new(
        "people-only",
        "Only a person signed in to Portal in a browser can do this. API keys and applications can't."
    );

    private static readonly Problem.Forbidden SecondFactorFirst = new(
        "second-factor-required",
        "Operators need a second factor here. Add a passkey or an authenticator app to your account, or sign in with the passkey "
            + "that you have."
    );

    private readonly ViewAsLooks _looks = new(clock);

    /// <summary>An organization's own operations. To a stranger the organization does not exist.</summary>
    public async Task<Outcome<OrganizationAccess>> EnterAsync(
        Actor actor,
        string slug,
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        if (actor.AccountId is null && actor.Grant is null)
            return SignInFirst;
        if (await FindAsync(actor, slug, cancellationToken) is not { } access)
        {
            await audit.RecordRefusalAsync(actor, null, operation, Standing.NoSuchOrganization, cancellationToken);
            return Standing.NoSuchOrganization;
        }
        if ((Standing.Refuse(actor, access, operation) ?? await UnprovedAsync(actor, operation, cancellationToken)) is { } refusal)
        {
            await audit.RecordRefusalAsync(Named(actor, access), access.Organization.Id, operation, refusal, cancellationToken);
            return refusal;
        }
        RepeatableRequest.StopIfAnswered();
        if (access.ViewAs is { } look && _looks.IsNew(look, operation))
            await database.WriteAsync(
                Named(actor, access),
                access.Organization.Id,
                look.Explain(operation),
                _ => Task.FromResult(Outcome.Done),
                cancellationToken
            );
        return access;
    }

    /// <summary>Operations of the platform, or ones that need only an account.</summary>
    public async Task<Outcome<Done>> CheckAsync(Actor actor, Operation operation, CancellationToken cancellationToken)
    {
        if (actor.IsWorker)
            return Outcome.Done;
        if (actor.AccountId is null && actor.Grant is null)
            return SignInFirst;
        var refusal =
            RefusalOf(actor, operation.Permission)
            ?? LacksFactor(actor, operation)
            ?? await UnprovedAsync(actor, operation, cancellationToken);
        if (refusal is null)
        {
            RepeatableRequest.StopIfAnswered();
            return Outcome.Done;
        }
        await audit.RecordRefusalAsync(actor, null, operation, refusal, cancellationToken);
        return refusal;
    }

    /// <summary>
    /// What a stranger hears whose request is wrong in itself: the same as if it were right, so that nobody learns from the
    /// order in which things are looked at. Null for whoever may ask.
    /// </summary>
    /// <param name="slug">The organization that is asked about; null for the platform or the account.</param>
    public async Task<Problem?> RefuseStrangerAsync(Actor actor, string? slug, Operation operation, CancellationToken cancellationToken)
    {
        if (actor.AccountId is null && actor.Grant is null)
            return SignInFirst;
        Problem? refusal =
            slug is null ? RefusalOf(actor, operation.Permission)
            : await FindAsync(actor, slug, cancellationToken) is null ? Standing.NoSuchOrganization
            : null;
        if (refusal is not null)
            await audit.RecordRefusalAsync(actor, null, operation, refusal, cancellationToken);
        return refusal;
    }

    private Task<OrganizationAccess?> FindAsync(Actor actor, string slug, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
                await session.Organizations.FindAsync(slug, cancellationToken) is { State: not OrganizationState.Closed } found
                    ? await Standing.FindAsync(session, actor, found, clock.Now(), cancellationToken)
                    : null,
            cancellationToken
        );

    private static Problem.Forbidden? RefusalOf(Actor actor, Permission permission) =>
        permission switch
        {
            not (Permission.HaveAccount or Permission.ManageSession) when actor.Reach is not null => Standing.OwnSignIn,
            Permission.OperatePlatform => actor.IsOperator && actor.ViewAs is null ? null
            : actor.NeedsSecondFactor ? SecondFactorFirst
            : Roles.Refusal(permission),
            _ when actor.AccountId is null => AccountOnly,
            Permission.HaveAccount => null,
            Permission.CreateOrganizations => actor.ViewAs is null
            && actor.Only is null
            && (actor.Bounds is null || actor.Bounds.Any(bound => bound.Allows(permission)))
                ? null
                : AccountOnly,
            Permission.ManageAccount or Permission.ManageSession => actor.ViewAs is null && actor.Bounds is null ? null : PersonOnly,
            _ => throw new InvalidOperationException($"{permission} belongs to an organization: ask EnterAsync."),
        };

    /// <summary>
    /// A key that an operator's password alone made would be an operator's once the factor is there. Until then nothing
    /// that outlives the session is made, except the factor.
    /// </summary>
    private static Problem.Forbidden? LacksFactor(Actor actor, Operation operation) =>
        actor.NeedsSecondFactor
        && operation is { Proof: Proof.FreshByPerson, Name: not "account.passkey.add" }
        && !operation.Name.StartsWith("account.two-factor.", StringComparison.Ordinal)
            ? SecondFactorFirst
            : null;

    /// <summary>Read afresh: a proof given in one window counts in the others, and an ended sign-in proves nothing.</summary>
    private async Task<Problem.Forbidden?> UnprovedAsync(Actor actor, Operation operation, CancellationToken cancellationToken)
    {
        if (operation.Proof == Proof.SignIn)
            return null;
        if (actor is not { AccountId: { } account, Session: { } id })
            return operation.Proof == Proof.FreshByPerson ? PersonOnly : null;
        var now = clock.Now();
        var session = await database.ReadAsync(stores => stores.Sessions.FindAsync(account, id, now, cancellationToken), cancellationToken);
        return _proofRule.IsFresh(session, now) ? null : ConfirmIdentity;
    }

    private static Actor Named(Actor actor, OrganizationAccess access) =>
        access.ViewAs is null ? actor : actor with { OnBehalfOf = access.Organization.Slug };
}
