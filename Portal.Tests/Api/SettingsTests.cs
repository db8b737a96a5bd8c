using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Portal.Hosting.Settings;

namespace Portal.Tests.Api;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("Portal:Metring:IntervalSeconds", "5")]
    [InlineData("Portal:Metering:IntervalSeconds", "0")]
    [InlineData("Portal:Metering:IntervalSeconds", "often")]
    [InlineData("Portal:Audit:RetentionDays", "7")]
    [InlineData("Portal:Billing:Dunning:ReminderDays", "0, soon")]
    [InlineData("Portal:Billing:Dunning:SuspendAfterDays", "10")]
    [InlineData("Portal:Billing:Dunning:RestrictAfterDays", "366")]
    [InlineData("Portal:PublicUrl", "portal.example.com")]
    [InlineData("Portal:PublicUrl", "https://example.com/portal")]
    [InlineData("Portal:TrustedProxies:0", "the proxy")]
    [InlineData("Portal:Database:Provider", "Oracle")]
    [InlineData("Portal:GatewayOnly", "true")]
    [InlineData("Portal:KeyRing:Key", "dG9vIHNob3J0")]
    [InlineData("Portal:KeyRing:KeyFile", "/nonexistent/ring.key")]
    [InlineData("Portal:KeyRing:OlderKeys:0", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    [InlineData("Portal:Passwords:Pepper", "dG9vIHNob3J0")]
    [InlineData("Portal:Passwords:OlderPepperFiles:0", "/nonexistent/pepper")]
    [InlineData("Portal:SignIn:EndAfterIdleMinutes", "1")]
    [InlineData("Portal:SignIn:EndAfterMinutes", "0")]
    [InlineData("Portal:Stripe:ApiKey", "pk_test_1")]
    [InlineData("Portal:Stripe:WebhookSecret", "whsec_1")]
    [InlineData("Portal:Mail:From", "portal@example.com")]
    [InlineData("Portal:FirstRun:Password", "short")]
    [InlineData("Portal:Clusters:0:AdminUrl", "broker:8080")]
    [InlineData("urls", "localhost")]
    public void A_wrong_setting_is_named_in_one_sentence(string name, string value)
    {
        var wrong = Assert.Throws<WrongSettingException>(() => Read("Development", (name, value)));
        Assert.Contains(
            name.Split(':')[0] == "Portal" ? string.Join(':', name.Split(':').Take(2)) : name,
            wrong.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("   at ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_are_right_in_Development() => Assert.True(Read("Development").UsesLocalPulsar);

    [Fact]
    public void Production_wants_the_real_thing()
    {
        Assert.StartsWith(
            "Portal:Clusters",
            Assert.Throws<WrongSettingException>(() => Read("Production")).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Portal:PublicUrl",
            Assert.Throws<WrongSettingException>(() => Read("Production", ("Portal:AllowLocalStandIns", "true"))).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Portal:Mail:Host",
            Assert
                .Throws<WrongSettingException>(() =>
                    Read("Production", ("Portal:AllowLocalStandIns", "true"), ("Portal:PublicUrl", "https://portal.example.com"))
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_sample_company_is_not_asked_for_with_a_live_key()
    {
        (string, string)[] stripe = [("Portal:Stripe:ApiKey", "sk_live_0123456789"), ("Portal:Stripe:WebhookSecret", "whsec_1")];
        Assert.False(Read("Development", stripe).Sample.OnFirstRun);
        Assert.StartsWith(
            "Portal:Sample:OnFirstRun",
            Assert.Throws<WrongSettingException>(() => Read("Development", [.. stripe, ("Portal:Sample:OnFirstRun", "true")])).Message,
            StringComparison.Ordinal
        );
    }

    private static PortalSettings Read(string environment, params (string Name, string Value)[] settings) =>
        SettingsReader.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value))
                .Build(),
            new Environment(environment)
        );

    private sealed class Environment(string name) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = name;
        public string ApplicationName { get; set; } = "Portal";
        public string ContentRootPath { get; set; } = "/";
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
