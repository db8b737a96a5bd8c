using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.OpenId;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Tests.Support;

/// <summary>The stores that sign-in and membership use, in memory; writes are serial as in the real ones.</summary>
public sealed class MemoryPortal : IPortalDatabase, IPortalSession, IOrganizationStore, IViewAsStore, IAuditTrail, IAccountDirectory
{
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly NoTenants _tenants = new();
    private readonly NoConsents _consents = new();
    private readonly MemorySignIns _signIns = new();

    public List<Organization> AllOrganizations { get; } = [];
    public List<Membership> Memberships { get; } = [];
    public List<PlanPeriod> PlanPeriods { get; } = [];
    public List<ViewAs> Looks { get; } = [];
    public MemoryAccounts People { get; } = new();
    public MemoryOidcKeys OidcKeys { get; } = new();
    public MemoryApiKeys ApiKeys { get; } = new();
    public MemoryInvitations Invitations { get; } = new();
    public MemoryLogins Logins { get; } = [];
    public MemoryPulsarKeys PulsarKeys { get; } = [];
    public MemoryClients Clients { get; } = [];
    public List<(Operation Operation, Problem? Refusal)> Audit { get; } = [];

    /// <summary>Reads and writes so far.</summary>
    public int Transactions { get; private set; }

    public Task<T> ReadAsync<T>(Func<IPortalSession, Task<T>> read, CancellationToken cancellationToken)
    {
        Transactions++;
        return read(this);
    }

    public async Task<Outcome<T>> WriteAsync<T>(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Func<IPortalSession, Task<Outcome<T>>> change,
        CancellationToken cancellationToken
    )
    {
        await _writer.WaitAsync(cancellationToken);
        Transactions++;
        try
        {
            var outcome = await change(this);
            if (outcome.IsOk)
                Audit.Add((operation, null));
            return outcome;
        }
        finally
        {
            _writer.Release();
        }
    }

    public async Task RefuseAsync(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Problem problem,
        Func<IPortalSession, Task> change,
        CancellationToken cancellationToken
    )
    {
        await UpdateAsync(
            null,
            null,
            async session =>
            {
                await change(session);
                return true;
            },
            cancellationToken
        );
        Audit.Add((operation, problem));
    }

