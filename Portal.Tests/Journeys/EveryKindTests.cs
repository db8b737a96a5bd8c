using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Organizations;
using Portal.Domain.Work;
using Portal.Hosting.Settings;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// The product's own composition, in which every kind of work fails in four ways before it comes through: for each, the row
/// says why, a person tries again, another customer is served meanwhile, and in the end everything has happened once.
/// </summary>
public sealed partial class EveryKindTests
{
    private static readonly string Month = DateTimeOffset.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Whatever_kind_fails_in_whatever_way_the_rest_goes_on_and_nothing_happens_twice()
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var stripe = await StripeBeside.StartAsync();
        await using var host = new PortalHost();
        foreach (var (name, value) in cluster.Settings.Concat(stripe.Settings))
            host.Settings[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        host.Settings["Portal:Billing:ReconcileSeconds"] = "2";
        host.Settings["Portal:Metering:IntervalSeconds"] = "1";
        IServiceProvider? services = null;
        var trouble = new Trouble(() => services!.GetRequiredService<IPortalDatabase>());
        await using var portal = host.WithWebHostBuilder(builder =>
            builder.ConfigureTestServices(container =>
            {
                container.AddSingleton(WorkSettings.Default with { StepLimit = TimeSpan.FromSeconds(3) });
                container.AddSingleton<IKafkaCluster>(Kafka());
                var product = container.Single(service => service.ServiceType == typeof(WorkHandlers)).ImplementationFactory!;
                container.AddSingleton(provider =>
                {
                    services = provider;
                    return trouble.Before((WorkHandlers)product(provider));
                });
            })
        );
        var url = Listen(portal);
        await stripe.SendEventsToAsync(url);
        using var rest = new RestClient(url, PortalHost.OperatorKey);
        using var end = new CancellationTokenSource();
        var person = TryAgainAsync(rest, end.Token);
        var database = portal.Services.GetRequiredService<IPortalDatabase>();
        // Before prices at which two months would cost millions. What it asks for is what customers ask for below; its own two jobs suffer.
        await rest.PostAsync("/api/v1/operator/sample", new JsonObject(), HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () =>
                (trouble.Spared = (await database.ReadAsync(session => session.Organizations.FindSampleAsync(default), default))?.Id)
                    is not null,
            "the sample company is begun"
        );
        await SampleAsync("ready");
        await DeleteAsync(rest, "/api/v1/operator/sample");
        await SampleAsync("none");
        await rest.PostAsync("/api/v1/operator/price-books", PlainPrices.Book("dear"), HttpStatusCode.Created);

        // The well one is served while all that the sick one asks for is in trouble; a third, in trouble too, pays by bank transfer.
        foreach (var slug in new[] { "well", "sick", "slow", "late" })
        {
            await rest.PostAsync(
                "/api/v1/organizations",
                new JsonObject
                {
                    ["name"] = slug,
                    ["slug"] = slug,
                    ["plan"] = "payg",
                },
                HttpStatusCode.Created
            );
            var id = await portal
                .Services.GetRequiredService<IPortalDatabase>()
                .ReadAsync(async session => (await session.Organizations.FindAsync(slug, default))!.Id, default);
            if (slug == "well")
                trouble.Spared = id;
            if (slug == "sick")
                trouble.Held = id;
        }
        var sick = trouble.Held;
        await rest.PutAsync("/api/v1/operator/organizations/slow/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        await AskAsync("sick", CreateTenantAsync);
        await AskAsync("well", CreateTenantAsync);
        await rest.SettledAsync($"{Of("well")}/tenants/well-shop/namespaces/default");
        await FailingAsync("sick");
        trouble.Held = null;
        await rest.SettledAsync($"{Of("sick")}/tenants/sick-shop/namespaces/default");
        foreach (var slug in new[] { "slow", "late" })
            await CreateTenantAsync(rest, slug);
        foreach (var slug in new[] { "slow", "late" })
            await rest.SettledAsync($"{Of(slug)}/tenants/{slug}-shop/namespaces/default");

        trouble.Held = sick;
        foreach (var slug in new[] { "sick", "slow", "late", "well" })
            await CreateTopicAsync(rest, slug);
        await rest.SettledAsync($"{Topics("well")}/orders");
        await FailingAsync("sick");
        trouble.Held = null;
        await rest.SettledAsync($"{Topics("sick")}/orders");
        foreach (var slug in new[] { "slow", "late" })
            await rest.SettledAsync($"{Topics(slug)}/orders");
        // A cluster that is no stand-in of the portal's own offers what its operator allows.
        var clusterName = (string)(await rest.GetAsync("/api/v1/operator/clusters"))["items"]![0]!["name"]!;
        await rest.PutAsync(
            $"/api/v1/operator/clusters/{clusterName}/connectors",
            new JsonObject { ["connectors"] = new JsonArray("source:heartbeat", "function:anomaly-score") }
        );
        foreach (var slug in new[] { "sick", "well" })
            await CreateConnectorAsync(rest, slug);
        foreach (var slug in new[] { "sick", "well" })
            await rest.SettledAsync($"{Connectors(slug)}/default/beats");
        foreach (var slug in new[] { "sick", "well" })
            await DeleteAsync(rest, $"{Connectors(slug)}/default/beats");
        foreach (var slug in new[] { "sick", "well" })
            await GoneAsync($"{Connectors(slug)}/default/beats");
        await rest.PutAsync($"/api/v1/operator/clusters/{clusterName}/packages", new JsonObject { ["isolation"] = "processes" });
        foreach (var slug in new[] { "sick", "well" })
            await rest.PutAsync(
                $"/api/v1/operator/organizations/{slug}/limits",
                new JsonObject
                {
                    ["own"] = new JsonObject { ["functionPackages"] = 5 },
                    ["note"] = "For a test",
                    ["basedOn"] = 0,
                }
            );
        foreach (var slug in new[] { "sick", "well" })
            await rest.UploadAsync(
                $"{Of(slug)}/tenants/{slug}-shop/packages/default/shout/1.0",
                "def process(input):\n    return input\n"u8.ToArray()
            );
        foreach (var slug in new[] { "sick", "well" })
            await DeleteAsync(rest, $"{Of(slug)}/tenants/{slug}-shop/packages/default/shout/1.0");
        foreach (var slug in new[] { "sick", "well" })
            await GoneAsync($"{Of(slug)}/tenants/{slug}-shop/packages/default/shout/1.0");
        // Whether or not there is a message to try it on, what it made is swept.
        foreach (var slug in new[] { "sick", "well" })
        {
            var (status, answer) = await rest.SendAsync(
                HttpMethod.Post,
                $"{Of(slug)}/tenants/{slug}-shop/functions/preview",
                new JsonObject
                {
                    ["namespace"] = "default",
                    ["type"] = "anomaly-score",
                    ["input"] = "default/orders",
                }
            );
            Assert.True(status == HttpStatusCode.OK || (string?)answer?["code"] == "preview-empty", $"{(int)status} {answer}");
        }
        foreach (var slug in new[] { "sick", "well" })
            await SendBackAsync(rest, slug);
        foreach (var slug in new[] { "sick", "well" })
            await MigrateAsync(rest, slug);
        var keys = new Dictionary<string, string>();
        foreach (var slug in new[] { "sick", "well" })
            keys[slug] = (string)(await CreateKeyAsync(rest, slug))["id"]!;
        foreach (var slug in new[] { "sick", "well" })
            await rest.SettledAsync($"{Of(slug)}/keys/{keys[slug]}");
        // More than the key may do: found and taken away.
        var role = (string)(await rest.GetAsync($"{Of("sick")}/keys/{keys["sick"]}"))["role"]!;
        await cluster.AdminAsync(HttpMethod.Post, $"namespaces/sick-shop/default/permissions/{role}", new JsonArray("consume"));
        await PublishPlanAsync(rest);
        await rest.PostAsync(
            $"{Of("sick")}/invitations",
            new JsonObject { ["email"] = "jo@else.example", ["role"] = "viewer" },
            HttpStatusCode.Created
        );
        foreach (var slug in new[] { "well", "sick" })
            await RestThreadTests.CheckoutAsync(rest, url, Of(slug), "4242424242424242");
        await RestThreadTests.CheckoutAsync(rest, url, Of("late"), "4000000000000341");

        foreach (var slug in new[] { "well", "sick", "slow", "late" })
            await Eventually.TrueAsync(
                async () => (long)(await rest.GetAsync($"{Of(slug)}/billing/current"))["total"]! > 80,
                $"{slug} has something to pay"
            );
        // More is spent than its budget: with a hard cap its key may not publish, and without one it may again.
        await rest.PutAsync($"{Of("sick")}/budgets/monthly", new JsonObject { ["amount"] = 1, ["hardCap"] = true });
        await Eventually.TrueAsync(() => Task.FromResult(trouble.Through.ContainsKey("key.restrict")), "the key is restricted");
        await DeleteAsync(rest, $"{Of("sick")}/budgets/monthly");
        trouble.Held = sick;
        var job = (string)
            (await rest.PostAsync($"/api/v1/operator/months/{Month}/close", new JsonObject { ["early"] = true }, HttpStatusCode.Accepted))[
                "job"
            ]!;
        await InvoiceAsync("well", "paid");
        await Eventually.TrueAsync(
            async () =>
                ((string?)(await rest.GetAsync($"/api/v1/operator/jobs/{job}"))["problem"])?.Contains("sick", StringComparison.Ordinal)
                == true,
            "the job names the sick one"
        );
        trouble.Held = null;
        var paid = await InvoiceAsync("sick", "paid");
        var open = await InvoiceAsync("slow", "open");
        Assert.Equal("succeeded", (string?)(await rest.SettledAsync($"/api/v1/operator/jobs/{job}"))["state"]);
        await Eventually.TrueAsync(() => Task.FromResult(trouble.Through.ContainsKey("invoice.look")), "the open invoice is looked at");
        await stripe.SubmitAsync(new Uri((string)open["hostedUrl"]! + "/pay"), "card", "visa");
        await InvoiceAsync("slow", "paid");
        // Declined at the close; the card that is added then pays.
        await InvoiceAsync("late", "open");
        await RestThreadTests.CheckoutAsync(rest, url, Of("late"), "4242424242424242");
        await InvoiceAsync("late", "paid");

        var taxId = await rest.PostAsync(
            $"{Of("sick")}/billing/tax-ids",
            new JsonObject { ["type"] = "eu_vat", ["value"] = "DE000000000" },
            HttpStatusCode.Accepted
        );
        await Eventually.TrueAsync(
            async () => (string?)(await rest.GetAsync($"{Of("sick")}/billing/tax-ids"))["items"]![0]!["verification"] == "verified",
            "the tax ID is verified"
        );
        await DeleteAsync(rest, $"{Of("sick")}/billing/tax-ids/{taxId["id"]}");
        await Eventually.TrueAsync(
            async () => (await rest.GetAsync($"{Of("sick")}/billing/tax-ids"))["items"]!.AsArray().Count == 0,
            "the tax ID is removed"
        );
        // Charged too much: part of it goes back to the card.
        var note = await rest.PostAsync(
            $"/api/v1/operator/invoices/{paid["number"]}/credit-notes",
            new JsonObject { ["amount"] = 10, ["reason"] = "Counted twice" },
            HttpStatusCode.Accepted
        );
        await Eventually.TrueAsync(
            async () => (string?)(await rest.GetAsync($"/api/v1/operator/credit-notes/{note["id"]}"))["state"] == "issued",
            "the credit note is issued"
        );

        foreach (var slug in new[] { "sick", "well" })
        {
            await rest.PutAsync(
                $"{Of(slug)}/tenants/{slug}-shop/namespaces/default/retention",
                new JsonObject { ["timeMinutes"] = 60, ["sizeBytes"] = 10 << 20 }
            );
            await DeleteAsync(rest, $"{Of(slug)}/keys/{keys[slug]}");
        }
        foreach (var slug in new[] { "sick", "well" })
            await DeleteAsync(rest, $"{Topics(slug)}/orders");
        foreach (var slug in new[] { "sick", "well" })
            await GoneAsync($"{Topics(slug)}/orders");
        foreach (var slug in new[] { "sick", "well" })
            await DeleteAsync(rest, $"{Of(slug)}/tenants/{slug}-shop/namespaces/default");
        foreach (var slug in new[] { "sick", "well" })
            await GoneAsync($"{Of(slug)}/tenants/{slug}-shop/namespaces/default");
        foreach (var slug in new[] { "sick", "well" })
            await DeleteAsync(rest, $"{Of(slug)}/tenants/{slug}-shop");
        foreach (var slug in new[] { "sick", "well" })
            await GoneAsync($"{Of(slug)}/tenants/{slug}-shop");

        // These speak the binary protocol, which the stand-in does not, or follow what does: CopyTests and CopyDisturbanceTests let copies
        // suffer on real brokers.
        string[] copying =
        [
            CopyWork.Kind,
            ProveWork.Kind,
            SubscribeGroupWork.Kind,
            WatchMoveWork.Kind,
            CutOverWork.Kind,
            BackWork.Kind,
            GroupBackWork.Kind,
        ];
        // Begins with a person and a mail: AccountTests resets a password.
        string[] people = [EndCreatedWork.Kind];
        var kinds = portal
            .Services.GetRequiredService<WorkHandlers>()
            .Kinds.Except([.. copying, .. people])
            .Order(StringComparer.Ordinal)
            .ToList();
        await Eventually.TrueAsync(
            () => Task.FromResult(Missing().Count == 0),
            () => $"every kind has suffered and come through; not yet: {string.Join(", ", Missing())}"
        );
        await end.CancelAsync();
        await person;
        Assert.Empty(trouble.Wrong);

        // Once each.
        var customers = (await stripe.ListAsync("customers?limit=100")).Select(customer => (string?)customer["id"]).ToHashSet();
        Assert.Equal(4, customers.Count);
        var there = (await stripe.ListAsync("invoices?limit=100"))
            .Where(invoice => (string?)invoice["status"] == "paid" && customers.Contains((string?)invoice["customer"]))
            .ToList();
        Assert.Equal(4, there.Count);
        Assert.Equal(
            4,
            (await stripe.ListAsync("charges?limit=100")).Count(charge =>
                (string?)charge["status"] == "succeeded" && customers.Contains((string?)charge["customer"])
            )
        );
        Assert.Contains(
            there,
            invoice => (string?)invoice["id"] == (string?)paid["stripeInvoiceId"] && (long)invoice["total"]! == (long)paid["total"]!
        );
        Assert.Equal([10L], (await stripe.ListAsync("refunds")).Select(refund => (long)refund["amount"]!));
        foreach (var slug in new[] { "late", "slow", "sick", "well" })
            Assert.Equal(slug is "late" or "slow", await cluster.HasTenantAsync($"{slug}-shop"));

        List<string> Missing() =>
            [
                .. kinds.Where(kind => !trouble.Through.ContainsKey(kind)),
                .. from kind in kinds from way in Trouble.Ways where !trouble.Suffered.ContainsKey((kind, way)) select $"{kind} {way}",
            ];

        Task AskAsync(string slug, Func<RestClient, string, Task> ask) => ask(rest, slug);

        Task FailingAsync(string slug) =>
            Eventually.TrueAsync(
                async () =>
                    (await rest.GetAsync("/api/v1/operator/work?open=true&limit=100"))["items"]!
                        .AsArray()
                        .Any(item => (int)item!["failures"]! > 0 && ((string)item["subject"]!).Contains(slug, StringComparison.Ordinal)),
                $"{slug}'s work fails"
            );

        Task SampleAsync(string state) =>
            Eventually.TrueAsync(
                async () => (string?)(await rest.GetAsync("/api/v1/operator/sample"))["state"] == state,
                $"the sample company is {state}",
                seconds: 300
            );

        async Task<JsonNode> InvoiceAsync(string slug, string status)
        {
            JsonNode? found = null;
            await Eventually.TrueAsync(
                async () =>
                    (string?)(found = (await rest.GetAsync($"{Of(slug)}/invoices"))["items"]!.AsArray().SingleOrDefault())?["status"]
                    == status,
                () => $"{slug}'s invoice is {status}: {found}"
            );
            return found!;
        }

        Task GoneAsync(string path) =>
            Eventually.TrueAsync(
                async () => (await rest.SendAsync(HttpMethod.Get, path)).Status == HttpStatusCode.NotFound,
                $"{path} is gone"
            );
    }

    private static StandingKafka Kafka()
    {
        var kafka = new StandingKafka();
        kafka.Topics["moved"] = new(1, 1, false, 10, 10, new Dictionary<string, string>());
        return kafka;
    }

    private static string Of(string slug) => $"/api/v1/organizations/{slug}";

    private static string Topics(string slug) => $"{Of(slug)}/tenants/{slug}-shop/namespaces/default/topics";

    private static Uri Listen(WebApplicationFactory<PortalSettings> portal)
    {
        portal.UseKestrel(0);
        portal.StartServer();
        return portal.ClientOptions.BaseAddress;
    }
}
