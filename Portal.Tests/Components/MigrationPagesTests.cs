using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Migration;
using Portal.Features.Migration;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class MigrationPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly ConnectionDraft Draft = new("kafka.example:9092", "sasl-scram-512", "portal", "s3cret-of-kafka", null);

    [Fact]
    public async Task Without_migrations_the_list_says_what_they_are_and_a_viewer_cannot_begin_one()
    {
        await TenantAsync();
        var page = Render<MigrationsPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Equal("No migrations", page.Find(".empty h2").TextContent), Soon);
        var viewer = await MemberAsync(Role.Viewer);
        var refused = Render<NewMigrationPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(viewer));
        refused.WaitForAssertion(() => Assert.Single(refused.FindAll("[data-problem=role-missing]")), Soon);
    }

    [Fact]
    public async Task A_test_shows_each_step_and_what_to_paste()
    {
        await TenantAsync();
        Kafka.Test = new(
            [
                new(ConnectionStep.Name, CheckState.Passed, null, "1 host name resolves."),
                new(
                    ConnectionStep.Tls,
                    CheckState.Failed,
                    "kafka-tls-untrusted",
                    "The certificate isn't trusted.",
                    "-----BEGIN CERTIFICATE-----"
                ),
                new(ConnectionStep.SignIn, CheckState.NotReached, null, "Not reached."),
            ],
            null,
            0
        );
        var page = Render<NewMigrationPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForElement("#bootstrap-servers").Input("kafka.example:9093");
        page.Find("#kafka-user").Input("portal");
        page.Find("#kafka-password").Input("s3cret-of-kafka");
        page.FindAll("button").Single(button => button.TextContent == "Test connection").Click();
        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-test=failed]")), Soon);
        Assert.Equal(["passed", "failed", "not reached"], page.FindAll("[data-test] .chip").Select(chip => chip.TextContent));
        Assert.Contains("-----BEGIN CERTIFICATE-----", page.Find("[data-test] pre").TextContent, StringComparison.Ordinal);
        Assert.Equal(KafkaSecurity.TlsSaslScram512, Assert.Single(Kafka.Asked).Security);
        Assert.DoesNotContain("s3cret", page.Find("[data-test]").TextContent, StringComparison.Ordinal);
        // The calls and the commands stand on the page.
        Assert.Contains("OffsetFetch", page.Markup, StringComparison.Ordinal);
        Assert.Contains("--allow-principal 'User:portal'", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_stands_at_its_field()
    {
        await TenantAsync();
        var page = Render<NewMigrationPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForElement("#name").Input("Move");
        page.Find("form").Submit();
        page.WaitForAssertion(
            () => Assert.Contains("bootstrap servers", page.Find("#bootstrap-servers-note").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Empty(Kafka.Asked);
    }

    [Fact]
    public async Task One_that_waits_for_its_cluster_says_why_and_its_tabs_show_what_was_seen()
    {
        await TenantAsync();
        Kafka.Topics["orders"] = new(3, 2, false, 1000, 1000, new Dictionary<string, string> { ["cleanup.policy"] = "compact" })
        {
            Sample = new(10, 1000, 200, DataFormat.Text, DataFormat.Json, [], 0, 2, 0),
        };
        Kafka.Topics["x-partition-0"] = Kafka.Topics["orders"];
        Kafka.Topics["__consumer_offsets"] = Kafka.Topics["orders"] with { IsInternal = true };
        Kafka.Groups["billing"] = new("billing", "Stable", 2, 40, 960, Clock.GetUtcNow(), ["orders"], null);
        var made = (await Use<CreateMigration>().RunAsync(Owner, Org, "shop", "From Kafka", Draft, CancellationToken.None)).Value;
        await InventoryRun.PostponeAsync(Database, Kafka, made, KafkaProblems.Silent("kafka.example:9092"));
        var page = Render<MigrationPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Id, $"{made.Id}"));
        page.WaitForAssertion(
            () => Assert.Contains("kafka.example:9092 didn't answer in time", page.Find(".note.bad").TextContent, StringComparison.Ordinal),
            Soon
        );

        await InventoryRun.ToEndAsync(Database, Kafka, Clock, made);
        var list = Shown(null);
        list.WaitForAssertion(
            () =>
                Assert.Equal(
                    ["__consumer_offsets", "orders", "x-partition-0"],
                    list.FindAll("tbody td.name")
                        .Select(cell => cell.ChildNodes.First(node => node.TextContent.Trim().Length > 0).TextContent.Trim())
                ),
            Soon
        );
        Assert.Contains("stays: Kafka's own", list.Markup, StringComparison.Ordinal);
        Assert.Contains("shop/default/orders", list.Markup, StringComparison.Ordinal);
        var groups = Shown("groups");
        groups.WaitForAssertion(() => Assert.Contains("reads orders", groups.Markup, StringComparison.Ordinal), Soon);
        var mapping = Shown("mapping");
        mapping.WaitForAssertion(
            () => Assert.Contains("can't contain -partition-", mapping.Find(".sub.error").TextContent, StringComparison.Ordinal),
            Soon
        );
        var run = Shown("dry-run");
        run.WaitForAssertion(() => Assert.Contains("What is created", run.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("tombstones", run.Markup, StringComparison.Ordinal);
        Assert.Contains("not copied", run.Markup, StringComparison.Ordinal);
        var connection = Shown("connection");
        connection.WaitForAssertion(() => Assert.Contains("Remove this migration", connection.Markup, StringComparison.Ordinal), Soon);
        Assert.DoesNotContain("s3cret", connection.Markup, StringComparison.Ordinal);

        IRenderedComponent<MigrationPage> Shown(string? tab)
        {
            Use<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo(Portal.Features.Links.Migration(Org, made.Id, tab));
            return Render<MigrationPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Id, $"{made.Id}"));
        }
    }
}
