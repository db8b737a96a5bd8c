using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Tests.Domain.Accounts;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Access;

/// <summary>What asks for a fresh proof, of whom, and that nothing else does. Every use case is walked in ProofWalkTests.</summary>
public sealed class ProofTests
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private readonly AccountWorld _world = new();

    [Theory]
    [InlineData(Permission.CloseOrganization, "organization.close", "confirm-identity", null)]
    [InlineData(Permission.ManageBilling, "billing.checkout", "confirm-identity", null)]
    [InlineData(Permission.ManageOrganization, "api-key.create", "confirm-identity", "people-only")]
    [InlineData(Permission.ManageOrganization, "oidc-client.change", "confirm-identity", "people-only")]
    [InlineData(Permission.ManageBilling, "plan.change", null, null)]
    [InlineData(Permission.ManageResources, "topic.create", null, null)]
    public async Task An_owner_proves_again_what_the_table_says(Permission permission, string name, string? stale, string? script)
    {
        var owner = await OwnerAsync();
        var operation = new Operation(permission, name, "north");
        Assert.True((await _world.Guard.EnterAsync(owner, "north", operation, Now)).IsOk);
        _world.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(stale, (await _world.Guard.EnterAsync(owner, "north", operation, Now)).Problem?.Code);
        Assert.Equal(script, (await _world.Guard.EnterAsync(owner with { Session = null }, "north", operation, Now)).Problem?.Code);
        Assert.Equal(
            script,
            (await _world.Guard.EnterAsync(owner with { Session = null, Bounds = [Role.Owner] }, "north", operation, Now)).Problem?.Code
        );
    }

    [Theory]
    [InlineData("invitation.create")]
    [InlineData("member.change")]
    public async Task To_make_an_owner_takes_a_proof_and_another_role_does_not(string name)
    {
        var owner = await OwnerAsync();
        _world.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("confirm-identity", (await AskAsync("OWNER")).Problem?.Code);
        Assert.True((await AskAsync("developer")).IsOk);

        Task<Outcome<OrganizationAccess>> AskAsync(string role) =>
            _world.Guard.EnterAsync(
                owner,
                "north",
                new(Permission.ManageMembers, name, "bo@example.com", new Dictionary<string, string> { ["role"] = role }),
                Now
            );
    }

    [Fact]
    public async Task A_role_that_does_not_allow_it_is_told_so_and_not_asked_to_prove_anything()
    {
        var owner = await OwnerAsync(Role.Viewer);
        _world.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(
            "role-missing",
            (await _world.Guard.EnterAsync(owner, "north", new(Permission.CloseOrganization, "organization.close", "north"), Now))
                .Problem
                ?.Code
        );
    }

    [Fact]
    public async Task An_ended_sign_in_proves_nothing()
    {
        var owner = await OwnerAsync();
        _world.Portal.People.Sessions.Clear();
        Assert.Equal(
            "confirm-identity",
            (await _world.Guard.EnterAsync(owner, "north", new(Permission.CloseOrganization, "organization.close", "north"), Now))
                .Problem
                ?.Code
        );
    }

    private async Task<Actor> OwnerAsync(Role role = Role.Owner)
    {
        var account = await _world.AccountAsync("ada@example.com");
        var north = new Organization(new(Guid.NewGuid()), Slug.Create("north").Value, "North", _world.Clock.Now());
        _world.Portal.AllOrganizations.Add(north);
        _world.Portal.Memberships.Add(new(north.Id, account.Id, role, _world.Clock.Now()));
        return await _world.SignedInAsync("ada@example.com");
    }
}
