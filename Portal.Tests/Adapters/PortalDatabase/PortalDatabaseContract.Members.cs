using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    private static ApiKey NewApiKey(TestDatabase database, Organization organization, string text, DateTimeOffset? expiresAt = null) => ApiKey.OfOrganization(
        new(database.Clock.NewUuid()), new(organization.Id, Role.Developer, new("shop", "default")), "deploy", text, Jo.AccountId!.Value, Jo.Name, database.Clock.Now(), expiresAt);

    [Fact]
    public async Task An_API_key_is_found_by_its_hash_and_in_its_organisation_alone()
    {
        await using var database = await NewAsync();
        var (north, south) = (await OrganizationAsync(database, "north"), await OrganizationAsync(database, "south"));
        var key = NewApiKey(database, north, "text-of-a-key");
        var own = ApiKey.OfAccount(new(database.Clock.NewUuid()), new(Jo.AccountId!.Value, Jo.Name, true, false, database.Clock.Now()), "laptop", "text-of-another", Role.Viewer, database.Clock.Now(), null);
        await WriteAsync(database, north, "api-key.create", session =>
        {
            session.ApiKeys.Add(key);
            session.ApiKeys.Add(own);
        });

        var (found, elsewhere, ofAccount, list, ownList) = await database.Database.ReadAsync(async session => (
            await session.ApiKeys.FindAsync(ApiKeyText.Hash("text-of-a-key"), Now), await session.ApiKeys.FindAsync(south.Id, key.Id, Now),
            await session.ApiKeys.FindAsync(Jo.AccountId!.Value, own.Id, Now), await session.ApiKeys.ListAsync(north.Id, new(), Now),
            await session.ApiKeys.ListAsync(Jo.AccountId!.Value, new(), Now)), Now);
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
        var keys = new[] { NewApiKey(database, organization, "live-1"), NewApiKey(database, organization, "over-1", at.AddHours(1)), NewApiKey(database, organization, "gone-1"), NewApiKey(database, organization, "live-2", at.AddHours(3)) };
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
}
