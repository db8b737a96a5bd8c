using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Tests.Support.Fakes;
using Portal.Tests.Support.Journeys;
using Portal.Ui;

namespace Portal.Tests.Journeys;

public sealed partial class TypingTests
{
    private const string Api = "/api/v1/organizations/northwind";

    /// <summary>With an organization, a tenant and a topic.</summary>
    private static async Task<PortalHere> PortalAsync()
    {
        var kafka = new StandingKafka();
        kafka.Topics["clicks"] = new(1, 1, false, 10, 10, new Dictionary<string, string>());
        kafka.Groups["readers"] = new("readers", "Empty", 0, 0, 10, null, ["clicks"], null);
        var portal = await PortalHere.StartAsync(replace: services =>
            services.AddSingleton<IKafkaCluster>(kafka).AddSingleton(InventorySettings.Default with { BetweenLooks = TimeSpan.Zero })
        );
        await PrepareAsync(portal);
        await OweAsync(portal);
        return portal;
    }

    /// <summary>A credit, and an invoice that is overdue.</summary>
    private static async Task OweAsync(PortalHere portal)
    {
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/operator/organizations/northwind/credits",
            new JsonObject { ["amount"] = 500, ["reason"] = "Goodwill" },
            HttpStatusCode.Created
        );
        await rest.PostAsync(
            "/api/v1/operator/incidents",
            new JsonObject { ["title"] = "Slow consumers", ["text"] = "Consumers get messages late." },
            HttpStatusCode.Created
        );
        await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                async session =>
                {
                    var organization = (await session.Organizations.FindAsync("northwind", default))!;
                    var (month, at) = (Month.Of(DateTimeOffset.UtcNow).Previous, DateTimeOffset.UtcNow.AddHours(-1));
                    var invoice = new Invoice(
                        new InvoiceId(Guid.CreateVersion7()),
                        organization.Id,
                        "northwind-last-1",
                        month,
                        month.Start,
                        month.End,
                        Currency.Usd,
                        PayBy.Card,
                        [],
                        1600,
                        at
                    );
                    invoice.Finalized(at, null, null, 30);
                    invoice.Observe(InvoiceStatus.Open, 0, "Your card was declined.", at);
                    session.Invoices.Add(invoice);
                    return true;
                },
                default
            );
    }

    /// <summary>A migration with one topic; its id.</summary>
    private static async Task<string> MigrationAsync(RunningPortal portal)
    {
        using var rest = portal.Rest();
        var made = await rest.PostAsync(
            $"{Api}/migrations",
            new JsonObject
            {
                ["name"] = "move",
                ["tenant"] = "shop",
                ["bootstrapServers"] = "kafka.example:9092",
            },
            HttpStatusCode.Accepted
        );
        await Eventually.TrueAsync(
            async () =>
                await rest.GetAsync($"{Api}/migrations/{made["id"]}") is var now
                && (string?)now["stage"] == "planned"
                && !(bool)now["mapping"]!,
            "the topic is mapped"
        );
        return (string)made["id"]!;
    }

    private static async Task PrepareAsync(RunningPortal portal)
    {
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        // Packages can be uploaded.
        await rest.PutAsync(
            "/api/v1/operator/organizations/northwind/limits",
            new JsonObject
            {
                ["own"] = new JsonObject { ["functionPackages"] = 5 },
                ["note"] = "For a test",
                ["basedOn"] = 0,
            }
        );
        var cluster = (string)(await rest.GetAsync("/api/v1/operator/clusters"))["items"]![0]!["name"]!;
        await rest.PutAsync($"/api/v1/operator/clusters/{cluster}/packages", new JsonObject { ["isolation"] = "processes" });
        await rest.PostAsync($"{Api}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{Api}/tenants/shop/namespaces/default");
        await rest.PostAsync(
            $"{Api}/tenants/shop/namespaces/default/topics",
            new JsonObject { ["name"] = "orders" },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{Api}/tenants/shop/namespaces/default/topics/orders");
        await rest.PostAsync(
            $"{Api}/tenants/shop/namespaces/default/topics/orders/subscriptions",
            new JsonObject { ["name"] = "billing" },
            HttpStatusCode.Created
        );
    }

    private static Task<Visitor> OperatorAsync(Browser browser, TcpRelay wire) => OperatorAsync(browser, wire.Port);

    private static async Task<Visitor> OperatorAsync(Browser browser, int port)
    {
        var visitor = await browser.VisitorAsync(new Uri($"http://localhost:{port}/"));
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        return visitor;
    }

    private static async Task PressedAsync(IPage page, char letter)
    {
        await page.Keyboard.PressAsync(
            letter switch
            {
                ' ' => "Space",
                '>' => "ArrowRight",
                _ => letter.ToString(),
            }
        );
        await Task.Delay(Random.Shared.Next(80, 120));
    }

    private static async Task HeldAsync(ILocator field, string text)
    {
        await Assertions.Expect(field).ToHaveValueAsync(text);
        await Assertions.Expect(field).ToHaveAttributeAsync("data-held", TextStamp.Of(text), new() { Timeout = 15_000 });
    }
}
