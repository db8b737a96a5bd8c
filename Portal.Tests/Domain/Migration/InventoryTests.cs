using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Migration;

/// <summary>A migration from its connection to its dry run, over a database and a Kafka that stands still.</summary>
public sealed class InventoryTests : PageTest
{
    private static readonly ConnectionDraft Draft = new("kafka.example:9092", "sasl-scram-512", "portal", "s3cret-of-kafka", null);
    private static readonly TopicFacts Plain = new(3, 2, false, 1000, 1000, new Dictionary<string, string>())
    {
        Sample = new(10, 1000, 200, DataFormat.Text, DataFormat.Json, [], 0, 0, 0),
    };

    [Fact]
    public async Task The_password_is_sealed_and_stands_in_no_row_answer_or_audit_record()
    {
        await TenantAsync();
        var made = await CreateAsync();
        Assert.DoesNotContain("s3cret", $"{Draft}", StringComparison.Ordinal);
        Assert.Equal("s3cret-of-kafka", (await Use<IMigrationSources>().OfAsync(made.Id, CancellationToken.None))!.Password);
        var audit = await Use<IAuditTrail>().ListAsync(made.OrganizationId, new(), new PageRequest(), CancellationToken.None);
        var record = audit.Items.Single(one => one.Operation == "migration.create");
        Assert.Equal("shop/From Kafka", record.Subject);
        Assert.DoesNotContain("s3cret", string.Join(' ', record.Details.Values), StringComparison.Ordinal);

        Assert.True((await Use<RemoveMigration>().RunAsync(Owner, Org, made.Id, CancellationToken.None)).IsOk);
        Assert.Null(await Use<IMigrationSources>().OfAsync(made.Id, CancellationToken.None));
    }

    [Fact]
    public async Task A_connection_that_fails_makes_no_migration_and_says_which_step()
    {
        await TenantAsync();
        Kafka.Test = new(
            [new(ConnectionStep.Port, CheckState.Failed, "kafka-port-closed", "kafka.example:9092 refuses connections.")],
            null,
            0
        );
        var refused = await Use<CreateMigration>().RunAsync(Owner, Org, "shop", "From Kafka", Draft, CancellationToken.None);
        Assert.Equal(
            ("kafka-test-failed", "Ports: kafka.example:9092 refuses connections."),
            (refused.Problem?.Code, refused.Problem?.Message)
        );
        Assert.Empty((await Use<ListMigrations>().RunAsync(Owner, Org, null, new PageRequest(), CancellationToken.None)).Value.Items);
    }

    [Fact]
    public async Task A_kept_password_goes_to_the_same_servers_only()
    {
        await TenantAsync();
        var made = await CreateAsync();
        Assert.True((await TestAsync(Draft with { Password = null })).IsOk);
        Assert.Equal(
            "kafka-password-missing",
            (await TestAsync(Draft with { Password = null, BootstrapServers = "thief.example:9092" })).Problem?.Code
        );
        Assert.Equal("kafka-password-missing", (await TestAsync(Draft with { Password = null, User = "other" })).Problem?.Code);
        Assert.True(
            (
                await Use<ChangeMigrationConnection>().RunAsync(Owner, Org, made.Id, Draft with { Password = null }, CancellationToken.None)
            ).IsOk
        );
        Kafka.Test = Kafka.Test with { ClusterId = "another" };
        Assert.Equal(
            "kafka-other-cluster",
            (await Use<ChangeMigrationConnection>().RunAsync(Owner, Org, made.Id, Draft, CancellationToken.None)).Problem?.Code
        );

        Task<Outcome<ConnectionTest>> TestAsync(ConnectionDraft draft) =>
            Use<TestKafkaConnection>().RunAsync(Owner, Org, "shop", draft, made.Id, CancellationToken.None);
    }

