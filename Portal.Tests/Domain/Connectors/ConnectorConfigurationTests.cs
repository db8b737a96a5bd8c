using System.Text.Json.Nodes;
using Portal.Domain.Connectors;
using Xunit;

namespace Portal.Tests.Domain.Connectors;

public sealed class ConnectorConfigurationTests
{
    private static readonly ConnectorDefinition Definition = new(
        new(ConnectorKind.Sink, "hook", null),
        [
            new("url", FieldKind.Text, true, null, null, false),
            new("size", FieldKind.Whole, false, "10", null, false),
            new("count", FieldKind.LargeWhole, true, "1", null, false),
            new("ratio", FieldKind.Number, false, null, null, false),
            new("on", FieldKind.Flag, false, null, null, false),
            new("more", FieldKind.Map, false, null, null, false),
            new("hosts", FieldKind.List, false, null, null, false),
            new("mode", FieldKind.Anything, false, null, null, false),
            new("key", FieldKind.Text, true, null, null, true),
            new("saslPassword", FieldKind.Text, false, null, null, false),
        ]
    );

    [Theory]
    [InlineData("""{"url": "http://a", "key": "k"}""")]
    [InlineData(
        """{"url": "http://a", "key": "k", "size": 2147483647, "count": -9223372036854775808, "ratio": 0.5, "on": false, "more": {"a": 1}, "hosts": ["b"], "mode": "FAST", "saslPassword": null}"""
    )]
    public void What_fits_is_taken(string given) => Assert.Empty(Check(given));

    [Theory]
    [InlineData("""{"key": "k"}""", "connector-field-required", "configuration.url")]
    [InlineData("""{"url": "  ", "key": "k"}""", "connector-field-required", "configuration.url")]
    [InlineData("""{"url": 5, "key": "k"}""", "connector-field-type", "configuration.url")]
    [InlineData("""{"url": "u\u0000", "key": "k"}""", "connector-field-type", "configuration.url")]
    [InlineData("""{"url": "u", "key": "k", "size": "5"}""", "connector-field-type", "configuration.size")]
    [InlineData("""{"url": "u", "key": "k", "size": 1.5}""", "connector-field-type", "configuration.size")]
    [InlineData("""{"url": "u", "key": "k", "size": 2147483648}""", "connector-field-range", "configuration.size")]
    [InlineData("""{"url": "u", "key": "k", "count": 1e300}""", "connector-field-range", "configuration.count")]
    [InlineData("""{"url": "u", "key": "k", "ratio": true}""", "connector-field-type", "configuration.ratio")]
    [InlineData("""{"url": "u", "key": "k", "on": "true"}""", "connector-field-type", "configuration.on")]
    [InlineData("""{"url": "u", "key": "k", "more": "{}"}""", "connector-field-type", "configuration.more")]
    [InlineData("""{"url": "u", "key": "k", "hosts": {}}""", "connector-field-type", "configuration.hosts")]
    [InlineData("""{"url": "u", "key": "k", "mode": [[[[[[[[[1]]]]]]]]]}""", "connector-field-size", "configuration.mode")]
    [InlineData("""{"url": "u", "key": "k", "className": "x"}""", "connector-field-unknown", "configuration.className")]
    [InlineData("""{"url": "u", "key": "k", "more": {"config.providers": "d"}}""", "connector-field-reach", "configuration.more")]
    [InlineData("""{"url": "u", "key": "k", "more": {"a": {"truststorePath": "/etc/x"}}}""", "connector-field-reach", "configuration.more")]
    [InlineData("""{"url": "u", "key": "k", "mode": {"interceptor.classes": "x.Y"}}""", "connector-field-reach", "configuration.mode")]
    [InlineData("""{"url": "u", "key": "k", "more": {"client.id": "${d:/etc:passwd}"}}""", "connector-field-reach", "configuration.more")]
    [InlineData("""{"url": "u", "key": "k", "hosts": ["${env:HOME}"]}""", "connector-field-reach", "configuration.hosts")]
    public void What_does_not_fit_is_said_at_its_field(string given, string code, string field)
    {
        var problem = Assert.Single(Check(given));
        Assert.Equal((code, field), (problem.Code, problem.Field));
    }

    [Fact]
    public void Each_field_has_one_problem_and_all_are_said_at_once() =>
        Assert.Equal(
            ["configuration.odd", "configuration.url", "configuration.size", "configuration.key"],
            Check("""{"odd": 1, "size": "x"}""").Select(problem => problem.Field)
        );

    [Fact]
    public void Large_ones_are_refused()
    {
        Assert.Equal(
            "connector-field-size",
            Assert.Single(Check($$"""{"key": "k", "url": "{{new string('x', ConnectorConfiguration.MaxText + 1)}}"}""")).Code
        );
        Assert.Equal(
            "connector-configuration-size",
            Assert.Single(Check($$"""{"key": "k", "url": "{{new string('x', 10_000_000)}}"}""")).Code
        );
    }

