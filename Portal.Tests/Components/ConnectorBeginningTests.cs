using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Features.Connectors;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Components;

/// <summary>Where a sink starts, where its failures end, and what its new settings do before they are saved.</summary>
public sealed class ConnectorBeginningTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly CancellationToken Stop = CancellationToken.None;
    private static readonly DateTimeOffset Monday = new(2026, 11, 23, 8, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_sink_starts_at_a_time_because_its_subscription_is_set_to_it_first()
    {
        await SinkWorldAsync();
        Subscriptions.There["hook"] = StandingSubscriptions.Waiting("hook", 0);
        var made = (await CreateAsync(one => one with { StartAt = Monday })).Value;
        await ApplyAsync(made);
        Assert.Single(Subscriptions.Asked, asked => asked.StartsWith("rewind", StringComparison.Ordinal));
        // A change later moves nothing.
        await Use<UpdateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                "default",
                "hook",
                ConnectorFamily.Connectors,
                new(null, null, Settings("http://else.example.com/")),
                Stop
            );
        await ApplyAsync(made);
        Assert.Single(Subscriptions.Asked, asked => asked.StartsWith("rewind", StringComparison.Ordinal));
        Assert.Equal((Monday, null), (ConnectorManifest.Of(made).StartAt, ConnectorManifest.Of(made).FromEarliest));
        Assert.Equal(Monday, ConnectorManifest.Read(ConnectorManifest.Of(made).Write()).Value.StartAt);
        Assert.Equal("position-unknown", (await CreateAsync(one => one with { StartAt = Monday, FromEarliest = true })).Problem?.Code);
    }

    [Fact]
    public async Task Failures_end_in_a_topic_that_is_created_with_the_sink_and_never_nowhere()
    {
        await SinkWorldAsync();
        Assert.Equal("connector-dead-letters-missing", (await CreateAsync(one => one with { MaxRetries = 3 })).Problem?.Code);
        Assert.Equal("connector-retries-range", (await CreateAsync(one => one with { DeadLetterTopic = "default/aside" })).Problem?.Code);
        Assert.Equal(
            "connector-retries-range",
            (await CreateAsync(one => one with { MaxRetries = 0, DeadLetterTopic = "default/aside" })).Problem?.Code
        );
        Assert.Equal(
            "connector-dead-letters-read",
            (await CreateAsync(one => one with { MaxRetries = 3, DeadLetterTopic = "default/orders" })).Problem?.Code
        );
        Assert.Equal(
            "connector-topic-unknown",
            (await CreateAsync(one => one with { MaxRetries = 3, DeadLetterTopic = "default/aside" })).Problem?.Code
        );
        Assert.Equal(
            "connector-topic-unknown",
            (await CreateAsync(one => one with { MaxRetries = 3, DeadLetterTopic = "other/aside", CreateDeadLetterTopic = true }))
                .Problem
                ?.Code
        );
        Assert.Equal(
            "connector-retries-kind",
            (
                await CreateAsync(one =>
                    one with
                    {
                        Kind = ConnectorKind.Source,
                        Type = "heartbeat",
                        MaxRetries = 3,
                        DeadLetterTopic = "default/aside",
                    }
                )
            )
                .Problem
                ?.Code
        );
        var made = (
            await CreateAsync(one => one with { MaxRetries = 3, DeadLetterTopic = "default/aside", CreateDeadLetterTopic = true })
        ).Value;
        Assert.Equal(ResourceState.Creating, (await Use<GetTopic>().RunAsync(Owner, Org, "shop", "default", "aside", Stop)).Value.State);
        await TopicReadyAsync("aside");
        await ApplyAsync(made);
        Assert.Equal(
            (3, "persistent://shop/default/aside"),
            (Connectors.Ensured.Single().MaxRetries, Connectors.Ensured.Single().DeadLetterTopic)
        );
        // Applied again as it is, its manifest changes nothing.
        Assert.Equal(
            Application.Unchanged,
            (
                await Use<ApplyConnector>()
                    .RunAsync(Owner, Org, "shop", "default", "hook", ConnectorFamily.Connectors, ConnectorManifest.Of(made), Stop)
            )
                .Value
                .Application
        );
        Assert.Equal(
            "connector-fixed",
            (
                await Use<ApplyConnector>()
                    .RunAsync(
                        Owner,
                        Org,
                        "shop",
                        "default",
                        "hook",
                        ConnectorFamily.Connectors,
                        ConnectorManifest.Of(made) with
                        {
                            MaxRetries = 4,
                        },
                        Stop
                    )
            )
                .Problem
                ?.Code
        );
    }

    [Fact]
    public async Task The_wizard_chooses_no_topic_of_several_and_asks_for_the_time_and_the_topic_of_failures()
    {
        await SinkWorldAsync();
        await TopicAsync("shop", "a-first");
        Use<NavigationManager>().NavigateTo("o/northwind/tenants/shop/connectors/new?type=sink%3Ahttp-post");
        var page = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForElement("#field-url", Soon);
        Assert.Equal("Choose a topic…", page.Find("#topic option").TextContent);
        page.Find("#name").Input("hook");
        page.Find("#field-url").Input("http://hooks.example.com/");
        page.Find("#position").Change("time");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.Equal("Enter the date and time to start at.", page.Find("#start-at-note").TextContent), Soon);
        page.Find("#start-at").Input("2026-11-23T08:30:00");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(
            () => Assert.Equal("Choose at least one topic for the sink to read.", page.Find("#topic-note").TextContent),
            Soon
        );
        page.Find("#topic").Change("default/orders");
        page.Find("#puts-aside").Change(true);
        Assert.Equal("default/orders-hook-DLQ", page.Find("#dead-letters").GetAttribute("value"));
        await page.Find("form").SubmitAsync();
        var made = (await Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", "hook", ConnectorFamily.Any, Stop)).Value;
        Assert.Equal((Monday, 5, "persistent://shop/default/orders-hook-DLQ"), (made.StartAt, made.MaxRetries, made.DeadLetterTopic));
    }

    [Fact]
    public async Task New_settings_are_tried_with_the_saved_secrets_and_these_go_nowhere_new()
    {
        await SinkWorldAsync();
        var settings = Settings("http://hooks.example.com/");
        settings["authorization"] = "Bearer hunter2-key";
        await CreateAsync(one => one with { Configuration = settings });
        Cluster.Held.Add(new("1:0", null, new Dictionary<string, string>(), "{}"u8.ToArray(), DateTimeOffset.UnixEpoch, 2));
        Connectors.Status = new ConnectorStatus([new(0, false, 1, 0, 0, 2, null, "x", null)]);
        var trial = new NewTrial("default", ConnectorKind.Sink, "http-post", "default/orders", 5, Settings("http://evil.example.com/"))
        {
            Of = "hook",
        };
        Assert.Equal("connector-secret-needed", (await Use<TryConnector>().RunAsync(Owner, Org, "shop", trial, Stop)).Problem?.Code);
        Assert.Equal(
            "connector-not-found",
            (await Use<TryConnector>().RunAsync(Owner, Org, "shop", trial with { Of = "other" }, Stop)).Problem?.Code
        );
        Assert.Empty(Connectors.Ensured);
        Assert.Null(
            (
                await Use<TryConnector>()
                    .RunAsync(Owner, Org, "shop", trial with { Configuration = Settings("http://hooks.example.com/") }, Stop)
            ).Problem
        );
        Assert.Equal("Bearer hunter2-key", (string?)Connectors.Ensured.Single().Configuration["authorization"]);
    }

    private static JsonObject Settings(string url) => new() { ["url"] = url };

    private async Task SinkWorldAsync()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Connectors.Fields = Outcome.Of<IReadOnlyList<ConnectorField>>([
            new("url", FieldKind.Text, true, null, null, false),
            new("authorization", FieldKind.Text, false, null, null, true),
        ]);
    }

    private Task<Outcome<Connector>> CreateAsync(Func<NewConnector, NewConnector> with) =>
        Use<CreateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                with(
                    new(
                        "default",
                        "hook",
                        ConnectorKind.Sink,
                        "http-post",
                        ["default/orders"],
                        null,
                        false,
                        Guarantee.AtLeastOnce,
                        1,
                        Settings("http://hooks.example.com/"),
                        false
                    )
                ),
                Stop
            );

    private Task TopicReadyAsync(string name) =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, Stop))!;
                var tenant = (await session.Tenants.FindAsync(organization.Id, "shop", Stop))!;
                (
                    await session.Topics.FindAsync(
                        (await session.Tenants.FindNamespaceAsync(tenant.Id, "default", Stop))!.Id,
                        name,
                        null,
                        Stop
                    )
                )!.Ready(Clock.GetUtcNow());
                return true;
            },
            Stop
        );

    private async Task ApplyAsync(Connector connector)
    {
        var step = new ConnectorSteps(Database, Connectors, Cluster, Schemas, Subscriptions, Use<ISecretSeal>(), Clock);
        var done = Assert.IsType<StepResult.Done>(
            await step.RunAsync(
                new ApplyConnectorWork(connector.Id, false),
                new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null),
                Stop
            )
        );
        await Database.UpdateAsync(
            null,
            async session =>
            {
                await done.Settle!(session, Stop);
                return true;
            },
            Stop
        );
    }
}