    [Fact]
    public async Task An_inventory_of_many_topics_goes_in_hundreds_and_on_where_it_was_killed()
    {
        await TenantAsync();
        foreach (var number in Enumerable.Range(0, 250))
            Kafka.Topics[$"topic-{number:000}"] = Plain;
        Kafka.Topics["__consumer_offsets"] = Plain with { IsInternal = true };
        Kafka.Groups["billing"] = new("billing", "Stable", 2, 40, 960, Clock.Now(), ["topic-000", "topic-001"], null);
        Kafka.Written["topic-000"] = 500;
        var made = await CreateAsync();
        await WorkAsync(made, killEvery: 2);
        Assert.Equal(100, Kafka.Described.Max());

        var view = (await Use<GetMigration>().RunAsync(Owner, Org, made.Id, CancellationToken.None)).Value;
        Assert.Equal((MigrationStage.Planned, false), (view.Migration.Stage, view.Migration.IsMapping));
        Assert.Equal((251, 250, 1, 0, 1), (view.Sums.Topics, view.Sums.Moving, view.Sums.Staying, view.Sums.Blocked, view.Sums.Internal));
        Assert.Equal((250_000L, 25_000_000L), (view.Sums.Messages, view.Sums.Bytes));
        var read = (await TopicsAsync(made, TopicFilter.All, "topic-000")).Single().Topic;
        Assert.Equal(1, read.Readers);
        Assert.True(read.MessagesPerSecond > 0);
        Assert.Equal("shop/default/topic-000", read.TargetPath);
        var quiet = (await TopicsAsync(made, TopicFilter.All, "topic-002")).Single().Topic;
        Assert.Equal((0, 0d), (quiet.Readers, quiet.MessagesPerSecond));

        // Again, after a topic went.
        Kafka.Topics.Remove("topic-249");
        Assert.True((await Use<StartInventory>().RunAsync(Owner, Org, made.Id, CancellationToken.None)).IsOk);
        await WorkAsync(made);
        Assert.Equal(250, (await Use<GetMigration>().RunAsync(Owner, Org, made.Id, CancellationToken.None)).Value.Sums.Topics);
    }

    [Fact]
    public async Task A_Kafka_that_is_away_keeps_the_inventory_waiting_with_its_sentence()
    {
        await TenantAsync();
        Kafka.Topics["orders"] = Plain;
        var made = await CreateAsync();
        await InventoryRun.PostponeAsync(Database, Kafka, made, KafkaProblems.Silent("kafka.example:9092"));
        Assert.Equal(
            "kafka-silent",
            (await Use<GetMigration>().RunAsync(Owner, Org, made.Id, CancellationToken.None)).Value.Migration.ProblemCode
        );
        await WorkAsync(made);
        Assert.Null((await Use<GetMigration>().RunAsync(Owner, Org, made.Id, CancellationToken.None)).Value.Migration.ProblemCode);
    }

    [Fact]
    public async Task Rules_and_choices_map_the_topics_and_every_clash_can_be_settled()
    {
        await TenantAsync();
        await TopicAsync("shop", "taken");
        foreach (var name in new[] { "eu.orders", "us.orders", "taken", "a.b_c", "x-partition-0" })
            Kafka.Topics[name] = Plain;
        var made = await CreateAsync();
        await WorkAsync(made);
        Assert.Equal(["taken", "x-partition-0"], (await TopicsAsync(made, TopicFilter.Blocked)).Select(one => one.Topic.Name));

        var set = await Use<SetMappingRules>()
            .RunAsync(
                Owner,
                Org,
                made.Id,
                [new("regex", @"(eu|us)\.(.*)", null, "default", "$2"), MappingRule.Everything("default")],
                CancellationToken.None
            );
        Assert.True(set.Value.IsMapping);
        await WorkAsync(made);
        Assert.Equal(
            ["eu.orders", "taken", "us.orders", "x-partition-0"],
            (await TopicsAsync(made, TopicFilter.Blocked)).Select(one => one.Topic.Name)
        );
        Assert.Equal(
            "maps-alike",
            (await TopicsAsync(made, TopicFilter.All, "eu.orders")).Single().Clashes.First(clash => clash.Weight == ClashWeight.Blocks).Code
        );

        Assert.DoesNotContain(
            (await ChooseAsync("eu.orders", new(false, false, null, "default", "orders-eu"))).Clashes,
            clash => clash.Weight == ClashWeight.Blocks
        );
        Assert.DoesNotContain(
            (await ChooseAsync("x-partition-0", new(false, false, null, "default", "x"))).Clashes,
            clash => clash.Weight == ClashWeight.Blocks
        );
        await ChooseAsync("taken", new(true, false, null, null, null));
        Assert.Empty(await TopicsAsync(made, TopicFilter.Blocked));
        // A choice outlives a change of the rules, and goes when the rules are to decide again.
        await Use<SetMappingRules>().RunAsync(Owner, Org, made.Id, [MappingRule.Everything("default")], CancellationToken.None);
        await WorkAsync(made);
        Assert.Equal("shop/default/orders-eu", (await TopicsAsync(made, TopicFilter.All, "eu.orders")).Single().Topic.TargetPath);
        Assert.Equal("shop/default/eu.orders", (await ChooseAsync("eu.orders", new(false, true, null, null, null))).Topic.TargetPath);
        Assert.Equal(
            "tenant-not-found",
            (
                await Use<SetMappingRules>()
                    .RunAsync(Owner, Org, made.Id, [new("all", null, "nobody", "default", null)], CancellationToken.None)
            )
                .Problem
                ?.Code
        );

        async Task<TopicPlan> ChooseAsync(string topic, TopicChoice choice) =>
            (await Use<ChooseTopicMapping>().RunAsync(Owner, Org, made.Id, topic, choice, CancellationToken.None)).Value;
    }

