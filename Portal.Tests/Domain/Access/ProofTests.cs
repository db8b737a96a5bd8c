using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Tests.Domain.Access;

/// <summary>What asks for a fresh proof, of whom, and that nothing else does.</summary>
public sealed class ProofTests
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private readonly AccountWorld _world = new();

    [Theory]
    [InlineData(Permission.CloseOrganization, Proof.SignIn, "confirm-identity")]
    [InlineData(Permission.ManageBilling, Proof.Fresh, "confirm-identity")]
    [InlineData(Permission.ManageBilling, Proof.SignIn, null)]
    [InlineData(Permission.ManageResources, Proof.SignIn, null)]
    public async Task An_owner_proves_again_what_cannot_be_undone(Permission permission, Proof asked, string? problem)
    {
        var owner = await OwnerAsync();
        var operation = new Operation(permission, "test", "north");
        if (asked != Proof.SignIn) operation = operation with { Proof = asked };
        Assert.True((await _world.Guard.EnterAsync(owner, "north", operation, Now)).IsOk);
        _world.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(problem, (await _world.Guard.EnterAsync(owner, "north", operation, Now)).Problem?.Code);
        Assert.True((await _world.Guard.EnterAsync(owner with { Session = null }, "north", operation, Now)).IsOk);
    }

    [Fact]
    public async Task A_role_that_does_not_allow_it_is_told_so_and_not_asked_to_prove_anything()
    {
        var owner = await OwnerAsync(Role.Viewer);
        _world.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("role-missing", (await _world.Guard.EnterAsync(owner, "north", new(Permission.CloseOrganization, "test", "north"), Now)).Problem?.Code);
    }

    [Fact]
    public async Task An_ended_sign_in_proves_nothing()
    {
        var owner = await OwnerAsync();
        _world.Portal.People.Sessions.Clear();
        Assert.Equal("confirm-identity", (await _world.Guard.EnterAsync(owner, "north", new(Permission.CloseOrganization, "test", "north"), Now)).Problem?.Code);
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