    /// <summary>Whoever may change a connector and was never shown its secret would have it sent to a server of their own.</summary>
    [Theory]
    [InlineData("""{"url": "http://mine"}""", "url")]
    [InlineData("""{"url": "http://a", "more": {"proxy": "http://mine"}}""", "more")]
    [InlineData("""{"url": "http://a", "hosts": ["mine"]}""", "hosts")]
    [InlineData("""{"url": "http://a", "mode": "http://mine"}""", "mode")]
    [InlineData("""{}""", "url")]
    [InlineData("""{"url": "http://a"}""", null)]
    [InlineData("""{"url": "http://a", "mode": " ", "size": 5, "count": 6, "ratio": 0.5, "on": true}""", null)]
    [InlineData("""{"url": "http://mine", "key": "mine"}""", null)]
    [InlineData("""{"url": "http://mine", "key": null}""", null)]
    public void A_secret_that_is_kept_goes_nowhere_but_where_it_was_entered_for(string given, string? changed)
    {
        var refusal = KeptSecrets.Refuse(Definition, Read("""{"url": "http://a", "size": 1}"""), Read(given), ["key"]);
        Assert.Equal(changed is null ? (null, null) : ("connector-secret-needed", "configuration.key"), (refusal?.Code, refusal?.Field));
        if (changed is not null)
            Assert.Contains($"because you changed {changed}.", refusal!.Message, StringComparison.Ordinal);
        Assert.Null(KeptSecrets.Refuse(Definition, Read("""{"url": "http://a"}"""), Read(given), []));
    }

    [Fact]
    public void A_secret_that_is_kept_may_be_left_out_and_not_taken_away()
    {
        Assert.Empty(ConnectorConfiguration.Check(Definition, Read("""{"url": "u"}"""), ["key"]));
        Assert.Equal(
            "connector-field-required",
            Assert.Single(ConnectorConfiguration.Check(Definition, Read("""{"url": "u", "key": null}"""), ["key"])).Code
        );
    }

    [Fact]
    public void Secrets_are_what_is_marked_what_is_called_so_and_maps_that_hold_one()
    {
        var (plain, secrets) = ConnectorConfiguration.Split(
            Definition,
            Read("""{"url": "u", "key": "k", "saslPassword": "p", "more": {"ssl.key.password": "q"}, "hosts": ["b"]}""")
        );
        Assert.Equal(["hosts", "url"], plain.Select(pair => pair.Key).Order());
        Assert.Equal(["key", "more", "saslPassword"], secrets.Select(pair => pair.Key).Order());
    }

    [Theory]
    [InlineData(
        "java.util.concurrent.ExecutionException: java.net.ConnectException: Connection refused",
        "couldn't connect. Check the address"
    )]
    [InlineData("java.net.UnknownHostException: nohost.invalid", "The host nohost.invalid couldn't be found.")]
    [InlineData("java.lang.IllegalStateException: http://a/ answered 500\n\tat portal.Sink.write(Sink.java:5)", "http://a/ answered 500")]
    [InlineData(
        "java.lang.RuntimeException: wrapped\nCaused by: java.lang.IllegalArgumentException: URI with undefined scheme",
        "URI with undefined scheme"
    )]
    [InlineData("[java.lang.IllegalArgumentException]: URI with undefined scheme", "URI with undefined scheme")]
    [InlineData("java.lang.NullPointerException", "failed with NullPointerException")]
    [InlineData("asked to fail after 3 messages", "asked to fail after 3 messages")]
    public void Exceptions_are_said_in_plain_words(string exception, string said) =>
        Assert.Contains(said, ExceptionWords.Of(exception), StringComparison.Ordinal);

    [Theory]
    [InlineData("Login with hunter2! failed", "Login with ••• failed")]
    // A token pasted with its line end, and the header that the client refused for it.
    [InlineData("invalid header value: \"Bearer S3CRET-moose-6\n\"", "invalid header value: \"•••\"")]
    [InlineData("token S3CRET-moose-6 is over", "token ••• is over")]
    [InlineData("Bearer token needed", "Bearer token needed")]
    [InlineData("user bob, password w1nter", "user bob, password •••")]
    [InlineData("GET https://a/?key=p%26q%3Dr%20s", "GET https://a/?key=•••")]
    [InlineData("settings {\"a\": \"inner-secret\"}", "settings {\"a\": \"•••\"}")]
    public void Exceptions_do_not_tell_secrets(string said, string shown)
    {
        var secrets = new JsonObject
        {
            ["password"] = "hunter2!",
            ["authorization"] = "Bearer S3CRET-moose-6\n",
            ["key"] = "p&q=r s",
            ["more"] = new JsonObject { ["a"] = "inner-secret" },
            ["jaas"] = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"bob7\" password=\"w1nter\";",
        };
        Assert.Equal(shown, ExceptionWords.Of(SecretWords.Without(said, secrets)));
    }

    [Fact]
    public void A_secret_is_removed_before_a_long_exception_is_cut()
    {
        var secret = new string('s', 40);
        var guides = new ConnectorGuides([]);
        var said = guides
            .Explain(ConnectorKind.Sink, "http-post", [], new string('x', 390) + secret, new() { ["authorization"] = secret })!
            .Says;
        Assert.DoesNotContain("ssss", said, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "xxxx",
            guides.Explain(ConnectorKind.Sink, "http-post", [], new string('x', 390), secrets: null)!.Says,
            StringComparison.Ordinal
        );
    }

    private static IReadOnlyList<Portal.Domain.Common.Problem.Invalid> Check(string given) =>
        ConnectorConfiguration.Check(Definition, Read(given), []);

    private static JsonObject Read(string json) => JsonNode.Parse(json)!.AsObject();
}
