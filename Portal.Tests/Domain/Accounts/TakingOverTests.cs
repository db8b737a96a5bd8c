using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Federation;
using Portal.Domain.Mails;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Accounts;

/// <summary>What a stranger put into an account before its owner proved it, and what becomes of that.</summary>
public sealed class TakingOverTests
{
    private const string Ada = "ada@example.com";
    private const string StrangersPassword = "orange kettle walks north";

    private static readonly CancellationToken Now = CancellationToken.None;
    private readonly AccountWorld _world = new();

    /// <summary>
    /// The stranger signs up the same address before or after its owner; whichever link is opened, the password stays its own sign-up's.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_password_is_confirmed_only_by_who_knows_it(bool strangerIsLast)
    {
        var first = await SignUpAsync(strangerIsLast ? AccountWorld.Password : StrangersPassword);
        var last = await SignUpAsync(strangerIsLast ? StrangersPassword : AccountWorld.Password);
        var (own, strangers) = strangerIsLast ? (first, last) : (last, first);

        // The owner opens the stranger's mail, which came to her inbox like her own, and types her password.
        Assert.Equal(
            "password-wrong",
            (await _world.Verify.RunAsync(_world.Visitor, strangers, AccountWorld.Password, null, null, Now)).Problem?.Code
        );
        Assert.False(_world.Portal.People.Accounts.Values.Single().Account.EmailVerified);

        Assert.True((await _world.Verify.RunAsync(_world.Visitor, own, AccountWorld.Password, null, null, Now)).IsOk);
        Assert.Equal("sign-in-refused", (await _world.SignIn.RunAsync(_world.Visitor, Ada, StrangersPassword, null, Now)).Problem?.Code);
        Assert.True((await _world.SignIn.RunAsync(_world.Visitor, Ada, AccountWorld.Password, null, Now)).IsOk);
        // The other link is void, and a second click on one's own is no error.
        Assert.Equal(
            "link-used",
            (await _world.Verify.RunAsync(_world.Visitor, strangers, StrangersPassword, null, null, Now)).Problem?.Code
        );
        Assert.True((await _world.Verify.RunAsync(_world.Visitor, own, AccountWorld.Password, null, null, Now)).IsOk);
    }

    [Fact]
    public async Task In_the_browser_of_the_sign_up_the_link_asks_for_no_password_and_a_strangers_link_does()
    {
        var (here, elsewhere) = (new string('a', 64), new string('b', 64));
        var own = await SignUpAsync(AccountWorld.Password, here);
        var strangers = await SignUpAsync(StrangersPassword, elsewhere);
        Assert.Equal(
            (false, true, true, null),
            (
                _world.Verify.AsksForPassword(own, here),
                _world.Verify.AsksForPassword(own, null),
                _world.Verify.AsksForPassword(strangers, here),
                _world.Verify.AsksForPassword("no link", here)
            )
        );
        Assert.Equal("password-missing", (await _world.Verify.RunAsync(_world.Visitor, strangers, null, here, null, Now)).Problem?.Code);
        Assert.True((await _world.Verify.RunAsync(_world.Visitor, own, null, here, null, Now)).IsOk);
        Assert.True((await _world.SignIn.RunAsync(_world.Visitor, Ada, AccountWorld.Password, null, Now)).IsOk);
        Assert.Equal("sign-in-refused", (await _world.SignIn.RunAsync(_world.Visitor, Ada, StrangersPassword, null, Now)).Problem?.Code);
    }

    [Fact]
    public async Task Only_the_browser_of_the_newest_sign_up_is_signed_in_by_its_link_and_only_soon()
    {
        var (here, elsewhere) = (new string('a', 64), new string('b', 64));
        var own = await SignUpAsync(AccountWorld.Password, here);
        var sentAt = _world.Clock.GetUtcNow();
        _world.Clock.Advance(TimeSpan.FromMinutes(20));
        var confirmed = (await _world.Verify.RunAsync(_world.Visitor, own, null, here, "Firefox/140", Now)).Value;
        var session = Assert.Single(_world.Portal.People.Sessions);
        Assert.Equal((session.Id, Ada), (confirmed.SignedIn!.Session, confirmed.SignedIn.Account.Email));
        // A proof as old as the password that was typed: what asks for a fresh one asks again.
        Assert.Equal(sentAt, session.ConfirmedAt);
        // Whoever finds the link later gets no session from it, in no browser.
        Assert.Null((await _world.Verify.RunAsync(_world.Visitor, own, null, here, null, Now)).Value.SignedIn);
        Assert.Null((await _world.Verify.RunAsync(_world.Visitor, own, null, elsewhere, null, Now)).Value.SignedIn);
        Assert.Single(_world.Portal.People.Sessions);
    }

