using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Portal.Domain.Clusters;
using Portal.Hosting.Settings;

namespace Portal.Tests.Api;

public sealed class ClusterSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-settings").FullName;

    [Fact]
    public void Without_settings_there_is_no_cluster() => Assert.Empty(Read());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cluster_is_read_with_its_brokers_token_and_key(bool pem)
    {
        using var rsa = RSA.Create(2048);
        if (pem)
            File.WriteAllText(FilePath("key"), rsa.ExportPkcs8PrivateKeyPem());
        else
            File.WriteAllBytes(FilePath("key"), rsa.ExportPkcs8PrivateKey());
        File.WriteAllText(FilePath("token"), "secret\n");
        var cluster = Assert.Single(
            Read(
                ("Name", "eu"),
                ("AdminUrl", "http://a:8080, http://b:8080"),
                ("BrokerUrl", "pulsar://a:6650"),
                ("WebSocketUrl", "ws://a:8080"),
                ("AdminTokenFile", FilePath("token")),
                ("TokenPrivateKeyFile", FilePath("key"))
            )
        );
        Assert.Equal(["http://a:8080/", "http://b:8080/"], cluster.AdminUrls.Select(url => url.AbsoluteUri));
        Assert.Equal(("eu", "secret", false), (cluster.Name, cluster.AdminToken, cluster.IsStandIn));
        Assert.DoesNotContain("secret", $"{cluster}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Name", "")]
    [InlineData("AdminUrl", "")]
    [InlineData("AdminUrl", "http://a:8080,pulsar://b:6650")]
    [InlineData("BrokerUrl", "http://a:8080")]
    [InlineData("WebSocketUrl", "http://a:8080")]
    [InlineData("WebSocketUrl", "ws://a:8080/ws")]
    [InlineData("AdminUrl", "http://a:8080/pulsar")]
    [InlineData("AdminTokenFile", "/no/such/file")]
    [InlineData("TokenPrivateKeyFile", "/no/such/file")]
    public void A_wrong_setting_is_named(string setting, string value)
    {
        var wrong = Assert.Throws<WrongSettingException>(() => Read(("Name", "eu"), ("AdminUrl", "http://a:8080"), (setting, value)));
        Assert.StartsWith($"Portal:Clusters:0:{setting} ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_private_key_is_named()
    {
        using var rsa = RSA.Create(2048);
        foreach (var contents in (string[])["nonsense", rsa.ExportSubjectPublicKeyInfoPem(), ""])
        {
            File.WriteAllText(FilePath("key"), contents);
            var wrong = Assert.Throws<WrongSettingException>(() =>
                Read(("Name", "eu"), ("AdminUrl", "http://a:8080"), ("TokenPrivateKeyFile", FilePath("key")))
            );
            Assert.Contains("TokenPrivateKeyFile", wrong.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Two_clusters_of_one_name_are_refused()
    {
        ClusterSettings one = new() { Name = "eu", AdminUrl = "http://a:8080" };
        Assert.StartsWith(
            "Portal:Clusters:1:Name ",
            Assert.Throws<WrongSettingException>(() => ClusterSettingsReader.Read([one, one])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Several_hosts_in_a_broker_address_are_taken() =>
        Assert.Equal(
            "pulsar://b1:6650,b2:6650",
            Assert.Single(Read(("Name", "eu"), ("AdminUrl", "http://a:8080"), ("BrokerUrl", "pulsar://b1:6650,b2:6650"))).BrokerUrl
        );

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IReadOnlyList<ClusterRegistration> Read(params (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (name, value) in settings)
            values[$"Portal:Clusters:0:{name}"] = value;
        return ClusterSettingsReader.Read(
            new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("Portal").Get<PortalSettings>()?.Clusters ?? []
        );
    }

    private string FilePath(string name) => Path.Combine(_folder, name);
}
