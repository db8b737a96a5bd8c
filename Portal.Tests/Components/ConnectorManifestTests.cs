using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Connectors;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class ConnectorManifestTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly CancellationToken Stop = CancellationToken.None;

    [Fact]
    public async Task Applied_again_a_manifest_changes_nothing_and_restarts_nothing()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var manifest = Manifest();
        Assert.Equal(Application.Created, (await ApplyAsync(manifest)).Value.Application);
        var made = (await GetAsync()).Value;
        Assert.Equal("hunter2-key", OpenedKey(made));
        // With its secret, and as it was exported, without it.
        Assert.Equal(Application.Unchanged, (await ApplyAsync(manifest)).Value.Application);
        Assert.Equal(
            Application.Unchanged,
            (await ApplyAsync(ConnectorManifest.Read(ConnectorManifest.Of(made).Write()).Value)).Value.Application
        );
        Assert.Equal(made.Revision, (await GetAsync()).Value.Revision);

        Assert.Equal(Application.Updated, (
                await ApplyAsync(
                    manifest with
                    {
                        Configuration = new() { ["text"] = "hi", ["intervalMs"] = 5 },
                    }
                )
            ).Value.Application);
        Assert.Equal("hunter2-key", OpenedKey((await GetAsync()).Value));
        Assert.Equal(
            (Application.Updated, ConnectorWish.Stop),
            await AppliedWishAsync(
                manifest with
                {
                    Configuration = new() { ["text"] = "hi", ["intervalMs"] = 5 },
                    Wish = ConnectorWish.Stop,
                }
            )
        );
        Assert.Equal(
            (Application.Unchanged, ConnectorWish.Stop),
            await AppliedWishAsync(
                manifest with
                {
                    Configuration = new() { ["text"] = "hi", ["intervalMs"] = 5 },
                    Wish = null,
                }
            )
        );
        Assert.Equal(
            (Application.Updated, ConnectorWish.Run),
            await AppliedWishAsync(
                manifest with
                {
                    Configuration = new() { ["text"] = "hi", ["intervalMs"] = 5 },
                    Wish = ConnectorWish.Run,
                }
            )
        );
    }

    [Fact]
    public async Task What_can_not_be_changed_is_named_and_nothing_is_changed()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        await TopicAsync("shop", "other");
        var manifest = Manifest();
        var made = (await ApplyAsync(manifest)).Value.Connector;
        Assert.Equal("topics", await FixedAsync(manifest with { Topics = ["default/other"] }));
        Assert.Equal("type", await FixedAsync(manifest with { Type = "kafka" }));
        Assert.Equal("kind", await FixedAsync(manifest with { Kind = ConnectorKind.Sink }));
        Assert.Equal(
            "guarantee",
            await FixedAsync(
                manifest with
                {
                    Guarantee = Guarantee.AtMostOnce,
                    Instances = 1,
                    Configuration = new() { ["text"] = "ho" },
                }
            )
        );
        Assert.Equal(made.Revision, (await GetAsync()).Value.Revision);
    }

    [Fact]
    public async Task Secrets_of_an_export_are_asked_for_where_they_are_not_stored()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        await ApplyAsync(Manifest());
        var exported = ConnectorManifest.Of((await GetAsync()).Value);
        Assert.DoesNotContain("hunter2-key", exported.Write(), StringComparison.Ordinal);
        var copy = await Use<ApplyConnector>().RunAsync(Owner, Org, "shop", "default", "copy", ConnectorFamily.Connectors, exported, Stop);
        Assert.Equal(("connector-secret-needed", "configuration.apiKey"), (copy.Problem!.Code, ((Problem.Invalid)copy.Problem).Field));
        Assert.Equal(
            "connector-not-found",
            (await Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", "copy", ConnectorFamily.Any, Stop)).Problem?.Code
        );
    }

    [Fact]
    public async Task What_a_manifest_calls_a_secret_is_stored_as_one_whatever_its_name()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var open = Manifest() with
        {
            Configuration = new() { ["text"] = "postgres://u:hunter2-dsn@db/shop" },
            Secrets = [],
        };
        Assert.Contains("hunter2-dsn", (await ApplyAsync(open)).Value.Connector.Configuration, StringComparison.Ordinal);
        Assert.Equal(Application.Updated, (await ApplyAsync(open with { Secrets = ["text"] })).Value.Application);
        var sealedNow = (await GetAsync()).Value;
        Assert.Equal("{}", sealedNow.Configuration);
        Assert.Equal(["text"], sealedNow.SecretFields);
        // Sent again without saying so, it stays one.
        await ApplyAsync(open with { Configuration = new() { ["text"] = "postgres://u:hunter3-dsn@db/shop" } });
        Assert.Equal("{}", (await GetAsync()).Value.Configuration);
        Assert.Equal("connector-secret-needed", (await ApplyAsync(open with { Secrets = ["intervalMs"] })).Problem?.Code);
    }

    [Fact]
    public async Task What_an_instance_says_of_a_setting_is_said_at_that_setting_while_it_is_corrected()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Connectors.Types = Outcome.Of<IReadOnlyList<ConnectorType>>([new(ConnectorKind.Source, "kafka", "Copies a topic")]);
        Connectors.Fields = Outcome.Of<IReadOnlyList<ConnectorField>>([
            new("bootstrapServers", FieldKind.Text, true, null, null, false),
            new("saslJaasConfig", FieldKind.Text, false, null, null, false),
            .. Enumerable.Range(0, 8).Select(number => new ConnectorField($"more{number}", FieldKind.Text, false, null, null, false)),
        ]);
        Assert.True(
            (
                await ApplyAsync(
                    Manifest() with
                    {
                        Type = "kafka",
                        Configuration = new()
                        {
                            ["bootstrapServers"] = "kafka:9092",
                            ["saslJaasConfig"] =
                                """org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="hunter2-jaas";""",
                        },
                        Secrets = [],
                    }
                )
            ).IsOk
        );
        Connectors.Status = new ConnectorStatus([
            new(
                0,
                false,
                2,
                0,
                0,
                1,
                null,
                "org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed: Invalid username or password",
                null
            ),
        ]);
        var made = (await GetAsync()).Value.Id;
        await Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Connectors.FindAsync(made, Stop))!.Applied(1, 0, Clock.GetUtcNow());
                return true;
            },
            Stop
        );
        var page = Render<ConnectorPage>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Tenant, "shop")
                .Add(one => one.Namespace, "default")
                .Add(one => one.Name, "beats")
        );
        page.WaitForAssertion(
            () => Assert.Contains("Kafka refused the user name or the password.", page.Markup, StringComparison.Ordinal),
            Soon
        );
        await page.WaitForElement("button:contains('Edit settings')", Soon).ClickAsync(new());
        page.WaitForAssertion(
            () =>
                Assert.StartsWith(
                    "Kafka refused the user name or the password.",
                    page.Find("#field-saslJaasConfig-note").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        Assert.True(page.Find("details.more:has(#field-saslJaasConfig)").HasAttribute("open"));
        // What was wrong was wrong with what stood there.
        page.Find("#field-saslJaasConfig").Input("another");
        page.WaitForAssertion(
            () => Assert.DoesNotContain("Kafka refused", page.Find("#field-saslJaasConfig-note").TextContent, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task A_source_creates_its_topic_on_the_way()
    {
        await TenantAsync();
        var made = await ApplyAsync(Manifest() with { Topics = ["default/fresh"], CreateOutput = true });
        Assert.Equal("persistent://shop/default/fresh", made.Value.Connector.Topics.Single());
        Assert.True((await Use<Portal.Domain.Topics.GetTopic>().RunAsync(Owner, Org, "shop", "default", "fresh", Stop)).IsOk);
        Assert.Equal(
            "connector-topic-unknown",
            (
                await Use<ApplyConnector>()
                    .RunAsync(
                        Owner,
                        Org,
                        "shop",
                        "default",
                        "second",
                        ConnectorFamily.Connectors,
                        Manifest() with
                        {
                            Topics = ["elsewhere/fresh"],
                            CreateOutput = true,
                        },
                        Stop
                    )
            )
                .Problem
                ?.Code
        );
    }

    [Theory]
    [InlineData("", "Check line 1")]
    [InlineData("[]", "Paste one JSON object")]
    [InlineData("""{"kind": "drain"}""", "Set kind to source, sink or function")]
    [InlineData("""{"kind": "sink", "positon": "latest"}""", "positon")]
    [InlineData("""{"kind": "sink", "instances": "two"}""", "instances")]
    [InlineData("""{"kind": "sink", "wanted": "on"}""", "Set wanted to running or stopped")]
    public void A_text_that_is_no_manifest_says_where(string text, string says)
    {
        var problem = Assert.IsType<Problem.Invalid>(ConnectorManifest.Read(text).Problem);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pasted_manifest_fills_the_form_and_json_and_fields_carry_over()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var page = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForElement("#manifest", Soon)
            .Input(
                Manifest() is var manifest
                    ? (
                        manifest with
                        {
                            Configuration = new() { ["text"] = "hello", ["intervalMs"] = 5 },
                            Secrets = [],
                        }
                    ).Write()
                    : ""
            );
        await page.FindAll("form").First(form => form.QuerySelector("#manifest") is not null).SubmitAsync();
        page.WaitForAssertion(() => Assert.Equal("hello", page.Find("#field-text").GetAttribute("value")), Soon);
        Assert.Contains("source%3Aheartbeat", Use<NavigationManager>().Uri, StringComparison.Ordinal);

        await page.FindAll(".seg button").Single(button => button.TextContent == "JSON").ClickAsync(new());
        Assert.Equal("hello", (string?)JsonNode.Parse(page.Find("#configuration").GetAttribute("value")!)!["text"]);
        page.Find("#configuration").Input("""{"text": "hi", "odd": 1}""");
        await page.FindAll(".seg button").Single(button => button.TextContent == "Form").ClickAsync(new());
        Assert.Contains("no setting named 'odd'", page.Find("#configuration-note").TextContent, StringComparison.Ordinal);
        page.Find("#configuration").Input("""{"text": "hi"}""");
        await page.FindAll(".seg button").Single(button => button.TextContent == "Form").ClickAsync(new());
        Assert.Equal("hi", page.Find("#field-text").GetAttribute("value"));
        page.Find("#name").Input("beats");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(
            () => Assert.EndsWith("/connectors/default/beats", Use<NavigationManager>().Uri, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task A_saved_secret_can_be_removed_and_a_refused_save_is_said_at_its_field()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        await ApplyAsync(Manifest());
        var page = Render<ConnectorPage>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Tenant, "shop")
                .Add(one => one.Namespace, "default")
                .Add(one => one.Name, "beats")
        );
        await page.WaitForElement("button:contains('Edit settings')", Soon).ClickAsync(new());
        page.WaitForElement("#field-text", Soon).Input("elsewhere");
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(
            () =>
                Assert.StartsWith(
                    "Enter apiKey again, because you changed Text.",
                    page.Find("#field-apiKey-note").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        page.Find(".check input").Change(true);
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("#field-text")), Soon);
        Assert.Empty((await GetAsync()).Value.SecretFields);
    }

    private static ConnectorManifest Manifest() =>
        new(
            ConnectorKind.Source,
            "heartbeat",
            ["default/orders"],
            null,
            false,
            null,
            null,
            null,
            null,
            new() { ["text"] = "hi", ["apiKey"] = "hunter2-key" },
            ["apiKey"],
            ConnectorWish.Run
        );

    private Task<Outcome<AppliedConnector>> ApplyAsync(ConnectorManifest manifest) =>
        Use<ApplyConnector>().RunAsync(Owner, Org, "shop", "default", "beats", ConnectorFamily.Connectors, manifest, Stop);

    private async Task<(Application, ConnectorWish)> AppliedWishAsync(ConnectorManifest manifest)
    {
        var applied = (await ApplyAsync(manifest)).Value;
        return (applied.Application, applied.Connector.Wish);
    }

    private async Task<string?> FixedAsync(ConnectorManifest manifest) =>
        Assert.IsType<Problem.Conflict>((await ApplyAsync(manifest)).Problem) is { Code: "connector-fixed" } conflict
            ? conflict.Field
            : null;

    private Task<Outcome<Connector>> GetAsync() =>
        Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", "beats", ConnectorFamily.Any, Stop);

    private string? OpenedKey(Connector connector) => (string?)connector.OpenSecrets(Use<ISecretSeal>())!["apiKey"];
}