    [Fact]
    public async Task The_dry_run_says_what_is_made_how_long_it_takes_and_what_it_costs()
    {
        await TenantAsync();
        await Use<Portal.Domain.Billing.EnsureShippedPriceBook>().RunAsync(CancellationToken.None);
        foreach (var number in Enumerable.Range(0, 7))
            Kafka.Topics[$"t{number}"] = Plain with { Messages = 10_000_000, Ends = 10_000_000 };
        var made = await CreateAsync();
        Assert.Equal(
            "migration-no-inventory",
            (await Use<GetDryRun>().RunAsync(Owner, Org, made.Id, null, CancellationToken.None)).Problem?.Code
        );
        await WorkAsync(made);
        var run = (await Use<GetDryRun>().RunAsync(Owner, Org, made.Id, 1_000_000, CancellationToken.None)).Value;
        Assert.Equal((7, 7_000_000_000L), (run.Sums.Moving, run.Copy.Bytes));
        // The plan takes 100 messages a second in each of three partitions.
        Assert.Equal((26_667d, 36_667d), (run.Copy.Least!.Value.TotalSeconds, run.Copy.Most!.Value.TotalSeconds));
        // Free allows five topics in a namespace.
        var target = Assert.Single(run.Targets);
        Assert.Equal((true, 7, 21L), (target.IsThere, target.Topics, target.Partitions));
        Assert.Contains("allows 5 topics", target.Problem, StringComparison.Ordinal);
        Assert.False(run.IsReady);
        var cost = run.Cost!;
        Assert.False(cost.IsCharged);
        Assert.True(cost.Low.Minor > 0 && cost.Low.Minor <= cost.High.Minor);
        Assert.Equal(cost.High.Minor, cost.Lines.Sum(line => line.HighAmount.Minor));
        // 21 partitions for 730 hours at $0.0012.
        Assert.Equal(1840, cost.Lines.Single(line => line.Meter == Portal.Domain.Usage.Meter.Partitions).HighAmount.Minor);
        Assert.Equal(
            "copy-rate-out-of-range",
            (await Use<GetDryRun>().RunAsync(Owner, Org, made.Id, 1, CancellationToken.None)).Problem?.Code
        );
    }

    private async Task<KafkaMigration> CreateAsync() =>
        (await Use<CreateMigration>().RunAsync(Owner, Org, "shop", "From Kafka", Draft, CancellationToken.None)).Value;

    private async Task<IReadOnlyList<TopicPlan>> TopicsAsync(KafkaMigration migration, TopicFilter filter, string? search = null) =>
        (
            await Use<ListMigrationTopics>()
                .RunAsync(Owner, Org, migration.Id, filter, new PageRequest(Search: search), CancellationToken.None)
        )
            .Value
            .Items;

    private Task WorkAsync(KafkaMigration migration, int killEvery = 0) =>
        InventoryRun.ToEndAsync(Database, Kafka, Clock, migration, killEvery);
}
