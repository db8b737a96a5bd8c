using System.Net;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>What a person does who moves over from Kafka: connect, inventory, mapping, dry run, copy, proof. The Kafka is real.</summary>
public sealed class MigrationJourneyTests
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
        await page.Locator("#bootstrap-servers").FillAsync(kafka.Sasl);
        await page.Locator("#kafka-security").SelectOptionAsync("SaslScram512");
        await page.Locator("#kafka-user").FillAsync("portal");
        await page.Locator("#kafka-password").FillAsync("wrong-secret");
        await visitor.PressAsync("Test connection");
        await Assertions.Expect(page.Locator("[data-test=failed]")).ToContainTextAsync("Kafka didn't accept this user and password with SCRAM-SHA-512.", new() { Timeout = 30_000 });
        await visitor.LookedAtAsync();
        await page.Locator("#kafka-password").FillAsync("portal-secret");
        await visitor.PressAsync("Test connection");
        await Assertions.Expect(page.Locator("[data-test=works]")).ToContainTextAsync("Signed in as portal.", new() { Timeout = 30_000 });
        await visitor.PressAsync("Create migration");
        await visitor.HeadingAsync("Old Kafka");

        await Assertions.Expect(page.Locator(".head .chip")).ToHaveTextAsync("planned", new() { Timeout = 90_000 });
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("__consumer_offsets");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("stays: Kafka's own");
        await visitor.LookedAtAsync();
        var id = (string)(await rest.GetAsync(api))["items"]![0]!["id"]!;
        var totals = (await rest.GetAsync($"{api}/{id}"))["totals"]!;
        Assert.Equal((31, 30, 3), ((int)totals["topics"]!, (int)totals["moving"]!, (int)totals["blocked"]!));
        var topics = (await rest.GetAsync($"{api}/{id}/topics"))["items"]!.AsArray().ToDictionary(topic => (string)topic!["name"]!, topic => topic!);
        var orders = topics["shop.orders"];
        Assert.Equal((3, 4L, "json", 1, 1), ((int)orders["partitions"]!, (long)orders["messages"]!, (string)orders["sample"]!["values"]!, (int)orders["sample"]!["nullKeys"]!, (int)orders["sample"]!["tombstones"]!));
        Assert.Equal(1, (int)orders["consumerGroups"]!);
        Assert.Equal("compact", (string)topics["a.b_c"]["configuration"]!["cleanup.policy"]!);

        await visitor.GoAsync($"o/northwind/migrations/{id}?tab=groups");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("reads shop.orders");
        await visitor.LookedAtAsync();
        await visitor.GoAsync($"o/northwind/migrations/{id}?tab=mapping");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("can't contain -partition-");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("1 to 200 characters");
        await Assertions.Expect(page.Locator("table.list")).ToContainTextAsync("already exists");
        await visitor.LookedAtAsync();
        await ChooseAsync(visitor, "sensors-partition-0", "Move it", "sensors-0");
        await ChooseAsync(visitor, Long, "Leave it in Kafka", null);
        await ChooseAsync(visitor, "taken", "Move it", "taken-from-kafka");
        await visitor.HeadingAsync("Nothing to settle");

        await visitor.PressAsync("Add rule");
        await page.Locator("#pattern-1").FillAsync("many-");
        await page.Locator("#namespace-1").FillAsync("many");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move rule 2 up" }).ClickAsync();
        await visitor.PressAsync("Save rules");
        await Eventually.TrueAsync(async () => (string?)(await rest.GetAsync($"{api}/{id}/topics?search=many-07"))["items"]![0]!["mapping"]!["namespace"] == "many", "the rule has been applied");

        await visitor.GoAsync($"o/northwind/migrations/{id}?tab=dry-run");
        await visitor.HeadingAsync("What is created");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("allows 5 topics in a namespace");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("The Free plan costs nothing.");
        await visitor.LookedAtAsync();
        var run = await rest.GetAsync($"{api}/{id}/dry-run?bytesPerSecond=1048576");
        Assert.False((bool)run["ready"]!);
        Assert.Contains(run["clashes"]!.AsArray(), clash => (string)clash!["code"]! == "tombstones");
        Assert.DoesNotContain("portal-secret", run.ToJsonString() + (await rest.GetAsync("/api/v1/organizations/northwind/audit?limit=1000")).ToJsonString(), StringComparison.Ordinal);

        await visitor.GoAsync($"o/northwind/migrations/{id}?tab=connection");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Remove migration…");
        await page.Locator("#confirm-name").FillAsync("Old Kafka");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Remove migration", Exact = true }).ClickAsync();
        await visitor.HeadingAsync("No migrations");
        Assert.Equal(
            ["migration.remove", "migration.map", "migration.choose", "migration.choose", "migration.choose", "migration.create"],
            (await rest.GetAsync("/api/v1/organizations/northwind/audit?operation=migration"))["items"]!.AsArray().Select(one => (string)one!["operation"]!));
    }

    [Fact]
    [Trait("tier", "real")]
    public async Task From_an_inventory_to_a_proof_that_everything_was_copied()
    {
        await using var kafka = await KafkaServer.StartAsync();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();
        (string Name, int Partitions)[] sources = [("shop.orders", 3), ("payments", 1), ("sensors-partition-0", 1)];
        await admin.CreateTopicsAsync(sources.Select(source => new TopicSpecification { Name = source.Name, NumPartitions = source.Partitions, ReplicationFactor = 1 }));
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = kafka.Plaintext }).Build();
        foreach (var (name, partitions) in sources)
        {
            for (var number = 0; number < 100 * partitions; number++)
                producer.Produce(
                    new TopicPartition(name, number % partitions),
                    new() { Key = number % 7 == 0 ? null : $"key-{number % 10}", Value = number % 11 == 1 ? null : $$"""{"total":{{number}}}""", Headers = new() { { "trace", [(byte)(number % 256)] } } });
        }
        producer.Flush(TimeSpan.FromSeconds(20));
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync("4.2.4");
        await using var portal = await PortalProcess.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var slug = $"m{Guid.NewGuid():N}"[..10];
        var world = new GatewayWorld(portal, rest, slug);
        await world.CreateAsync();
        var api = $"/api/v1/organizations/{slug}/migrations";
        var made = await rest.PostAsync(api, new JsonObject { ["name"] = "Old Kafka", ["tenant"] = world.Tenant, ["bootstrapServers"] = kafka.Plaintext }, HttpStatusCode.Accepted);
        var id = (string)made["id"]!;
        await Eventually.TrueAsync(async () => await rest.GetAsync($"{api}/{id}") is var now && (string?)now["stage"] == "planned" && !(bool)now["mapping"]!, "the topics are mapped");

        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        var page = visitor.Page;
        await visitor.GoAsync($"o/{slug}/migrations/{id}?tab=copy");
        // What stands in the way is a link away from being settled; its namespace is new.
        await Assertions.Expect(page.Locator("[data-blocked]")).ToContainTextAsync("1 topic can't move as mapped.");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start copying" })).ToBeDisabledAsync();
        await LooksAsync(visitor, "before");
        await page.Locator("[data-blocked] a").ClickAsync();
        await ChooseAsync(visitor, "sensors-partition-0", "Move it", "sensors-0", "devices");
        await visitor.HeadingAsync("Nothing to settle");
        await page.GetByRole(AriaRole.Link, new() { Name = "Copy", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("3 topics with 5 partitions, in 2 namespaces");
        await page.Locator("#copy-rate-mib").FillAsync("20");
        await visitor.PressAsync("Start copying");

        await ChipsAsync("td:nth-child(2)", "following", 120);
        var orders = page.Locator("tr[data-topic='shop.orders']");
        await Assertions.Expect(orders).ToContainTextAsync("300 of 300");
        await visitor.LookedAtAsync();
        // What the copy has made doesn't stand in its way, and what is written meanwhile follows.
        Assert.True((bool)(await rest.GetAsync($"{api}/{id}/dry-run"))["ready"]!);
        await producer.ProduceAsync(new TopicPartition("shop.orders", 1), new() { Key = "late", Value = """{"total":7}""" });
        await Assertions.Expect(orders).ToContainTextAsync("301 of 301", new() { Timeout = 60_000 });
        var stats = await cluster.AdminAsync(HttpMethod.Get, $"persistent/{world.Tenant}/default/shop.orders/partitioned-stats");
        Assert.Equal(301, (long)stats["msgInCounter"]!);

        await visitor.PressAsync("Prove all");
        await ChipsAsync("[data-proof]", "identical", 120);
        await Assertions.Expect(orders.Locator("[data-proof]")).ToContainTextAsync("301 records compared, all of them");
        await LooksAsync(visitor, "proven");
        await orders.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(page.Locator("[data-proof] .chip.good")).ToHaveCountAsync(3);
        await LooksAsync(visitor, "topic");
        await page.GetByRole(AriaRole.Link, new() { Name = "All topics" }).ClickAsync();
        await visitor.PressAsync("Stop all…");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Stop copying", Exact = true }).ClickAsync();
        await ChipsAsync("td:nth-child(2)", "stopped", 60);
        Assert.Equal(
            ["migration.copy.stop", "migration.prove", "migration.copy.start", "migration.choose", "migration.create"],
            (await rest.GetAsync($"/api/v1/organizations/{slug}/audit?operation=migration"))["items"]!.AsArray().Select(one => (string)one!["operation"]!));

        async Task ChipsAsync(string cell, string words, int seconds) => await Assertions.Expect(page.Locator($"tr[data-topic] {cell} .chip"))
            .ToHaveTextAsync(Enumerable.Repeat(words, 3).ToArray(), new() { Timeout = seconds * 1000f });
    }

    /// <summary>Keeps pictures: light, dark and as wide as a phone.</summary>
    private static async Task LooksAsync(Visitor visitor, string name)
    {
        await visitor.LookedAtAsync();
        await visitor.PictureAsync($"migration-copy-{name}-light");
        await visitor.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await visitor.PictureAsync($"migration-copy-{name}-dark");
        await visitor.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await visitor.Page.SetViewportSizeAsync(390, 800);
        await visitor.PictureAsync($"migration-copy-{name}-phone");
        await visitor.Page.SetViewportSizeAsync(1280, 900);
    }

    private static async Task ChooseAsync(Visitor visitor, string topic, string choice, string? name, string? inside = null)
    {
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = topic, Exact = true }).ClickAsync();
        var dialog = visitor.Page.Locator(".mud-dialog");
        await dialog.GetByText(choice).ClickAsync();
        if (name is not null) await dialog.Locator("#target-name").FillAsync(name);
        if (inside is not null) await dialog.Locator("#target-namespace").FillAsync(inside);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save choice", Exact = true }).ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
    }

    /// <summary>30 topics with traps among them, and a group.</summary>
    private static async Task FillAsync(KafkaServer kafka)
    {
        string[] names = ["shop.orders", "a.b_c", "sensors-partition-0", Long, "taken", .. Enumerable.Range(0, 25).Select(number => $"many-{number:00}")];
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();
        await admin.CreateTopicsAsync(names.Select(name => new TopicSpecification
        {
            Name = name, NumPartitions = name == "shop.orders" ? 3 : 1, ReplicationFactor = 1, Configs = name == "a.b_c" ? new() { ["cleanup.policy"] = "compact" } : null,
        }));
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = kafka.Plaintext }).Build();
        foreach (var (key, value) in new (string?, string?)[] { ("a", """{"total":1}"""), ("b", """{"total":2}"""), (null, """{"total":3}"""), ("a", null) })
            await producer.ProduceAsync(new TopicPartition("shop.orders", 0), new() { Key = key, Value = value, Headers = new() { { "trace", [1] } } });
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = kafka.Plaintext, GroupId = "billing", EnableAutoCommit = false }).Build();
        consumer.Commit([new TopicPartitionOffset("shop.orders", 0, 2)]);
    }
}
