using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>Finding messages over the API: by place, time, key, property and text, and as a file.</summary>
public sealed class MessageBrowserTests
{
    [Fact]
    public async Task Messages_are_found_by_what_was_asked_for_and_downloaded_as_lines()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var messages = $"/api/v1/organizations/northwind/tenants/{world.Tenant}/namespaces/default/topics/orders/messages";
        foreach (var number in Enumerable.Range(0, 6))
        {
            await rest.PostAsync(
                messages,
                new JsonObject
                {
                    ["payload"] = $$"""{"order":{{number}}}""",
                    ["key"] = number == 5 ? "" : $"k{number % 2}",
                    ["properties"] = new JsonObject { ["region"] = number < 3 ? "eu" : "us" },
                },
                HttpStatusCode.Created
            );
            if (number == 2)
                await Task.Delay(30);
        }
        var all = (await rest.GetAsync(messages))["items"]!.AsArray();
        var third = Uri.EscapeDataString((string)all[2]!["messageId"]!);
        var fourth = Uri.EscapeDataString((string)all[3]!["publishTime"]!);
        foreach (
            var (query, wanted) in new[]
            {
                ("", "0 1 2 3 4 5"),
                ("?key=k1", "1 3"),
                ("?key=", "5"),
                ("?property=region", "0 1 2 3 4 5"),
                ("?property=region%3Dus&key=k0", "4"),
                ("?text=%22order%22%3A2", "2"),
                ("?path=$.order%3D4", "4"),
                ("?path=$.order&key=k1", "1 3"),
                ("?path=$.nowhere", ""),
                ($"?from={third}", "3 4 5"),
                ($"?since={fourth}", "3 4 5"),
                ($"?since={fourth}&key=k0", "4"),
                ($"?from={third}&since=2100-01-01", "3 4 5"),
                ("?since=2100-01-01", ""),
                ("?from=earliest&text=nowhere", ""),
            }
        )
        {
            var page = await rest.GetAsync(messages + query);
            Assert.Equal(
                $"{query}: {wanted}",
                $"{query}: {string.Join(' ', page["items"]!.AsArray().Select(one => JsonNode.Parse((string)one!["payload"]!)!["order"]))}"
            );
            Assert.Equal(("topic", null), ((string?)page["endedBy"], (string?)page["next"]));
        }
        foreach (
            var (query, code) in new[]
            {
                ("?since=yesterday", "instant-malformed"),
                ($"?text={new string('x', 1001)}", "filter-too-long"),
                ("?from=nonsense", "message-id-unknown"),
                ("?path=order", "path-malformed"),
            }
        )
        {
            var (status, problem) = await rest.SendAsync(HttpMethod.Get, messages + query);
            Assert.Equal((HttpStatusCode.BadRequest, code), (status, (string?)problem?["code"]));
        }
        var first = await rest.GetAsync($"{messages}?key=k0&limit=2");
        Assert.Equal(("limit", 3), ((string?)first["endedBy"], (int)first["scanned"]!));
        var second = await rest.GetAsync($"{messages}?key=k0&limit=2&after={Uri.EscapeDataString((string)first["next"]!)}");
        Assert.Equal([4], second["items"]!.AsArray().Select(one => (int)JsonNode.Parse((string)one!["payload"]!)!["order"]!));

        // What comes after now, and who sent it.
        var latest = await rest.GetAsync($"{messages}?from=latest");
        Assert.Equal(
            (0, "topic", null, 0),
            (latest["items"]!.AsArray().Count, (string?)latest["endedBy"], (string?)latest["next"], (int)latest["scanned"]!)
        );
        await rest.PostAsync(messages, new JsonObject { ["payload"] = """{"order":6}""" }, HttpStatusCode.Created);
        var later = await rest.GetAsync($"{messages}?after={Uri.EscapeDataString((string)latest["resume"]!)}&details=true");
        var only = Assert.Single(later["items"]!.AsArray())!;
        Assert.Equal(("""{"order":6}""", 6, null), ((string?)only["payload"], (int)only["sequenceId"]!, (string?)only["eventTime"]));
        Assert.StartsWith("portal-producer-", (string?)only["producerName"], StringComparison.Ordinal);
        Assert.Empty((await rest.GetAsync($"{messages}?after={Uri.EscapeDataString((string)later["resume"]!)}"))["items"]!.AsArray());
        Assert.Equal((null, null), ((string?)all[0]!["producerName"], (string?)all[0]!["sequenceId"]));

        using var browser = new HttpClient { BaseAddress = portal.Url };
        browser.DefaultRequestHeaders.Authorization = new("Bearer", RunningPortal.OperatorKey);
        using var file = await browser.GetAsync($"/o/northwind/tenants/{world.Tenant}/default/orders/messages.jsonl?property=region%3Deu");
        Assert.Equal(
            ("application/x-ndjson", "orders.jsonl", "topic"),
            (
                file.Content.Headers.ContentType?.MediaType,
                file.Content.Headers.ContentDisposition?.FileName,
                file.Headers.GetValues("Portal-Ended-By").Single()
            )
        );
        var lines = (await file.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["k0", "k1", "k0"], lines.Select(line => (string?)JsonNode.Parse(line)!["key"]));
    }
}
