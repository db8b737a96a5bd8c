using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Work;
using Portal.Features.Connectors;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>What an operator hides and fixes of a connector is the operator's, on every way to the cluster.</summary>
public sealed class ConnectorTermsTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly CancellationToken Stop = CancellationToken.None;

    private Actor Operator => Owner with { IsOperator = true };

    [Fact]
    public async Task A_fixed_value_reaches_the_cluster_and_nobody_else()
    {
        await PrepareAsync();
        Assert.True((await SetAsync(new() { ["apiKey"] = "hunter2-key", ["text"] = "from us" })).IsOk);
        var definition = (await Use<GetConnectorType>().RunAsync(Owner, Org, "shop", ConnectorKind.Source, "heartbeat", Stop)).Value;
        Assert.DoesNotContain(definition.Fields, field => field.Name is "apiKey" or "text");

        var made = (await CreateAsync([])).Value;
        await ApplyAsync(made.Id);
        Assert.Equal("hunter2-key", (string?)Connectors.Ensured[^1].Configuration["apiKey"]);
        Assert.Equal("from us", (string?)Connectors.Ensured[^1].Configuration["text"]);
        var stored = (await FindAsync(made.Id))!;
        Assert.Equal("{}", stored.Configuration);
        Assert.Null(stored.SealedSecrets);
        var told = (await Use<GetConnectorTerms>().RunAsync(Operator, "local", ConnectorKind.Source, "heartbeat", Stop)).Value;
        Assert.Equal(["apiKey"], told.Terms.FixedSecrets);
        Assert.DoesNotContain("hunter2", told.Terms.Fixed.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_the_operators_is_refused_from_customers_by_name()
    {
        await PrepareAsync();
        await SetAsync(new() { ["text"] = "from us" });
        var refused = Assert.IsType<Problem.Invalid>((await CreateAsync(new() { ["text"] = "mine" })).Problem);
        Assert.Equal(("connector-field-closed", "configuration.text"), (refused.Code, refused.Field));
    }

    [Fact]
    public async Task The_operators_secret_is_in_no_exception_that_is_shown()
    {
        await PrepareAsync();
        await SetAsync(new() { ["apiKey"] = "hunter2-key", ["text"] = "from us" });
        var made = (await CreateAsync([])).Value;
        await ApplyAsync(made.Id);
        Connectors.Status = new ConnectorStatus([new(0, false, 2, 0, 0, 1, null, "Login with hunter2-key failed", null)]);
        var status = await Use<GetConnectorStatus>().RunAsync(Owner, Org, "shop", "default", made.Name, ConnectorFamily.Connectors, Stop);
        Assert.Equal("Login with ••• failed", Assert.Single(status.Value.Instances).Trouble);
    }

    [Fact]
    public async Task A_new_value_reaches_what_runs_already()
    {
        await PrepareAsync();
        var made = (await CreateAsync(new() { ["text"] = "mine", ["apiKey"] = "customers-key" })).Value;
        await ApplyAsync(made.Id);
        Connectors.Status = new ConnectorStatus([new(0, true, 0, 0, 0, 0, null, null, null)]);
        await LookAsync();
        Assert.Null(await OpenWorkAsync(made));

        await SetAsync(new() { ["text"] = "from us" });
        await LookAsync();
        Assert.NotNull(await OpenWorkAsync(made));
        await ApplyAsync(made.Id);
        Assert.Equal("from us", (string?)Connectors.Ensured[^1].Configuration["text"]);
        Assert.Equal("customers-key", (string?)Connectors.Ensured[^1].Configuration["apiKey"]);
    }

    /// <summary>A customer who says where a connector connects to would be sent the operator's password there.</summary>
    [Fact]
    public async Task A_fixed_secret_cannot_be_led_elsewhere()
    {
        await PrepareAsync();
        var refused = (await SetAsync(new() { ["apiKey"] = "hunter2-key" })).Problem!;
        Assert.Equal("connector-terms-leak", refused.Code);
        Assert.Contains("fix Text", refused.Message, StringComparison.Ordinal);
        Assert.True((await SetAsync(new() { ["apiKey"] = "hunter2-key", ["text"] = "a" })).IsOk);
    }

    [Fact]
    public async Task A_stored_secret_is_kept_without_being_typed_again()
    {
        await PrepareAsync();
        await SetAsync(new() { ["apiKey"] = "hunter2-key", ["text"] = "a" });
        Assert.True((await SetAsync(new() { ["apiKey"] = null, ["text"] = "b" })).IsOk);
        var made = (await CreateAsync([])).Value;
        await ApplyAsync(made.Id);
        Assert.Equal("hunter2-key", (string?)Connectors.Ensured[^1].Configuration["apiKey"]);
        Assert.Equal("b", (string?)Connectors.Ensured[^1].Configuration["text"]);
    }

    [Theory]
    [InlineData("nothing", "connector-field-unknown")]
    [InlineData("text", "connector-terms-both")]
    public async Task Settings_that_cannot_be_hidden_are_named(string hidden, string code)
    {
        await PrepareAsync();
        Assert.Equal(code, (await SetAsync(new() { ["text"] = "a" }, hidden)).Problem?.Code);
    }

    [Fact]
    public async Task What_a_connector_cannot_run_without_is_fixed_rather_than_hidden()
    {
        await PrepareAsync();
        Assert.Equal("connector-terms-needed", (await SetAsync([], "text")).Problem?.Code);
    }

    [Fact]
    public async Task The_page_saves_a_note_and_a_value_and_the_customers_form_says_so()
    {
        await PrepareAsync();
        var page = Render<ConnectorTermsPage>(parameters =>
            parameters
                .AddCascadingValue(Operator)
                .Add(one => one.Cluster, "local")
                .Add(one => one.Kind, "source")
                .Add(one => one.Type, "heartbeat")
        );
        page.WaitForElement("tr[data-setting=text] select", Soon).Change("fix");
        page.Find("#fixed-text").Input("from us");
        page.Find("#terms-note").Input("Ask us first");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("Saved", page.Find("[role=status]").TextContent, StringComparison.Ordinal), Soon);

        Services.GetRequiredService<NavigationManager>().NavigateTo($"o/{Org}/tenants/shop/connectors/new?type=source:heartbeat");
        var form = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        form.WaitForAssertion(() => Assert.Equal("Ask us first", form.Find("[data-note]").TextContent), Soon);
        Assert.Contains("text", form.Find("[data-fixed]").TextContent, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(form.FindAll("#field-text"));
    }

    private async Task PrepareAsync()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
    }

    private Task<Outcome<OperatedConnector>> SetAsync(JsonObject values, params string[] hidden) =>
        Use<SetConnectorTerms>()
            .RunAsync(Operator, "local", ConnectorKind.Source, "heartbeat", new WantedTerms(null, hidden, values), Stop);

    private Task<Outcome<Connector>> CreateAsync(JsonObject configuration) =>
        Use<CreateConnector>()
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
                    configuration,
                    false
                ),
                Stop
            );

    private Task<Connector?> FindAsync(ConnectorId id) => Database.ReadAsync(session => session.Connectors.FindAsync(id, Stop), Stop);

    private Task<WorkItem?> OpenWorkAsync(Connector connector) =>
        Database.ReadAsync(session => session.Work.FindOpenAsync($"connector:{connector.Id}", ApplyConnectorWork.Kind, Stop), Stop);

    private async Task ApplyAsync(ConnectorId id)
    {
        // The engine does not run here: what it would do is done by hand, and its row with it.
        await SettleAsync(
            async (session, token) =>
                (await session.Work.FindOpenAsync($"connector:{id}", ApplyConnectorWork.Kind, token))?.Finish(new(), Clock.GetUtcNow())
        );
        var step = new ConnectorSteps(Database, Connectors, Cluster, Schemas, Subscriptions, Use<ISecretSeal>(), Clock);
        var done = Assert.IsType<StepResult.Done>(await step.RunAsync(new ApplyConnectorWork(id, false), Turn, Stop));
        await SettleAsync(done.Settle!);
    }

    private async Task LookAsync()
    {
        var step = new LookAtConnectors(Database, Connectors, new([]), Use<ISecretSeal>(), Clock);
        var result = Assert.IsType<StepResult.GoOn>(await step.RunAsync(new LookAtConnectorsWork("local"), Turn, Stop));
        if (result.Settle is { } settle)
            await SettleAsync(settle);
    }

    private WorkTurn Turn => new(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null);

    private Task SettleAsync(Settle settle) =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                await settle(session, Stop);
                return true;
            },
            Stop
        );
}
