using Portal.Domain.Common;

namespace Portal.Domain.Access;

public enum OrganizationState
{
    Active,
    Suspended,
    Closed,
}

/// <summary>
/// How far a hard cap on its spending, or an overdue invoice, has taken an organization's publishing. Consumers are never touched.
/// </summary>
public enum Publishing
{
    /// <summary>At the plan's rates.</summary>
    Open,

    /// <summary>Every topic takes a tenth of its publish rate.</summary>
    Slowed,

    /// <summary>No key may produce.</summary>
    Blocked,
}

/// <summary>
/// What an overdue invoice has come to, each case with those before it; written <c>none</c>, <c>notice</c>, <c>restricted</c>,
/// <c>publishing-blocked</c>, <c>suspended</c>. None of them deletes anything.
/// </summary>
public enum Arrears
{
    /// <summary>Nothing is overdue, or an operator has turned dunning off.</summary>
    None,

    /// <summary>People are told.</summary>
    Notice,

    /// <summary>Changes that can raise the bill are refused (<see cref="CostlyChanges"/>).</summary>
    Restricted,

    /// <summary>No key may produce.</summary>
    PublishingBlocked,

    /// <summary>As an operator suspends.</summary>
    Suspended,
}

/// <summary>How invoices are paid: by the card on file, or by the operator's leave within 30 days of the invoice.</summary>
public enum PayBy
{
    Card,
    Invoice,
}

/// <summary>A customer: owns tenants, is metered and invoiced.</summary>
public sealed class Organization
{
    private Organization() { }

    public Organization(OrganizationId id, Slug slug, string name, DateTimeOffset createdAt)
    {
        (Id, Slug, Name, CreatedAt) = (id, slug.Value, name, createdAt);
        (Plan, PayBy, State) = (PlanCode.Free, PayBy.Card, OrganizationState.Active);
    }

    public OrganizationId Id { get; private set; }

    /// <summary>In addresses; unique, given once.</summary>
    public string Slug { get; private set; } = "";

    public string Name { get; private set; } = "";

    /// <summary>The plan whose limits hold now.</summary>
    public PlanCode Plan { get; private set; }

    /// <summary>A plan asked for that begins when a card is there.</summary>
    public PlanCode? AwaitingCardFor { get; private set; }

    /// <summary>
    /// The plan that was asked for in place of the present one and waits for a card; null when none does. A card that is missing for the
    /// present plan is no upgrade.
    /// </summary>
    public PlanCode? PendingUpgrade => AwaitingCardFor == Plan ? null : AwaitingCardFor;

    public PayBy PayBy { get; private set; }

    public OrganizationState State { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The customer at Stripe, null until the outbox made it.</summary>
    public string? StripeCustomerId { get; private set; }

    /// <summary>Minor units of invoices too small for Stripe to charge, carried to the next one.</summary>
    public long CarriedMinor { get; private set; }

    /// <summary>Of <see cref="CarriedMinor"/>; null while nothing is carried.</summary>
    public string? CarriedCurrencyCode { get; private set; }

    /// <summary>
    /// Members with an address of this email domain come through the organization's own provider; null while every way is open.
    /// </summary>
    public string? SignInDomain { get; private set; }

    public void RequireSignInFor(string domain) => SignInDomain = domain;

    public void AllowEverySignIn() => SignInDomain = null;

    public void SetStripeCustomer(string id) => StripeCustomerId = id;

    public void AwaitCardFor(PlanCode plan) => AwaitingCardFor = plan;

    /// <summary>The upgrade that waits for a card is taken back. A card that the present plan lacks stays asked for.</summary>
    public void KeepPlan() => AwaitingCardFor = AwaitingCardFor == Plan ? AwaitingCardFor : null;

    public void ChangePlan(PlanCode plan, PayBy payBy)
    {
        (Plan, PayBy) = (plan, payBy);
        AwaitingCardFor = null;
    }

    public void Carry(Money balance) =>
        (CarriedMinor, CarriedCurrencyCode) = (balance.Minor, balance.Minor == 0 ? null : balance.Currency.Code);

    public void Rename(string name) => Name = name;

    /// <summary>In which emails give times to people of whom no zone of their own is known, an IANA id; null for UTC.</summary>
    public string? TimeZone { get; private set; }

    public void MoveTo(string? timeZone) => TimeZone = timeZone;

    /// <summary>
    /// When the first message was sent through the portal itself: clients of the customer's own show in what is metered, a minute later.
    /// </summary>
    public DateTimeOffset? FirstMessageAt { get; private set; }

    public void HasSentMessage(DateTimeOffset at) => FirstMessageAt ??= at;

    /// <summary>
    /// A made-up customer that shows the product alive. Its bills are real at a test gateway and count nowhere: no close of
    /// a month, no list of the operator's books has them.
    /// </summary>
    public bool IsSample { get; private set; }

    public void MarkAsSample() => IsSample = true;

    /// <summary>What holds for its keys: the hard cap or the overdue invoice, whichever takes more.</summary>
    public Publishing Publishing { get; private set; }

    /// <summary>What the hard cap of its budget alone has come to this month.</summary>
    public Publishing Capped { get; private set; }

    /// <summary>What its overdue invoices have come to. <see cref="Arrears.Suspended"/> exactly while it is suspended for them.</summary>
    public Arrears Arrears { get; private set; }

    public void Cap(Publishing publishing)
    {
        Capped = publishing;
        Publishing = Arrears >= Arrears.PublishingBlocked ? Publishing.Blocked : Capped;
    }

    public void FallInto(Arrears arrears)
    {
        Arrears = arrears;
        Cap(Capped);
    }

    /// <summary>Why it is suspended, in the operator's words; null while it is not.</summary>
    public string? SuspendedFor { get; private set; }

    public void Suspend(string reason) => (State, SuspendedFor) = (OrganizationState.Suspended, reason);

    public void Resume() => (State, SuspendedFor) = (OrganizationState.Active, null);

    public void Close() => (State, SuspendedFor) = (OrganizationState.Closed, null);
}

/// <summary>An account's role in an organization. Scoped roles name a tenant, and a namespace of it; else null.</summary>
public sealed class Membership
{
    private Membership() { }

