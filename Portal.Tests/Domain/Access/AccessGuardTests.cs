using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Access;

/// <summary>Who comes in, as what, where, and what the audit logs say of it.</summary>
public sealed class AccessGuardTests
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero));
    private readonly MemoryPortal _portal = new();
    private readonly Organization _north;
    private readonly Organization _south;

    public AccessGuardTests() => (_north, _south) = (Add("north"), Add("south"));

    private AccessGuard Guard => new(_portal, _portal, _clock);

    [Theory]
    [InlineData("shop", "production", true)]
    [InlineData("shop", "staging", false)]
    [InlineData("office", "production", false)]
    [InlineData("shop", null, false)]
    [InlineData(null, null, false)]
    public async Task A_role_in_a_namespace_holds_there_and_nowhere_else(string? tenant, string? @namespace, bool allowed)
    {
        var ines = Member(_north, Role.Developer, new("shop", "production"));
        var entered = await Guard.EnterAsync(
            ines,
            "north",
            new(Permission.ManageResources, "topic.create", "t", Within: new(tenant, @namespace)),
            Now
        );
        Assert.Equal(allowed ? null : "role-elsewhere", entered.Problem?.Code);
    }

    [Fact]
    public async Task What_is_cut_to_the_role_is_open_from_anywhere()
    {
        var ines = Member(_north, Role.Viewer, new("shop"));
        var entered = await Guard.EnterAsync(ines, "north", new(Permission.ViewResources, "tenant.list", "", Within: Scope.Anywhere), Now);
        Assert.Equal(new Scope("shop"), entered.Value.Scope);
    }

    [Fact]
    public async Task To_a_stranger_it_is_as_if_the_organization_were_not_there()
    {
        var ines = Member(_north, Role.Owner);
        var real = await Guard.EnterAsync(ines, "south", new(Permission.ViewOrganization, "organization.view", "south"), Now);
        var made = await Guard.EnterAsync(ines, "nowhere", new(Permission.ViewOrganization, "organization.view", "nowhere"), Now);
        Assert.Equal(real.Problem, made.Problem);
    }

    [Fact]
    public async Task An_organizations_key_opens_its_own_organization_as_its_role_and_nothing_that_needs_an_account()
    {
        var key = new Actor(null, "ci", false) { Grant = new(_north.Id, Role.Viewer, Scope.Whole) };
        Assert.True((await Guard.EnterAsync(key, "north", new(Permission.ViewUsage, "usage.view", ""), Now)).IsOk);
        Assert.Equal(
            "role-missing",
            (await Guard.EnterAsync(key, "north", new(Permission.ManageKeys, "key.create", ""), Now)).Problem?.Code
        );
        Assert.Equal(
            "organization-not-found",
            (await Guard.EnterAsync(key, "south", new(Permission.ViewUsage, "usage.view", ""), Now)).Problem?.Code
        );
        foreach (var permission in new[] { Permission.HaveAccount, Permission.CreateOrganizations, Permission.ManageAccount })
            Assert.Equal("account-needed", (await Guard.CheckAsync(key, new(permission, "any", ""), Now)).Problem?.Code);
        Assert.Equal("operator-only", (await Guard.CheckAsync(key, new(Permission.OperatePlatform, "any", ""), Now)).Problem?.Code);
    }

    [Fact]
    public async Task A_clients_scopes_narrow_the_persons_role_and_never_widen_it()
    {
        var owner = Member(_north, Role.Owner) with { Bounds = [Role.Viewer] };
        Assert.True((await Guard.EnterAsync(owner, "north", new(Permission.ViewUsage, "usage.view", ""), Now)).IsOk);
        Assert.Equal(
            "scope-missing",
            (await Guard.EnterAsync(owner, "north", new(Permission.ManageKeys, "key.create", ""), Now)).Problem?.Code
        );
        Assert.Equal(
            "people-only",
            (await Guard.CheckAsync(owner, new(Permission.ManageAccount, "account.change-password", ""), Now)).Problem?.Code
        );
        var viewer = Member(_north, Role.Viewer) with { Bounds = [Role.Admin] };
        Assert.Equal(
            "role-missing",
            (await Guard.EnterAsync(viewer, "north", new(Permission.ManageKeys, "key.create", ""), Now)).Problem?.Code
        );
    }

    [Fact]
    public async Task A_client_that_an_organization_registered_stays_in_it_whatever_its_people_belong_to()
    {
        var both = Member(_north, Role.Owner);
        _portal.Add(new Membership(_south.Id, both.AccountId!.Value, Role.Owner, _clock.Now()));
        var client = both with { Only = _north.Id, Bounds = [Role.Admin] };
        var read = new Operation(Permission.ViewUsage, "usage.view", "");
        Assert.True((await Guard.EnterAsync(client, "north", read, Now)).IsOk);
        Assert.Equal("organization-not-found", (await Guard.EnterAsync(client, "south", read, Now)).Problem?.Code);
        Assert.Equal(
            "account-needed",
            (await Guard.CheckAsync(client, new(Permission.CreateOrganizations, "organization.create", ""), Now)).Problem?.Code
        );
        var listed = await new ListOrganizations(Guard, _portal).RunAsync(client, new(), Now);
        Assert.Equal(["north"], listed.Value.Items.Select(access => access.Organization.Slug));
    }

    [Fact]
    public async Task An_operator_sees_nothing_of_a_customer_without_a_reason_and_with_one_reads_only()
    {
        var op = new Actor(new(Guid.NewGuid()), "op@example.com", true);
        var read = new Operation(Permission.ViewUsage, "usage.view", "north");
        Assert.Equal("organization-not-found", (await Guard.EnterAsync(op, "north", read, Now)).Problem?.Code);

        var look = new ViewAs(
            new(Guid.NewGuid()),
            op.AccountId!.Value,
            _north.Id,
            "ticket 7: usage looks too high",
            _clock.Now(),
            _clock.Now().AddMinutes(30),
            [1]
        );
        _portal.Looks.Add(look);
        _portal.Audit.Clear();
        var guard = Guard;
        Assert.Same(look, (await guard.EnterAsync(op, "north", read, Now)).Value.ViewAs);
        Assert.True((await guard.EnterAsync(op, "north", read, Now)).IsOk);
        var row = Assert.Single(_portal.Audit);
        Assert.Equal("ticket 7: usage looks too high", row.Operation.Details!["reason"]);
        foreach (
            var permission in new[]
            {
                Permission.ReadMessages,
                Permission.ManageResources,
                Permission.ManageMembers,
                Permission.ManageBilling,
            }
        )
            Assert.Equal("view-as-reads", (await guard.EnterAsync(op, "north", new(permission, "any", ""), Now)).Problem?.Code);
        Assert.Equal("organization-not-found", (await guard.EnterAsync(op, "south", read, Now)).Problem?.Code);

        _clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("organization-not-found", (await guard.EnterAsync(op, "north", read, Now)).Problem?.Code);
    }

    [Fact]
    public async Task A_token_for_viewing_opens_that_organization_and_nothing_of_the_platform()
    {
        var op = new Actor(new(Guid.NewGuid()), "op@example.com", false);
        var look = new ViewAs(
            new(Guid.NewGuid()),
            op.AccountId!.Value,
            _north.Id,
            "ticket 7",
            _clock.Now(),
            _clock.Now().AddMinutes(30),
            [1]
        );
        _portal.Looks.Add(look);
        _portal.Memberships.Add(new(_south.Id, op.AccountId.Value, Role.Owner, _clock.Now()));
        var token = op with { ViewAs = look.Id };
        Assert.True((await Guard.EnterAsync(token, "north", new(Permission.ViewUsage, "usage.view", ""), Now)).IsOk);
        Assert.Equal(
            "organization-not-found",
            (await Guard.EnterAsync(token, "south", new(Permission.ViewUsage, "usage.view", ""), Now)).Problem?.Code
        );
        Assert.Equal(
            "operator-only",
            (await Guard.CheckAsync(token with { IsOperator = true }, new(Permission.OperatePlatform, "any", ""), Now)).Problem?.Code
        );
        Assert.Equal("people-only", (await Guard.CheckAsync(token, new(Permission.ManageAccount, "any", ""), Now)).Problem?.Code);
    }

    [Fact]
    public async Task A_suspended_organization_is_read_and_paid_for_but_not_used()
    {
        var owner = Member(_north, Role.Owner);
        _north.Suspend("unpaid");
        foreach (var permission in Enum.GetValues<Permission>().Where(one => Role.Owner.Allows(one)))
        {
            var used =
                permission is Permission.ManageResources or Permission.ManageKeys or Permission.SendMessages or Permission.ReadMessages;
            Assert.Equal(
                used ? "organization-suspended" : null,
                (await Guard.EnterAsync(owner, "north", new(permission, "any", ""), Now)).Problem?.Code
            );
        }
    }

    [Fact]
    public async Task Who_is_removed_is_out_with_the_next_thing_they_do()
    {
        var ines = Member(_north, Role.Admin);
        Assert.True((await Guard.EnterAsync(ines, "north", new(Permission.ViewUsage, "usage.view", ""), Now)).IsOk);
        _portal.Memberships.Clear();
        Assert.Equal(
            "organization-not-found",
            (await Guard.EnterAsync(ines, "north", new(Permission.ViewUsage, "usage.view", ""), Now)).Problem?.Code
        );
    }

    private Organization Add(string slug)
    {
        var organization = new Organization(new(Guid.NewGuid()), Slug.Create(slug).Value, slug, _clock.Now());
        _portal.Add(organization);
        return organization;
    }

    private Actor Member(Organization organization, Role role, Scope? scope = null)
    {
        var account = new AccountId(Guid.NewGuid());
        _portal.Add(new Membership(organization.Id, account, role, _clock.Now(), scope));
        return new(account, "ines@north.example", false);
    }
}
