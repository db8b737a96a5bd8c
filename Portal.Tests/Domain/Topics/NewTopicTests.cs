using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Domain.Billing;
using Portal.Tests.Support;
using static Portal.Tests.Support.Fakes.StandingSchemas;

namespace Portal.Tests.Domain.Topics;

/// <summary>A topic comes with all that it is to begin with, or not at all.</summary>
public sealed class NewTopicTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private static readonly string Definition = Order(Field("id", "string"));

    [Fact]
    public async Task It_comes_with_its_schema_its_subscriptions_and_topics_for_dead_letters_in_one_record()
    {
        await TenantAsync();
        var made = await CreateAsync(
            new("orders", Partitions: 2)
            {
                Schema = new("JSON", Definition),
                Subscriptions = [new("billing", DeadLetters: true), new("audit", FromEarliest: false)],
            }
        );

        Assert.True(made.IsOk, made.Problem?.Message);
        var topics = (await Use<ListTopics>().RunAsync(Owner, Org, "shop", "default", new(), Now)).Value.Items;
        Assert.Equal(["orders", "orders-billing-DLQ"], topics.Select(topic => topic.Name));
        foreach (var topic in topics)
            await ProvideAsync(topic.Id);
        // Killed before it was noted, it is done again.
        await ProvideAsync(topics[0].Id);
        Assert.Equal(
            ["orders/billing from the earliest", "orders/audit from the latest", "orders-billing-DLQ/dead-letters from the earliest"],
            Cluster.Subscribed
        );
        Assert.Equal(["upload JSON"], Schemas.Asked);
        var ready = (await Use<GetTopic>().RunAsync(Owner, Org, "shop", "default", "orders", Now)).Value;
        Assert.Equal((ResourceState.Ready, null), (ready.State, ready.StartsWith));
        var record = Assert.Single((await Use<ListAudit>().RunAsync(Owner, Org, new(Operation: "topic.create"), new(), Now)).Value.Items);
        Assert.Equal(
            ("2", "JSON", "billing, audit", "1"),
            (record.Details["partitions"], record.Details["schema"], record.Details["subscriptions"], record.Details["dead letter topics"])
        );
    }

    public static TheoryData<string, string?, string> Wrong =>
        new()
        {
            { "schema", "definition", "schema-malformed" },
            { "type", "type", "schema-type-unknown" },
            { "twice", "subscriptions", "subscription-twice" },
            { "name", "subscriptions", "subscription-name-malformed" },
            { "memory", "subscriptions", "topic-keeps-nothing" },
            { "long", "subscriptions", "topic-name-length" },
            { "taken", "subscriptions", "topic-exists" },
            { "crowd", null, "topics-limit" },
            { "many", null, "subscriptions-limit" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_is_said_at_its_field_and_nothing_is_made(string what, string? field, string code)
    {
        await TenantAsync();
        if (what == "taken")
            await TopicAsync("shop", "orders-billing-DLQ");
        var wanted = new NewTopic("orders");
        var made = await CreateAsync(
            what switch
            {
                "schema" => wanted with { Schema = new("AVRO", "{") },
                "type" => wanted with { Schema = new("XML", null) },
                "twice" => wanted with { Subscriptions = [new("billing"), new("billing")] },
                "name" => wanted with { Subscriptions = [new("bil/ling")] },
                "memory" => wanted with { Persistent = false, Subscriptions = [new("billing")] },
                "long" => wanted with { Subscriptions = [new(new string('b', 195), DeadLetters: true)] },
                "taken" => wanted with { Subscriptions = [new("billing", DeadLetters: true)] },
                "crowd" => wanted with
                {
                    Subscriptions = [.. Enumerable.Range(0, 5).Select(number => new NewTopicSubscription($"s{number}", DeadLetters: true))],
                },
                _ => wanted with { Subscriptions = [.. Enumerable.Range(0, 6).Select(number => new NewTopicSubscription($"s{number}"))] },
            }
        );

        Assert.Equal(code, made.Problem?.Code);
        if (field is not null)
            Assert.Equal(
                field,
                made.Problem switch
                {
                    Problem.Invalid invalid => invalid.Field,
                    Problem.Conflict conflict => conflict.Field,
                    _ => null,
                }
            );
        Assert.DoesNotContain(
            (await Use<ListTopics>().RunAsync(Owner, Org, "shop", "default", new(), Now)).Value.Items,
            topic => topic.Name == "orders"
        );
    }

    [Fact]
    public async Task A_schema_that_the_cluster_refuses_fails_the_topic_and_trying_again_gives_it_the_same()
    {
        await TenantAsync();
        // Left by an earlier topic of this name.
        Schemas.Has(Order(Field("id", "int")));
        var topic = (await CreateAsync(new("orders") { Schema = new("JSON", Definition), Subscriptions = [new("billing")] })).Value;

        await ProvideAsync(topic.Id);
        var failed = (await Use<GetTopic>().RunAsync(Owner, Org, "shop", "default", "orders", Now)).Value;
        Assert.Equal((ResourceState.Failed, "schema-incompatible"), (failed.State, failed.ProblemCode));
        Assert.Contains("didn't accept the topic's schema", failed.ProblemMessage, StringComparison.Ordinal);
        Assert.Empty(Cluster.Subscribed);

        Schemas.Versions.Clear();
        Assert.True((await Use<RetryProvisioning>().RunAsync(Owner, Org, "shop", "default", "orders", Now)).IsOk);
        await ProvideAsync(topic.Id);
        Assert.Equal(ResourceState.Ready, (await Use<GetTopic>().RunAsync(Owner, Org, "shop", "default", "orders", Now)).Value.State);
        Assert.Equal(["orders/billing from the earliest"], Cluster.Subscribed);
    }

    [Fact]
    public async Task An_outage_in_between_is_tried_again_by_itself()
    {
        await TenantAsync();
        var topic = (await CreateAsync(new("orders") { Subscriptions = [new("billing")] })).Value;
        Cluster.Subscribes = new Problem.Unavailable("cluster-unreachable", "Away.");
        Assert.IsType<StepResult.Later>(await StepAsync(topic.Id));
        Cluster.Subscribes = Outcome.Done;
        await ProvideAsync(topic.Id);
        Assert.Equal(["orders/billing from the earliest"], Cluster.Subscribed);
    }

    private Task<Outcome<Topic>> CreateAsync(NewTopic wanted) => Use<CreateTopic>().RunAsync(Owner, Org, "shop", "default", wanted, Now);

    private Task<StepResult> StepAsync(TopicId topic) => Steps.RunAsync(new CreateTopicWork(topic), null!, Now);

    private TopicSteps Steps => new(Database, Cluster, Schemas, Use<ITopicKeys>(), Cluster, new KillSwitch(), Clock);

    /// <summary>What the engine does with a step and what it comes to.</summary>
    private async Task ProvideAsync(TopicId topic)
    {
        var result = await StepAsync(topic);
        await Database.UpdateAsync(
            null,
            async session =>
            {
                if (result is StepResult.Done { Settle: { } settle })
                    await settle(session, Now);
                else if (result is StepResult.Refused { Problem: var problem })
                    await Steps.RefusedAsync(session, new CreateTopicWork(topic), problem, Now);
                return true;
            },
            Now
        );
    }
}
