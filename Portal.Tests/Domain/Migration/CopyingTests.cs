using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Migration;

/// <summary>
/// What people do with a copy: begin, pause, resume, stop, slow down, prove. That it copies is seen in CopyTests, on real servers.
/// </summary>
public sealed class CopyingTests : PageTest
{
    private MigrationId _migration;

    [Fact]
    public async Task A_start_creates_what_is_missing_and_a_second_one_changes_nothing()
    {
        await PlannedAsync(("orders", 2), ("payments", 1));
        var started = (await StartAsync(null)).Value;
        Assert.Equal(new StartedCopies(2, 3, 2, false), started);
        Assert.Equal(new StartedCopies(0, 0, 0, false), (await StartAsync(null)).Value);
        var copies = await CopiesAsync();
        Assert.Equal(
            [("orders", 0), ("orders", 1), ("payments", 0)],
            copies.Select(one => (one.Partition.SourceTopic, one.Partition.Number)).Order()
        );
        Assert.All(copies, one => Assert.Equal(CopyState.Copying, one.Partition.State));
        foreach (var one in copies)
            Assert.NotNull(await OpenAsync(one.Partition));
        var topic = await Database.ReadAsync(session => session.Topics.FindAsync(copies[0].Partition.TopicId, default), default);
        Assert.Equal((2, ResourceState.Creating), (topic!.Partitions, topic.State));
    }

    [Fact]
    public async Task What_cannot_be_copied_is_refused_before_anything_is_made()
    {
        await PlannedAsync(("orders", 2), ("stays", 1));
        await StayAsync("stays");
        Assert.Equal("copy-topic-stays", (await StartAsync(["orders", "stays"])).Problem?.Code);
        Assert.Equal("migration-topic-not-found", (await StartAsync(["absent"])).Problem?.Code);
        Assert.Equal("copy-topics-count", (await StartAsync([])).Problem?.Code);
        Assert.Equal("copy-rate-too-low", (await StartAsync(null, new(BytesPerSecond: 100))).Problem?.Code);
        Assert.Empty(await CopiesAsync());
        await CreateTopicAsync("orders", partitions: 3);
        Assert.Equal("copy-target-differs", (await StartAsync(["orders"])).Problem?.Code);
        Assert.Empty(await CopiesAsync());
    }

