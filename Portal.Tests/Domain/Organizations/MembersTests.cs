using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Mails;
using Portal.Domain.Organizations;
using Portal.Tests.Domain.Accounts;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Organizations;

public sealed class MembersTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 9, 0, 0, TimeSpan.Zero));
    private readonly MemoryPortal _portal = new();
    private readonly Organization _north;

    public MembersTests()
    {
        _north = new Organization(new(Guid.NewGuid()), Slug.Create("north").Value, "North", _clock.Now());
        _portal.Add(_north);
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private AccessGuard Guard => new(_portal, _portal, _clock);

    private RemoveMember Remove => new(Guard, _portal, _portal, new AccountWorld(), _clock);

    private TransferOwnership Transfer => new(Guard, _portal, _portal, _clock);

    [Theory]
    [InlineData(Role.Owner, Role.Owner, "admin", null)]
    [InlineData(Role.Owner, Role.Viewer, "owner", null)]
    [InlineData(Role.Admin, Role.Viewer, "admin", null)]
    [InlineData(Role.Admin, Role.Viewer, "owner", "role-above-own")]
    [InlineData(Role.Admin, Role.Owner, "viewer", "role-above-own")]
    [InlineData(Role.Developer, Role.Viewer, "viewer", "role-missing")]
    public async Task An_admin_neither_makes_nor_touches_owners(Role own, Role theirs, string next, string? problem)
    {
        Member(Role.Owner);
        var (actor, other) = (Member(own), Member(theirs));
        var changed = await ChangeAsync(actor, other, next);
        Assert.Equal(problem, changed.Problem?.Code);
        Assert.Equal(problem is null ? next : theirs.ToString(), RoleOf(other)?.ToString(), ignoreCase: true);
    }

    [Fact]
    public async Task Only_developers_and_viewers_are_kept_to_a_tenant()
    {
        var (owner, other) = (Member(Role.Owner), Member(Role.Viewer));
        Assert.Equal("role-not-scoped", (await ChangeAsync(owner, other, "admin", "shop")).Problem?.Code);
        Assert.Equal("scope-without-tenant", (await ChangeAsync(owner, other, "developer", null, "default")).Problem?.Code);
        Assert.Equal("tenant-not-found", (await ChangeAsync(owner, other, "developer", "shop")).Problem?.Code);
    }

    [Fact]
    public async Task The_last_owner_neither_leaves_nor_steps_down()
    {
        var owner = Member(Role.Owner);
        Assert.Equal("last-owner", (await Remove.RunAsync(owner, "north", owner.AccountId!.Value, false, Now)).Problem?.Code);
        Assert.Equal("last-owner", (await ChangeAsync(owner, owner, "admin")).Problem?.Code);
        Member(Role.Owner);
        Assert.True((await ChangeAsync(owner, owner, "admin")).IsOk);
    }

    [Fact]
    public async Task Everybody_may_leave_and_nobody_takes_out_who_is_above()
    {
        var (owner, admin, scoped) = (Member(Role.Owner), Member(Role.Admin), Member(Role.Viewer, new Scope("shop")));
        Assert.True((await Remove.RunAsync(scoped, "north", scoped.AccountId!.Value, false, Now)).IsOk);
        Assert.Equal("role-above-own", (await Remove.RunAsync(admin, "north", owner.AccountId!.Value, false, Now)).Problem?.Code);
        Assert.Equal("member-not-found", (await Remove.RunAsync(admin, "north", new AccountId(Guid.NewGuid()), false, Now)).Problem?.Code);
        Assert.True((await Remove.RunAsync(owner, "north", admin.AccountId!.Value, false, Now)).IsOk);
        Assert.Equal("organization-not-found", (await Remove.RunAsync(admin, "north", owner.AccountId!.Value, false, Now)).Problem?.Code);
    }

    [Fact]
    public async Task A_client_that_was_let_in_to_read_does_not_take_the_person_out()
    {
        Member(Role.Owner);
        var ines = Member(Role.Admin) with { Bounds = [Role.Viewer] };
        Assert.Equal("scope-missing", (await Remove.RunAsync(ines, "north", ines.AccountId!.Value, false, Now)).Problem?.Code);
    }

    [Fact]
    public async Task With_a_member_the_keys_and_invitations_that_they_gave_end()
    {
        var (owner, admin) = (Member(Role.Owner), Member(Role.Admin));
        var (theirs, others) = (await KeyAsync(admin, "admin"), await KeyAsync(owner, "admin"));
        var invitation = Invite(admin, Role.Viewer);
        await Remove.RunAsync(owner, "north", admin.AccountId!.Value, false, Now);
        Assert.False(theirs.IsLive(_clock.Now()));
        Assert.True(others.IsLive(_clock.Now()));
        Assert.Equal(InvitationState.Revoked, invitation.State(_clock.Now()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_removed_member_was_shown_ends_unless_it_is_kept_and_the_owners_are_told(bool keep)
    {
        var (owner, admin) = (Member(Role.Owner, email: "elena@north.example"), Member(Role.Admin, email: "ines@north.example"));
        var client = new Portal.Domain.OpenId.OidcClient(
            new(Guid.NewGuid()),
            _north.Id,
            "Machine",
            true,
            true,
            [],
            [],
            ["portal.admin"],
            _clock.Now(),
            admin.AccountId
        );
        _portal.Clients.Add(client, "hash");
        Assert.True((await Remove.RunAsync(owner, "north", admin.AccountId!.Value, keep, Now)).IsOk);
        Assert.Equal(keep, _portal.Clients[client.Id].Hash == "hash");
        Assert.Equal(keep ? admin.AccountId : null, _portal.Clients[client.Id].Client.SecretKnownTo);
        var told = Assert.Single(_portal.People.Mails);
        Assert.Equal("elena@north.example", told.To);
        Assert.Contains("Application secret of Machine", told.Body, StringComparison.Ordinal);
        Assert.Contains(keep ? "still work" : "were revoked", told.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_lesser_role_end_what_it_could_not_give()
    {
        var (owner, admin) = (Member(Role.Owner), Member(Role.Admin));
        var (above, within) = (await KeyAsync(admin, "admin"), await KeyAsync(admin, "viewer"));
        await ChangeAsync(owner, admin, "developer");
        Assert.False(above.IsLive(_clock.Now()));
        Assert.True(within.IsLive(_clock.Now()));
    }

    [Theory]
    [InlineData("portal.admin", true)]
    [InlineData("portal.read", false)]
    public async Task With_a_lesser_role_ends_the_secret_of_a_program_that_may_do_more(string scope, bool ends)
    {
        var (owner, admin) = (Member(Role.Owner), Member(Role.Admin));
        var client = new Portal.Domain.OpenId.OidcClient(
            new(Guid.NewGuid()),
            _north.Id,
            "Machine",
            true,
            true,
            [],
            [],
            [scope],
            _clock.Now(),
            admin.AccountId
        );
        _portal.Clients.Add(client, "hash");
        await ChangeAsync(owner, admin, "developer");
        Assert.Equal(!ends, _portal.Clients[client.Id].Hash == "hash");
    }

    [Fact]
    public async Task Ownership_goes_to_another_member_and_the_log_names_both()
    {
        var (owner, admin) = (Member(Role.Owner, email: "elena@north.example"), Member(Role.Admin, email: "ines@north.example"));
        Assert.Equal("role-missing", (await Transfer.RunAsync(admin, "north", owner.AccountId!.Value, Now)).Problem?.Code);
        Assert.Equal("member-not-found", (await Transfer.RunAsync(owner, "north", new AccountId(Guid.NewGuid()), Now)).Problem?.Code);
        Assert.Equal("owner-already", (await Transfer.RunAsync(owner, "north", owner.AccountId!.Value, Now)).Problem?.Code);

        Assert.True((await Transfer.RunAsync(owner, "north", admin.AccountId!.Value, Now)).IsOk);
        Assert.Equal((Role.Admin, Role.Owner), (RoleOf(owner), RoleOf(admin)));
        var details = _portal.Audit[^1].Operation.Details!;
        Assert.Equal(("elena@north.example", "ines@north.example"), (details["from"], details["to"]));
    }

    [Fact]
    public async Task A_key_does_not_give_ownership_away()
    {
        var admin = Member(Role.Admin);
        var key = new Actor(null, "key:deploy", false) { Grant = new(_north.Id, Role.Owner, Scope.Whole) };
        Assert.Equal("account-needed", (await Transfer.RunAsync(key, "north", admin.AccountId!.Value, Now)).Problem?.Code);
    }

    private Task<Outcome<Member>> ChangeAsync(Actor actor, Actor member, string role, string? tenant = null, string? @namespace = null) =>
        new ChangeMember(Guard, _portal, _portal, new AccountWorld(), _clock).RunAsync(
            actor,
            "north",
            member.AccountId!.Value,
            role,
            tenant,
            @namespace,
            false,
            Now
        );

    private async Task<ApiKey> KeyAsync(Actor actor, string role) =>
        (await new CreateApiKey(Guard, _portal, _clock).RunAsync(actor, "north", new("deploy", role, null, null, null), Now)).Value.Key;

    private Invitation Invite(Actor actor, Role role)
    {
        var invitation = new Invitation(
            new(Guid.NewGuid()),
            new(_north.Id, role, Scope.Whole),
            EmailAddress.Create("new@north.example").Value,
            actor.AccountId,
            actor.Name,
            _clock.Now()
        );
        invitation.Send(_clock.Now(), TimeSpan.FromDays(7));
        _portal.Invitations.Add(invitation);
        return invitation;
    }

    private Role? RoleOf(Actor actor) => _portal.Memberships.Find(one => one.AccountId == actor.AccountId)?.Role;

    private Actor Member(Role role, Scope? scope = null, string email = "somebody@north.example")
    {
        var account = AccountState.New(new(Guid.NewGuid()), EmailAddress.Create(email).Value, null, _clock.Now()).Verified();
        _portal.People.Add(account);
        _portal.Add(new Membership(_north.Id, account.Account.Id, role, _clock.Now(), scope));
        return _portal.AtBrowser(new(account.Account.Id, email, false), _clock.Now());
    }
}
