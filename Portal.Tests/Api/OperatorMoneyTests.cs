using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
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
        Assert.StartsWith("month,organization,name,currency,rated,", await api.GetStringAsync("/operator/books.csv?month=2026-01"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_price_list_is_previewed_published_with_consent_and_withdrawn()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        const string list = """{"version": "next", "currency": "usd", "startsAt": "2199-01-01T00:00:00Z", "meters": {"read": {"per": "GiB", "model": "perUnit", "unitPrice": "0.05"}}}""";
        StringContent Body() => new(list, Encoding.UTF8, "application/json");
        var preview = JsonNode.Parse(await (await api.PostAsync($"{Ops}/price-books/preview", Body())).Content.ReadAsStringAsync())!;
        Assert.Equal(("2026-01", 4, null), ((string)preview["replaces"]!, preview["becomeFree"]!.AsArray().Count, preview["reRating"]));
        Assert.Contains(preview["changes"]!.AsArray(), change => (string)change!["meter"]! == "read" && (decimal)change["mostPercent"]! == 25m);
        var refused = await api.PostAsync($"{Ops}/price-books", Body());
        Assert.Equal((HttpStatusCode.Conflict, "price-book-frees-meters"), (refused.StatusCode, (string)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!));
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync($"{Ops}/price-books?metersMayBecomeFree=true", Body())).StatusCode);
        Assert.Contains((await api.GetFromJsonAsync<JsonNode>($"{Ops}/price-books"))!["items"]!.AsArray(), book => (bool)book!["isScheduled"]!);
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
        Assert.Equal((true, 1, 1, 0), ((bool)preview["early"]!, (int)preview["organizations"]!, (int)preview["looked"]!, (int)preview["invoices"]!));
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync($"{Ops}/months/2999-01/close")).StatusCode);
        Assert.Empty((await api.GetFromJsonAsync<JsonNode>($"{Ops}/jobs"))!["items"]!.AsArray());
    }
}
