using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.OpenId;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.OpenId;

public sealed class OidcKeysTests
{
    private static readonly OidcKeySettings Settings = new(
        RotateAfter: TimeSpan.FromDays(90),
        Lead: TimeSpan.FromMinutes(1),
        KeptFor: TimeSpan.FromDays(15)
    );
    private static readonly Actor Operator = new(new AccountId(Guid.NewGuid()), "operator@example.com", true);

    private readonly FakeTimeProvider _clock = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemoryPortal _portal = new();

    private List<OidcKey> Signing => [.. _portal.OidcKeys.Keys.Where(key => key.Use == OidcKeyUse.Signing).OrderBy(key => key.CreatedAt)];

    [Fact]
    public async Task The_first_keys_are_used_at_once_and_made_once()
    {
        await TendAsync();
        await TendAsync();
        Assert.Equal([OidcKeyUse.Signing, OidcKeyUse.Encryption], _portal.OidcKeys.Keys.Select(key => key.Use));
        Assert.All(_portal.OidcKeys.Keys, key => Assert.Equal(key.CreatedAt, key.ActiveFrom));
    }

    [Fact]
    public async Task A_successor_is_published_before_it_is_used_and_the_old_key_stays_as_long_as_its_tokens()
    {
        await TendAsync();
        _clock.Advance(Settings.RotateAfter - TimeSpan.FromSeconds(1));
        await TendAsync();
        Assert.Single(Signing);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await TendAsync();
        Assert.Equal(_clock.Now() + Settings.Lead, Signing[1].ActiveFrom);
        Assert.Equal(["next", "current"], await StatesAsync());
        _clock.Advance(Settings.Lead);
        Assert.Equal(["current", "old"], await StatesAsync());
        // A token signed in the last moment before the successor took over lives this long.
        _clock.Advance(Settings.KeptFor - TimeSpan.FromSeconds(1));
        await TendAsync();
        Assert.Equal(2, Signing.Count);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await TendAsync();
        Assert.Single(Signing);
    }

    [Fact]
    public async Task The_operator_rotates_at_will_but_not_while_new_keys_wait()
    {
        await TendAsync();
        var rotate = new RotateOidcKeys(new AccessGuard(_portal, _portal, _clock), _portal, new Maker(), Settings, _clock);
        Assert.IsType<Problem.Forbidden>((await rotate.RunAsync(Operator with { IsOperator = false }, CancellationToken.None)).Problem);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True((await rotate.RunAsync(Operator, CancellationToken.None)).IsOk);
        Assert.Equal("oidc-keys-rotating", (await rotate.RunAsync(Operator, CancellationToken.None)).Problem?.Code);
        _clock.Advance(Settings.Lead);
        Assert.True((await rotate.RunAsync(Operator, CancellationToken.None)).IsOk);
        Assert.Equal(3, Signing.Count);
    }

    private Task TendAsync() => new TendOidcKeys(_portal, new Maker(), Settings, _clock).RunAsync(CancellationToken.None);

    private async Task<IEnumerable<string>> StatesAsync() =>
        (await new ListOidcKeys(new AccessGuard(_portal, _portal, _clock), _portal, _clock).RunAsync(Operator, CancellationToken.None))
            .Value.Where(key => key.Use == OidcKeyUse.Signing)
            .Select(key => key.State);

    private sealed class Maker : IOidcKeyMaker
    {
        public byte[] MakeSealed(OidcKeyUse use) => [(byte)use];
    }
}
