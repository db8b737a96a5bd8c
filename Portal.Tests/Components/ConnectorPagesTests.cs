using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Work;
using Portal.Features.Connectors;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class ConnectorPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly Actor OfThePlatform = new(new AccountId(Guid.CreateVersion7()), "ops@portal.example", true);

    [Fact]
    public async Task A_cluster_without_a_functions_worker_says_so_once()
    {
        await TenantAsync();
        Connectors.Types = new Problem.Conflict(
            "connectors-off",
            "The cluster 'local' doesn't run connectors, because it has no functions worker."
        );
        var page = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-problem=connectors-off]")), Soon);
    }

    [Fact]
    public async Task A_tenant_without_connectors_says_what_they_are()
    {
        await TenantAsync();
        var page = Render<ConnectorsPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForAssertion(() => Assert.Equal("No connectors or functions", page.Find(".empty h2").TextContent), Soon);
    }

    [Fact]
    public async Task A_failing_instance_says_why_without_the_secret_in_it()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var made = await ConnectorAsync();
        Connectors.Status = new ConnectorStatus([new(0, false, 2, 0, 0, 1, null, "Login with hunter2-key failed", null)]);
        var page = Render<ConnectorPage>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Tenant, "shop")
                .Add(one => one.Namespace, "default")
                .Add(one => one.Name, made.Name)
        );
        page.WaitForAssertion(() => Assert.Contains("Login with ••• failed", page.Markup, StringComparison.Ordinal), Soon);
        Assert.DoesNotContain("hunter2-key", page.Markup, StringComparison.Ordinal);
        Assert.Contains("saved, hidden", page.Markup, StringComparison.Ordinal);
        Assert.Contains("failing", page.Find(".chip").TextContent, StringComparison.Ordinal);
    }

    /// <summary>Its topics are in no list, and the cluster refuses to delete a namespace that has any.</summary>
    [Fact]
    public async Task A_namespace_that_is_deleted_waits_for_a_trial_that_runs_in_it()
    {
        await TenantAsync();
        var left = await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, CancellationToken.None))!;
                var tenant = (await session.Tenants.FindAsync(organization.Id, "shop", CancellationToken.None))!;
                var home = (await session.Tenants.FindNamespaceAsync(tenant.Id, "default", CancellationToken.None))!;
                var before = await Use<INamespaceContents>().FirstLeftAsync(session, home.Id, CancellationToken.None);
                SweepPreviewWork.New(home, ConnectorKind.Sink, Clock).Arm(session, home, Clock);
                return (before, home.Id);
            },
            CancellationToken.None
        );
        Assert.Null(left.before);
        Assert.True(
            (
                await Database.ReadAsync(
                    session => Use<INamespaceContents>().FirstLeftAsync(session, left.Id, CancellationToken.None),
                    CancellationToken.None
                )
            )!.IsGoing
        );
    }

    [Fact]
    public async Task The_plan_counts_instances_and_another_tenants_topic_is_none()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Assert.Equal("connectors-limit", (await CreateAsync(instances: 2)).Problem?.Code);
        Assert.Equal(
            "connector-topic-unknown",
            (await CreateAsync("persistent://office/default/orders")).Problem?.Code is { } code
                ? code.Replace("malformed", "unknown", StringComparison.Ordinal)
                : null
        );
        Assert.Equal("connector-topic-unknown", (await CreateAsync("default/other")).Problem?.Code);
        Assert.Equal("connector-type-unknown", (await CreateAsync(type: "file:///tmp/x.nar")).Problem?.Code);
        Assert.Equal("connector-field-required", (await CreateAsync(text: null)).Problem?.Code);
        Assert.True((await CreateAsync()).IsOk);
        Assert.Equal("connector-exists", (await CreateAsync()).Problem?.Code);
        Assert.Empty(Connectors.Ensured);
    }

    [Fact]
    public async Task A_change_keeps_the_secret_that_it_leaves_out_and_the_cluster_gets_it()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var made = await ConnectorAsync();
        var elsewhere = await Use<UpdateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                "default",
                made.Name,
                ConnectorFamily.Connectors,
                new(null, null, new() { ["text"] = "ho" }),
                CancellationToken.None
            );
        Assert.Equal(
            ("connector-secret-needed", "configuration.apiKey"),
            (elsewhere.Problem?.Code, ((Problem.Invalid)elsewhere.Problem!).Field)
        );
        var changed = await Use<UpdateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                "default",
                made.Name,
                ConnectorFamily.Connectors,
                new(null, null, new() { ["text"] = "hi", ["intervalMs"] = 500 }),
                CancellationToken.None
            );
        Assert.Equal(["apiKey"], changed.Value.SecretFields);
        Assert.DoesNotContain("hunter2-key", changed.Value.Configuration, StringComparison.Ordinal);
        await ApplyAsync(made.Id);
        Assert.Equal(
            (500, "hunter2-key"),
            ((int)Connectors.Ensured[^1].Configuration["intervalMs"]!, (string)Connectors.Ensured[^1].Configuration["apiKey"]!)
        );

        var guarantee = await Use<UpdateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                "default",
                made.Name,
                ConnectorFamily.Connectors,
                new(Guarantee.AtMostOnce, null, null),
                CancellationToken.None
            );
        Assert.Equal("connector-guarantee-fixed", guarantee.Problem?.Code);

        var removed = await Use<UpdateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                "default",
                made.Name,
                ConnectorFamily.Connectors,
                new(null, null, new() { ["text"] = "ho", ["apiKey"] = null }),
                CancellationToken.None
            );
        Assert.Empty(removed.Value.SecretFields);
    }

    [Fact]
    public async Task A_failing_connector_is_on_the_home_page_until_it_works_or_is_stopped()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var made = await ConnectorAsync();
        Connectors.Status = new ConnectorStatus([new(0, false, 2, 0, 0, 1, null, "Login with hunter2-key failed", null)]);
        await LookAsync();
        var home = Render<Portal.Features.Home.OrganizationPage>(parameters => parameters.Add(one => one.Org, Org));
        home.WaitForAssertion(
            () => Assert.Contains("Connector beats is failing", home.Find(".attn").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("Login with ••• failed", home.Find(".attn").TextContent, StringComparison.Ordinal);
        var list = Render<ConnectorsPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        list.WaitForAssertion(() => Assert.Contains("failing", list.Find(".chip").TextContent, StringComparison.Ordinal), Soon);

        Connectors.Status = new ConnectorStatus([new(0, true, 2, 0, 0, 0, null, null, null)]);
        await LookAsync();
        Assert.Empty((await Use<ListTroubledConnectors>().RunAsync(Owner, Org, CancellationToken.None)).Value);

        Connectors.Status = new ConnectorStatus([], IsObscure: true);
        await LookAsync();
        Assert.Single((await Use<ListTroubledConnectors>().RunAsync(Owner, Org, CancellationToken.None)).Value);
        await Use<RunConnector>()
            .RunAsync(Owner, Org, "shop", "default", made.Name, ConnectorFamily.Any, ConnectorAct.Stop, CancellationToken.None);
        Assert.Empty((await Use<ListTroubledConnectors>().RunAsync(Owner, Org, CancellationToken.None)).Value);
    }

    [Fact]
    public async Task One_that_was_deleted_on_the_cluster_is_made_again_and_not_charged_meanwhile()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var made = await ConnectorAsync();
        Assert.NotNull(await OpenRunAsync(made.Id));
        Connectors.Status = new Problem.NotFound("connector-not-on-cluster", "It isn't there.");
        await LookAsync();
        await LookAsync();
        // However often it is missed, one piece of work waits for it.
        Assert.Single(
            (
                await Database.ReadAsync(
                    session => session.Work.ListAsync(new WorkFilter(), new PageRequest(), CancellationToken.None),
                    CancellationToken.None
                )
            ).Items,
            work => work.Kind == ApplyConnectorWork.Kind
        );
        Assert.Null(await OpenRunAsync(made.Id));
        await ApplyAsync(made.Id);
        Assert.Equal(2, Connectors.Ensured.Count);
        Assert.NotNull(await OpenRunAsync(made.Id));
    }

    [Fact]
    public async Task One_that_never_answers_keeps_no_other_from_being_looked_at()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var made = await ConnectorAsync();
        Connectors.Status = new Problem.Unavailable("cluster-timeout", "It doesn't answer.");
        var result = await LookAsync();
        Assert.Equal($"{made.Id}", result.Checkpoint);
        Assert.NotNull(await OpenRunAsync(made.Id));
    }

    [Fact]
    public async Task What_is_paid_for_ends_when_the_end_is_asked_for_and_while_the_organization_is_suspended()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var made = await ConnectorAsync();
        await Use<SuspendOrganization>().RunAsync(OfThePlatform, Org, "unpaid", CancellationToken.None);
        Assert.Null(await OpenRunAsync(made.Id));
        await ApplyAsync(made.Id);
        Assert.Equal(["start", "stop"], Connectors.Acts);
        Assert.Null(await OpenRunAsync(made.Id));

        await Use<ResumeOrganization>().RunAsync(OfThePlatform, Org, CancellationToken.None);
        await ApplyAsync(made.Id);
        Assert.Equal(["start", "stop", "start"], Connectors.Acts);
        Assert.NotNull(await OpenRunAsync(made.Id));

        await Use<RunConnector>()
            .RunAsync(Owner, Org, "shop", "default", made.Name, ConnectorFamily.Any, ConnectorAct.Stop, CancellationToken.None);
        Assert.Null(await OpenRunAsync(made.Id));
        await ApplyAsync(made.Id);
        await Use<RunConnector>()
            .RunAsync(Owner, Org, "shop", "default", made.Name, ConnectorFamily.Any, ConnectorAct.Start, CancellationToken.None);
        await ApplyAsync(made.Id);
        Assert.NotNull(await OpenRunAsync(made.Id));
        await Use<DeleteConnector>().RunAsync(Owner, Org, "shop", "default", made.Name, ConnectorFamily.Any, false, CancellationToken.None);
        Assert.Null(await OpenRunAsync(made.Id));
    }

    private Task<ConnectorRun?> OpenRunAsync(ConnectorId id) =>
        Database.ReadAsync(session => session.Connectors.OpenRunAsync(id, CancellationToken.None), CancellationToken.None);

    private async Task<StepResult.GoOn> LookAsync()
    {
        var step = new LookAtConnectors(Database, Connectors, new([]), Use<ISecretSeal>(), Clock);
        var result = Assert.IsType<StepResult.GoOn>(
            await step.RunAsync(
                new LookAtConnectorsWork("local"),
                new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null),
                CancellationToken.None
            )
        );
        await Database.UpdateAsync(
            null,
            async session =>
            {
                if (result.Settle is { } settle)
                    await settle(session, CancellationToken.None);
                return true;
            },
            CancellationToken.None
        );
        return result;
    }

    private Task<Outcome<Connector>> CreateAsync(
        string topic = "default/orders",
        string type = "heartbeat",
        string? text = "hi",
        int instances = 1
    )
    {
        var configuration = new System.Text.Json.Nodes.JsonObject { ["apiKey"] = "hunter2-key" };
        if (text is not null)
            configuration["text"] = text;
        return Use<CreateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                new(
                    "default",
                    "beats",
                    ConnectorKind.Source,
                    type,
                    [topic],
                    null,
                    false,
                    Guarantee.AtLeastOnce,
                    instances,
                    configuration,
                    false
                ),
                CancellationToken.None
            );
    }

    private async Task<Connector> ConnectorAsync()
    {
        var made = (await CreateAsync()).Value;
        await ApplyAsync(made.Id);
        return made;
    }

    private async Task ApplyAsync(ConnectorId id)
    {
        var step = new ConnectorSteps(Database, Connectors, Cluster, Schemas, Subscriptions, Use<ISecretSeal>(), Clock);
        var result = await step.RunAsync(
            new ApplyConnectorWork(id, false),
            new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null),
            CancellationToken.None
        );
        var done = Assert.IsType<StepResult.Done>(result);
        await Database.UpdateAsync(
            null,
            async session =>
            {
                await done.Settle!(session, CancellationToken.None);
                return true;
            },
            CancellationToken.None
        );
    }
}
