using System.Net;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Playwright;
using Portal.Tests.Adapters.KafkaSource;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>What a person does who moves over from Kafka: connect, inventory, mapping, dry run, copy, proof. The Kafka is real.</summary>
public sealed partial class MigrationJourneyTests
{
    private static readonly string Long = new('l', 249);

    [Fact]
    public async Task From_a_wrong_password_to_what_the_first_month_costs()
    {
        await using var kafka = await KafkaServer.StartAsync();
        await FillAsync(kafka);
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("taken");
        var api = "/api/v1/organizations/northwind/migrations";

        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await visitor.GoAsync("o/northwind/migrations");
        await visitor.HeadingAsync("No migrations");
        await visitor.LookedAtAsync();
        await visitor.GoAsync("o/northwind/migrations/new");
        var page = visitor.Page;
        await page.Locator("#name").FillAsync("Old Kafka");
        // A server that breaks the Kafka client breaks nothing else, and is told which step it broke.
        using (var hostile = new HostileKafka { ClusterId = null })
        {
            await page.Locator("#bootstrap-servers").FillAsync(hostile.Address);
            await page.Locator("#kafka-security").SelectOptionAsync("Plaintext");
            await visitor.PressAsync("Test connection");
            await Assertions
                .Expect(page.Locator("[data-test=failed]"))
                .ToContainTextAsync("Portal's Kafka client stopped while talking to this Kafka.", new() { Timeout = 60_000 });
            await visitor.LookedAtAsync();
        }
        await page.Locator("#bootstrap-servers").FillAsync(kafka.Sasl);
        await page.Locator("#kafka-security").SelectOptionAsync("SaslScram512");
        await page.Locator("#kafka-user").FillAsync("portal");
        await page.Locator("#kafka-password").FillAsync("wrong-secret");
        await visitor.PressAsync("Test connection");
        await Assertions
            .Expect(page.Locator("[data-test=failed]"))
            .ToContainTextAsync("Kafka didn't accept this user and password with SCRAM-SHA-512.", new() { Timeout = 30_000 });
        await visitor.LookedAtAsync();
        await page.Locator("#kafka-password").FillAsync("portal-secret");
        await visitor.PressAsync("Test connection");
        await Assertions.Expect(page.Locator("[data-test=works]")).ToContainTextAsync("Signed in as portal.", new() { Timeout = 30_000 });
        await visitor.PressAsync("Create migration");
        await visitor.HeadingAsync("Old Kafka");

        await Assertions.Expect(page.Locator(".head .chip")).ToHaveTextAsync("planned", new() { Timeout = 90_000 });
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("__consumer_offsets");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("stays: Kafka's own");
        await LooksAsync(visitor, "inventory");
        var id = (string)(await rest.GetAsync(api))["items"]![0]!["id"]!;
        var totals = (await rest.GetAsync($"{api}/{id}"))["totals"]!;
        Assert.Equal((31, 30, 3), ((int)totals["topics"]!, (int)totals["moving"]!, (int)totals["blocked"]!));
        var topics = (await rest.GetAsync($"{api}/{id}/topics"))["items"]!
            .AsArray()
            .ToDictionary(topic => (string)topic!["name"]!, topic => topic!);
        var orders = topics["shop.orders"];
        Assert.Equal(
            (3, 4L, "json", 1, 1),
            (
                (int)orders["partitions"]!,
                (long)orders["messages"]!,
                (string)orders["sample"]!["values"]!,
                (int)orders["sample"]!["nullKeys"]!,
                (int)orders["sample"]!["tombstones"]!
            )
        );
        Assert.Equal(1, (int)orders["consumerGroups"]!);
        Assert.Equal("compact", (string)topics["a.b_c"]["configuration"]!["cleanup.policy"]!);

        await visitor.GoAsync($"o/northwind/migrations/{id}?tab=groups");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("reads shop.orders");
        await LooksAsync(visitor, "groups");
        await visitor.GoAsync($"o/northwind/migrations/{id}?tab=mapping");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("can't contain -partition-");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("1 to 200 characters");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("already exists");
        await LooksAsync(visitor, "mapping");
        await ChooseAsync(visitor, "sensors-partition-0", "Move it", "sensors-0");
        await ChooseAsync(visitor, Long, "Leave it in Kafka", null);
        await ChooseAsync(visitor, "taken", "Move it", "taken-from-kafka");
        await visitor.HeadingAsync("Nothing to settle");

        await visitor.PressAsync("Add rule");
        await page.Locator("#pattern-1").FillAsync("many-");
        await page.Locator("#namespace-1").FillAsync("many");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move rule 2 up" }).ClickAsync();
        await visitor.PressAsync("Save rules");
        await Eventually.TrueAsync(
            async () =>
                (string?)(await rest.GetAsync($"{api}/{id}/topics?search=many-07"))["items"]![0]!["mapping"]!["namespace"] == "many",
            "the rule has been applied"
        );

        await visitor.GoAsync($"o/northwind/migrations/{id}?tab=dry-run");
        await visitor.HeadingAsync("What is created");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("allows 5 topics in a namespace");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("The Free plan costs nothing.");
        await LooksAsync(visitor, "dry-run");
        var run = await rest.GetAsync($"{api}/{id}/dry-run?bytesPerSecond=1048576");
        Assert.False((bool)run["ready"]!);
        Assert.Contains(run["clashes"]!.AsArray(), clash => (string)clash!["code"]! == "tombstones");
        Assert.DoesNotContain(
            "portal-secret",
            run.ToJsonString() + (await rest.GetAsync("/api/v1/organizations/northwind/audit?limit=1000")).ToJsonString(),
            StringComparison.Ordinal
        );

        await visitor.GoAsync($"o/northwind/migrations/{id}?tab=connection");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Remove migration…");
        await page.Locator("#confirm-name").FillAsync("Old Kafka");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Remove migration", Exact = true }).ClickAsync();
        await visitor.HeadingAsync("No migrations");
        Assert.Equal(
            ["migration.remove", "migration.map", "migration.choose", "migration.choose", "migration.choose", "migration.create"],
            (await rest.GetAsync("/api/v1/organizations/northwind/audit?operation=migration"))["items"]!
                .AsArray()
                .Select(one => (string)one!["operation"]!)
        );
    }

    /// <summary>Keeps pictures: light, dark and as wide as a phone.</summary>
    private static async Task LooksAsync(Visitor visitor, string name)
    {
        await visitor.LookedAtAsync();
        await visitor.PictureAsync($"migration-{name}-light");
        await visitor.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await visitor.PictureAsync($"migration-{name}-dark");
        await visitor.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await visitor.Page.SetViewportSizeAsync(390, 800);
        await visitor.PictureAsync($"migration-{name}-phone");
        await visitor.Page.SetViewportSizeAsync(1280, 900);
    }

    private static async Task ChooseAsync(Visitor visitor, string topic, string choice, string? name, string? inside = null)
    {
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = topic, Exact = true }).ClickAsync();
        var dialog = visitor.Page.Locator(".mud-dialog");
        await dialog.GetByText(choice).ClickAsync();
        if (name is not null)
            await dialog.Locator("#target-name").FillAsync(name);
        if (inside is not null)
            await dialog.Locator("#target-namespace").FillAsync(inside);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save choice", Exact = true }).ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
    }
}
