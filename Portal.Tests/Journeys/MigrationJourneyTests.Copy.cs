using System.Net;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

public sealed partial class MigrationJourneyTests
{
    [Fact]
    [Trait("tier", "real")]
    public async Task From_an_inventory_to_a_proof_that_everything_was_copied()
    {
        await using var kafka = await KafkaServer.StartAsync();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();
        (string Name, int Partitions)[] sources = [("shop.orders", 3), ("payments", 1), ("sensors-partition-0", 1)];
        await admin.CreateTopicsAsync(
            sources.Select(source => new TopicSpecification
            {
                Name = source.Name,
                NumPartitions = source.Partitions,
                ReplicationFactor = 1,
            })
        );
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = kafka.Plaintext }).Build();
        foreach (var (name, partitions) in sources)
        {
            for (var number = 0; number < 100 * partitions; number++)
                producer.Produce(
                    new TopicPartition(name, number % partitions),
                    new()
                    {
                        Key = number % 7 == 0 ? null : $"key-{number % 10}",
                        Value = number % 11 == 1 ? null : $$"""{"total":{{number}}}""",
                        Headers = new() { { "trace", [(byte)(number % 256)] } },
                    }
                );
        }
        producer.Flush(TimeSpan.FromSeconds(20));
        Commit("billing", ("shop.orders", 0, 41), ("shop.orders", 1, 100));
        Commit("mail/out", ("payments", 0, 93));
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync("4.2.4");
        await using var portal = await PortalProcess.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var slug = $"m{Guid.NewGuid():N}"[..10];
        var world = new GatewayWorld(portal, rest, slug);
        await world.CreateAsync();
        var api = $"/api/v1/organizations/{slug}/migrations";
        var made = await rest.PostAsync(
            api,
            new JsonObject
            {
                ["name"] = "Old Kafka",
                ["tenant"] = world.Tenant,
                ["bootstrapServers"] = kafka.Plaintext,
            },
            HttpStatusCode.Accepted
        );
        var id = (string)made["id"]!;
        await Eventually.TrueAsync(
            async () => await rest.GetAsync($"{api}/{id}") is var now && (string?)now["stage"] == "planned" && !(bool)now["mapping"]!,
            "the topics are mapped"
        );

        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        var page = visitor.Page;
        await visitor.GoAsync($"o/{slug}/migrations/{id}?tab=copy");
        // What stands in the way is a link away from being settled; its namespace is new.
        await Assertions.Expect(page.Locator("[data-blocked]")).ToContainTextAsync("1 topic can't move as mapped.");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start copying" })).ToBeDisabledAsync();
        await LooksAsync(visitor, "copy-before");
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

        await visitor.PressAsync("Verify all");
        await ChipsAsync("[data-proof]", "identical", 120);
        await Assertions.Expect(orders.Locator("[data-proof]")).ToContainTextAsync("301 records compared, all of them");
        await LooksAsync(visitor, "copy-verified");
        await orders.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(page.Locator("[data-proof] .chip.good")).ToHaveCountAsync(3);
        await LooksAsync(visitor, "copy-topic");
        await page.GetByRole(AriaRole.Link, new() { Name = "All topics" }).ClickAsync();
        await Assertions.Expect(page.Locator(".head .chip")).ToHaveTextAsync("following", new() { Timeout = 20_000 });

        // Groups become subscriptions at their positions.
        await visitor.GoAsync($"o/{slug}/migrations/{id}?tab=applications");
        await visitor.PressAsync("Create all subscriptions…");
        await page.Locator(".mud-dialog")
            .GetByRole(AriaRole.Button, new() { Name = "Create all subscriptions", Exact = true })
            .ClickAsync();
        await Assertions
            .Expect(page.Locator("tr[data-group] .chip"))
            .ToHaveTextAsync(["ready to switch", "ready to switch"], new() { Timeout = 60_000 });
        await LooksAsync(visitor, "applications");
        await page.Locator("tr[data-group=billing]").GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(page.Locator("[data-positions] tbody tr")).ToHaveCountAsync(3);
        await LooksAsync(visitor, "group");
        var positions = (await rest.GetAsync($"{api}/{id}/applications/groups/billing/positions"))["items"]!.AsArray();
        Assert.Equal(
            [(0, 41L, "exact"), (1, 100L, "exact"), (2, -1L, "start")],
            positions.Select(one => ((int)one!["partition"]!, (long?)one["committedOffset"] ?? -1, (string)one["kind"]!)).Order()
        );
        var mail = (string)(await rest.GetAsync($"{api}/{id}/applications/groups?search=mail"))["items"]![0]!["subscription"]!;
        var (_, client, _) = await world.KeyAsync(["produce", "consume"], ["shop.orders", "payments"]);
        using (var consumer = await client.ConnectAsync("consumer", world.Topic("payments"), mail, "?subscriptionType=Failover"))
        {
            // A client that knows nothing of the portal goes on behind the last commit, with 93 … 99.
            var read = await PlainWebSocketClient.TextsAsync(consumer, 7);
            Assert.Equal(Enumerable.Range(93, 7).Select(number => number % 11 == 1 ? "" : $$"""{"total":{{number}}}"""), read);
            await Eventually.TrueAsync(
                async () => (string?)(await rest.GetAsync($"{api}/{id}/applications/groups?search=mail"))["items"]![0]!["state"] is "moved",
                "the application is seen to have moved"
            );
        }
        Assert.Equal(
            "subscription-in-use",
            (string?)
                (
                    await rest.SendAsync(
                        HttpMethod.Post,
                        $"{api}/{id}/subscriptions",
                        new JsonObject { ["groups"] = new JsonArray(new JsonObject { ["group"] = "mail/out" }) }
                    )
                ).Body!["code"]
        );
        await rest.PostAsync(
            $"{api}/{id}/applications/confirm",
            new JsonObject { ["group"] = "billing", ["note"] = "Its last run is over." },
            HttpStatusCode.OK
        );
        // What is written to Pulsar before the cut-over is in Pulsar alone, too.
        await SendAsync("early");

        await visitor.GoAsync($"o/{slug}/migrations/{id}?tab=cut-over");
        await Assertions.Expect(page.Locator("[data-cut-over]")).ToContainTextAsync("all settled", new() { Timeout = 150_000 });
        await LooksAsync(visitor, "cut-over");
        await visitor.PressAsync("Cut over…");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Cut over", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-cut-over]")).ToContainTextAsync("following stopped", new() { Timeout = 120_000 });
        await SendAsync("later");
        await visitor.PressAsync("Count messages only in Pulsar");
        await Assertions.Expect(page.Locator("tr[data-back-topic='shop.orders']")).ToContainTextAsync("2", new() { Timeout = 60_000 });
        await LooksAsync(visitor, "way-back");
        await visitor.PressAsync("Copy back to Kafka…");
        await page.Locator("#confirm-name").FillAsync("Old Kafka");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Copy back to Kafka", Exact = true }).ClickAsync();
        await Eventually.TrueAsync(
            async () =>
                (await rest.GetAsync($"{api}/{id}/way-back/partitions"))["items"]!.AsArray() is { Count: 3 } back
                && back.All(one => (string?)one!["state"] == "done"),
            "it is copied back"
        );
        Assert.Equal(["early", "later"], ReadBack(kafka.Plaintext, "shop.orders", 3).Order());

        // The groups go back, too: each to the first record that its subscription has not acknowledged.
        await visitor.PressAsync("Set positions in Kafka…");
        await page.Locator("#confirm-name").FillAsync("Old Kafka");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Set positions in Kafka", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("tr[data-group-back] .chip")).ToHaveTextAsync(["set", "set"], new() { Timeout = 60_000 });
        await LooksAsync(visitor, "groups-back");
        Assert.Equal(
            ["payments [[0]] @100", "shop.orders [[0]] @41", "shop.orders [[1]] @100", "shop.orders [[2]] @0"],
            (await CommittedAsync("billing")).Concat(await CommittedAsync("mail/out")).Order(StringComparer.Ordinal)
        );

        await visitor.PressAsync("Finish migration…");
        await page.Locator("#confirm-name").FillAsync("Old Kafka");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Finish migration", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator(".head .chip")).ToHaveTextAsync("finished", new() { Timeout = 30_000 });
        await visitor.GoAsync($"o/{slug}/migrations/{id}?tab=record");
        await Assertions.Expect(page.Locator("[data-record]")).ToContainTextAsync("Signature");
        await LooksAsync(visitor, "record");
        Assert.False((bool)(await rest.GetAsync($"{api}/{id}"))["hasCredentials"]!);
        Assert.Equal(
            [
                "migration.finish",
                "migration.groups.back",
                "migration.back.start",
                "migration.cut-over",
                "migration.move.confirm",
                "migration.groups.move",
                "migration.prove",
                "migration.copy.start",
                "migration.choose",
                "migration.create",
            ],
            (await rest.GetAsync($"/api/v1/organizations/{slug}/audit?operation=migration"))["items"]!
                .AsArray()
                .Select(one => (string)one!["operation"]!)
                .Distinct()
        );

        Task SendAsync(string text) =>
            rest.PostAsync(
                $"/api/v1/organizations/{slug}/tenants/{world.Tenant}/namespaces/default/topics/shop.orders/messages",
                new JsonObject { ["payload"] = text, ["key"] = "back" },
                HttpStatusCode.Created
            );

        async Task<IEnumerable<string>> CommittedAsync(string group) =>
            (await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, null)]))[0]
                .Partitions.Select(one => $"{one.TopicPartition} @{one.Offset}");

        void Commit(string group, params (string Topic, int Partition, long Offset)[] offsets)
        {
            using var reader = new ConsumerBuilder<byte[], byte[]>(
                new ConsumerConfig
                {
                    BootstrapServers = kafka.Plaintext,
                    GroupId = group,
                    EnableAutoCommit = false,
                }
            ).Build();
            reader.Commit(offsets.Select(one => new TopicPartitionOffset(one.Topic, one.Partition, one.Offset)));
        }

        async Task ChipsAsync(string cell, string words, int seconds) =>
            await Assertions
                .Expect(page.Locator($"tr[data-topic] {cell} .chip"))
                .ToHaveTextAsync(Enumerable.Repeat(words, 3).ToArray(), new() { Timeout = seconds * 1000f });
    }

    /// <summary>What came from Pulsar, read by a plain consumer of Kafka's own: its texts, each with the header that says so.</summary>
    private static List<string> ReadBack(string servers, string topic, int partitions)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = servers,
                GroupId = "plain",
                EnableAutoCommit = false,
                AutoOffsetReset = AutoOffsetReset.Earliest,
                EnablePartitionEof = true,
            }
        ).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(number => new TopicPartitionOffset(topic, number, Offset.Beginning)));
        var (texts, ended) = (new List<string>(), 0);
        while (ended < partitions && consumer.Consume(TimeSpan.FromSeconds(20)) is { } read)
        {
            if (read.IsPartitionEOF)
                ended++;
            else if (read.Message.Headers.Any(header => header.Key == "pulsar.message.id"))
                texts.Add(System.Text.Encoding.UTF8.GetString(read.Message.Value));
        }
        return texts;
    }

    /// <summary>30 topics with traps among them, and a group.</summary>
    private static async Task FillAsync(KafkaServer kafka)
    {
        string[] names =
        [
            "shop.orders",
            "a.b_c",
            "sensors-partition-0",
            Long,
            "taken",
            .. Enumerable.Range(0, 25).Select(number => $"many-{number:00}"),
        ];
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();
        await admin.CreateTopicsAsync(
            names.Select(name => new TopicSpecification
            {
                Name = name,
                NumPartitions = name == "shop.orders" ? 3 : 1,
                ReplicationFactor = 1,
                Configs = name == "a.b_c" ? new() { ["cleanup.policy"] = "compact" } : null,
            })
        );
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = kafka.Plaintext }).Build();
        foreach (
            var (key, value) in new (string?, string?)[]
            {
                ("a", """{"total":1}"""),
                ("b", """{"total":2}"""),
                (null, """{"total":3}"""),
                ("a", null),
            }
        )
            await producer.ProduceAsync(
                new TopicPartition("shop.orders", 0),
                new()
                {
                    Key = key,
                    Value = value,
                    Headers = new() { { "trace", [1] } },
                }
            );
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = kafka.Plaintext,
                GroupId = "billing",
                EnableAutoCommit = false,
            }
        ).Build();
        consumer.Commit([new TopicPartitionOffset("shop.orders", 0, 2)]);
    }
}
