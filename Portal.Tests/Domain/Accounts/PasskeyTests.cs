using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Tests.Domain.Accounts;

public sealed class PasskeyTests
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private readonly AccountWorld _world = new();
    private readonly TrustingCeremonies _ceremonies = new();

    private AddPasskey Add => new(_world.Guard, _world.Portal, _ceremonies, _world, _world.Clock);
    private RemovePasskey Remove => new(_world.Guard, _world.Portal, _world, _world.Clock);
    private SignInWithPasskey SignIn => new(_world.Portal, _ceremonies, _world, _world.Clock);
    private ConfirmWithPasskey Confirm => new(_world.Guard, _world.Portal, _ceremonies, _world.Clock);

    [Fact]
    public async Task A_passkey_signs_in_past_the_second_factor_and_notes_its_count()
    {
        var ada = await AdaAsync();
        await Add.RunAsync(ada, " Blue laptop ", "one", Now);
        Assert.Equal("Blue laptop", Assert.Single(_world.Portal.People.Passkeys).Name);
        var account = _world.Portal.People.Accounts[ada.AccountId!.Value];
        _world.Portal.People.Save(account.WithTotp(new("sealed", 0)));
        Assert.True((await SignIn.RunAsync(_world.Visitor, "one", "Firefox/140", Now)).IsOk);
        Assert.Equal(SignInMethod.Passkey, _world.Portal.People.Sessions[^1].Method);
        Assert.Equal(1, _world.Portal.People.Passkeys[0].SignCount);
    }

    [Fact]
    public async Task An_answer_to_a_question_that_was_answered_or_an_older_one_proves_nothing()
    {
        var ada = await AdaAsync();
        await Add.RunAsync(ada, "Blue laptop", "one", Now);
        var asked = _world.Clock.GetUtcNow();
        _ceremonies.Asked = asked;
        Assert.True((await SignIn.RunAsync(_world.Visitor, "one", null, Now)).IsOk);
        Assert.Equal("passkey-refused", (await SignIn.RunAsync(_world.Visitor, "one", null, Now)).Problem?.Code);
        Assert.Equal("passkey-refused", (await Confirm.RunAsync(ada, "one", Now)).Problem?.Code);
        _ceremonies.Asked = asked.AddSeconds(-1);
        Assert.Equal("passkey-refused", (await SignIn.RunAsync(_world.Visitor, "one", null, Now)).Problem?.Code);
        _ceremonies.Asked = asked.AddMicroseconds(1);
        Assert.True((await Confirm.RunAsync(ada, "one", Now)).IsOk);
    }

    [Fact]
    public async Task Adding_and_removing_ask_for_a_fresh_proof_and_a_passkey_gives_it()
    {
        var ada = await AdaAsync();
        await Add.RunAsync(ada, "Blue laptop", "one", Now);
        _world.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("confirm-identity", (await Add.RunAsync(ada, "Phone", "two", Now)).Problem?.Code);
        Assert.Equal("confirm-identity", (await Remove.RunAsync(ada, "one", Now)).Problem?.Code);
        Assert.True((await Confirm.RunAsync(ada, "one", Now)).IsOk);
        Assert.True((await Add.RunAsync(ada, "Phone", "two", Now)).IsOk);
        Assert.True((await Remove.RunAsync(ada, "one", Now)).IsOk);
        Assert.Contains(
            _world.Portal.People.Mails,
            mail => mail.Subject.EndsWith("removed from your account: Blue laptop", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task The_passkey_of_another_account_confirms_nothing()
    {
        var ada = await AdaAsync();
        await Add.RunAsync(ada, "Blue laptop", "one", Now);
        await _world.AccountAsync("eve@example.com");
        var eve = await _world.SignedInAsync("eve@example.com");
        Assert.Equal("passkey-refused", (await Confirm.RunAsync(eve, "one", Now)).Problem?.Code);
        Assert.Equal("passkey-not-found", (await Remove.RunAsync(eve, "one", Now)).Problem?.Code);
    }

    [Theory]
    [InlineData(false, 1, false, "last-way-in")]
    [InlineData(true, 1, false, null)]
    [InlineData(false, 2, false, null)]
    [InlineData(false, 1, true, null)]
    public async Task The_last_way_to_sign_in_stays(bool password, int passkeys, bool elsewhere, string? problem)
    {
        var ada = await AdaAsync();
        for (var i = 0; i < passkeys; i++)
            await Add.RunAsync(ada, "Key", $"key-{i}", Now);
        var account = _world.Portal.People.Accounts[ada.AccountId!.Value];
        if (!password)
            _world.Portal.People.Save(account with { PasswordHash = null });
        if (elsewhere)
            _world.Portal.People.Elsewhere.Add(account.Account.Id);
        Assert.Equal(problem, (await Remove.RunAsync(ada, "key-0", Now)).Problem?.Code);
    }

    [Fact]
    public async Task What_is_not_proved_is_refused_and_recorded()
    {
        Assert.Equal("passkey-refused", (await SignIn.RunAsync(_world.Visitor, "unknown", null, Now)).Problem?.Code);
        Assert.Equal("passkey-refused", Assert.Single(_world.Portal.Audit).Refusal?.Code);
    }

    private async Task<Actor> AdaAsync()
    {
        await _world.AccountAsync("ada@example.com");
        return await _world.SignedInAsync("ada@example.com");
    }

    /// <summary>An authenticator whose answer is its credential's id.</summary>
    private sealed class TrustingCeremonies : IPasskeyCeremonies
    {
        private readonly Dictionary<string, Passkey> _made = [];
        private readonly DateTimeOffset _asked = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

        /// <summary>When all questions were asked; null for one after the other.</summary>
        public DateTimeOffset? Asked { get; set; }

        public Task<string> BeginRegistrationAsync(Account account, CancellationToken cancellationToken) => Task.FromResult("{}");

        public Task<Outcome<Passkey>> FinishRegistrationAsync(
            AccountId account,
            string name,
            string? credential,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult<Outcome<Passkey>>(
                _made[credential!] = new(credential!, account, name, [1], default, 0, [], false, false, [], [])
            );

        public Task<string> BeginProofAsync(AccountId? account, CancellationToken cancellationToken) => Task.FromResult("{}");

        public Task<Outcome<PasskeyProof>> FinishProofAsync(string? credential, CancellationToken cancellationToken) =>
            Task.FromResult<Outcome<PasskeyProof>>(
                _made.TryGetValue(credential!, out var passkey)
                    ? new PasskeyProof(
                        _made[credential!] = passkey with { SignCount = passkey.SignCount + 1 },
                        Asked ?? _asked.AddSeconds(_made[credential!].SignCount)
                    )
                    : new Problem.Invalid("passkey-refused", "No.")
            );
    }
}
