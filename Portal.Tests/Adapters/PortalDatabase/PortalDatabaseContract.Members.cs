using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.OpenId;
using Portal.Domain.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    private static ApiKey NewApiKey(TestDatabase database, Organization organization, string text, DateTimeOffset? expiresAt = null) =>
        ApiKey.OfOrganization(
            new(database.Clock.NewUuid()),
            new(organization.Id, Role.Developer, new("shop", "default")),
            "deploy",
            text,
            Jo.AccountId!.Value,
            Jo.Name,
            database.Clock.Now(),
            expiresAt
        );

    [Fact]
    public async Task An_API_key_is_found_by_its_hash_and_in_its_organization_alone()
    {
        await using var database = await NewAsync();
        var (north, south) = (await OrganizationAsync(database, "north"), await OrganizationAsync(database, "south"));
        var key = NewApiKey(database, north, "text-of-a-key");
        var own = ApiKey.OfAccount(
            new(database.Clock.NewUuid()),
            new(Jo.AccountId!.Value, Jo.Name, true, false, database.Clock.Now()),
            "laptop",
            "text-of-another",
            Role.Viewer,
            database.Clock.Now(),
            null
        );
        await WriteAsync(
            database,
            north,
            "api-key.create",
            session =>
            {
                session.ApiKeys.Add(key);
                session.ApiKeys.Add(own);
            }
        );

        var (found, elsewhere, ofAccount, list, ownList) = await database.Database.ReadAsync(
            async session =>
                (
                    await session.ApiKeys.FindAsync(ApiKeyText.Hash("text-of-a-key"), Now),
                    await session.ApiKeys.FindAsync(south.Id, key.Id, Now),
                    await session.ApiKeys.FindAsync(Jo.AccountId!.Value, own.Id, Now),
                    await session.ApiKeys.ListAsync(north.Id, new(), Now),
                    await session.ApiKeys.ListAsync(Jo.AccountId!.Value, new(), Now)
                ),
            Now
        );
        Assert.Equal((key.Id, Role.Developer, new Scope("shop", "default"), "-key"), (found!.Id, found.Role, found.Scope, found.Ending));
        Assert.Null(elsewhere);
        Assert.Equal((Role.Viewer, (OrganizationId?)null), (ofAccount!.Role, ofAccount.OrganizationId));
        Assert.Equal(key.Id, Assert.Single(list.Items).Id);
        Assert.Equal(own.Id, Assert.Single(ownList.Items).Id);
    }

    [Fact]
    public async Task Keys_that_ended_are_not_live()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var at = database.Clock.Now();
        var keys = new[]
        {
            NewApiKey(database, organization, "live-1"),
            NewApiKey(database, organization, "over-1", at.AddHours(1)),
            NewApiKey(database, organization, "gone-1"),
            NewApiKey(database, organization, "live-2", at.AddHours(3)),
        };
        keys[2].Revoke(at);
        await WriteAsync(database, organization, "api-key.create", session => Array.ForEach(keys, session.ApiKeys.Add));
        var live = await database.Database.ReadAsync(session => session.ApiKeys.LiveAsync(organization.Id, at.AddHours(2), Now), Now);
        Assert.Equal([keys[0].Hash, keys[3].Hash], live.OrderBy(key => key.ExpiresAt ?? DateTimeOffset.MinValue).Select(key => key.Hash));
    }

    [Fact]
    public async Task A_use_is_noted_once_a_minute()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var key = NewApiKey(database, organization, "used");
        await WriteAsync(database, organization, "api-key.create", session => session.ApiKeys.Add(key));
        var at = database.Clock.Now();
        foreach (var (seconds, address) in new[] { (0, "192.0.2.1"), (59, "192.0.2.2"), (60, "192.0.2.3"), (61, "192.0.2.4") })
            await new NoteApiKeyUse(database.Database).RunAsync(key.Id, at.AddSeconds(seconds), address, Now);
        var found = await database.Database.ReadAsync(session => session.ApiKeys.FindAsync(organization.Id, key.Id, Now), Now);
        Assert.Equal((at.AddSeconds(60), "192.0.2.3"), (found!.LastUsedAt, found.LastUsedFrom));
    }

    [Fact]
    public async Task An_invitation_is_found_by_its_token_and_counted_by_its_mails()
    {
        await using var database = await NewAsync();
        var (north, south) = (await OrganizationAsync(database, "north"), await OrganizationAsync(database, "south"));
        var at = database.Clock.Now();
        Invitation New(Organization organization, string email, DateTimeOffset sentAt)
        {
            var made = new Invitation(
                new(database.Clock.NewUuid()),
                new(organization.Id, Role.Viewer, new("shop")),
                EmailAddress.Create(email).Value,
                Jo.AccountId,
                Jo.Name,
                sentAt
            );
            made.Send(sentAt, TimeSpan.FromDays(7));
            return made;
        }
        var (fresh, old, elsewhere) = (
            New(north, "Sam@example.com", at),
            New(north, "lu@example.com", at.AddDays(-8)),
            New(south, "sam@EXAMPLE.com", at.AddHours(-2))
        );
        var token = fresh.Send(at, TimeSpan.FromDays(7));
        await WriteAsync(database, north, "invite", session => Array.ForEach([fresh, old, elsewhere], session.Invitations.Add));

        await database.Database.ReadAsync(
            async session =>
            {
                Assert.Equal(fresh.Id, (await session.Invitations.FindAsync(Invitation.HashOf(token), Now))?.Id);
                Assert.Null(await session.Invitations.FindAsync(Invitation.HashOf(token + "x"), Now));
                Assert.Null(await session.Invitations.FindAsync(south.Id, fresh.Id, Now));
                Assert.Equal([fresh.Id, old.Id], (await session.Invitations.ListAsync(north.Id, new(), Now)).Items.Select(one => one.Id));
                Assert.Equal(fresh.Id, Assert.Single(await session.Invitations.PendingAsync(north.Id, at, Now)).Id);
                // Fresh ones were sent twice by now.
                Assert.Equal(
                    (2, 3),
                    (
                        await session.Invitations.CountSentAsync(north.Id, at.AddDays(-1), Now),
                        await session.Invitations.CountSentToAsync(EmailAddress.Create("SAM@example.com").Value, at.AddDays(-1), Now)
                    )
                );
                Assert.Equal(
                    2,
                    await session.Invitations.CountSentToAsync(EmailAddress.Create("sam@example.com").Value, at.AddHours(-1), Now)
                );
                return true;
            },
            Now
        );
    }

    [Fact]
    public async Task Members_are_listed_by_standing_and_leave_no_trace()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database, jo: null);
        var at = database.Clock.Now();
        var members = Enumerable
            .Range(0, 7)
            .Select(i => new Membership(
                organization.Id,
                new(Guid.NewGuid()),
                i < 2 ? Role.Owner : Role.Viewer,
                at.AddMinutes(i),
                i > 4 ? new("shop", "default") : null
            ))
            .ToList();
        await SetUpAsync(database, session => members.ForEach(session.Organizations.Add));
        var (first, second, owners) = await database.Database.ReadAsync(
            async session =>
            {
                var page = await session.Organizations.ListMembersAsync(organization.Id, new(4), Now);
                return (
                    page,
                    await session.Organizations.ListMembersAsync(organization.Id, new(4, page.Next), Now),
                    await session.Organizations.CountOwnersAsync(organization.Id, Now)
                );
            },
            Now
        );
        Assert.Equal(members.Select(one => one.AccountId), first.Items.Concat(second.Items).Select(one => one.AccountId));
        Assert.Equal((2, new Scope("shop", "default")), (owners, second.Items[^1].Scope));

        await database.Database.UpdateAsync(
            null,
            async session =>
            {
                session.Organizations.Remove(
                    (await session.Organizations.FindMembershipAsync(organization.Id, members[3].AccountId, Now))!
                );
                return true;
            },
            Now
        );
        Assert.Equal(
            6,
            (await database.Database.ReadAsync(session => session.Organizations.ListMembersAsync(organization.Id, new(), Now), Now))
                .Items
                .Count
        );
    }

    /// <summary>Both were allowed when they asked; the organization's changes are serial, so the second finds itself the last.</summary>
    [Fact]
    public async Task Of_two_owners_who_demote_each_other_at_once_one_stays()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var organization = await OrganizationAsync(database, jo: null);
        var owners = new[] { new AccountId(Guid.CreateVersion7()), new AccountId(Guid.CreateVersion7()) };
        await SetUpAsync(
            database,
            session =>
                Array.ForEach(
                    owners,
                    owner => session.Organizations.Add(new Membership(organization.Id, owner, Role.Owner, database.Clock.Now()))
                )
        );

        var outcomes = await Task.WhenAll(DemoteAsync(database, owners[0], owners[1]), DemoteAsync(other, owners[1], owners[0]));
        Assert.Single(outcomes, outcome => outcome.IsOk);
        Assert.Contains(outcomes.Single(outcome => !outcome.IsOk).Problem!.Code, (string[])["last-owner", "role-missing"]);
        Assert.Equal(1, await database.Database.ReadAsync(session => session.Organizations.CountOwnersAsync(organization.Id, Now), Now));

        Task<Outcome<Member>> DemoteAsync(TestDatabase by, AccountId actor, AccountId member) =>
            new ChangeMember(
                new(by.Database, by.Audit, by.Clock),
                by.Database,
                by.Provider.GetRequiredService<IAccountDirectory>(),
                new Domain.Accounts.AccountWorld(),
                by.Clock
            ).RunAsync(new(actor, "owner@example.com", false), organization.Slug, member, "viewer", null, null, false, Now);
    }

    [Fact]
    public async Task Who_is_removed_takes_back_what_they_let_the_organizations_applications_do()
    {
        await using var database = await NewAsync();
        var (north, south) = (await OrganizationAsync(database, "north", Role.Developer), await OrganizationAsync(database, "south", null));
        var owner = new Actor(new AccountId(Guid.CreateVersion7()), "owner@example.com", false);
        var clients = new[] { north, south }
            .Select(one => new OidcClient(
                new(database.Clock.NewUuid()),
                one.Id,
                "Dashboard",
                false,
                false,
                ["https://dashboard.example.com/back"],
                [],
                ["openid"],
                database.Clock.Now()
            ))
            .ToList();
        await SetUpAsync(
            database,
            session =>
            {
                session.Organizations.Add(new Membership(north.Id, owner.AccountId!.Value, Role.Owner, database.Clock.Now()));
                foreach (var client in clients)
                    session.OidcClients.Add(client, null);
            }
        );
        await WriteAsync(
            database,
            north,
            "consent",
            session =>
                clients.ForEach(client => session.Consents.Add(new(Jo.AccountId!.Value, client.Id, ["openid"], database.Clock.Now())))
        );

        Assert.True(
            (
                await new RemoveMember(
                    new(database.Database, database.Audit, database.Clock),
                    database.Database,
                    database.Provider.GetRequiredService<IAccountDirectory>(),
                    new Domain.Accounts.AccountWorld(),
                    database.Clock
                ).RunAsync(owner, "north", Jo.AccountId!.Value, false, Now)
            ).IsOk
        );
        var left = await database.Database.ReadAsync(session => session.Consents.ListAsync(Jo.AccountId!.Value, new(), Now), Now);
        Assert.Equal(south.Id, Assert.Single(left.Items).Client.OrganizationId);
    }
}
