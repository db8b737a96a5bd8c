using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Accounts;

public sealed class SignInTests
{
    private readonly AccountWorld _world = new();

    [Fact]
    public async Task A_sign_in_is_a_row_and_an_audit_record()
    {
        await _world.AccountAsync("ada@example.com");
        var ada = await _world.SignedInAsync("ada@example.com");
        var session = Assert.Single(_world.Portal.People.Sessions);
        Assert.Equal(
            (ada.Session!.Value, SignInMethod.Password, "192.0.2.7", "Firefox/140"),
            (session.Id, session.Method, session.Address, session.UserAgent)
        );
        Assert.Equal(["account.sign-up", "account.verify", "account.sign-in"], _world.Portal.Audit.Select(record => record.Operation.Name));
    }

    [Fact]
    public async Task The_browser_s_time_zone_is_the_account_s_until_another_one_tells_its_own()
    {
        await _world.AccountAsync("ada@example.com");
        foreach (
            var (told, kept) in new[]
            {
                ("Europe/Berlin", "Europe/Berlin"),
                ("Moon/Tycho", "Europe/Berlin"),
                (null, "Europe/Berlin"),
                ("Asia/Calcutta", "Asia/Calcutta"),
            }
        )
        {
            await _world.SignIn.RunAsync(
                _world.Visitor with
                {
                    TimeZone = told,
                },
                "ada@example.com",
                AccountWorld.Password,
                null,
                CancellationToken.None
            );
            Assert.Equal(kept, _world.Portal.People.Accounts.Values.Single().Account.TimeZone);
        }
    }

    [Fact]
    public async Task Wrong_passwords_of_strangers_leave_the_account_as_it_is()
    {
        await _world.AccountAsync("ada@example.com");
        for (var i = 0; i < 50; i++)
            await TryAsync("wrong");
        Assert.Equal(50, _world.WrongPasswords.Count);
        Assert.Equal(50, _world.Portal.Audit.Count(record => record.Refusal is not null));
        Assert.Equal(
            (0, null),
            (_world.Portal.People.Accounts.Values.Single().WrongProofs, _world.Portal.People.Accounts.Values.Single().LockedUntil)
        );
        Assert.True((await TryAsync(AccountWorld.Password)).IsOk);
    }

    [Fact]
    public async Task A_sign_in_again_from_the_same_browser_takes_the_place_of_the_first()
    {
        await _world.AccountAsync("ada@example.com");
        var ada = await _world.SignedInAsync("ada@example.com");
        await _world.SignIn.RunAsync(ada, "ada@example.com", AccountWorld.Password, null, CancellationToken.None);
        Assert.Single(_world.Portal.People.Sessions);
    }

    [Fact]
    public async Task A_new_password_ends_the_other_sign_ins_and_leaves_this_one()
    {
        await _world.AccountAsync("ada@example.com");
        await _world.SignedInAsync("ada@example.com");
        var here = await _world.SignedInAsync("ada@example.com");
        Assert.True(
            (await _world.ChangePassword.RunAsync(here, AccountWorld.Password, "orange kettle walks north", CancellationToken.None)).IsOk
        );
        Assert.Equal(here.Session, Assert.Single(_world.Portal.People.Sessions).Id);
    }

    [Fact]
    public async Task Nobody_ends_the_sign_in_of_another_account()
    {
        await _world.AccountAsync("ada@example.com");
        var ada = await _world.SignedInAsync("ada@example.com");
        await _world.AccountAsync("eve@example.com");
        var eve = await _world.SignedInAsync("eve@example.com");
        var ended = await new EndSession(_world.Guard, _world.Portal, _world.Clock).RunAsync(
            eve,
            ada.Session!.Value,
            CancellationToken.None
        );
        Assert.Equal("session-not-found", ended.Problem?.Code);
        Assert.Equal(2, _world.Portal.People.Sessions.Count);
    }

    [Fact]
    public void A_sign_in_ends_after_two_weeks_without_a_visit_and_after_thirty_days_in_any_case()
    {
        var begun = _world.Clock.Now();
        Assert.Equal(begun.AddDays(14), SessionRule.Default.ExpiryOf(begun, begun));
        Assert.Equal(begun.AddDays(24), SessionRule.Default.ExpiryOf(begun, begun.AddDays(10)));
        Assert.Equal(begun.AddDays(30), SessionRule.Default.ExpiryOf(begun, begun.AddDays(29)));
    }

