using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Hosting.Identity;
using Portal.Hosting.Settings;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>Limits that stop strangers and leave the owner alone.</summary>
public sealed class AttemptLimiterTests : IPasswords
{
    private const string Ada = "ada@example.com";

    private readonly Browser _browser = new();

    private AttemptLimiter Limiter => field ??= new(new PortalSettings(), this, _browser);

    [Fact]
    public void Ten_wrong_passwords_from_one_address_stop_that_address_and_no_other()
    {
        for (var i = 0; i < 10; i++)
            Fail("192.0.2.66");
        Assert.NotNull(Try("192.0.2.66", Attempt.SignIn));
        Assert.Null(Try("192.0.2.7", Attempt.SignIn));
        // Whoever is signed in goes on, from the stranger's address as well, and gets a reset.
        foreach (var from in new[] { "192.0.2.66", "192.0.2.7" })
        {
            Assert.Null(Try(from, Attempt.Proof));
            Assert.Null(Try(from, Attempt.Email));
        }
        Assert.Null(Try("192.0.2.66", Attempt.SignIn, "other@example.com"));
    }

    [Fact]
    public void Very_many_from_everywhere_stop_strangers_and_not_the_browser_that_signed_in_before()
    {
        for (var i = 0; i < 100; i++)
            Fail($"198.51.100.{i}");
        Assert.NotNull(Try("192.0.2.7", Attempt.SignIn));
        _browser.Known = true;
        Assert.Null(Try("192.0.2.7", Attempt.SignIn));
        Assert.Null(Try("192.0.2.7", Attempt.Proof));
    }

    [Fact]
    public void One_inbox_gets_a_handful_of_emails_an_hour_however_many_ask()
    {
        for (var i = 0; i < 5; i++)
            Assert.Null(Try($"198.51.100.{i}", Attempt.Email));
        Assert.NotNull(Try("198.51.100.9", Attempt.Email));
        _browser.Known = true;
        Assert.Null(Try("192.0.2.7", Attempt.Email));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    public void Addresses_of_one_subscriber_count_as_one(string one, string other, bool same) =>
        Assert.Equal(same, ClientNetwork.Of(one) == ClientNetwork.Of(other));

    [Fact]
    public async Task A_browser_is_known_to_the_account_that_it_signed_in_to()
    {
        await using var portal = new PortalHost();
        using var ada = await portal.SignedUpAsync(Ada);
        using var stranger = portal.Browser();
        for (var i = 0; i < 100; i++)
            Fail($"198.51.100.{i}", (AttemptLimiter)portal.Services.GetService(typeof(IAttemptLimiter))!);
        Assert.Contains("Too many attempts", await SignInAsync(stranger), StringComparison.Ordinal);
        Assert.DoesNotContain("Too many attempts", await SignInAsync(ada), StringComparison.Ordinal);

        static async Task<string> SignInAsync(HttpClient browser) =>
            await (
                await browser.SubmitAsync("/sign-in", "sign-in", new() { ["Input.Email"] = Ada, ["Input.Password"] = PortalHost.Password })
            ).Content.ReadAsStringAsync();
    }

    public Task<string> HashAsync(Actor by, string password, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> VerifyAsync(Actor by, string? hash, string password, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private TimeSpan? Try(string from, Attempt attempt, string account = Ada) =>
        Limiter.Refuse(Actor.Anonymous with { Address = from }, attempt, account);

    private void Fail(string from, AttemptLimiter? limiter = null) =>
        (limiter ?? Limiter).Failed(Actor.Anonymous with { Address = from }, Ada);

    private sealed class Browser : IKnownBrowser
    {
        public bool Known { get; set; }

        public bool Knows(string account) => Known;

        public void Remember(string account) => Known = true;
    }
}