    public async Task<T> UpdateAsync<T>(
        Lease? lease,
        OrganizationId? organization,
        Func<IPortalSession, Task<T>> change,
        CancellationToken cancellationToken
    )
    {
        await _writer.WaitAsync(cancellationToken);
        Transactions++;
        try
        {
            return await change(this);
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>The same actor in a browser that it just signed in with.</summary>
    public Actor AtBrowser(Actor actor, DateTimeOffset now)
    {
        var session = new AccountSession(new(Guid.NewGuid()), actor.AccountId!.Value, SignInMethod.Password, null, null, now);
        People.Sessions.Add(session);
        return actor with { Session = session.Id, ProvedHere = true };
    }

    public TStore Store<TStore>()
        where TStore : class
    {
        object[] stores = [this, People, ApiKeys, Invitations, OidcKeys, _tenants, _consents, _signIns, Logins, PulsarKeys, Clients];
        return stores.OfType<TStore>().FirstOrDefault() ?? throw new NotSupportedException($"{typeof(TStore).Name} is not kept in memory.");
    }

    Task<Organization?> IOrganizationStore.FindAsync(string slug, CancellationToken cancellationToken) =>
        Task.FromResult(AllOrganizations.Find(one => one.Slug == slug));

    Task<Organization?> IOrganizationStore.FindSampleAsync(CancellationToken cancellationToken) =>
        Task.FromResult(AllOrganizations.Find(one => one.IsSample));

    Task<Organization?> IOrganizationStore.FindAsync(OrganizationId id, CancellationToken cancellationToken) =>
        Task.FromResult(AllOrganizations.Find(one => one.Id == id));

    public Task<Organization?> FindByStripeCustomerAsync(string customerId, CancellationToken cancellationToken) =>
        Task.FromResult(AllOrganizations.Find(one => one.StripeCustomerId == customerId));

    public Task<AccountId?> FirstOwnerAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        Task.FromResult<AccountId?>(null);

    public Task<Membership?> FindMembershipAsync(OrganizationId organization, AccountId account, CancellationToken cancellationToken) =>
        Task.FromResult(Memberships.Find(one => one.OrganizationId == organization && one.AccountId == account));

    public Task<PageOf<Membership>> ListMembersAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        Task.FromResult(new PageOf<Membership>([.. Memberships.Where(one => one.OrganizationId == organization)], null));

    public Task<int> CountOwnersAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        Task.FromResult(Memberships.Count(one => one.OrganizationId == organization && one.Role == Role.Owner));

    public Task<int> CountOwnedSinceAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<int> CountFreeOwnedAsync(AccountId account, CancellationToken cancellationToken) =>
        Task.FromResult(
            Memberships.Count(one =>
                one.AccountId == account
                && one.Role == Role.Owner
                && AllOrganizations.Any(owned =>
                    owned.Id == one.OrganizationId && owned.State != OrganizationState.Closed && owned.Plan == PlanCode.Free
                )
            )
        );

    public void Remove(Membership membership) => Memberships.Remove(membership);

    public List<RemovedMember> Removed { get; } = [];

    public Task<RemovedMember?> FindRemovedAsync(OrganizationId organization, AccountId account, CancellationToken cancellationToken) =>
        Task.FromResult(Removed.Find(one => one.OrganizationId == organization && one.AccountId == account));

    public void Add(RemovedMember removed) => Removed.Add(removed);

    public void Remove(RemovedMember removed) => Removed.Remove(removed);

    public Task<PageOf<(Organization Organization, Membership Membership)>> ListOfAccountAsync(
        AccountId account,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            new PageOf<(Organization Organization, Membership Membership)>(
                [
                    .. Memberships
                        .Where(one => one.AccountId == account)
                        .Select(one => (AllOrganizations.Single(organization => organization.Id == one.OrganizationId), one)),
                ],
                null
            )
        );

    Task<PageOf<Organization>> IOrganizationStore.ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<PlanPeriod>> PlansAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<PlanPeriod>>([.. PlanPeriods.Where(one => one.OrganizationId == organization && one.From < to)]);

    public void Add(Organization organization) => AllOrganizations.Add(organization);

    public void Add(Membership membership) => Memberships.Add(membership);

    public void Add(PlanPeriod period) => PlanPeriods.Add(period);

    Task<ViewAs?> IViewAsStore.FindAsync(
        OrganizationId organization,
        AccountId operatorId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => Task.FromResult(Looks.FindLast(look => look.OrganizationId == organization && look.OperatorId == operatorId && !look.IsOver(now)));

    Task<ViewAs?> IViewAsStore.FindAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        Task.FromResult(Looks.Find(look => look.TokenHash.AsSpan().SequenceEqual(tokenHash)));

    public Task<IReadOnlyList<ViewAs>> RunningAsync(AccountId operatorId, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ViewAs>>([.. Looks.Where(look => look.OperatorId == operatorId && !look.IsOver(now))]);

    public void Add(ViewAs look) => Looks.Add(look);

    public Task RecordRefusalAsync(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Problem problem,
        CancellationToken cancellationToken
    )
    {
        Audit.Add((operation, problem));
        return Task.CompletedTask;
    }

    Task<PageOf<AuditRecord>> IAuditTrail.ListAsync(
        OrganizationId? organization,
        AuditFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    Task<bool> IAccountDirectory.AnyAsync(CancellationToken cancellationToken) => People.AnyAsync(cancellationToken);

    Task<AuditHead> IAuditTrail.HeadAsync(OrganizationId? organization, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<AuditCheck> IAuditTrail.CheckAsync(OrganizationId? organization, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<int> IAuditTrail.CutAsync(Lease lease, DateTimeOffset before, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<Account?> IAccountDirectory.FindAsync(AccountId id, CancellationToken cancellationToken) =>
        Task.FromResult(People.Accounts.GetValueOrDefault(id)?.Account);

    public Task<IReadOnlyDictionary<AccountId, Account>> FindManyAsync(
        IReadOnlyCollection<AccountId> ids,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    private sealed class NoTenants : ITenantStore
    {
        public Task<IReadOnlyList<string>> ClustersAsync(
            OrganizationId organization,
            DateTimeOffset since,
            CancellationToken cancellationToken
        ) => Task.FromResult<IReadOnlyList<string>>([]);

        public Task<IReadOnlyList<string>> MeteredClustersAsync(
            OrganizationId organization,
            DateTimeOffset since,
            CancellationToken cancellationToken
        ) => ClustersAsync(organization, since, cancellationToken);

        public Task<IReadOnlyList<Tenant>> UnreadyAsync(
            OrganizationId organization,
            Scope scope,
            DateTimeOffset before,
            int most,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<PageOf<Tenant>> ListAsync(
            OrganizationId organization,
            Scope scope,
            PageRequest page,
            CancellationToken cancellationToken
        ) => Task.FromResult(new PageOf<Tenant>([], null));

        public Task<int> CountAsync(OrganizationId organization, Scope scope, CancellationToken cancellationToken) => Task.FromResult(0);

        public Task<int> CountMadeSinceAsync(OrganizationId organization, DateTimeOffset since, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<OrganizationId?> NameOwnerAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void ClaimName(TenantName name, OrganizationId organization) => throw new NotSupportedException();

        public Task<Tenant?> FindAsync(OrganizationId organization, string name, CancellationToken cancellationToken) =>
            Task.FromResult<Tenant?>(null);

        public Task<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Namespace?> FindNamespaceAsync(TenantId tenant, string name, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Namespace?> FindNamespaceAsync(NamespaceId id, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<PageOf<Namespace>> ListNamespacesAsync(
            TenantId tenant,
            Scope scope,
            PageRequest page,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<int> CountNamespacesAsync(TenantId tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Namespace>> ReadyNamespacesAsync(
            OrganizationId organization,
            NamespaceId? after,
            int limit,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<IReadOnlyList<Tenant>> ListOfClusterAsync(string cluster, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Namespace?> NextReadyAsync(string cluster, NamespaceId? after, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public void Add(Tenant tenant) => throw new NotSupportedException();

        public void Add(Namespace @namespace) => throw new NotSupportedException();
    }

    private sealed class NoConsents : IConsentStore
    {
        public Task<Consent?> FindAsync(AccountId account, OidcClientId client, CancellationToken cancellationToken) =>
            Task.FromResult<Consent?>(null);

        public Task<PageOf<(Consent Consent, OidcClient Client)>> ListAsync(
            AccountId account,
            PageRequest page,
            CancellationToken cancellationToken
        ) => Task.FromResult(new PageOf<(Consent, OidcClient)>([], null));

        public Task RevokeTokensAsync(AccountId account, OidcClientId client, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public void Add(Consent consent) => throw new NotSupportedException();

        public void Remove(Consent consent) => throw new NotSupportedException();
    }
}