    /// <summary>Settings that became shorter count at once, and a page that is merely open is no visit.</summary>
    [Fact]
    public async Task A_sign_in_ends_as_the_settings_say()
    {
        var ada = await _world.AccountAsync("ada@example.com");
        var begun = _world.Clock.Now();
        var row = new StandingSession(new(new SessionId(Guid.CreateVersion7()), ada, begun, begun));
        var check = new CheckSession(row, _world.Clock, new() { LongestIdle = TimeSpan.FromMinutes(30), Longest = TimeSpan.FromHours(12) });
        _world.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.NotNull(await check.RunAsync(row.Live.Id, null, false, CancellationToken.None));
        Assert.Equal(begun, row.Live.LastSeenAt);
        Assert.NotNull(await check.RunAsync(row.Live.Id, null, true, CancellationToken.None));
        Assert.Equal((_world.Clock.Now(), _world.Clock.Now().AddMinutes(30)), (row.Live.LastSeenAt, row.ExpiresAt));
        for (var visit = 0; visit < 34; visit++)
        {
            _world.Clock.Advance(TimeSpan.FromMinutes(20));
            Assert.NotNull(await check.RunAsync(row.Live.Id, null, true, CancellationToken.None));
        }
        _world.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Null(await check.RunAsync(row.Live.Id, null, true, CancellationToken.None));

        row = new(row.Live with { LastSeenAt = begun.AddHours(1) });
        _world.Clock.SetUtcNow(begun.AddHours(13));
        Assert.Null(
            await new CheckSession(row, _world.Clock, new() { LongestIdle = TimeSpan.FromMinutes(30) }).RunAsync(
                row.Live.Id,
                null,
                true,
                CancellationToken.None
            )
        );
        Assert.NotNull(await new CheckSession(row, _world.Clock).RunAsync(row.Live.Id, null, true, CancellationToken.None));
    }

    [Fact]
    public async Task A_password_never_expires_and_an_old_one_may_be_chosen_again()
    {
        await _world.AccountAsync("ada@example.com");
        _world.Clock.Advance(TimeSpan.FromDays(3_650));
        var ada = await _world.SignedInAsync("ada@example.com");
        Assert.True(
            (await _world.ChangePassword.RunAsync(ada, AccountWorld.Password, "orange kettle walks north", CancellationToken.None)).IsOk
        );
        Assert.True(
            (await _world.ChangePassword.RunAsync(ada, "orange kettle walks north", AccountWorld.Password, CancellationToken.None)).IsOk
        );
    }

    [Fact]
    public async Task A_password_is_hashed_anew_when_it_is_at_hand_and_its_hash_is_of_another_time()
    {
        await _world.AccountAsync("ada@example.com");
        var stamp = _world.Portal.People.Accounts.Values.Single().SecurityStamp;
        _world.IsOld = hash => hash == $"hash of {AccountWorld.Password}";
        await TryAsync("wrong");
        Assert.Equal($"hash of {AccountWorld.Password}", _world.Portal.People.Accounts.Values.Single().PasswordHash);
        _world.Salt = "new ";
        Assert.True((await TryAsync(AccountWorld.Password)).IsOk);
        var after = _world.Portal.People.Accounts.Values.Single();
        // Nobody chose a new password: links in emails and the other sign-ins go on.
        Assert.Equal(($"new hash of {AccountWorld.Password}", stamp), (after.PasswordHash, after.SecurityStamp));
        Assert.True((await TryAsync(AccountWorld.Password)).IsOk);
    }

    private sealed class StandingSession(LiveSession live) : ISessionDirectory
    {
        public LiveSession Live { get; private set; } = live;

        public DateTimeOffset ExpiresAt { get; private set; }

        public Task<LiveSession?> FindAsync(SessionId id, DateTimeOffset now, CancellationToken cancellationToken) =>
            Task.FromResult<LiveSession?>(Live);

        public Task SeenAsync(
            SessionId id,
            DateTimeOffset at,
            DateTimeOffset expiresAt,
            string? address,
            CancellationToken cancellationToken
        )
        {
            (Live, ExpiresAt) = (Live with { LastSeenAt = at }, expiresAt);
            return Task.CompletedTask;
        }
    }

    /// <summary>What would tell by its time who has an account: hashes, look-ups and transactions are counted instead of timed.</summary>
    [Theory]
    [InlineData("sign-in")]
    [InlineData("sign-up")]
    [InlineData("reset")]
    [InlineData("resend")]
    public async Task The_work_is_the_same_whether_there_is_an_account_or_not(string form)
    {
        await _world.AccountAsync("ada@example.com");
        var known = await WorkAsync(form, "ada@example.com");
        var stranger = await WorkAsync(form, "nobody@example.com");
        Assert.Equal(known, stranger);
    }

    private async Task<(string? Answer, int Hashes, int Lookups, int Transactions)> WorkAsync(string form, string email)
    {
        var (hashes, lookups, transactions) = (_world.Hashes, _world.Portal.People.Lookups, _world.Portal.Transactions);
        var problem = form switch
        {
            "sign-in" => (await _world.SignIn.RunAsync(_world.Visitor, email, "not the password", null, CancellationToken.None)).Problem,
            "sign-up" => (await _world.SignUp.RunAsync(_world.Visitor, email, AccountWorld.Password, null, CancellationToken.None)).Problem,
            "reset" => (await _world.RequestReset.RunAsync(_world.Visitor, email, CancellationToken.None)).Problem,
            _ => (await _world.Resend.RunAsync(_world.Visitor, email, CancellationToken.None)).Problem,
        };
        return (
            problem?.Message,
            _world.Hashes - hashes,
            _world.Portal.People.Lookups - lookups,
            _world.Portal.Transactions - transactions
        );
    }

    private Task<Outcome<SignInStep>> TryAsync(string password) =>
        _world.SignIn.RunAsync(_world.Visitor, "ada@example.com", password, null, CancellationToken.None);
}
