using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Work;
using Portal.Features.Connectors;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class ConnectorPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_cluster_without_a_functions_worker_says_so_once()
    {
        await TenantAsync();
        Connectors.Types = new Problem.Conflict("connectors-off", "The cluster 'local' doesn't run connectors, because it has no functions worker.");
        var page = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-problem=connectors-off]")), Soon);
    }

    [Fact]
    public async Task A_tenant_without_connectors_says_what_they_are()
    {
        await TenantAsync();
        var page = Render<ConnectorsPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForAssertion(() => Assert.Equal("No connectors", page.Find(".empty h2").TextContent), Soon);
    }

    [Fact]
    public async Task A_failing_instance_says_why_without_the_secret_in_it()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var made = await ConnectorAsync();
        Connectors.Status = new ConnectorStatus([new(0, false, 2, 0, 0, 1, null, "Login with hunter2-key failed", null)]);
        var page = Render<ConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop").Add(one => one.Namespace, "default").Add(one => one.Name, made.Name));
        page.WaitForAssertion(() => Assert.Contains("Login with ••• failed", page.Markup, StringComparison.Ordinal), Soon);
        Assert.DoesNotContain("hunter2-key", page.Markup, StringComparison.Ordinal);
        Assert.Contains("saved, hidden", page.Markup, StringComparison.Ordinal);
        Assert.Contains("failing", page.Find(".chip").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plan_counts_instances_and_another_tenants_topic_is_none()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Assert.Equal("connectors-limit", (await CreateAsync(instances: 2)).Problem?.Code);
        Assert.Equal("connector-topic-unknown", (await CreateAsync("persistent://office/default/orders")).Problem?.Code is { } code ? code.Replace("malformed", "unknown", StringComparison.Ordinal) : null);
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
        var changed = await Use<UpdateConnector>().RunAsync(Owner, Org, "shop", "default", made.Name, new(null, null, new() { ["text"] = "ho" }), CancellationToken.None);
        Assert.Equal(["apiKey"], changed.Value.SecretFields);
        Assert.DoesNotContain("hunter2-key", changed.Value.Configuration, StringComparison.Ordinal);
        await ApplyAsync(made.Id);
        Assert.Equal(("ho", "hunter2-key"), ((string)Connectors.Ensured[^1].Configuration["text"]!, (string)Connectors.Ensured[^1].Configuration["apiKey"]!));

        var removed = await Use<UpdateConnector>().RunAsync(Owner, Org, "shop", "default", made.Name, new(null, null, new() { ["text"] = "ho", ["apiKey"] = null }), CancellationToken.None);
        Assert.Empty(removed.Value.SecretFields);
    }

    private Task<Outcome<Connector>> CreateAsync(string topic = "default/orders", string type = "heartbeat", string? text = "hi", int instances = 1)
    {
        var configuration = new System.Text.Json.Nodes.JsonObject { ["apiKey"] = "hunter2-key" };
        if (text is not null) configuration["text"] = text;
        return Use<CreateConnector>().RunAsync(
            Owner, Org, "shop", new("default", "beats", ConnectorKind.Source, type, [topic], null, false, Guarantee.AtLeastOnce, instances, configuration, false), CancellationToken.None);
    }

    private async Task<Connector> ConnectorAsync()
    {
        var made = (await CreateAsync()).Value;
        await ApplyAsync(made.Id);
        return made;
    }

    private async Task ApplyAsync(ConnectorId id)
    {
        var step = new ConnectorSteps(Database, Connectors, Cluster, Use<ISecretSeal>(), Clock);
        var result = await step.RunAsync(new ApplyConnectorWork(id, false), new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null), CancellationToken.None);
        var done = Assert.IsType<StepResult.Done>(result);
        await Database.UpdateAsync(null, async session =>
        {
            await done.Settle!(session, CancellationToken.None);
            return true;
        }, CancellationToken.None);
    }
}
