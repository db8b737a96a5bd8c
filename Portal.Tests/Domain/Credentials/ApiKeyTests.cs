using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Credentials;

public sealed class ApiKeyTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 9, 0, 0, TimeSpan.Zero));
    private readonly MemoryPortal _portal = new();
    private readonly Organization _north;

    public ApiKeyTests()
    {
        _north = new Organization(new(Guid.NewGuid()), Slug.Create("north").Value, "North", _clock.Now());
        _portal.Add(_north);
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private AccessGuard Guard => new(_portal, _portal, _clock, new() { FreshFor = TimeSpan.FromDays(14) });

    [Fact]
    public void A_key_has_a_prefix_enough_bits_and_a_checksum_that_scanners_can_check()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => ApiKeyText.New()).ToList();
        Assert.Equal(100, keys.Distinct().Count());
        Assert.All(
            keys,
            key =>
            {
                Assert.Matches("^ptl_[0-9A-Za-z]{36}$", key);
                Assert.True(ApiKeyText.LooksLikeOne(key));
                Assert.False(ApiKeyText.LooksLikeOne(key[..10] + (key[10] == 'x' ? 'y' : 'x') + key[11..]));
            }
        );
        Assert.False(ApiKeyText.LooksLikeOne("ptl_short"));
        Assert.True(ApiKeyText.LooksLikeOne("ptl_000000000000000000000000000000" + KnownChecksum));
    }

    [Theory]
    [InlineData(Role.Admin, "Owner", null, "role-above-own")]
    [InlineData(Role.Admin, "Admin", null, null)]
    [InlineData(Role.Owner, "owner", null, null)]
    [InlineData(Role.Owner, "Developer", "shop", "tenant-not-found")]
    [InlineData(Role.Owner, "Billing", "shop", "role-not-scoped")]
    [InlineData(Role.Owner, "king", null, "role-unknown")]
    [InlineData(Role.Owner, "0", null, "role-unknown")]
    [InlineData(Role.Developer, "Viewer", null, "role-missing")]
    public async Task Nobody_makes_a_key_that_may_do_more_than_they(Role own, string role, string? tenant, string? problem)
    {
        var made = await new CreateApiKey(Guard, _portal, _clock).RunAsync(
            Member(own),
            "north",
            new("deploy", role, tenant, null, null),
            Now
        );
        Assert.Equal(problem, made.Problem?.Code);
        Assert.Equal(problem is null ? 1 : 0, _portal.ApiKeys.Count);
    }

    [Fact]
    public async Task Only_the_hash_is_kept_and_a_key_makes_no_keys()
    {
        var made = (await CreateAsync(Member(Role.Owner))).Value;
        Assert.Equal(ApiKeyText.Hash(made.Text), made.Key.Hash);
        Assert.Equal(made.Text[^4..], made.Key.Ending);
        var key = new Actor(null, "key:deploy", false) { Grant = new(_north.Id, Role.Admin, Scope.Whole) };
        Assert.Equal("people-only", (await CreateAsync(key)).Problem?.Code);
        Assert.Equal("people-only", (await CreateAsync(Member(Role.Owner) with { Session = null })).Problem?.Code);
    }

    [Fact]
    public async Task A_rotated_key_ends_after_the_overlap_and_the_new_one_lives_as_long_as_it_did()
    {
        var ines = Member(Role.Admin);
        var old = (
            await new CreateApiKey(Guard, _portal, _clock).RunAsync(
                ines,
                "north",
                new("deploy", "admin", null, null, _clock.Now().AddDays(30)),
                Now
            )
        )
            .Value
            .Key;
        _clock.Advance(TimeSpan.FromDays(1));
        var rotate = new RotateApiKey(Guard, _portal, _clock);
        Assert.Equal("overlap-out-of-range", (await rotate.RunAsync(ines, "north", old.Id, 721, Now)).Problem?.Code);
        var next = (await rotate.RunAsync(ines, "north", old.Id, null, Now)).Value.Key;

        Assert.Equal((old.Name, old.Role, _clock.Now().AddDays(30)), (next.Name, next.Role, next.ExpiresAt));
        Assert.Equal("api-key-rotated", (await rotate.RunAsync(ines, "north", old.Id, null, Now)).Problem?.Code);
        _clock.Advance(TimeSpan.FromHours(23));
        Assert.True(old.IsLive(_clock.Now()) && next.IsLive(_clock.Now()));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(old.IsLive(_clock.Now()));
        Assert.Equal("api-key-ended", (await rotate.RunAsync(ines, "north", old.Id, null, Now)).Problem?.Code);

        await rotate.RunAsync(ines, "north", next.Id, 0, Now);
        Assert.False(next.IsLive(_clock.Now()));
    }

    [Fact]
    public async Task An_overlap_never_prolongs_a_key()
    {
        var ines = Member(Role.Admin);
        var end = _clock.Now().AddHours(2);
        var old = (await new CreateApiKey(Guard, _portal, _clock).RunAsync(ines, "north", new("deploy", "viewer", null, null, end), Now))
            .Value
            .Key;
        await new RotateApiKey(Guard, _portal, _clock).RunAsync(ines, "north", old.Id, 24, Now);
        Assert.Equal(end, old.ExpiresAt);
    }

    [Fact]
    public async Task An_admin_cannot_get_an_owners_key_by_rotating_it()
    {
        var key = (await CreateAsync(Member(Role.Owner), "owner")).Value.Key;
        Assert.Equal(
            "role-above-own",
            (await new RotateApiKey(Guard, _portal, _clock).RunAsync(Member(Role.Admin), "north", key.Id, 0, Now)).Problem?.Code
        );
        Assert.True(key.IsLive(_clock.Now()));
    }

    [Fact]
    public async Task Of_another_organization_or_account_a_key_does_not_exist()
    {
        var south = new Organization(new(Guid.NewGuid()), Slug.Create("south").Value, "South", _clock.Now());
        _portal.Add(south);
        var eve = new Actor(new AccountId(Guid.NewGuid()), "eve@south.example", false);
        _portal.Add(new Membership(south.Id, eve.AccountId!.Value, Role.Owner, _clock.Now()));
        var key = (await CreateAsync(Member(Role.Owner))).Value.Key;
        Assert.Equal(
            "api-key-not-found",
            (await new RevokeApiKey(Guard, _portal, _clock).RunAsync(eve, "south", key.Id, false, Now)).Problem?.Code
        );
        Assert.Equal("api-key-not-found", (await new GetApiKey(Guard, _portal).RunAsync(eve, "south", key.Id, Now)).Problem?.Code);
        Assert.Equal(
            "api-key-not-found",
            (await new RevokeAccountApiKey(Guard, _portal, _clock).RunAsync(eve, key.Id, false, Now)).Problem?.Code
        );
        Assert.True(key.IsLive(_clock.Now()));
    }

    [Fact]
    public async Task A_revoked_or_expired_key_is_accepted_no_more()
    {
        var made = (
            await new CreateApiKey(Guard, _portal, _clock).RunAsync(
                Member(Role.Owner),
                "north",
                new("deploy", "viewer", null, null, _clock.Now().AddDays(1)),
                Now
            )
        ).Value;
        var authenticate = new AuthenticateApiKey(_portal, _portal, _clock);
        Assert.Equal(made.Key, (await authenticate.RunAsync(made.Text, Now))?.Key);
        Assert.Null(await authenticate.RunAsync(made.Text + "x", Now));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await authenticate.RunAsync(made.Text, Now));
        var other = (await CreateAsync(Member(Role.Owner))).Value;
        other.Key.Revoke(_clock.Now());
        Assert.Null(await authenticate.RunAsync(other.Text, Now));
    }

    // zlib.crc32(b"ptl_" + b"0" * 30) in base 62.
    private const string KnownChecksum = "0P6qzA";

    private Task<Outcome<NewApiKey>> CreateAsync(Actor actor, string role = "admin") =>
        new CreateApiKey(Guard, _portal, _clock).RunAsync(actor, "north", new("deploy", role, null, null, null), Now);

    private Actor Member(Role role)
    {
        var account = new AccountId(Guid.NewGuid());
        _portal.Add(new Membership(_north.Id, account, role, _clock.Now()));
        return _portal.AtBrowser(new(account, "ines@north.example", false), _clock.Now());
    }
}