    public Membership(OrganizationId organizationId, AccountId accountId, Role role, DateTimeOffset since, Scope? scope = null)
    {
        (OrganizationId, AccountId, Since) = (organizationId, accountId, since);
        Become(role, scope ?? Scope.Whole);
    }

    public OrganizationId OrganizationId { get; private set; }
    public AccountId AccountId { get; private set; }
    public Role Role { get; private set; }

    /// <summary>Where the role holds: a tenant's name, null for the whole organization.</summary>
    public string? Tenant { get; private set; }

    public string? Namespace { get; private set; }
    public DateTimeOffset Since { get; private set; }

    public Scope Scope => new(Tenant, Namespace);

    public void Become(Role role, Scope scope) => (Role, Tenant, Namespace) = (role, scope.Tenant, scope.Namespace);
}

/// <summary>
/// An account that somebody took out of an organization. It comes back by invitation only: signing in through the
/// organization's own provider does not bring it back.
/// </summary>
public sealed class RemovedMember
{
    private RemovedMember() { }

    public RemovedMember(OrganizationId organizationId, AccountId accountId, DateTimeOffset at) =>
        (OrganizationId, AccountId, At) = (organizationId, accountId, at);

    public OrganizationId OrganizationId { get; private set; }
    public AccountId AccountId { get; private set; }
    public DateTimeOffset At { get; private set; }
}

/// <summary>The plan of an organization from an hour on: the record that metering and billing read.</summary>
public sealed class PlanPeriod
{
    private PlanPeriod() { }

    public PlanPeriod(OrganizationId organizationId, PlanCode plan, DateTimeOffset from, bool suspended = false) =>
        (OrganizationId, Plan, From, Suspended) = (organizationId, plan, from, suspended);

    public OrganizationId OrganizationId { get; private set; }
    public PlanCode Plan { get; private set; }

    /// <summary>The start of a UTC hour; holds until the next period's start. Of several with one start the last written holds.</summary>
    public DateTimeOffset From { get; private set; }

    public long Sequence { get; private set; }

    /// <summary>The organization is suspended: nothing is charged, whatever the plan.</summary>
    public bool Suspended { get; private set; }
}

public interface IOrganizationStore
{
    Task<Organization?> FindAsync(string slug, CancellationToken cancellationToken);
    Task<Organization?> FindAsync(OrganizationId id, CancellationToken cancellationToken);
    Task<Organization?> FindByStripeCustomerAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>The sample company; null while there is none.</summary>
    Task<Organization?> FindSampleAsync(CancellationToken cancellationToken);

    /// <summary>The owner of longest standing: the address on the bill.</summary>
    Task<AccountId?> FirstOwnerAsync(OrganizationId organization, CancellationToken cancellationToken);

    Task<Membership?> FindMembershipAsync(OrganizationId organization, AccountId account, CancellationToken cancellationToken);

    /// <summary>Of longest standing first.</summary>
    Task<PageOf<Membership>> ListMembersAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken);

    Task<int> CountOwnersAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>Organizations on the Free plan that are not closed and that the account is an owner of.</summary>
    Task<int> CountFreeOwnedAsync(AccountId account, CancellationToken cancellationToken);

    /// <summary>Organizations that the account became an owner of since, closed ones included.</summary>
    Task<int> CountOwnedSinceAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Those the account is a member of, by slug.</summary>
    Task<PageOf<(Organization Organization, Membership Membership)>> ListOfAccountAsync(
        AccountId account,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>All, by slug; search in slug and name.</summary>
    Task<PageOf<Organization>> ListAsync(PageRequest page, CancellationToken cancellationToken);

    /// <summary>Plan periods that touch [from, to), oldest first, the one in force at <paramref name="from"/> included.</summary>
    Task<IReadOnlyList<PlanPeriod>> PlansAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    );

    void Add(Organization organization);
    Task<RemovedMember?> FindRemovedAsync(OrganizationId organization, AccountId account, CancellationToken cancellationToken);

    void Add(RemovedMember removed);
    void Remove(RemovedMember removed);
    void Add(Membership membership);
    void Remove(Membership membership);
    void Add(PlanPeriod period);
}
