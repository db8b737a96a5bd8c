using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

/// <summary>
/// Makes the sample company's organization with its people, and has its owner make the tenants, namespaces and topics with
/// the use cases that every customer has. Every call may be repeated: what is there already is left as it is.
/// </summary>
public sealed class SampleSetup(AccessGuard guard, IPortalDatabase database, IClusterCatalog clusters, ITopicKeys keys, TimeProvider clock)
{
    private static readonly Problem.Conflict SlugTaken = new(
        "sample-name-taken",
        $"An organization with the URL name {SampleCompany.Slug} exists, and the sample company needs that name. Nothing was created."
    );

    /// <summary>The organization, on Pay as you go since the past began and marked as sample from the first moment on.</summary>
    /// <param name="actor">Who asked for it, for the audit log; the caller has checked that it may.</param>
    public async Task<Outcome<Organization>> EnsureOrganizationAsync(Actor actor, SamplePast past, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            session => session.Organizations.FindAsync(SampleCompany.Slug, cancellationToken),
            cancellationToken
        );
        if (found is not null)
            return found.IsSample ? found : SlugTaken;
        var id = new OrganizationId(clock.NewUuid());
        return await database.WriteAsync<Organization>(
            actor,
            id,
            new Operation(Permission.OperatePlatform, "sample.create", SampleCompany.Slug),
            async session =>
            {
                if (await session.Organizations.FindAsync(SampleCompany.Slug, cancellationToken) is { IsSample: true } faster)
                    return faster;
                // Never an account that somebody else made: it would be let into the company, and would go with it.
                if (await FindTakenAsync(session, cancellationToken) is { } taken)
                    return taken;
                var organization = new Organization(id, Slug.Create(SampleCompany.Slug).Value, SampleCompany.Name, past.Start);
                organization.MarkAsSample();
                organization.ChangePlan(PlanCode.Payg, PayBy.Card);
                session.Organizations.Add(organization);
                session.Organizations.Add(new PlanPeriod(id, PlanCode.Payg, past.Start));
                foreach (var person in SampleCompany.People)
                {
                    var account = AccountState.New(new AccountId(clock.NewUuid()), person.Email, passwordHash: null, past.Start).Verified();
                    session.Accounts.Add(account);
                    session.Organizations.Add(
                        new Membership(
                            id,
                            account.Account.Id,
                            person.Role,
                            past.Start,
                            person.Tenant is null ? null : new Scope(person.Tenant)
                        )
                    );
                }
                var customer = new CreateCustomerWork(id);
                session.Work.Add(clock, customer, customer.Place(SampleCompany.Slug));
                return organization;
            },
            cancellationToken
        );
    }

    /// <summary>A name or an address that the company needs and somebody else has; null when all are free.</summary>
    internal static async Task<Problem?> FindTakenAsync(IPortalSession session, CancellationToken cancellationToken)
    {
        if (await session.Organizations.FindAsync(SampleCompany.Slug, cancellationToken) is not null)
            return SlugTaken;
        foreach (var tenant in SampleCompany.Topics.Select(topic => topic.Tenant).Distinct(StringComparer.Ordinal))
            if (await session.Tenants.NameOwnerAsync(tenant, cancellationToken) is not null)
                return TenantTaken(tenant);
        foreach (var person in SampleCompany.People)
            if (await session.Accounts.FindAsync(person.Email, cancellationToken) is not null)
                return AddressTaken(person);
        return null;
    }

    /// <summary>
    /// Asks for what is missing of the tenants, namespaces and topics. All topics of <see cref="SampleCompany.Topics"/>, there
    /// since the past began, once the cluster has made them; null while it has not.
    /// </summary>
    public async Task<Outcome<IReadOnlyList<Topic>?>> EnsureTopicsAsync(
        Organization organization,
        SamplePast past,
        CancellationToken cancellationToken
    )
    {
        if (!(await OwnerAsync(cancellationToken)).TryGet(out var owner, out var problem))
            return problem;
        foreach (var plan in SampleCompany.Topics)
        {
            // Looked for first: a refusal would stand in the company's audit log.
            var (tenant, @namespace, topic) = await database.ReadAsync(
                session => FindAsync(session, organization, plan, cancellationToken),
                cancellationToken
            );
            problem = tenant is not null
                ? null
                : (
                    await new CreateTenant(guard, database, clusters, clock).RunAsync(
                        owner,
                        organization.Slug,
                        plan.Tenant,
                        null,
                        cancellationToken
                    )
                ).Problem;
            problem ??= @namespace is not null
                ? null
                : (
                    await new CreateNamespace(guard, database, clock).RunAsync(
                        owner,
                        organization.Slug,
                        plan.Tenant,
                        plan.Namespace,
                        cancellationToken
                    )
                ).Problem;
            problem ??= topic is not null
                ? null
                : (
                    await new CreateTopic(guard, database, keys, clock).RunAsync(
                        owner,
                        organization.Slug,
                        plan.Tenant,
                        plan.Namespace,
                        new(plan.Name, Partitions: plan.Partitions),
                        cancellationToken
                    )
                ).Problem;
            if (problem is not null)
                return problem;
        }
        var made = await database.ReadAsync(session => ReadyAsync(session, organization, cancellationToken), cancellationToken);
        if (!made.TryGet(out var all, out _) || all is null)
            return made;
        return await database.UpdateAsync(
            null,
            organization.Id,
            async session =>
            {
                var ready = await ReadyAsync(session, organization, cancellationToken);
                // All at once: a reader sees the company without a past, or with one.
                if (ready.TryGet(out var topics, out _))
                    foreach (var topic in topics ?? [])
                        topic.HasBeenThereSince(past.Start);
                return ready;
            },
            cancellationToken
        );
    }

    /// <summary>What there is of a topic's place and of the topic itself.</summary>
    private static async Task<(Tenant? Tenant, Namespace? Namespace, Topic? Topic)> FindAsync(
        IPortalSession session,
        Organization organization,
        SampleTopic plan,
        CancellationToken cancellationToken
    )
    {
        if (await session.Tenants.FindAsync(organization.Id, plan.Tenant, cancellationToken) is not { } tenant)
            return default;
        if (await session.Tenants.FindNamespaceAsync(tenant.Id, plan.Namespace, cancellationToken) is not { } @namespace)
            return (tenant, null, null);
        return (tenant, @namespace, await session.Topics.FindAsync(@namespace.Id, plan.Name, null, cancellationToken));
    }

    /// <summary>All topics once all are ready; null while one is not; the problem of one that the cluster could not make.</summary>
    private static async Task<Outcome<IReadOnlyList<Topic>?>> ReadyAsync(
        IPortalSession session,
        Organization organization,
        CancellationToken cancellationToken
    )
    {
        var topics = new List<Topic>();
        foreach (var plan in SampleCompany.Topics)
        {
            var (_, _, topic) = await FindAsync(session, organization, plan, cancellationToken);
            if (topic is { State: ResourceState.Failed, ProblemCode: { } code, ProblemMessage: { } why })
                return new Problem.Conflict(code, $"{plan.Address}: {why}");
            if (topic is not { State: ResourceState.Ready })
                return Outcome.Of<IReadOnlyList<Topic>?>(null);
            topics.Add(topic);
        }
        return Outcome.Of<IReadOnlyList<Topic>?>(topics);
    }

    /// <summary>The owner, in whose name the company makes what customers make.</summary>
    internal async Task<Outcome<Actor>> OwnerAsync(CancellationToken cancellationToken)
    {
        var email = SampleCompany.People[0].Email;
        return await database.ReadAsync(session => session.Accounts.FindAsync(email, cancellationToken), cancellationToken) is { } owner
            ? new Actor(owner.Account.Id, owner.Account.Email, IsOperator: false)
            : new Problem.NotFound(
                "account-not-found",
                $"The sample company's owner {email} is gone. Remove the sample company and create it again."
            );
    }

    private static Problem.Conflict TenantTaken(string tenant) =>
        new(
            "sample-tenant-taken",
            $"A tenant named {tenant} exists or existed, and the sample company needs that name. Nothing was created."
        );

    private static Problem.Conflict AddressTaken(SamplePerson person) =>
        new(
            "sample-address-taken",
            $"An account with the address {person.Email} exists, and the sample company needs that address. Nothing was created."
        );
}
