using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Features.Connectors;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Components;

public sealed class ConnectorTrialCardTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly CancellationToken Stop = CancellationToken.None;

    [Fact]
    public async Task A_sink_that_cannot_start_says_why_at_the_setting_and_that_its_target_is_real_comes_first()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Connectors.Fields = Outcome.Of<IReadOnlyList<ConnectorField>>([
            new("url", FieldKind.Text, true, null, null, false),
            new("authorization", FieldKind.Text, false, null, null, true),
        ]);
        Cluster.Held.Add(new("1:0", null, new Dictionary<string, string>(), "order 1"u8.ToArray(), DateTimeOffset.UnixEpoch, 7));
        Connectors.Status = new ConnectorStatus([
            new(0, false, 1, 0, 0, 2, null, "java.net.ConnectException: Connection refused Bearer hunter2-key", null),
        ]);
        var page = Open("sink:http-post");
        page.WaitForElement("#field-url", Soon);
        Assert.Contains("What it writes to its target is real and stays there.", page.Markup, StringComparison.Ordinal);
        await TryAsync(page);
        page.WaitForAssertion(
            () => Assert.Equal("Enter a value for Address. The connector can't run without it.", page.Find("#field-url-note").TextContent),
            Soon
        );
        Assert.Empty(Connectors.Ensured);

        page.Find("#field-url").Input("http://hooks.example.com/");
        page.Find("#field-authorization").Input("Bearer hunter2-key");
        await TryAsync(page);
        const string Says =
            "Nothing answers at http://hooks.example.com/. Check the address, and that the Pulsar cluster may connect to it.";
        page.WaitForAssertion(() => Assert.Equal(Says, page.Find("#field-url-note").TextContent), Soon);
        var result = page.Find(".changes").TextContent;
        Assert.Contains("The sink couldn't start. Nothing was written.", result, StringComparison.Ordinal);
        Assert.Contains(Says, result, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", result, StringComparison.Ordinal);
        var told = Assert.Single(Connectors.Ensured);
        Assert.StartsWith("persistent://shop/default/__portal-preview-", told.Topics.Single(), StringComparison.Ordinal);
        Assert.Equal(
            ("preview", "Bearer hunter2-key", 1),
            (told.Subscription, (string?)told.Configuration["authorization"], told.Instances)
        );
        Assert.Equal(["stop"], Connectors.Acts);
        Assert.True(Assert.Single(await SweepsAsync()).NotBefore <= Clock.GetUtcNow());
    }

    [Fact]
    public async Task A_source_shows_its_first_messages_and_leaves_the_place_of_the_one_to_come_alone()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Connectors.Types = Outcome.Of<IReadOnlyList<ConnectorType>>([new(ConnectorKind.Source, "kafka", "Copies a topic")]);
        Connectors.Fields = Outcome.Of<IReadOnlyList<ConnectorField>>([
            new("bootstrapServers", FieldKind.Text, true, null, null, false),
            new("topic", FieldKind.Text, true, null, null, false),
            new("groupId", FieldKind.Text, true, null, null, false),
        ]);
        Connectors.Status = new ConnectorStatus([new(0, true, 0, 25, 25, 0, null, null, null)]);
        for (var number = 1; number <= 25; number++)
            Cluster.Held.Add(
                new(
                    $"1:{number}",
                    null,
                    new Dictionary<string, string>(),
                    System.Text.Encoding.UTF8.GetBytes($"reading {number}"),
                    DateTimeOffset.UnixEpoch,
                    9
                )
            );
        var page = Open("source:kafka");
        page.WaitForElement("#field-bootstrapServers", Soon).Input("kafka.example.com:9092");
        page.Find("#field-topic").Input("readings");
        page.Find("#field-groupId").Input("copy");
        await TryAsync(page);
        page.WaitForAssertion(
            () => Assert.Contains("It works: 20 messages received.", page.Find(".changes").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("reading 20", page.Find(".changes").TextContent, StringComparison.Ordinal);
        var told = Assert.Single(Connectors.Ensured);
        Assert.StartsWith("copy-portal-trial-", (string?)told.Configuration["groupId"], StringComparison.Ordinal);
        Assert.Equal("readings", (string?)told.Configuration["topic"]);
        Assert.EndsWith("-out", told.Topics.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_tried_that_could_not_be_created()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var wanted = new NewTrial("default", ConnectorKind.Source, "heartbeat", null, 5, new() { ["text"] = "x" });
        Assert.Equal("trial-messages-range", (await RunAsync(wanted with { Messages = 21 })).Problem?.Code);
        Assert.Equal("connector-type-unknown", (await RunAsync(wanted with { Type = "file:///x" })).Problem?.Code);
        Assert.Equal(
            "connector-type-unknown",
            (await RunAsync(wanted with { Kind = ConnectorKind.Function, Type = "anomaly-score" })).Problem?.Code
        );
        Assert.Equal("connector-field-required", (await RunAsync(wanted with { Configuration = [] })).Problem?.Code);
        Assert.Equal("namespace-not-found", (await RunAsync(wanted with { Namespace = "none" })).Problem?.Code);
        Assert.Equal(
            "connector-topic-missing",
            (await RunAsync(wanted with { Kind = ConnectorKind.Sink, Type = "http-post" })).Problem?.Code
        );
        Assert.Equal(
            "connector-topic-malformed",
            (await RunAsync(wanted with { Kind = ConnectorKind.Sink, Type = "http-post", Topic = "persistent://office/default/orders" }))
                .Problem
                ?.Code
        );
        Assert.IsType<Problem.Forbidden>(
            (await Use<TryConnector>().RunAsync(await MemberAsync(Role.Viewer), Org, "shop", wanted, Stop)).Problem
        );
        Assert.Empty(await SweepsAsync());
        Assert.Equal(
            "preview-empty",
            (await RunAsync(wanted with { Kind = ConnectorKind.Sink, Type = "http-post", Topic = "default/orders" })).Problem?.Code
        );
        await DoneAsync();

        // The plan's one instance is taken.
        Assert.True(
            (
                await Use<CreateConnector>()
                    .RunAsync(
                        Owner,
                        Org,
                        "shop",
                        new(
                            "default",
                            "beats",
                            ConnectorKind.Source,
                            "heartbeat",
                            ["default/orders"],
                            null,
                            false,
                            Guarantee.AtLeastOnce,
                            1,
                            new() { ["text"] = "x" },
                            false
                        ),
                        Stop
                    )
            ).IsOk
        );
        Assert.Equal("connectors-limit", (await RunAsync(wanted)).Problem?.Code);
        Assert.Empty(Connectors.Ensured);
    }

    [Fact]
    public async Task What_a_worker_may_still_make_is_waited_for_and_a_refusal_is_said_without_secrets()
    {
        await TenantAsync();
        var wanted = new NewTrial(
            "default",
            ConnectorKind.Source,
            "heartbeat",
            null,
            5,
            new() { ["text"] = "x", ["apiKey"] = "hunter2-key" }
        );
        Connectors.Refuses = new Problem.Conflict("connector-refused", "The cluster says: no such hunter2-key.");
        var refused = (await RunAsync(wanted)).Problem!;
        Assert.Equal(("connector-refused", "The cluster says: no such •••."), (refused.Code, refused.Message));
        Assert.True(Assert.Single(await SweepsAsync()).NotBefore <= Clock.GetUtcNow());
        await DoneAsync();

        Connectors.Refuses = new Problem.Unavailable("cluster-unavailable", "The cluster doesn't answer.");
        Assert.Equal("cluster-unavailable", (await RunAsync(wanted)).Problem?.Code);
        Assert.True(Assert.Single(await SweepsAsync()).NotBefore > Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        Assert.Equal("preview-running", (await RunAsync(wanted)).Problem?.Code);
    }

    [Fact]
    public async Task What_a_trial_made_goes_whatever_the_cluster_has_against_it()
    {
        await TenantAsync();
        Connectors.Refuses = new Problem.Conflict("connector-refused", "No.");
        await RunAsync(new("default", ConnectorKind.Source, "heartbeat", null, 5, new() { ["text"] = "x" }));
        var payload = Assert.Single(await SweepsAsync()).PayloadOf<SweepPreviewWork>();
        Assert.Equal(ConnectorKind.Source, payload.Tried);
        var turn = new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null);
        foreach (
            var problem in (Problem[])
                [new Problem.Conflict("x", "No."), new Problem.Forbidden("y", "No."), new Problem.Unavailable("z", "No.")]
        )
        {
            Connectors.Keeps = problem;
            Assert.IsType<StepResult.Later>(await new SweepPreview(Database, Connectors, Cluster).RunAsync(payload, turn, Stop));
        }
        Connectors.Keeps = null;
        Assert.IsType<StepResult.Done>(await new SweepPreview(Database, Connectors, Cluster).RunAsync(payload, turn, Stop));
        Assert.Equal((ConnectorKind.Source, $"portal-preview-{payload.Token}"), (Connectors.Deleted[^1].Kind, Connectors.Deleted[^1].Name));
        // Written before there were trials.
        Assert.Equal(
            ConnectorKind.Function,
            System
                .Text.Json.JsonSerializer.Deserialize<SweepPreviewWork>(
                    """{"Namespace":"00000000-0000-0000-0000-000000000000","Token":"x"}""".Replace(
                        "\"00000000-0000-0000-0000-000000000000\"",
                        System.Text.Json.JsonSerializer.Serialize(payload.Namespace),
                        StringComparison.Ordinal
                    )
                )!
                .Tried
        );
    }

    [Fact]
    public async Task Copies_lie_under_the_schema_of_their_topic_or_are_not_made()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Cluster.Held.Add(new("1:0", null, new Dictionary<string, string>(), "{}"u8.ToArray(), DateTimeOffset.UnixEpoch, 2));
        Connectors.Status = new ConnectorStatus([new(0, false, 1, 0, 0, 2, null, "x", null)]);
        var wanted = new NewTrial("default", ConnectorKind.Sink, "http-post", "default/orders", 5, new() { ["text"] = "x" });
        Schemas.Has(StandingSchemas.Order(StandingSchemas.Field("id", "int")));
        Assert.Equal(TrialEnd.Failing, (await RunAsync(wanted)).Value.End);
        Assert.Equal(["upload JSON"], Schemas.Asked);
        await DoneAsync();
        Schemas.Versions.Clear();
        Schemas.Has("", "KEY_VALUE");
        Connectors.Ensured.Clear();
        Assert.Equal("trial-schema", (await RunAsync(wanted)).Problem?.Code);
        Assert.Empty(Connectors.Ensured);
    }

    private Task<Outcome<ConnectorTrial>> RunAsync(NewTrial wanted) => Use<TryConnector>().RunAsync(Owner, Org, "shop", wanted, Stop);

    private IRenderedComponent<NewConnectorPage> Open(string type)
    {
        Use<NavigationManager>().NavigateTo($"o/northwind/tenants/shop/connectors/new?type={Uri.EscapeDataString(type)}");
        return Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
    }

    private static Task TryAsync(IRenderedComponent<NewConnectorPage> page) =>
        page.FindAll("button").Single(button => button.TextContent == "Try it").ClickAsync(new());

    private async Task<IReadOnlyList<WorkItem>> SweepsAsync() =>
        [
            .. (
                await Database.ReadAsync(session => session.Work.ListAsync(new WorkFilter(Open: true), new PageRequest(), Stop), Stop)
            ).Items.Where(item => item.Kind == SweepPreviewWork.Kind),
        ];

    /// <summary>The sweep is over, so that another trial may begin.</summary>
    private async Task DoneAsync()
    {
        foreach (var sweep in await SweepsAsync())
        {
            await Database.UpdateAsync(
                null,
                async session =>
                {
                    (await session.Work.FindAsync(sweep.Id, Stop))!.Finish(new StepResult.Done(), Clock.GetUtcNow());
                    return true;
                },
                Stop
            );
        }
    }
}
