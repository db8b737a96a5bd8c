using System.Security.Cryptography;
using Portal.Domain.Clusters;

namespace Portal.Tests.Domain.Clusters;

/// <summary>What a cluster may look like, wherever it is written.</summary>
public sealed class ClusterRulesTests
{
    [Theory]
    [InlineData("pulsar://broker:6650")]
    [InlineData("pulsar+ssl://broker.example:6651/")]
    [InlineData("pulsar://b1:6650,b2:6650")]
    [InlineData("pulsar+ssl://b1.example:6651,b2.example:6651,b3.example")]
    [InlineData("pulsar://[::1]:6650,10.0.0.2:6650")]
    public void A_broker_address_has_one_or_several_hosts(string text)
    {
        var (cluster, fault) = ClusterRules.Check("eu", new("http://a:8080", text));
        Assert.Null(fault);
        Assert.Equal((text.TrimEnd('/'), null, null), (cluster!.BrokerUrl, cluster.AdminToken, cluster.TokenPrivateKey));
    }

    [Theory]
    [InlineData("http://broker:6650")]
    [InlineData("pulsar://")]
    [InlineData("pulsar://b1:6650,")]
    [InlineData("pulsar://b1:6650,,b2:6650")]
    [InlineData("pulsar://b1:6650,pulsar://b2:6650")]
    [InlineData("pulsar://b1:6650/path")]
    [InlineData("pulsar://b1:port")]
    [InlineData("pulsar://user@b1:6650")]
    [InlineData("pulsar://b1:6650 b2:6650")]
    public void Anything_else_is_no_broker_address(string text) =>
        Assert.Equal("BrokerUrl", ClusterRules.Check("eu", new("http://a:8080", text)).Fault?.Field);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("EU")]
    [InlineData("-eu")]
    [InlineData("eu-")]
    [InlineData("a/b")]
    [InlineData("a23456789012345678901234567890123456789012")]
    public void A_name_is_short_and_goes_into_addresses(string? name) =>
        Assert.Equal("Name", ClusterRules.Check(name, new("http://a:8080")).Fault?.Field);

    [Theory]
    [InlineData(null)]
    [InlineData(" , ")]
    [InlineData("broker:8080")]
    [InlineData("http://a:8080,pulsar://b:6650")]
    [InlineData("http://admin:secret@a:8080")]
    [InlineData("http://a:8080?token=x")]
    public void An_admin_address_is_http(string? text) => Assert.Equal("AdminUrl", ClusterRules.Check("eu", new(text)).Fault?.Field);

    [Theory]
    [InlineData("http://a:8080/pulsar", null, "adminUrl", "/pulsar")]
    [InlineData("http://a:8080,https://b/x/?", null, "adminUrl", null)]
    [InlineData("http://a:8080", "ws://a:8080/ws/v2", "webSocketUrl", "/ws/v2")]
    [InlineData("http://a:8080", "wss://a/pulsar/", "webSocketUrl", "/pulsar/")]
    [InlineData("http://a:8080", "ws://a:8080/#x", "webSocketUrl", "/#x")]
    public void A_path_is_refused_since_it_would_be_dropped(string admin, string? webSocket, string field, string? path)
    {
        var problem = ClusterRules.Check("eu", new(admin, WebSocketUrl: webSocket)).Fault!.AsProblem();
        Assert.Equal(field, problem.Field);
        if (path is not null)
            Assert.Contains($"the path '{path}'. Leave it out", problem.Message, StringComparison.Ordinal);
        Assert.NotNull(ClusterRules.Check("eu", new("http://a:8080/", WebSocketUrl: "ws://a:8080/")).Registration);
    }

    [Fact]
    public void A_refusal_names_the_field_as_people_see_it_and_as_scripts_send_it()
    {
        var problem = ClusterRules.Check("eu", new("http://a:8080", WebSocketUrl: "http://a:8080")).Fault!.AsProblem();
        Assert.Equal("webSocketUrl", problem.Field);
        Assert.StartsWith("WebSocket URL is 'http://a:8080'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_would_break_a_header_is_refused() =>
        Assert.Equal("AdminToken", ClusterRules.Check("eu", new("http://a:8080", AdminToken: "a\nb")).Fault?.Field);

    [Fact]
    public void A_key_is_PEM_or_DER_in_base64_and_private()
    {
        using var rsa = RSA.Create(2048);
        foreach (
            var text in new[]
            {
                rsa.ExportPkcs8PrivateKeyPem(),
                Convert.ToBase64String(rsa.ExportPkcs8PrivateKey()),
                rsa.ExportRSAPrivateKeyPem(),
            }
        )
            Assert.NotNull(ClusterRules.Check("eu", new("http://a:8080", TokenPrivateKey: text)).Registration?.TokenPrivateKey);
        foreach (var text in new[] { rsa.ExportSubjectPublicKeyInfoPem(), "nonsense", Convert.ToBase64String([1, 2, 3]) })
            Assert.Equal("TokenPrivateKey", ClusterRules.Check("eu", new("http://a:8080", TokenPrivateKey: text)).Fault?.Field);
    }

    [Fact]
    public void Credentials_are_in_no_text_of_a_cluster()
    {
        var (cluster, _) = ClusterRules.Check("eu", new("http://a:8080", AdminToken: "secret-token"));
        Assert.DoesNotContain(
            "secret",
            $"{cluster}{new ClusterInput("http://a:8080", AdminToken: "secret-token")}",
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(29, null)]
    [InlineData(-90, "90 seconds behind")]
    [InlineData(90, "90 seconds ahead of")]
    [InlineData(-7200, "120 minutes behind")]
    public void Clocks_that_differ_are_named_with_the_difference(int ahead, string? words)
    {
        var theirs = new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.Zero);
        var skew = ClockSkew.Of(theirs, theirs.AddSeconds(ahead));
        Assert.Equal(words, skew is { } found ? ClockSkew.Text(found) : null);
    }
}
