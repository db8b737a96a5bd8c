using System.Text;
using OtpNet;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Tests.Support;
using Totp = OtpNet.Totp;

namespace Portal.Tests.Domain.Accounts;

public sealed class TwoFactorTests
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private readonly AccountWorld _world = new();

    /// <summary>RFC 6238, appendix B, cut to six digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void The_codes_are_those_of_the_standard(long seconds, string code)
    {
        var secret = Base32Encoding.ToString(Encoding.ASCII.GetBytes("12345678901234567890"));
        Assert.Equal(seconds / 30, TotpCodes.Match(secret, code, DateTimeOffset.FromUnixTimeSeconds(seconds), 0));
    }

    [Fact]
    public void Codes_of_another_implementation_are_accepted_one_step_around_now_and_no_further()
    {
        for (var i = 0; i < 50; i++)
        {
            var secret = TotpCodes.NewSecret();
            var app = new Totp(Base32Encoding.ToBytes(secret));
            var now = _world.Clock.Now().AddSeconds(i * 977);
            foreach (var (offset, accepted) in new[] { (-60, false), (-30, true), (0, true), (30, true), (60, false) })
                Assert.Equal(accepted, TotpCodes.Match(secret, app.ComputeTotp(now.AddSeconds(offset).UtcDateTime), now, 0) is not null);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("12345a")]
    [InlineData("١٢٣٤٥٦")]
    public void What_is_no_code_is_none(string? typed) => Assert.Null(TotpCodes.Match(TotpCodes.NewSecret(), typed, _world.Clock.Now(), 0));

    [Fact]
    public async Task The_second_factor_counts_once_a_code_has_shown_that_the_app_has_the_secret()
    {
        var ada = await AdaAsync();
        var setup = (await _world.BeginTotp.RunAsync(ada, null, Now)).Value;
        Assert.Equal(setup.Secret, (await _world.BeginTotp.RunAsync(ada, setup.Token, Now)).Value.Secret);
        Assert.Equal("code-wrong", (await _world.ConfirmTotp.RunAsync(ada, setup.Token, "000000", Now)).Problem?.Code);
        Assert.IsType<SignInStep.Done>((await SignInAsync()).Value);
        var codes = (await _world.ConfirmTotp.RunAsync(ada, setup.Token, CodeOf(setup.Secret), Now)).Value;
        Assert.Equal(10, codes.Distinct().Count());
        Assert.DoesNotContain(setup.Secret, _world.Portal.People.Accounts.Values.Single().ToString(), StringComparison.Ordinal);
        Assert.IsType<SignInStep.CodeWanted>((await SignInAsync()).Value);
    }

    [Fact]
    public async Task An_offer_to_one_account_is_none_to_another()
    {
        var ada = await AdaAsync();
        await _world.AccountAsync("eve@example.com");
        var eve = await _world.SignedInAsync("eve@example.com");
        var setup = (await _world.BeginTotp.RunAsync(ada, null, Now)).Value;
        Assert.Equal("form-stale", (await _world.ConfirmTotp.RunAsync(eve, setup.Token, CodeOf(setup.Secret), Now)).Problem?.Code);
    }

    [Fact]
    public async Task A_code_signs_in_once()
    {
        var (_, secret, _) = await WithSecondFactorAsync();
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        var pending = await PendingAsync();
        Assert.True((await FinishAsync(pending, CodeOf(secret))).IsOk);
        Assert.Equal("code-wrong", (await FinishAsync(await PendingAsync(), CodeOf(secret))).Problem?.Code);
        Assert.Equal(SignInMethod.PasswordAndCode, _world.Portal.People.Sessions[^1].Method);
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once_however_it_is_typed()
    {
        var (_, _, codes) = await WithSecondFactorAsync();
        Assert.True(
            (await FinishAsync(await PendingAsync(), codes[3].Replace("-", " ", StringComparison.Ordinal).ToUpperInvariant())).IsOk
        );
        Assert.Equal("code-wrong", (await FinishAsync(await PendingAsync(), codes[3])).Problem?.Code);
        Assert.True((await FinishAsync(await PendingAsync(), codes[4])).IsOk);
        Assert.Contains("8 left", _world.Portal.People.Mails[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_recovery_codes_make_the_old_ones_void()
    {
        var (ada, _, codes) = await WithSecondFactorAsync();
        var renewed = (await _world.RenewRecoveryCodes.RunAsync(ada, Now)).Value;
        Assert.Equal("code-wrong", (await FinishAsync(await PendingAsync(), codes[0])).Problem?.Code);
        Assert.True((await FinishAsync(await PendingAsync(), renewed[0])).IsOk);
    }

    [Fact]
    public async Task The_password_alone_buys_no_more_than_ten_guesses_at_the_code()
    {
        var (_, secret, _) = await WithSecondFactorAsync();
        for (var i = 0; i < 10; i++)
            Assert.Equal("code-wrong", (await FinishAsync(await PendingAsync(), "000000")).Problem?.Code);
        Assert.Equal("code-wrong", (await FinishAsync(await PendingAsync(), CodeOf(secret))).Problem?.Code);
        _world.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.True((await FinishAsync(await PendingAsync(), CodeOf(secret))).IsOk);
    }

    [Fact]
    public async Task A_new_password_makes_a_sign_in_half_done_void()
    {
        var (ada, secret, _) = await WithSecondFactorAsync();
        var pending = await PendingAsync();
        await _world.ChangePassword.RunAsync(ada, AccountWorld.Password, "orange kettle walks north", Now);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("sign-in-expired", (await FinishAsync(pending, CodeOf(secret))).Problem?.Code);
    }

    [Fact]
    public async Task Switching_it_off_asks_for_a_fresh_proof_and_is_not_for_scripts()
    {
        var (ada, secret, _) = await WithSecondFactorAsync();
        var script = new Actor(ada.AccountId, "key", false);
        Assert.Equal("people-only", (await _world.DisableTotp.RunAsync(script, Now)).Problem?.Code);
        _world.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("confirm-identity", (await _world.DisableTotp.RunAsync(ada, Now)).Problem?.Code);
        Assert.Equal("proof-wrong", (await _world.ConfirmIdentity.RunAsync(ada, "wrong", Now)).Problem?.Code);
        Assert.True((await _world.ConfirmIdentity.RunAsync(ada, CodeOf(secret), Now)).IsOk);
        Assert.True((await _world.DisableTotp.RunAsync(ada, Now)).IsOk);
        Assert.Empty(_world.Portal.People.Codes);
        Assert.IsType<SignInStep.Done>((await SignInAsync()).Value);
    }

    [Fact]
    public async Task A_proof_in_one_browser_proves_nothing_in_another()
    {
        await _world.AccountAsync("ada@example.com");
        var (here, there) = (await _world.SignedInAsync("ada@example.com"), await _world.SignedInAsync("ada@example.com"));
        _world.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.True((await _world.ConfirmIdentity.RunAsync(here, AccountWorld.Password, Now)).IsOk);
        Assert.True((await _world.BeginTotp.RunAsync(here, null, Now)).IsOk);
        Assert.Equal("confirm-identity", (await _world.BeginTotp.RunAsync(there, null, Now)).Problem?.Code);
    }

    private async Task<Actor> AdaAsync()
    {
        await _world.AccountAsync("ada@example.com");
        return await _world.SignedInAsync("ada@example.com");
    }

    private async Task<(Actor Ada, string Secret, IReadOnlyList<string> Codes)> WithSecondFactorAsync()
    {
        var ada = await AdaAsync();
        var setup = (await _world.BeginTotp.RunAsync(ada, null, Now)).Value;
        return (ada, setup.Secret, (await _world.ConfirmTotp.RunAsync(ada, setup.Token, CodeOf(setup.Secret), Now)).Value);
    }

    private string CodeOf(string secret) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(_world.Clock.GetUtcNow().UtcDateTime);

    private Task<Outcome<SignInStep>> SignInAsync() =>
        _world.SignIn.RunAsync(_world.Visitor, "ada@example.com", AccountWorld.Password, null, Now);

    private async Task<PendingSignIn> PendingAsync() => ((SignInStep.CodeWanted)(await SignInAsync()).Value).Pending;

    private Task<Outcome<SignedInAccount>> FinishAsync(PendingSignIn pending, string code) =>
        _world.FinishSignIn.RunAsync(_world.Visitor, pending, code, null, Now);
}
