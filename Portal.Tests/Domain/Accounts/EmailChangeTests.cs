using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Tests.Domain.Accounts;

public sealed class EmailChangeTests
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private readonly AccountWorld _world = new();

    private RequestEmailChange Request => new(_world.Guard, _world.Portal, _world.Links, _world, _world, _world.Clock);
    private ConfirmEmailChange Confirm => new(_world.Portal, _world.Links, _world, _world.Clock);

    [Theory]
    [InlineData("ada@example.com", "ada@new.example")]
    [InlineData("ada@new.example", "ada@example.com")]
    public async Task The_address_changes_when_both_links_were_opened_in_any_order(string first, string second)
    {
        var ada = await AdaAsync();
        Assert.True((await Request.RunAsync(ada, "ada@new.example", Now)).IsOk);
        Assert.False((await ConfirmAsync(LinkTo(first))).Value);
        Assert.Equal("ada@example.com", Account(ada).Email);
        Assert.True((await ConfirmAsync(LinkTo(second))).Value);
        Assert.Equal("ada@new.example", Account(ada).Email);
        Assert.Equal(["ada@example.com", "ada@new.example"], _world.Portal.People.Mails[^2..].Select(mail => mail.To));
        Assert.Equal("link-used", (await ConfirmAsync(LinkTo(first))).Problem?.Code);
        // The browser that asked goes on.
        Assert.Single(_world.Portal.People.Sessions);
    }

    [Fact]
    public async Task One_link_opened_twice_is_one_confirmation()
    {
        var ada = await AdaAsync();
        await Request.RunAsync(ada, "ada@new.example", Now);
        Assert.False((await ConfirmAsync(LinkTo("ada@new.example"))).Value);
        Assert.False((await ConfirmAsync(LinkTo("ada@new.example"))).Value);
    }

    [Fact]
    public async Task Whether_the_new_address_is_taken_is_told_to_its_owner_alone()
    {
        await _world.AccountAsync("eve@example.com");
        var ada = await AdaAsync();
        var free = await WorkAsync(ada, "ada@new.example");
        var taken = await WorkAsync(ada, "eve@example.com");
        Assert.Equal(free, taken);
        Assert.Equal(
            ("eve@example.com", "You already have an account"),
            (_world.Portal.People.Mails[^1].To, _world.Portal.People.Mails[^1].Subject)
        );
        Assert.False((await ConfirmAsync(LinkTo("ada@example.com"))).Value);
    }

    [Fact]
    public async Task An_address_taken_meanwhile_is_not_taken_twice()
    {
        var ada = await AdaAsync();
        await Request.RunAsync(ada, "ada@new.example", Now);
        var (old, @new) = (LinkTo("ada@example.com"), LinkTo("ada@new.example"));
        await _world.AccountAsync("ADA@new.example");
        await ConfirmAsync(old);
        Assert.Equal("email-taken", (await ConfirmAsync(@new)).Problem?.Code);
        Assert.Equal("ada@example.com", Account(ada).Email);
    }

    [Fact]
    public async Task A_newer_wish_a_new_password_and_a_day_make_links_void()
    {
        var ada = await AdaAsync();
        await Request.RunAsync(ada, "ada@new.example", Now);
        var overtaken = LinkTo("ada@example.com");
        await Request.RunAsync(ada, "ada@other.example", Now);
        Assert.Equal("link-used", (await ConfirmAsync(overtaken)).Problem?.Code);

        var expired = LinkTo("ada@example.com");
        _world.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal("link-expired", (await ConfirmAsync(expired)).Problem?.Code);

        await _world.ConfirmIdentity.RunAsync(ada, AccountWorld.Password, Now);
        await Request.RunAsync(ada, "ada@new.example", Now);
        var voided = LinkTo("ada@example.com");
        await _world.ChangePassword.RunAsync(ada, AccountWorld.Password, "orange kettle walks north", Now);
        Assert.Equal("link-used", (await ConfirmAsync(voided)).Problem?.Code);
    }

    [Fact]
    public async Task It_asks_for_a_fresh_proof_and_is_not_for_scripts()
    {
        var ada = await AdaAsync();
        Assert.Equal("people-only", (await Request.RunAsync(ada with { Session = null }, "ada@new.example", Now)).Problem?.Code);
        _world.Clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal("confirm-identity", (await Request.RunAsync(ada, "ada@new.example", Now)).Problem?.Code);
    }

    [Fact]
    public async Task A_link_of_another_kind_changes_nothing()
    {
        await _world.SignUp.RunAsync(_world.Visitor, "ada@example.com", AccountWorld.Password, null, Now);
        Assert.Equal("link-broken", (await Confirm.RunAsync(_world.Visitor, _world.TokenOfLastMail(), Now)).Problem?.Code);
    }

    private async Task<Actor> AdaAsync()
    {
        await _world.AccountAsync("ada@example.com");
        return await _world.SignedInAsync("ada@example.com");
    }

    private async Task<(string?, int Lookups, int Transactions, int Mails)> WorkAsync(Actor ada, string email)
    {
        var (lookups, transactions, mails) = (_world.Portal.People.Lookups, _world.Portal.Transactions, _world.Portal.People.Mails.Count);
        var problem = (await Request.RunAsync(ada, email, Now)).Problem;
        return (
            problem?.Code,
            _world.Portal.People.Lookups - lookups,
            _world.Portal.Transactions - transactions,
            _world.Portal.People.Mails.Count - mails
        );
    }

    private Account Account(Actor actor) => _world.Portal.People.Accounts[actor.AccountId!.Value].Account;

    private Task<Outcome<bool>> ConfirmAsync(string token) => Confirm.RunAsync(_world.Visitor, token, Now);

    private string LinkTo(string email) =>
        Uri.UnescapeDataString(
            _world
                .Portal.People.Mails.Last(mail => mail.To == email && mail.ActionUrl!.AbsolutePath == "/account/email/confirm")
                .ActionUrl!.Query.Split("token=")[1]
        );
}
