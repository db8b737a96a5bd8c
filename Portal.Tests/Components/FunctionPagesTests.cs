using System.Text.Json.Nodes;
using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Features.Connectors;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class FunctionPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly CancellationToken Stop = CancellationToken.None;

    [Fact]
    public async Task The_catalog_shows_functions_beside_sources_and_sinks()
    {
        await TenantAsync();
        var page = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForAssertion(
            () => Assert.Contains("Functions: from topics through code into a topic", page.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal("connectors/new?type=function%3Aanomaly-score", page.FindAll("td.name a")[^1].GetAttribute("href")!.Split("shop/")[1]);
    }

    [Fact]
    public async Task A_function_of_no_list_of_settings_takes_json_and_says_where_it_is_wrong()
    {
        await TenantAsync();
        await TopicAsync("shop", "readings");
        Use<Microsoft.AspNetCore.Components.NavigationManager>()
            .NavigateTo("o/northwind/tenants/shop/connectors/new?type=function%3Aanomaly-score");
        var page = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForElement("#configuration", Soon);
        page.Find("#name").Input("score");
        page.Find("#output-name").Input("scored");
        page.Find("#configuration").Input("{\"threshold\": 3,");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(
            () =>
                Assert.StartsWith(
                    "This isn't valid JSON (line 1, position",
                    page.Find("#configuration-note").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        page.Find("#configuration").Input("{\"threshold\": 3}");
        await page.Find("form").SubmitAsync();
        var made = (await Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", "score", ConnectorFamily.Functions, Stop)).Value;
        Assert.Equal(
            ("persistent://shop/default/readings", "persistent://shop/default/scored", "score", "{\"threshold\":3}"),
            (made.Topics.Single(), made.Output, made.Subscription, made.Configuration)
        );
        // The output was created on the way.
        Assert.Equal(ResourceState.Creating, (await Use<GetTopic>().RunAsync(Owner, Org, "shop", "default", "scored", Stop)).Value.State);
        Assert.EndsWith(
            "shop/connectors/default/score",
            Use<Microsoft.AspNetCore.Components.NavigationManager>().Uri,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Nothing_that_is_not_the_tenants_own_or_not_on_the_list_reaches_a_worker()
    {
        await TenantAsync();
        await TopicAsync("shop", "readings");
        Assert.Equal("connector-topic-unknown", (await CreateAsync(output: "default/none", createOutput: false)).Problem?.Code);
        Assert.Equal("connector-topic-malformed", (await CreateAsync(output: "persistent://office/default/readings")).Problem?.Code);
        Assert.Equal("connector-topic-unknown", (await CreateAsync(output: "other/scored")).Problem?.Code);
        Assert.Equal("function-output-is-input", (await CreateAsync(output: "default/readings")).Problem?.Code);
        Assert.Equal("function-output-missing", (await CreateAsync(output: "")).Problem?.Code);
        Assert.Equal("topic-name-reserved", (await CreateAsync(output: "default/__scored")).Problem?.Code);
        Assert.Equal("connector-topic-unknown", (await CreateAsync(input: "default/none")).Problem?.Code);
        foreach (
            var package in (string[])
                ["function://public/default/x@1", "file:///etc/passwd", "http://example.com/x.nar", "builtin://anomaly-score", "heartbeat"]
        )
            Assert.Equal("connector-type-unknown", (await CreateAsync(type: package)).Problem?.Code);
        Assert.Equal("connectors-limit", (await CreateAsync(instances: 2)).Problem?.Code);
        Assert.Equal(
            "connector-configuration-size",
            (await CreateAsync(configuration: new() { ["x"] = new string('x', 70_000) })).Problem?.Code
        );
        Assert.Equal("connector-field-name", (await CreateAsync(configuration: new() { ["a\nb"] = 1 })).Problem?.Code);
        Assert.Empty(Connectors.Ensured);
        Assert.DoesNotContain(
            (await Use<ListTopics>().RunAsync(Owner, Org, "shop", "default", new PageRequest(), Stop)).Value.Items,
            topic => topic.Name != "readings"
        );

        var made = (await CreateAsync()).Value;
        // One name in a namespace for all of them, each at its own address.
        Assert.Equal("connector-exists", (await CreateAsync()).Problem?.Code);
        Assert.Equal(
            "connector-not-found",
            (await Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", made.Name, ConnectorFamily.Connectors, Stop)).Problem?.Code
        );
        Assert.Empty(
            (await Use<ListConnectors>().RunAsync(Owner, Org, "shop", ConnectorFamily.Connectors, new PageRequest(), Stop)).Value.Items
        );
        Assert.Single(
            (await Use<ListConnectors>().RunAsync(Owner, Org, "shop", ConnectorFamily.Functions, new PageRequest(), Stop)).Value.Items
        );
    }

    [Fact]
    public async Task The_cluster_is_told_inputs_output_and_secrets_and_the_page_shows_none()
    {
        await TenantAsync();
        await TopicAsync("shop", "readings");
        await TopicAsync("shop", "scored");
        var made = (await CreateAsync(configuration: new() { ["field"] = "value", ["api-token"] = "hunter2-key" })).Value;
        Assert.Equal(["api-token"], made.SecretFields);
        await ApplyAsync(made.Id);
        var told = Assert.Single(Connectors.Ensured);
        Assert.Equal(
            ("persistent://shop/default/readings", "persistent://shop/default/scored", "score", "hunter2-key"),
            (told.Topics.Single(), told.Output, told.Subscription, (string)told.Configuration["api-token"]!)
        );
        Connectors.Status = new ConnectorStatus([
            new(0, true, 0, 1200, 1100, 100, Clock.GetUtcNow(), "no numeric field value in this message", Clock.GetUtcNow())
            {
                IsTroubleOfMessage = true,
                AverageLatency = TimeSpan.FromMilliseconds(1.25),
            },
        ]);
        Connectors.LastMinute = new FunctionMinute(60, 55, 5, TimeSpan.FromMilliseconds(0.8));
        var page = OpenPage(made);
        page.WaitForAssertion(() => Assert.Contains("some messages fail", page.Find(".chip").TextContent, StringComparison.Ordinal), Soon);
        Assert.Equal(
            ["1,200", "1,100", "100", "1.3 ms"],
            page.FindAll("table.list td.n").Select(cell => cell.TextContent.Replace('\u00a0', ' '))
        );
        Assert.Contains("60 messages received, 55 processed, 5 failed", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Some messages have no number in the field", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2-key", page.Markup, StringComparison.Ordinal);
        Assert.Equal(
            ["Topic" + "default/readings", "Function" + "score", "Topic" + "default/scored"],
            page.FindAll(".chain .place")
                .Select(place => place.QuerySelector(".what")!.TextContent + place.QuerySelector(".mono")!.TextContent)
        );
    }

    [Fact]
    public async Task An_update_shows_what_changes_before_it_is_saved_and_keeps_the_guarantee()
    {
        await TenantAsync();
        await TopicAsync("shop", "readings");
        await TopicAsync("shop", "scored");
        var made = (
            await CreateAsync(
                configuration: new()
                {
                    ["field"] = "value",
                    ["threshold"] = 2,
                    ["api-token"] = "hunter2-key",
                }
            )
        ).Value;
        await ApplyAsync(made.Id);
        var page = OpenPage(made);
        page.WaitForElement("pre", Soon);
        await page.FindAll("button").Single(button => button.TextContent == "Edit settings").ClickAsync(new());
        page.WaitForElement("#configuration", Soon).Input("{\"field\": \"value\", \"threshold\": 3, \"weight\": 0.1}");
        page.WaitForAssertion(
            () =>
                Assert.Equal(
                    ["threshold", "2", "3", "weight", "not set", "0.1"],
                    page.FindAll(".changes td").Select(cell => cell.TextContent)
                ),
            Soon
        );
        await page.Find("form").SubmitAsync();
        var changed = (await Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", "score", ConnectorFamily.Functions, Stop)).Value;
        Assert.Equal(
            ("{\"field\":\"value\",\"threshold\":3,\"weight\":0.1}", "api-token", true),
            (changed.Configuration, changed.SecretFields.Single(), changed.IsChanging)
        );
        var refused = await Use<UpdateConnector>()
            .RunAsync(Owner, Org, "shop", "default", "score", ConnectorFamily.Functions, new(Guarantee.AtMostOnce, null, null), Stop);
        Assert.Equal("connector-guarantee-fixed", refused.Problem?.Code);
    }

    [Fact]
    public async Task A_setting_of_a_function_is_marked_as_a_secret_on_the_page()
    {
        await TenantAsync();
        await TopicAsync("shop", "readings");
        await TopicAsync("shop", "scored");
        Use<Microsoft.AspNetCore.Components.NavigationManager>()
            .NavigateTo("o/northwind/tenants/shop/connectors/new?type=function%3Aanomaly-score");
        var page = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForElement("#configuration", Soon);
        page.Find("#name").Input("score");
        page.Find("#topic").Change("default/readings");
        page.Find("#output").Change("default/scored");
        page.Find("#configuration").Input("{\"field\": \"value\", \"hall\": \"x\"}");
        await page.FindAll("button").Single(button => button.TextContent == "Add secret setting").ClickAsync(new());
        page.Find("#secret-value-1").Input("h4ll-secret");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.Equal("Enter a name for this secret setting.", page.Find("#secret-note-1").TextContent), Soon);
        page.Find("#secret-name-1").Input("hall");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(
            () => Assert.StartsWith("hall is set twice.", page.Find("#secret-note-1").TextContent, StringComparison.Ordinal),
            Soon
        );
        page.Find("#configuration").Input("{\"field\": \"value\"}");
        await page.Find("form").SubmitAsync();
        var made = (await Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", "score", ConnectorFamily.Functions, Stop)).Value;
        Assert.Equal(("{\"field\":\"value\"}", "hall"), (made.Configuration, made.SecretFields.Single()));

        await ApplyAsync(made.Id);
        Assert.Equal("h4ll-secret", (string?)Connectors.Ensured.Single().Configuration["hall"]);
        var edited = OpenPage(made);
        await edited.WaitForElement("button:contains('Edit settings')", Soon).ClickAsync(new());
        edited.WaitForElement("#configuration", Soon);
        await edited.FindAll("button").Single(button => button.TextContent == "Add secret setting").ClickAsync(new());
        edited.Find("#secret-name-1").Input("door");
        edited.Find("#secret-value-1").Input("d00r-secret");
        // What is kept and left alone is no change, and what is new is not shown.
        edited.WaitForAssertion(
            () => Assert.Equal(["door", "not set", "new value, hidden"], edited.FindAll(".changes td").Select(cell => cell.TextContent)),
            Soon
        );
        Assert.DoesNotContain("d00r-secret", edited.Find(".changes").OuterHtml, StringComparison.Ordinal);
        edited.Find("#secret-name-1").Input("door");
        await edited.Find("form").SubmitAsync();
        // A new setting may lead elsewhere, so what is kept is asked for again.
        edited.WaitForAssertion(
            () => Assert.Contains("Enter hall again, because you changed door.", edited.Markup, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task A_topic_that_goes_takes_the_output_away_from_the_function_and_a_hard_cap_stops_it()
    {
        await TenantAsync();
        await TopicAsync("shop", "readings");
        await TopicAsync("shop", "scored");
        var made = (await CreateAsync()).Value;
        await ApplyAsync(made.Id);
        await Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Organizations.FindAsync(Org, Stop))!.Cap(Publishing.Blocked);
                return true;
            },
            Stop
        );
        await ApplyAsync(made.Id);
        Assert.Equal(["start", "stop"], Connectors.Acts);
        await Use<DeleteTopic>().RunAsync(Owner, Org, "shop", "default", "scored", true, Stop);
        await Database.UpdateAsync(
            null,
            async session =>
            {
                (
                    await session.Topics.FindAsync(
                        (await session.Tenants.FindAsync(made.OrganizationId, "shop", Stop)) is { } tenant
                            ? (await session.Tenants.FindNamespaceAsync(tenant.Id, "default", Stop))!.Id
                            : default,
                        "scored",
                        null,
                        Stop
                    )
                )!.Deleted(Clock.GetUtcNow());
                return true;
            },
            Stop
        );
        var refused = Assert.IsType<StepResult.Refused>(await StepAsync(made.Id));
        Assert.Equal(
            "The topic persistent://shop/default/scored is gone. Create it again, or delete this function.",
            refused.Problem.Message
        );
    }

    [Fact]
    public async Task What_a_preview_makes_is_swept_whatever_comes_of_it_and_one_runs_at_a_time()
    {
        await TenantAsync();
        await TopicAsync("shop", "readings");
        var wanted = new NewPreview("default", "anomaly-score", "default/readings", []);
        Assert.Equal(
            "connector-type-unknown",
            (await Use<PreviewFunction>().RunAsync(Owner, Org, "shop", wanted with { Type = "file:///x" }, Stop)).Problem?.Code
        );
        Assert.Equal(
            "connector-topic-unknown",
            (await Use<PreviewFunction>().RunAsync(Owner, Org, "shop", wanted with { Topic = "default/none" }, Stop)).Problem?.Code
        );
        Assert.Empty(await SweepsAsync());
        Assert.Equal("preview-empty", (await Use<PreviewFunction>().RunAsync(Owner, Org, "shop", wanted, Stop)).Problem?.Code);
        var sweep = Assert.Single(await SweepsAsync());
        Assert.True(sweep.NotBefore <= Clock.GetUtcNow());
        Assert.Equal("preview-running", (await Use<PreviewFunction>().RunAsync(Owner, Org, "shop", wanted, Stop)).Problem?.Code);
        var step = new SweepPreview(Database, Connectors, Cluster);
        var payload = sweep.PayloadOf<SweepPreviewWork>();
        var done = await step.RunAsync(payload, new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null), Stop);
        Assert.IsType<StepResult.Done>(done);
        Assert.Equal([$"portal-preview-{payload.Token}"], Connectors.Deleted.Select(one => one.Name));
        Assert.Equal(ConnectorKind.Function, Connectors.Deleted[0].Kind);
    }

    [Fact]
    public async Task A_preview_shows_messages_so_it_takes_the_right_to_read_them()
    {
        await TenantAsync();
        await TopicAsync("shop", "readings");
        var viewer = await MemberAsync(Role.Viewer);
        Assert.IsType<Problem.Forbidden>(
            (
                await Use<PreviewFunction>().RunAsync(viewer, Org, "shop", new("default", "anomaly-score", "default/readings", []), Stop)
            ).Problem
        );
        Assert.Empty(await SweepsAsync());
    }

    private async Task<IReadOnlyList<WorkItem>> SweepsAsync() =>
        [
            .. (
                await Database.ReadAsync(session => session.Work.ListAsync(new WorkFilter(Open: true), new PageRequest(), Stop), Stop)
            ).Items.Where(item => item.Kind == SweepPreviewWork.Kind),
        ];

    private IRenderedComponent<ConnectorPage> OpenPage(Connector made) =>
        Render<ConnectorPage>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Tenant, "shop")
                .Add(one => one.Namespace, "default")
                .Add(one => one.Name, made.Name)
        );

    private Task<Outcome<Connector>> CreateAsync(
        string type = "anomaly-score",
        string input = "default/readings",
        string output = "default/scored",
        bool createOutput = true,
        int instances = 1,
        JsonObject? configuration = null
    ) =>
        Use<CreateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                new(
                    "default",
                    "score",
                    ConnectorKind.Function,
                    type,
                    [input],
                    null,
                    true,
                    Guarantee.AtLeastOnce,
                    instances,
                    configuration ?? [],
                    false
                )
                {
                    Output = output,
                    CreateOutput = createOutput,
                },
                Stop
            );

    private Task<StepResult> StepAsync(ConnectorId id) =>
        new ConnectorSteps(Database, Connectors, Cluster, Schemas, Subscriptions, Use<ISecretSeal>(), Clock).RunAsync(
            new ApplyConnectorWork(id, false),
            new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null),
            Stop
        );

    private async Task ApplyAsync(ConnectorId id)
    {
        var done = Assert.IsType<StepResult.Done>(await StepAsync(id));
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
