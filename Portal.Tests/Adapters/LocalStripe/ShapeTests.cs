using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.RealServers;
using Stripe;
using Stripe.Checkout;

namespace Portal.Tests.Adapters.LocalStripe;

/// <summary>
/// LocalStripe's objects against two witnesses: the types of the genuine client, and the fields of Stripe's published
/// fixtures (stripe/openapi, MIT; <c>Support/Fixtures/stripe-shapes.json</c> holds their names and kinds).
/// </summary>
public class ShapeTests
{
    /// <summary>Fields of the fixtures of 2026-07-29 that LocalStripe leaves out, each with its reason.</summary>
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["invoice.subscription"] = "moved to parent; the client's API version no longer has it",
        ["balance.connect_reserved"] = "Connect platforms only",
    };

    [Fact]
    public async Task Every_field_is_one_that_the_genuine_client_knows()
    {
        var unknown = new List<string>();
        foreach (var (type, found) in await ObjectsAsync())
            Compare(found, Types[type], type, unknown);
        Assert.True(unknown.Count == 0, string.Join('\n', unknown.Distinct()));
    }

    [Fact]
    public async Task No_field_of_the_published_fixtures_is_missing_and_kinds_agree()
    {
        var shapes = JsonNode
            .Parse(
                await System.IO.File.ReadAllTextAsync(
                    Path.Combine(ServerScripts.RepositoryRoot, "Portal.Tests", "Support", "Fixtures", "stripe-shapes.json")
                )
            )!
            .AsObject();
        var wrong = new List<string>();
        foreach (var (type, found) in await ObjectsAsync())
        {
            foreach (var (field, kind) in shapes[type]!.AsObject())
            {
                if (!found.ContainsKey(field) && !LeftOut.ContainsKey($"{type}.{field}"))
                    wrong.Add($"{type}.{field} is missing");
                else if (found[field] is { } value && kind!.GetValue<string>() is not "null" and var wanted && KindOf(value) != wanted)
                    wrong.Add($"{type}.{field} is {KindOf(value)}, Stripe's is {wanted}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct()));
    }

    [Fact]
    public void The_stamped_API_version_is_the_clients()
    {
        // An event of another train is refused by the client: a new Stripe.net fails here first.
        Assert.Equal("2026-10-28.endive", StripeConfiguration.ApiVersion);
    }

    private static Dictionary<string, Type> Types =>
        new()
        {
            ["customer"] = typeof(Customer),
            ["payment_method"] = typeof(PaymentMethod),
            ["setup_intent"] = typeof(SetupIntent),
            ["checkout.session"] = typeof(Session),
            ["invoice"] = typeof(Invoice),
            ["invoiceitem"] = typeof(InvoiceItem),
            ["line_item"] = typeof(InvoiceLineItem),
            ["payment_intent"] = typeof(PaymentIntent),
            ["invoice_payment"] = typeof(InvoicePayment),
            ["charge"] = typeof(Charge),
            ["dispute"] = typeof(Dispute),
            ["event"] = typeof(Event),
            ["balance"] = typeof(Balance),
            ["tax_id"] = typeof(TaxId),
            ["tax_rate"] = typeof(TaxRate),
            ["customer_balance_transaction"] = typeof(CustomerBalanceTransaction),
        };

    /// <summary>One object of each type, as they come out of a month that was paid.</summary>
    private static async Task<IReadOnlyList<(string Type, JsonObject Found)>> ObjectsAsync()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await stripe.Client.V1.Customers.CreateAsync(
            new CustomerCreateOptions
            {
                Name = "Northwind",
                Address = new AddressOptions { City = "Utrecht", Country = "NL" },
            }
        );
        await stripe.Client.V1.Customers.TaxIds.CreateAsync(
            customer.Id,
            new CustomerTaxIdCreateOptions { Type = "eu_vat", Value = "NL123456789B01" }
        );
        await stripe.SaveCardAsync(customer.Id);
        var draft = await stripe.Client.V1.Invoices.CreateAsync(new InvoiceCreateOptions { Customer = customer.Id, Number = "N-1" });
        var rate = await stripe.Client.V1.TaxRates.CreateAsync(
            new TaxRateCreateOptions
            {
                DisplayName = "VAT",
                Percentage = 21,
                Inclusive = false,
                Country = "NL",
            }
        );
        await stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = customer.Id,
                Invoice = draft.Id,
                Amount = 500,
                Currency = "usd",
                TaxRates = [rate.Id],
            }
        );
        await stripe.Client.V1.Customers.BalanceTransactions.CreateAsync(
            customer.Id,
            new CustomerBalanceTransactionCreateOptions { Amount = -5, Currency = "usd" }
        );
        await stripe.Client.V1.Invoices.PayAsync(draft.Id);
        await stripe.ControlAsync($"invoices/{draft.Id}/act", new { act = "dispute" });

        var objects = new List<(string, JsonObject)>();
        foreach (
            var list in new[]
            {
                "customers",
                "invoices",
                "invoiceitems",
                $"invoices/{draft.Id}/lines",
                "checkout/sessions",
                "setup_intents",
                "payment_intents",
                "charges",
                "disputes",
                "invoice_payments",
                "events?limit=100",
                $"payment_methods?customer={customer.Id}",
                $"customers/{customer.Id}/tax_ids",
                "tax_rates",
                $"customers/{customer.Id}/balance_transactions",
            }
        )
        {
            objects.AddRange(
                (await GetAsync(stripe, list))["data"]!.AsArray().Select(item => (item!["object"]!.GetValue<string>(), item.AsObject()))
            );
        }

        objects.Add(("balance", await GetAsync(stripe, "balance")));
        Assert.Equal(Types.Keys.Order(), objects.Select(found => found.Item1).Distinct().Order());
        return objects;
    }

    private static async Task<JsonObject> GetAsync(LocalStripeFixture stripe, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{stripe.Server.ApiBase}/v1/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", stripe.Server.ApiKey);
        using var answer = await stripe.Browser.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
    }

    private static void Compare(JsonObject found, Type type, string path, List<string> unknown)
    {
        var known = Properties(type);
        foreach (var (field, value) in found)
        {
            if (!known.TryGetValue(field, out var property))
                unknown.Add($"{path}.{field} is not in {type.Name}");
            else if (value is JsonObject nested && Inner(property.PropertyType) is { } inner)
                Compare(nested, inner, $"{path}.{field}", unknown);
            else if (value is JsonArray items && Inner(property.PropertyType) is { } element)
                foreach (var item in items.OfType<JsonObject>())
                    Compare(item, element, $"{path}.{field}[]", unknown);
        }
    }

    /// <summary>By the name in JSON, whichever attribute of whichever serialiser gives it.</summary>
    private static Dictionary<string, PropertyInfo> Properties(Type type)
    {
        var named = new Dictionary<string, PropertyInfo>();
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            var name = property
                .GetCustomAttributesData()
                .Where(attribute => attribute.AttributeType.Name is "JsonPropertyNameAttribute" or "JsonPropertyAttribute")
                .Select(attribute => attribute.ConstructorArguments.FirstOrDefault().Value as string)
                .FirstOrDefault(text => text is not null);
            if (name is not null)
                named.TryAdd(name, property);
        }

        return named;
    }

    /// <summary>The Stripe class that a property holds, alone or in a list; null for plain values, dictionaries and interfaces.</summary>
    private static Type? Inner(Type type)
    {
        var candidate =
            type.IsGenericType && type.Name.StartsWith("List`", StringComparison.Ordinal) ? type.GetGenericArguments()[0] : type;
        return
            candidate.Namespace?.StartsWith("Stripe", StringComparison.Ordinal) == true
            && candidate.IsClass
            && !candidate.Name.StartsWith("ExpandableField", StringComparison.Ordinal)
            ? candidate
            : null;
    }

    private static string KindOf(JsonNode value) =>
        value.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
            var kind => kind.ToString().ToLowerInvariant(),
        };
}
