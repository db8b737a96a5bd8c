using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>Subscriptions that clients named, over the portal's API: what is listed can be deleted, and only that goes.</summary>
public sealed class ClientNamesTests
{
    private static readonly string[] Names =
    [
        "app group",
        "a/b",
        "a%2Fb",
        "a+b",
        "100%",
        "%25",
        "o'neil",
        "ünï 日本 😀",
        "a;b?c#d&e",
        "..",
        ".",
        "__mine",
        "tab\tend",
    ];

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "real"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task A_subscription_under_any_name_is_listed_and_deleted(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "names");
        // As many on a topic as the plan allows.
        foreach (var (number, names) in Names.Chunk(5).Index())
        {
            var topic = $"orders-{number}";
            await (number == 0 ? world.CreateAsync(topic) : world.AddAsync(topic));
            await EachIsDeletedAsync(rest, cluster, world, topic, names);
        }
    }

    private static async Task EachIsDeletedAsync(RestClient rest, TestedCluster cluster, GatewayWorld world, string topic, string[] names)
    {
        var subscriptions = $"/api/v1/organizations/names/tenants/{world.Tenant}/namespaces/default/topics/{topic}/subscriptions";
        foreach (var name in names)
        {
            // As a client's own: a broker decodes this part of a path twice.
            var escaped = string.Concat(Encoding.UTF8.GetBytes(name).Select(one => $"%25{one:X2}"));
            await cluster.AdminAsync(
                HttpMethod.Put,
                $"persistent/{world.Topic(topic)}/subscription/{escaped}",
                JsonValue.Create("earliest")
            );
        }
        Assert.Equal(names.Order(StringComparer.Ordinal), await ListedAsync());
        var left = names.ToList();
        foreach (var (index, name) in names.Index())
        {
            // A path can say all but those that every web client folds away; a parameter says those too.
            var byPath = name is not ("." or "..") && index % 2 == 0 || name is "a/b" or "a%2Fb";
            var (status, answer) = await rest.SendAsync(
                HttpMethod.Delete,
                byPath ? $"{subscriptions}/{Uri.EscapeDataString(name)}" : $"{subscriptions}?name={Uri.EscapeDataString(name)}"
            );
            Assert.True(status == HttpStatusCode.NoContent, $"{name}: {status} {answer}");
            left.Remove(name);
            Assert.Equal(left.Order(StringComparer.Ordinal), await ListedAsync());
        }
        foreach (
            var (path, code) in new[]
            {
                ("", "subscription-name-malformed"),
                ("?name=", "subscription-name-malformed"),
                ("?name=__compaction", "subscription-name-reserved"),
            }
        )
        {
            var (status, answer) = await rest.SendAsync(HttpMethod.Delete, subscriptions + path);
            Assert.Equal((HttpStatusCode.BadRequest, code), (status, (string?)answer?["code"]));
        }

        async Task<IEnumerable<string>> ListedAsync() =>
            (await rest.GetAsync(subscriptions))["items"]!.AsArray().Select(one => (string)one!["name"]!);
    }
}