    /// <summary>
    /// A copy has no subscriptions yet: what is older than the namespace's retention, one day unless somebody chose, would be deleted.
    /// </summary>
    [Fact]
    public async Task Namespaces_keep_what_is_copied_for_as_long_as_Kafka_does_and_the_dry_run_says_so()
    {
        await PlannedAsync(("orders", 2), ("payments", 1));
        await Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Organizations.FindAsync(Org, default))!.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                return true;
            },
            default
        );
        var target = Assert.Single((await Use<GetDryRun>().RunAsync(Owner, Org, _migration, null, default)).Value.Targets);
        Assert.Equal((TimeSpan.FromDays(7), null), (target.RetentionRaisedTo, target.RetentionSizeRaisedTo));
        Assert.Equal(2, (await StartAsync(null)).Value.Topics);
        var inside = await InsideAsync();
        Assert.Equal(new NamespaceWishes(TimeSpan.FromDays(7)), inside.Wishes);
        Assert.NotNull(
            await Database.ReadAsync(
                session =>
                    session.Work.FindOpenAsync(ApplyPoliciesWork.Place(inside, WorkPriority.Waiting).Line, ApplyPoliciesWork.Kind, default),
                default
            )
        );
        Assert.Null(
            Assert.Single((await Use<GetDryRun>().RunAsync(Owner, Org, _migration, null, default)).Value.Targets).RetentionRaisedTo
        );
    }

    /// <summary>The longer retention holds for every topic of the namespace, and what that stores is part of the first month.</summary>
    [Fact]
    public async Task What_topics_already_there_store_longer_is_priced()
    {
        await Use<Portal.Domain.Billing.EnsureShippedPriceBook>().RunAsync(default);
        await PlannedAsync(("orders", 2));
        await Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Organizations.FindAsync(Org, default))!.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                return true;
            },
            default
        );
        var there = await TopicAsync("shop", "there");
        var quiet = (await Use<GetDryRun>().RunAsync(Owner, Org, _migration, null, default)).Value;
        Assert.Null(Assert.Single(quiet.Targets).KeptLonger);
        Assert.Null(quiet.Cost!.KeptLonger);
        await MeterAsync(there, 5_000_000, 0, Clock.GetUtcNow().AddMinutes(-1));
        var busy = (await Use<GetDryRun>().RunAsync(Owner, Org, _migration, null, default)).Value;
        var longer = busy.Cost!.KeptLonger!;
        Assert.True(Assert.Single(busy.Targets).KeptLonger!.Bytes > 100_000_000);
        Assert.True(longer.Low.Minor > 0 && longer.Low.Minor < longer.Likely.Minor && longer.Likely.Minor < longer.High.Minor);
        Assert.Equal(longer, new(busy.Cost.Low - quiet.Cost.Low, busy.Cost.Likely - quiet.Cost.Likely, busy.Cost.High - quiet.Cost.High));
    }

    [Fact]
    public void What_is_kept_longer_grows_until_the_longer_retention_is_reached()
    {
        var none = PlanLimits.Read("{}");
        var day = DesiredNamespace.Of(none, new(TimeSpan.FromDays(1)), Publishing.Open);
        var week = DesiredNamespace.Of(none, new(TimeSpan.FromDays(7)), Publishing.Open);
        // Six days of 100 bytes a second, for a month of 730 hours less half of those six days.
        Assert.Equal(new KeptLonger(51_840_000, 51_840_000m * (730 - 72)), KeptLonger.Of(100, 3, day, week));
        Assert.Equal(new KeptLonger(0, 0), KeptLonger.Of(0, 3, day, week));
        Assert.Equal(new KeptLonger(0, 0), KeptLonger.Of(100, 3, week, week));
    }

    [Theory]
    [InlineData("retention.ms", "3600000", null, null)]
    [InlineData("retention.ms", "604800000", 10, null)]
    [InlineData("retention.ms", "604800000", null, 7)]
    [InlineData("retention.ms", "604800000", 3, 7)]
    [InlineData("retention.ms", "-1", null, 3660)]
    [InlineData("cleanup.policy", "compact", null, 3660)]
    [InlineData("retention.bytes", "1000", null, 7)]
    public void Retention_is_raised_to_Kafkas_and_never_lowered(string setting, string value, int? wishedDays, int? raisedDays)
    {
        var topic = new MigrationTopic(new(Guid.NewGuid()), "orders");
        topic.Seen(new(1, 1, false, 1000, 1000, new Dictionary<string, string> { [setting] = value }), Clock.GetUtcNow());
        var wishes = new NamespaceWishes(wishedDays is { } days ? TimeSpan.FromDays(days) : null);
        Assert.Equal(
            raisedDays is { } raised ? TimeSpan.FromDays(raised) : (TimeSpan?)null,
            CopyRetention.Of(topic).Raise(wishes, PlanLimits.Read("{}"))?.RetentionTime
        );
    }

    [Fact]
    public async Task A_plan_that_is_too_small_says_so()
    {
        await PlannedAsync([.. Enumerable.Range(0, 8).Select(number => ($"topic-{number}", 1))]);
        var refused = await StartAsync(null);
        Assert.Equal("topics-limit", refused.Problem?.Code);
        Assert.Empty(await CopiesAsync());
    }

    [Fact]
    public async Task A_copy_is_paused_resumed_slowed_and_stopped()
    {
        await PlannedAsync(("orders", 2));
        Assert.True((await StartAsync(null, new(Tombstones: Tombstones.Empty, TooLarge: TooLarge.Skip))).IsOk);
        Assert.Equal(2, (await SteerAsync(CopyWish.Pause)).Value);
        Assert.All(await CopiesAsync(), one => Assert.Equal(CopyState.Paused, one.Partition.State));
        Assert.Equal(0, (await SteerAsync(CopyWish.Pause)).Value);
        Assert.Equal(2, (await SteerAsync(CopyWish.Copy)).Value);
        Assert.All(await CopiesAsync(), one => Assert.Equal(CopyState.Copying, one.Partition.State));
        Assert.Equal(
            new CopyRate(1_000_000, null),
            (await Use<SetCopyRate>().RunAsync(Owner, Org, _migration, 1_000_000, null, default)).Value
        );
        Assert.Equal("copy-choice-settled", (await StartAsync(null, new(Tombstones: Tombstones.Keep))).Problem?.Code);
        Assert.Equal("migration-copying", (await Use<RemoveMigration>().RunAsync(Owner, Org, _migration, default)).Problem?.Code);
        Assert.Equal(2, (await SteerAsync(CopyWish.Stop)).Value);
        Assert.Equal(
            "copy-not-found",
            (await Use<SteerCopying>().RunAsync(Owner, Org, _migration, "absent", CopyWish.Pause, default)).Problem?.Code
        );
        var overview = (await Use<GetCopyOverview>().RunAsync(Owner, Org, _migration, default)).Value;
        Assert.Equal(
            (2, Tombstones.Empty, TooLarge.Skip),
            (overview.Sums.Partitions, overview.Settings!.Tombstones, overview.Settings.TooLarge)
        );
        var audit = await Use<IAuditTrail>()
            .ListAsync((await CopiesAsync())[0].Partition.OrganizationId, new(), new PageRequest(), default);
        HashSet<string> done =
        [
            "migration.copy.start",
            "migration.copy.pause",
            "migration.copy.resume",
            "migration.copy.rate",
            "migration.copy.stop",
        ];
        Assert.Superset(done, audit.Items.Select(record => record.Operation).ToHashSet());
    }

    [Fact]
    public async Task A_proof_needs_something_copied_and_is_begun_once()
    {
        await PlannedAsync(("orders", 1));
        Assert.True((await StartAsync(null)).IsOk);
        Assert.Equal("copy-not-found", (await ProveAsync()).Problem?.Code);
        var copy = (await CopiesAsync())[0].Partition.Id;
        await Database.UpdateAsync(
            null,
            null,
            async session =>
            {
                (await session.Copies.FindAsync(copy, default))!.Begin(new(5, 90), null, Clock.Now());
                return true;
            },
            default
        );
        Assert.Equal(1, (await ProveAsync()).Value);
        Assert.Equal(1, (await ProveAsync()).Value);
        var standing = (await Use<GetCopy>().RunAsync(Owner, Org, _migration, copy, default)).Value;
        Assert.Equal((ProofState.Running, 85L), (standing.Proof!.State, standing.Partition.Lag));
        Assert.Equal("copy-not-found", (await Use<GetCopy>().RunAsync(Owner, Org, _migration, new(Guid.NewGuid()), default)).Problem?.Code);
    }

    /// <summary>
    /// An owner's rules may lead into other tenants; a role in the migration's own one alone would read those out on the way back.
    /// </summary>
    [Fact]
    public async Task A_migration_that_leads_elsewhere_is_not_for_a_role_that_holds_in_its_own_tenant_alone()
    {
        await PlannedAsync(("orders", 1), ("salaries", 1));
        await Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Organizations.FindAsync(Org, default))!.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                return true;
            },
            default
        );
        await TenantAsync("office");
        var developer = await MemberAsync(Role.Developer, new("shop"));
        Assert.True((await Use<ListCopies>().RunAsync(developer, Org, _migration, null, new PageRequest(), default)).IsOk);
        Assert.True(
            (
                await Use<ChooseTopicMapping>()
                    .RunAsync(Owner, Org, _migration, "salaries", new(false, false, "office", "default", null), default)
            ).IsOk
        );
        Assert.Equal(2, (await StartAsync(null)).Value.Topics);
        Assert.Equal(
            "migration-beyond-scope",
            (await Use<ListCopies>().RunAsync(developer, Org, _migration, null, new PageRequest(), default)).Problem?.Code
        );
        Assert.Equal(
            "migration-beyond-scope",
            (await Use<SteerCopying>().RunAsync(developer, Org, _migration, null, CopyWish.Stop, default)).Problem?.Code
        );
        Assert.Equal("migration-beyond-scope", (await Use<CutOver>().RunAsync(developer, Org, _migration, true, default)).Problem?.Code);
        Assert.True(
            (await Use<ListCopies>().RunAsync(await MemberAsync(Role.Developer), Org, _migration, null, new PageRequest(), default)).IsOk
        );
    }

    private async Task PlannedAsync(params (string Name, int Partitions)[] topics)
    {
        await TenantAsync();
        foreach (var (name, partitions) in topics)
            Kafka.Topics[name] = new(partitions, 1, false, 1000, 1000, new Dictionary<string, string>())
            {
                Sample = new(10, 1000, 200, DataFormat.Text, DataFormat.Json, [], 0, 0, 0),
            };
        var made = (
            await Use<CreateMigration>()
                .RunAsync(Owner, Org, "shop", "From Kafka", new("kafka.example:9092", "plaintext", null, null, null), default)
        ).Value;
        _migration = made.Id;
        var pump = new WorkPump(Database, Clock, new TakeInventory(Database, Kafka, Use<ISecretSeal>(), Clock), new MapTopics(Database));
        for (var turn = 0; turn < 20; turn++)
        {
            await pump.RunAsync(atMost: 50);
            Clock.Advance(TimeSpan.FromSeconds(20));
        }
        var planned = (await Use<GetMigration>().RunAsync(Owner, Org, _migration, default)).Value.Migration;
        Assert.Equal((MigrationStage.Planned, false), (planned.Stage, planned.IsMapping));
    }

    private Task<Outcome<StartedCopies>> StartAsync(IReadOnlyList<string>? topics, CopyChoices? choices = null) =>
        Use<StartCopying>().RunAsync(Owner, Org, _migration, topics, choices ?? new(), default);

    private Task<Outcome<int>> SteerAsync(CopyWish wish) => Use<SteerCopying>().RunAsync(Owner, Org, _migration, null, wish, default);

    private Task<Outcome<int>> ProveAsync() => Use<ProveMigration>().RunAsync(Owner, Org, _migration, null, default);

    private Task<Namespace> InsideAsync() =>
        Database.ReadAsync(
            async session =>
                (
                    await session.Tenants.FindNamespaceAsync(
                        (await session.Tenants.FindAsync((await session.Organizations.FindAsync(Org, default))!.Id, "shop", default))!.Id,
                        "default",
                        default
                    )
                )!,
            default
        );

    private async Task StayAsync(string topic) =>
        Assert.True(
            (await Use<ChooseTopicMapping>().RunAsync(Owner, Org, _migration, topic, new(true, false, null, null, null), default)).IsOk
        );

    private async Task CreateTopicAsync(string name, int partitions) =>
        Assert.True((await Use<CreateTopic>().RunAsync(Owner, Org, "shop", "default", new(name, true, partitions), default)).IsOk);

    private async Task<IReadOnlyList<CopyStanding>> CopiesAsync() =>
        (await Use<ListCopies>().RunAsync(Owner, Org, _migration, null, new PageRequest(), default)).Value.Items;

    private Task<WorkItem?> OpenAsync(CopiedPartition partition) =>
        Database.ReadAsync(session => session.Work.FindOpenAsync(partition.Place().Line, CopyWork.Kind, default), default);
}
