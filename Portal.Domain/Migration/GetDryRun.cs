using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Domain.Migration;

/// <summary>Says what a migration would do and cost. It changes nothing and asks nobody outside.</summary>
public sealed class GetDryRun(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    public const long UsualRate = 10 * ByteSize.MiB;
    private const int AtOnce = 500;

    /// <param name="bytesPerSecond">How fast the copy may go: 1 KiB to 10 GiB; 10 MiB unless given.</param>
    public async Task<Outcome<DryRun>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        long? bytesPerSecond,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.dry-run", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var rate = bytesPerSecond ?? UsualRate;
        if (rate is < ByteSize.KiB or > 10 * ByteSize.GiB)
            return new Problem.Invalid("copy-rate-out-of-range", "Choose a rate from 1 KiB to 10 GiB per second.", "bytesPerSecond");
        var now = clock.Now();
        var read = await database.ReadAsync<Outcome<Setting>>(
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (migration.LookedWholeAt is null)
                    return new Problem.Conflict("migration-no-inventory", "There is no complete inventory yet. Wait until it's done.");
                var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
                var tariff = await Tariff.LoadAsync(session, access.Organization.Id, now, now.AddHours(1), cancellationToken);
                return new Setting(
                    migration,
                    plan,
                    tariff.BookAt(now)?.Prices,
                    await session.Migrations.SumsAsync(id, cancellationToken),
                    await TargetsAsync(session, access, migration, plan, cancellationToken)
                );
            },
            cancellationToken
        );
        if (!read.TryGet(out var setting, out problem))
            return problem;

        var (migration, plan, book, sums, targets) = setting;
        var sum = new DryRunSum();
        for (string? after = null; ; )
        {
            // A read of its own for each page: a large inventory is never held whole.
            var page = await database.ReadAsync(
                async session =>
                {
                    var topics = await session.Migrations.TopicsAfterAsync(id, after, AtOnce, cancellationToken);
                    foreach (var topic in topics.Where(topic => topic.Moves))
                        sum.Add(
                            topic,
                            (await session.PlanOfTopicAsync(migration, topic, plan, cancellationToken)).Clashes,
                            plan.Limits.RatePerPartition,
                            plan.Limits.RetentionBytes
                        );
                    return topics.Count == 0 ? null : topics[^1].Name;
                },
                cancellationToken
            );
            if (page is null)
                break;
            after = page;
        }
        var kept = new List<DryRunTarget>();
        foreach (var one in targets)
        {
            var raised = sum.Retention(one.Target)?.Raise(one.Wishes, plan.Limits);
            var longer = raised is null ? null : await LongerAsync(one, raised, plan.Limits, now, cancellationToken);
            if (longer is not null)
                sum.Add(longer);
            kept.Add(Kept(one.Target, raised, one.Wishes) with { KeptLonger = longer });
        }
        return new DryRun(
            migration,
            sums,
            kept,
            sum.Clashes(),
            sum.Copy(rate),
            book is null ? null : sum.Cost(plan.Name, plan.IsCharged, book),
            Left,
            sum.Assumptions(),
            now
        );
    }

    private static readonly IReadOnlyList<string> Left =
    [
        "Consumer groups and their positions aren't part of the copy. You move them one by one, just before their applications switch.",
        "Transactions. Committed messages are copied and aborted ones aren't. Producers that use transactions have to use Pulsar's.",
        "Exactly-once settings of producers. In Pulsar, a named producer with sequence IDs and deduplication on the namespace "
            + "does the same.",
        "Access rules. In Pulsar, create a key for each application with the topics it needs.",
        "Schema registry subjects. Messages keep the registry's ID in front, and consumers go on asking the registry.",
        "Quotas, replication factors, and broker settings. The cluster and your plan decide these.",
    ];

    private static DryRunTarget Kept(DryRunTarget target, NamespaceWishes? raised, NamespaceWishes now) =>
        raised is null
            ? target
            : target with
            {
                RetentionRaisedTo = raised.RetentionTime != now.RetentionTime ? raised.RetentionTime : null,
                RetentionSizeRaisedTo = raised.RetentionBytes != now.RetentionBytes ? raised.RetentionBytes : null,
            };

    /// <summary>Where the copy has begun, what it writes is metered with the rest and counts as copied: nothing is said then.</summary>
    private async Task<KeptLonger?> LongerAsync(
        Place place,
        NamespaceWishes raised,
        PlanLimits limits,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (place is not { Inside: { } inside, HasCopies: false, Target.HasNow: > 0 })
            return null;
        var written = await KeptLonger.WrittenAsync(ledger, inside, now, cancellationToken);
        var longer = KeptLonger.Of(
            written,
            place.Target.HasNow,
            DesiredNamespace.Of(limits, place.Wishes, Publishing.Open),
            DesiredNamespace.Of(limits, raised, Publishing.Open)
        );
        return longer.Bytes > 0 ? longer : null;
    }

    private static async Task<IReadOnlyList<Place>> TargetsAsync(
        IPortalSession session,
        OrganizationAccess access,
        KafkaMigration migration,
        EffectivePlan plan,
        CancellationToken cancellationToken
    )
    {
        var targets = new List<Place>();
        foreach (var tenants in (await session.Migrations.TargetsAsync(migration.Id, cancellationToken)).GroupBy(sum => sum.Tenant))
        {
            var tenant = await session.Tenants.FindAsync(access.Organization.Id, tenants.Key, cancellationToken);
            var namespaces = tenant is null ? 0 : await session.Tenants.CountNamespacesAsync(tenant.Id, cancellationToken);
            foreach (var sum in tenants)
            {
                var inside = tenant is null ? null : await session.Tenants.FindNamespaceAsync(tenant.Id, sum.Namespace, cancellationToken);
                // Topics that the copy made are among those that would come: they count once.
                var copied = inside is null ? 0 : await session.Copies.CountTargetsAsync(migration.Id, inside.Id, cancellationToken);
                var has = inside is null ? 0 : await session.Topics.CountAsync(inside.Id, cancellationToken) - copied;
                Problem? problem =
                    tenant is null
                        ? new Problem.NotFound(
                            "tenant-not-found",
                            $"The tenant {sum.Tenant} doesn't exist any more. Change the rules that name it."
                        )
                    : inside is null
                    && plan.RefuseOneMore(LimitKind.NamespacesPerTenant, "namespaces-limit", "namespace", "in a tenant", namespaces)
                        is { } over
                        ? over
                    : plan.Limits.TopicsPerNamespace is { } most && has + sum.Topics > most ? TooMany(plan, most, has, sum.Topics)
                    : null;
                if (inside is null)
                    namespaces++;
                targets.Add(
                    new(
                        new(sum.Tenant, sum.Namespace, inside is not null, has, sum.Topics, sum.Partitions, sum.Blocked, problem?.Message),
                        inside,
                        copied > 0
                    )
                );
            }
        }
        return targets;
    }

    private static Problem.OverLimit TooMany(EffectivePlan plan, int most, int has, int more)
    {
        var lifted = plan.LiftedBy(LimitKind.TopicsPerNamespace);
        return new(
            "topics-limit",
            $"The {plan.Name} plan allows {most} topics in a namespace. {(has == 0 ? "" : $"It has {has}, and ")}{more} would come. "
                + "Spread them over several namespaces with rules, leave some where they "
                + $"are{(lifted is null ? "." : $", or change to {lifted}.")}",
            most,
            has + more,
            lifted
        );
    }

    private sealed record Setting(
        KafkaMigration Migration,
        EffectivePlan Plan,
        PriceBook? Book,
        MigrationSums Sums,
        IReadOnlyList<Place> Targets
    );

    private sealed record Place(DryRunTarget Target, Namespace? Inside, bool HasCopies)
    {
        public NamespaceWishes Wishes => Inside?.Wishes ?? NamespaceWishes.None;
    }
}
