using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Organizations;
using Portal.Tests.Domain.Accounts;

namespace Portal.Tests.Domain.Organizations;

public sealed class InvitationTests
{
    private readonly AccountWorld _world = new();
    private readonly Organization _north;
    private readonly Actor _owner;
    private InvitationSettings _settings = InvitationSettings.Default;

    public InvitationTests()
    {
        _north = new Organization(new(Guid.NewGuid()), Slug.Create("north").Value, "North", _world.Clock.Now());
        _world.Portal.Add(_north);
        _owner = Person("elena@north.example");
        _world.Portal.Add(new Membership(_north.Id, _owner.AccountId!.Value, Role.Owner, _world.Clock.Now()));
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private AccessGuard Guard => new(_world.Portal, _world.Portal, _world.Clock);

    [Fact]
    public async Task The_invited_address_gets_a_link_of_which_only_the_hash_is_kept()
    {
        var invitation = (await InviteAsync("new@north.example")).Value;
        var mail = _world.Portal.People.Mails[^1];
        Assert.Equal("new@north.example", mail.To);
        Assert.Equal(invitation.TokenHash, Invitation.HashOf(Token()));
        Assert.True(Token().Length >= 43);
        Assert.Equal(_world.Clock.Now().AddDays(7), invitation.ExpiresAt);
    }

    [Fact]
    public async Task Whether_the_address_has_an_account_makes_no_difference_to_who_invites()
    {
        Person("known@else.example");
        var (known, unknown) = ((await InviteAsync("known@else.example")).Value, (await InviteAsync("unknown@else.example")).Value);
        Assert.Equal((known.Role, known.State(_world.Clock.Now())), (unknown.Role, unknown.State(_world.Clock.Now())));
        Assert.Equal(2, _world.Portal.People.Mails.Count);
    }

    [Fact]
    public async Task One_invitation_an_address_is_open_at_a_time()
    {
        var first = (await InviteAsync("new@north.example")).Value;
        Assert.Equal("invitation-pending", (await InviteAsync("NEW@north.example")).Problem?.Code);
        Assert.Equal("already-member", (await InviteAsync("elena@north.example")).Problem?.Code);
        await new RevokeInvitation(Guard, _world.Portal, _world.Clock).RunAsync(_owner, "north", first.Id, Now);
        Assert.True((await InviteAsync("new@north.example")).IsOk);
    }

    [Fact]
    public async Task Mails_to_strangers_are_counted()
    {
        _settings = new(TimeSpan.FromDays(7), PerDay: 2, PerDayAndAddress: 10);
        Assert.True((await InviteAsync("a@else.example")).IsOk);
        Assert.True((await InviteAsync("b@else.example")).IsOk);
        Assert.Equal("invitations-limit", (await InviteAsync("c@else.example")).Problem?.Code);
        _world.Clock.Advance(TimeSpan.FromHours(25));
        Assert.True((await InviteAsync("c@else.example")).IsOk);

        _settings = new(TimeSpan.FromDays(7), PerDay: 50, PerDayAndAddress: 1);
        var south = new Organization(new(Guid.NewGuid()), Slug.Create("south").Value, "South", _world.Clock.Now());
        _world.Portal.Add(south);
        _world.Portal.Add(new Membership(south.Id, _owner.AccountId!.Value, Role.Owner, _world.Clock.Now()));
        Assert.Equal("invitations-limit", (await InviteAsync("c@else.example", organization: "south")).Problem?.Code);
    }

    [Theory]
    [InlineData("not an address", "developer", "email-malformed")]
    // Spellings that arrive in the same mailbox, each with limits of its own.
    [InlineData("new@north.example.", "developer", "email-malformed")]
    [InlineData("new@north.exa\u200bmple", "developer", "email-malformed")]
    [InlineData("new@\uff4eorth.example", "developer", "email-malformed")]
    [InlineData("new@north\u3002example", "developer", "email-malformed")]
    [InlineData("new@north.example", "king", "role-unknown")]
    public async Task What_cannot_be_right_is_refused(string email, string role, string problem) =>
        Assert.Equal(problem, (await InviteAsync(email, role)).Problem?.Code);

    [Fact]
    public async Task An_admin_invites_no_owner()
    {
        var admin = Person("ines@north.example");
        _world.Portal.Add(new Membership(_north.Id, admin.AccountId!.Value, Role.Admin, _world.Clock.Now()));
        Assert.Equal("role-above-own", (await InviteAsync("new@north.example", "owner", admin)).Problem?.Code);
        var open = (await InviteAsync("new@north.example", "owner")).Value;
        Assert.Equal("role-above-own", (await Resend.RunAsync(admin, "north", open.Id, Now)).Problem?.Code);
    }

    [Fact]
    public async Task A_mail_sent_again_makes_the_link_before_it_void()
    {
        var invitation = (await InviteAsync("new@north.example")).Value;
        var first = Token();
        _world.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal("invitation-expired", (await OpenAsync(first)).Problem?.Code);
        Assert.True((await Resend.RunAsync(_owner, "north", invitation.Id, Now)).IsOk);
        Assert.Equal("invitation-broken", (await OpenAsync(first)).Problem?.Code);
        Assert.True((await OpenAsync(Token())).IsOk);
        await new RevokeInvitation(Guard, _world.Portal, _world.Clock).RunAsync(_owner, "north", invitation.Id, Now);
        Assert.Equal("invitation-revoked", (await OpenAsync(Token())).Problem?.Code);
        Assert.Equal("invitation-over", (await Resend.RunAsync(_owner, "north", invitation.Id, Now)).Problem?.Code);
    }

    [Fact]
    public async Task Only_the_account_of_the_invited_and_verified_address_accepts_and_once()
    {
        await InviteAsync("New@north.example");
        var (other, unverified) = (Person("other@north.example"), Person("new@north.example", verified: false));
        Assert.Equal("invitation-for-another", (await AcceptAsync(other)).Problem?.Code);
        Assert.Equal("invitation-for-another", (await AcceptAsync(unverified)).Problem?.Code);
        _world.Portal.People.Accounts.Remove(unverified.AccountId!.Value);
        var invited = Person("new@north.example");
        Assert.Equal("sign-in-required", (await AcceptAsync(Actor.Anonymous)).Problem?.Code);
        Assert.Equal("people-only", (await AcceptAsync(invited with { Bounds = [Role.Viewer] })).Problem?.Code);

        var joined = (await AcceptAsync(invited)).Value;
        Assert.Equal((Role.Developer, "north"), (joined.Role, joined.Organization.Slug));
        Assert.Equal("invitation-accepted", (await AcceptAsync(invited)).Problem?.Code);
        Assert.Equal(Role.Developer, _world.Portal.Memberships.Single(one => one.AccountId == invited.AccountId).Role);
        Assert.Equal("invitation.accept", _world.Portal.Audit[^1].Operation.Name);
    }

    [Fact]
    public async Task Who_signs_up_through_an_invitation_has_a_verified_address()
    {
        await InviteAsync("new@north.example");
        Assert.False((await OpenAsync(Token())).Value.HasAccount);
        Assert.Equal("password-too-short", (await SignUpAsync("short")).Problem?.Code);
        var made = (await SignUpAsync("a quiet river bends slowly 7")).Value;
        Assert.True(made.Account.EmailVerified);
        Assert.True((await OpenAsync(Token())).Value.HasAccount);
        Assert.Equal("account-exists", (await SignUpAsync("a quiet river bends slowly 8")).Problem?.Code);
        Assert.True((await AcceptAsync(new(made.Account.Id, made.Account.Email, false))).IsOk);
    }

    private ResendInvitation Resend => new(Guard, _world.Portal, _world, _world, _settings, _world.Clock);

    private Task<Outcome<Invitation>> InviteAsync(
        string email,
        string role = "developer",
        Actor? by = null,
        string organization = "north"
    ) =>
        new InviteMember(Guard, _world.Portal, _world, _world, _settings, _world.Clock).RunAsync(
            by ?? _owner,
            organization,
            email,
            role,
            null,
            null,
            Now
        );

    private Task<Outcome<OpenedInvitation>> OpenAsync(string token) => new OpenInvitation(_world.Portal, _world.Clock).RunAsync(token, Now);

    private Task<Outcome<OrganizationAccess>> AcceptAsync(Actor actor) =>
        new AcceptInvitation(Guard, _world.Portal, _world.Clock).RunAsync(actor, Token(), Now);

    private Task<Outcome<SignedInAccount>> SignUpAsync(string password) =>
        new SignUpInvited(_world, _world.Rules, _world, _world.Portal, _world.Clock).RunAsync(
            Actor.Anonymous,
            Token(),
            password,
            null,
            Now
        );

    /// <summary>Of the newest mail.</summary>
    private string Token() => _world.Portal.People.Mails[^1].ActionUrl!.Segments[^1];

    private Actor Person(string email, bool verified = true)
    {
        var account = AccountState.New(new(Guid.NewGuid()), EmailAddress.Create(email).Value, null, _world.Clock.Now());
        _world.Portal.People.Add(verified ? account.Verified() : account);
        return new(account.Account.Id, email, false);
    }
}
