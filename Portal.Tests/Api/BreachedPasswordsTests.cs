using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Accounts;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

public sealed class BreachedPasswordsTests
{
    [Fact]
    public async Task What_leaked_is_refused_in_any_letter_case_and_a_good_passphrase_is_not()
    {
        await using var portal = new PortalHost();
        var breached = portal.Services.GetRequiredService<IBreachedPasswords>();
        // The first, the last and some from between of the list.
        foreach (var leaked in new[] { "zhannat_utegulov", "nata4005701109", "1qaz2wsx3edc4rfv", "Passwordpassword", "!2h7=aol64#exq0q" })
            Assert.True(breached.Contains(leaked), leaked);
        foreach (var good in new[] { PortalHost.Password, PortalHost.OperatorPassword, "", "ä" })
            Assert.False(breached.Contains(good), good);

        var rules = portal.Services.GetRequiredService<PasswordRules>();
        Assert.Equal("password-breached", rules.Check("WebSolutions2010", "ada@example.com")?.Code);
        Assert.Equal("password-guessable", rules.Check("ada.example.com1", "ada@example.com")?.Code);
        Assert.Null(rules.Check(PortalHost.Password, "ada@example.com"));
        var long128 = string.Concat(Enumerable.Repeat("violet tractor 7", 8));
        Assert.Null(rules.Check(long128, "ada@example.com"));
        Assert.Equal("password-too-long", rules.Check(long128 + "x", "ada@example.com")?.Code);
    }
}
