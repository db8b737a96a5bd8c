using Portal.Domain.Tenants;
using Portal.Features.Credentials;

namespace Portal.Tests.Components;

public sealed class SnippetsTests
{
    private const string Topic = "persistent://shop/default/a:b";

    [Fact]
    public void On_a_cluster_without_the_binary_protocol_WebSocket_and_curl_lead()
    {
        var snippets = Snippets.All(new Connection("local", null, new Uri("ws://127.0.0.1:5081"), true), Topic);

        Assert.Equal(["WebSocket", "curl"], snippets.Take(2).Select(snippet => snippet.Language));
        Assert.Contains("ws://127.0.0.1:5081/ws/v2/producer/persistent/shop/default/a%3Ab", snippets[0].Code, StringComparison.Ordinal);
        Assert.Contains("\"http://127.0.0.1:5081/ws/v2/reader/persistent/shop/default/a%3Ab", snippets[1].Code, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_real_cluster_every_language_carries_its_address()
    {
        var snippets = Snippets.All(new Connection("eu-1", "pulsar+ssl://eu-1.example:6651", new Uri("wss://eu-1.example"), false), Topic);

        Assert.All(
            snippets.Where(snippet => snippet.NeedsBinary),
            snippet => Assert.Contains("pulsar+ssl://eu-1.example:6651", snippet.Code, StringComparison.Ordinal)
        );
        Assert.Contains(
            "https://eu-1.example/ws/v2",
            snippets.Single(snippet => snippet.Language == "curl").Code,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Of_several_brokers_a_client_that_takes_one_address_gets_the_first_and_the_others_all()
    {
        var snippets = Snippets
            .All(new Connection("prod", "pulsar://b1:6650,b2:6650", null, false), Topic, "bill\"ing 1")
            .ToDictionary(snippet => snippet.Language, snippet => snippet.Code);

        foreach (var one in new[] { "C#", "Go" })
        {
            Assert.Contains("\"pulsar://b1:6650\"", snippets[one], StringComparison.Ordinal);
            Assert.Contains("takes one address", snippets[one], StringComparison.Ordinal);
        }
        foreach (var all in new[] { "Java", "Python", "Node.js", "C++", "client.conf" })
            Assert.Contains("pulsar://b1:6650,b2:6650", snippets[all], StringComparison.Ordinal);
        Assert.All(
            snippets.Where(one => one.Key != "client.conf"),
            one => Assert.Contains("bill\\\"ing 1", one.Value, StringComparison.Ordinal)
        );
        Assert.Contains("-s 'bill\"ing 1'", snippets["client.conf"], StringComparison.Ordinal);
        Assert.DoesNotContain("webServiceUrl", snippets["client.conf"], StringComparison.Ordinal);
        Assert.DoesNotContain("WebSocket", snippets.Keys);
    }

    [Fact]
    public void No_snippet_holds_a_token() =>
        Assert.All(
            Snippets.All(new Connection("local", null, new Uri("ws://h:1"), true), null),
            snippet => Assert.DoesNotContain("eyJ", snippet.Code, StringComparison.Ordinal)
        );
}