    /// <summary>The address is confirmed all the same; the password is asked for at the sign-in that follows.</summary>
    [Theory]
    [InlineData("a stranger signed up the address since")]
    [InlineData("two hours later")]
    [InlineData("signed in to another account")]
    [InlineData("in another browser, with the password")]
    [InlineData("sent again")]
    public async Task Whoever_confirms_otherwise_signs_in_with_the_password(string how)
    {
        var (here, elsewhere) = (new string('a', 64), new string('b', 64));
        var link = await SignUpAsync(AccountWorld.Password, here);
        var visitor = _world.Visitor;
        if (how.StartsWith("a stranger", StringComparison.Ordinal))
            await SignUpAsync(StrangersPassword, elsewhere);
        if (how.StartsWith("two hours", StringComparison.Ordinal))
            _world.Clock.Advance(TimeSpan.FromHours(2));
        if (how.StartsWith("signed in", StringComparison.Ordinal))
            visitor = visitor with { AccountId = new(Guid.NewGuid()), Name = "mo@example.com", Session = new(Guid.NewGuid()) };
        if (how == "sent again")
        {
            Assert.True((await _world.Resend.RunAsync(visitor, Ada, Now)).IsOk);
            link = _world.TokenOfLastMail();
        }
        var browser = how.StartsWith("in another", StringComparison.Ordinal) ? elsewhere : here;
        var confirmed = (await _world.Verify.RunAsync(visitor, link, AccountWorld.Password, browser, null, Now)).Value;
        Assert.True(confirmed.Account.EmailVerified);
        Assert.Null(confirmed.SignedIn);
        Assert.Empty(_world.Portal.People.Sessions);
        Assert.IsType<SignInStep.Done>((await _world.SignIn.RunAsync(_world.Visitor, Ada, AccountWorld.Password, null, Now)).Value);
    }

    [Fact]
    public async Task Confirming_ends_what_was_there_before()
    {
        var link = await SignUpAsync(AccountWorld.Password);
        var account = _world.Portal.People.Accounts.Values.Single().Account;
        Give(account);
        Assert.True((await _world.Verify.RunAsync(_world.Visitor, link, AccountWorld.Password, null, null, Now)).IsOk);
        AssertNothingLeft(account);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reset_ends_what_was_made_before_and_says_so_unless_it_is_kept(bool keep)
    {
        var account = await _world.AccountAsync(Ada);
        await _world.SignedInAsync(Ada);
        Give(account);
        await _world.RequestReset.RunAsync(_world.Visitor, Ada, Now);
        var link = _world.TokenOfLastMail();
        Assert.Equal(
            "1 API key, 1 passkey and 1 linked sign-in method",
            (await _world.ResetPassword.CheckLinkAsync(link, Now)).Value.Words
        );

        var ended = (await _world.ResetPassword.RunAsync(_world.Visitor, link, StrangersPassword, keep, Now)).Value;
        Assert.Empty(_world.Portal.People.Sessions);
        Assert.Equal(keep, ended.IsNothing);
        if (!keep)
        {
            AssertNothingLeft(account);
            Assert.Contains(
                "Also ended: 1 API key, 1 passkey and 1 linked sign-in method.",
                _world.Portal.People.Mails[^1].Body,
                StringComparison.Ordinal
            );
        }
        else
            Assert.True(_world.Portal.ApiKeys.Single().IsLive(_world.Clock.Now()));
    }

    private void Give(Account account)
    {
        _world.Portal.ApiKeys.Add(
            ApiKey.OfAccount(new(Guid.NewGuid()), account, "left behind", ApiKeyText.New(), null, _world.Clock.Now(), null)
        );
        _world.Portal.People.Passkeys.Add(new("left-behind", account.Id, "Left behind", [1], default, 0, [], false, false, [], []));
        _world.Portal.Logins.Add(
            new(new ExternalIdentity("https://accounts.example.com", "Google", null, "g-1", Ada, true), account.Id, _world.Clock.Now())
        );
    }

    private void AssertNothingLeft(Account account)
    {
        Assert.DoesNotContain(_world.Portal.ApiKeys, key => key.AccountId == account.Id && key.IsLive(_world.Clock.Now()));
        Assert.Empty(_world.Portal.People.Passkeys);
        Assert.Empty(_world.Portal.Logins);
        Assert.Empty(_world.Portal.People.Sessions);
    }

    /// <summary>The token of the mail that the sign-up sent.</summary>
    private async Task<string> SignUpAsync(string password, string? browser = null)
    {
        Assert.True((await _world.SignUp.RunAsync(_world.Visitor, Ada, password, browser, Now)).IsOk);
        return _world.TokenOfLastMail();
    }
}
