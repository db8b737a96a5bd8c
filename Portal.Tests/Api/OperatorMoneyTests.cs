using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>What an operator's script asks before it does something with money, and about what was done.</summary>
public sealed class OperatorMoneyTests
{
    private const string Ops = "/api/v1/operator";

    [Fact]
    public async Task Books_are_read_and_downloaded_and_an_unknown_invoice_is_not_compared()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        var books = (await api.GetFromJsonAsync<JsonNode>($"{Ops}/books?month=2026-01"))!;
        Assert.Equal(("2026-01", 0, 0), ((string)books["month"]!, (int)books["organizations"]!, books["items"]!.AsArray().Count));
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync($"{Ops}/books?month=January")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync($"{Ops}/invoices/none-2026-01-1/compare-again", null)).StatusCode);
        Assert.StartsWith(
            "month,organization,name,currency,rated,",
            await api.GetStringAsync("/operator/books.csv?month=2026-01"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_credit_note_is_previewed_made_once_and_seen_when_it_is_issued()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var line = Guid.CreateVersion7();
        await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                async session =>
                {
                    var organization = (await session.Organizations.FindAsync("northwind", default))!;
                    var (month, at, book) = (new Month(2026, 10), DateTimeOffset.UtcNow, (await session.PriceBooks.AllAsync(default))[0]);
                    var invoice = new Invoice(
                        new InvoiceId(Guid.CreateVersion7()),
                        organization.Id,
                        "northwind-2026-10-1",
                        month,
                        month.Start,
                        month.End,
                        Currency.Usd,
                        PayBy.Card,
                        [new InvoiceLine(line, Meter.Storage, book.Id, month.Start, month.End, 100, 16, 1600, "100 GiB-months at 0.16")],
                        0,
                        at
                    );
                    invoice.Drafted("in_that_stripe_has_not");
                    invoice.Finalized(at, null, null, 30);
                    invoice.Observe(InvoiceStatus.Paid, 1600, null, at);
                    session.Invoices.Add(invoice);
                    return true;
                },
                default
            );
        const string number = "northwind-2026-10-1";
        var preview = await JsonAsync(
            await api.PostAsJsonAsync(
                $"{Ops}/invoices/{number}/credit-notes/preview",
                new { lines = new[] { new { line, amount = 300 } }, way = "credit" }
            ),
            HttpStatusCode.OK
        );
        Assert.Equal(
            (300, 0, 300, 1300),
            ((long)preview["amount"]!, (long)preview["takenOff"]!, (long)preview["givenBack"]!, (long)preview["holds"]!)
        );
        Assert.Equal(
            "credit-note-too-large",
            (string?)
                (
                    await JsonAsync(
                        await api.PostAsJsonAsync($"{Ops}/invoices/{number}/credit-notes/preview", new { amount = 1601 }),
                        HttpStatusCode.BadRequest
                    )
                )["code"]
        );
        Assert.Equal(
            "credit-note-reason-length",
            (string?)
                (
                    await JsonAsync(
                        await api.PostAsJsonAsync($"{Ops}/invoices/{number}/credit-notes", new { amount = 300 }),
                        HttpStatusCode.BadRequest
                    )
                )["code"]
        );

        api.DefaultRequestHeaders.Add("Idempotency-Key", "credit-1");
        var made = await JsonAsync(
            await api.PostAsJsonAsync($"{Ops}/invoices/{number}/credit-notes", new { amount = 300, reason = "Counted twice" }),
            HttpStatusCode.Accepted
        );
        var again = await JsonAsync(
            await api.PostAsJsonAsync($"{Ops}/invoices/{number}/credit-notes", new { amount = 300, reason = "Counted twice" }),
            HttpStatusCode.Accepted
        );
        api.DefaultRequestHeaders.Remove("Idempotency-Key");
        Assert.Equal((string?)made["id"], (string?)again["id"]);
        Assert.Single((await api.GetFromJsonAsync<JsonNode>($"{Ops}/credit-notes?invoice={number}"))!["items"]!.AsArray());
        Assert.Equal("Counted twice", (string?)(await api.GetFromJsonAsync<JsonNode>($"{Ops}/credit-notes/{made["id"]}"))!["reason"]);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"{Ops}/credit-notes/none")).StatusCode);

        // The customer sees it once it is issued, in the list, by its number, on the invoice and in its file.
        await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                async session =>
                {
                    var found = new GatewayCreditNote(
                        "cn_1",
                        null,
                        "CN-01",
                        false,
                        200,
                        0,
                        200,
                        0,
                        0,
                        RefundState.Succeeded,
                        ["re_1"],
                        "By phone",
                        [new(null, "Storage", 200)],
                        null,
                        DateTimeOffset.UtcNow
                    );
                    var invoice = (await session.Invoices.FindAsync(number, default))!;
                    await session.TakeOverAsync(
                        invoice,
                        new([found], [new("re_1", 200, RefundState.Succeeded, DateTimeOffset.UtcNow)]),
                        TimeProvider.System,
                        default
                    );
                    return true;
                },
                default
            );
        const string org = "/api/v1/organizations/northwind";
        Assert.Equal(
            "CN-01",
            (string?)
                Assert.Single((await api.GetFromJsonAsync<JsonNode>($"{org}/credit-notes?invoice={number}"))!["items"]!.AsArray())![
                    "number"
                ]
        );
        Assert.Equal(
            ("By phone", "succeeded"),
            (await api.GetFromJsonAsync<JsonNode>($"{org}/credit-notes/CN-01"))! is var note
                ? ((string?)note["reason"], (string?)note["refundState"])
                : default
        );
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"{org}/credit-notes/CN-02")).StatusCode);
        var shown = (await api.GetFromJsonAsync<JsonNode>($"{org}/invoices/{number}"))!;
        Assert.Equal(
            (1600, 200, 200, 0),
            ((long)shown["total"]!, (long)shown["amountCredited"]!, (long)shown["amountRefunded"]!, (long)shown["amountRemaining"]!)
        );
        Assert.Equal(line.ToString(), (string?)shown["lines"]![0]!["id"]);
        Assert.Contains("creditNote", await api.GetStringAsync($"/o/northwind/billing/invoices/{number}/csv"), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    [Fact]
    public async Task A_price_list_is_previewed_published_with_consent_and_withdrawn()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        const string list =
            """{"version": "next", "currency": "usd", "startsAt": "2199-01-01T00:00:00Z", "meters": {"read": {"per": "GiB", "model": "perUnit", "unitPrice": "0.05"}}}""";
        StringContent Body() => new(list, Encoding.UTF8, "application/json");
        var preview = JsonNode.Parse(await (await api.PostAsync($"{Ops}/price-books/preview", Body())).Content.ReadAsStringAsync())!;
        Assert.Equal(("2026-01", 4, null), ((string)preview["replaces"]!, preview["becomeFree"]!.AsArray().Count, preview["reRating"]));
        Assert.Contains(
            preview["changes"]!.AsArray(),
            change => (string)change!["meter"]! == "read" && (decimal)change["mostPercent"]! == 25m
        );
        var refused = await api.PostAsync($"{Ops}/price-books", Body());
        Assert.Equal(
            (HttpStatusCode.Conflict, "price-book-frees-meters"),
            (refused.StatusCode, (string)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!)
        );
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync($"{Ops}/price-books?metersMayBecomeFree=true", Body())).StatusCode);
        Assert.Contains(
            (await api.GetFromJsonAsync<JsonNode>($"{Ops}/price-books"))!["items"]!.AsArray(),
            book => (bool)book!["isScheduled"]!
        );
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"{Ops}/price-books/next")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.DeleteAsync($"{Ops}/price-books/next")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await api.DeleteAsync($"{Ops}/price-books/2026-01")).StatusCode);
        var withdrawn = (await api.GetFromJsonAsync<JsonNode>($"{Ops}/audit?operation=price-book.withdraw"))!["items"]!.AsArray();
        Assert.Contains(withdrawn, record => (string)record!["subject"]! == "next" && (string)record["outcome"]! == "allowed");
    }

    [Fact]
    public async Task A_close_is_previewed_and_closes_nothing()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var month = DateTimeOffset.UtcNow.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
        var preview = (await api.GetFromJsonAsync<JsonNode>($"{Ops}/months/{month}/close"))!;
        Assert.Equal(
            (true, 1, 1, 0),
            ((bool)preview["early"]!, (int)preview["organizations"]!, (int)preview["looked"]!, (int)preview["invoices"]!)
        );
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync($"{Ops}/months/2999-01/close")).StatusCode);
        Assert.Empty((await api.GetFromJsonAsync<JsonNode>($"{Ops}/jobs"))!["items"]!.AsArray());
    }
}
