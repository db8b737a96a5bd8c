using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.OpenId;
using Portal.Domain.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    private static readonly string[] WaysToLose =
    [
        "removed",
        "demoted",
        "moved elsewhere",
        "suspended",
        "closed",
        "signed out",
        "own key revoked",
        "key revoked",
        "key expired",
        "application narrowed",
        "application deleted",
        "secret ended",
        "no operator",
        "look over",
    ];

    public static TheoryData<string> Losing => [.. WaysToLose];

    /// <summary>Requests that were let in and then waited for the organization's turn behind what took their right away.</summary>
    [Theory]
    [MemberData(nameof(Losing))]
    public async Task A_change_whose_actor_may_not_any_more_once_it_is_its_turn_is_refused_and_changes_nothing(string way)
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var organization = await OrganizationAsync(database);
        var (actor, operation, loseAsync, code) = await StandingAsync(database, organization, way);
        Assert.True((await database.Database.WriteAsync(actor, organization.Id, operation, _ => Task.FromResult(Outcome.Done), Now)).IsOk);

        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        // Holds the organization's turn, as a removal does.
        var losing = other.Database.UpdateAsync(
            null,
            organization.Id,
            async session =>
            {
                begun.SetResult();
                await go.Task;
                await loseAsync(session);
                return true;
            },
            Now
        );
        await begun.Task;
        var ran = false;
        // SQLite waits for its one writer without giving its thread back.
        var waiting = Task.Run(
            () =>
                database.Database.WriteAsync(
                    actor,
                    organization.Id,
                    operation,
                    _ =>
                    {
                        ran = true;
                        return Task.FromResult(Outcome.Done);
                    },
                    Now
                ),
            Now
        );
        await Task.Delay(50, Now);
        go.SetResult();
        await losing;
        Assert.Equal(code, (await waiting).Problem?.Code);
        Assert.False(ran);
        var refusal = Assert.Single(
            (
                await database.Audit.ListAsync(
                    code is "organization-not-found" or "credential-ended" ? null : organization.Id,
                    new(),
                    new(),
                    Now
                )
            ).Items,
            record => record.Outcome == AuditOutcome.Refused
        );
        Assert.Equal((operation.Name, actor.Name), (refusal.Operation, refusal.Actor));
    }

    /// <summary>Each organization has its own turn, so the limit of one account has to hold across them.</summary>
    [Fact]
    public async Task One_account_that_creates_organizations_at_once_gets_no_more_than_it_may()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var made = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(number =>
                    Task.Run(() =>
                    {
                        var by = number % 2 == 0 ? database : other;
                        return new CreateOrganization(
                            new(by.Database, by.Audit, by.Clock),
                            by.Database,
                            by.Clock,
                            new OrganizationRule { MostFree = 3 }
                        ).RunAsync(Jo, $"Number {number}", $"number-{number}", "free", Now);
                    })
                )
        );
        Assert.Equal(3, made.Count(one => one.IsOk));
        Assert.All(made.Where(one => !one.IsOk), one => Assert.Equal("organizations-limit", one.Problem?.Code));
    }

    /// <summary>An actor who may, the act that takes it away, and what is said then.</summary>
    private static async Task<(Actor Actor, Operation Operation, Func<IPortalSession, Task> Lose, string Code)> StandingAsync(
        TestDatabase database,
        Organization organization,
        string way
    )
    {
        var (now, jo) = (database.Clock.Now(), Jo.AccountId!.Value);
        var create = new Operation(Permission.ManageResources, "tenant.create", "shop");
        switch (way)
        {
            case "removed":
                return (
                    Jo,
                    create,
                    async session =>
                        session.Organizations.Remove((await session.Organizations.FindMembershipAsync(organization.Id, jo, Now))!),
                    "organization-not-found"
                );
            case "demoted":
                return (
                    Jo,
                    create,
                    async session =>
                        (await session.Organizations.FindMembershipAsync(organization.Id, jo, Now))!.Become(Role.Viewer, Scope.Whole),
                    "role-missing"
                );
            case "moved elsewhere":
                return (
                    Jo,
                    create,
                    async session =>
                        (await session.Organizations.FindMembershipAsync(organization.Id, jo, Now))!.Become(Role.Developer, new("office")),
                    "role-elsewhere"
                );
            case "suspended":
                return (
                    Jo,
                    create,
                    async session => (await session.Organizations.FindAsync(organization.Id, Now))!.Suspend("unpaid"),
                    "organization-suspended"
                );
            case "closed":
                return (
                    Jo,
                    create,
                    async session => (await session.Organizations.FindAsync(organization.Id, Now))!.Close(),
                    "organization-not-found"
                );
            case "signed out":
                var signIn = new AccountSession(new(database.Clock.NewUuid()), jo, SignInMethod.Password, null, null, now);
                await SetUpAsync(database, session => session.Sessions.Add(signIn));
                return (
                    Jo with
                    {
                        Session = signIn.Id,
                    },
                    create,
                    session => session.Sessions.EndAllAsync(jo, null, Now),
                    "credential-ended"
                );
            case "own key revoked":
                var own = ApiKey.OfAccount(
                    new(database.Clock.NewUuid()),
                    new(jo, Jo.Name, true, false, now),
                    "laptop",
                    "text-of-own",
                    Role.Developer,
                    now,
                    null
                );
                await SetUpAsync(database, session => session.ApiKeys.Add(own));
                return (
                    Jo with
                    {
                        ApiKey = own.Id,
                    },
                    create,
                    async session => (await session.ApiKeys.FindAsync(jo, own.Id, Now))!.Revoke(now),
                    "credential-ended"
                );
            case "key revoked" or "key expired":
                var key = ApiKey.OfOrganization(
                    new(database.Clock.NewUuid()),
                    new(organization.Id, Role.Developer, Scope.Whole),
                    "deploy",
                    "text-of-key",
                    jo,
                    Jo.Name,
                    now,
                    null
                );
                await SetUpAsync(database, session => session.ApiKeys.Add(key));
                return (
                    new Actor(null, "key:deploy", false)
                    {
                        Grant = new(organization.Id, Role.Developer, Scope.Whole),
                        Behind = jo,
                        ApiKey = key.Id,
                    },
                    create,
                    async session =>
                    {
                        var found = (await session.ApiKeys.FindAsync(organization.Id, key.Id, Now))!;
                        if (way == "key revoked")
                            found.Revoke(now);
                        else
                            found.Rotate(new(database.Clock.NewUuid()), "text-of-next", null, TimeSpan.Zero, now);
                    },
                    "credential-ended"
                );
            case "application narrowed" or "application deleted" or "secret ended":
                var client = new OidcClient(
                    new(database.Clock.NewUuid()),
                    organization.Id,
                    "robot",
                    true,
                    true,
                    [],
                    [],
                    ["portal.read", "portal.write"],
                    now,
                    jo
                );
                await SetUpAsync(database, session => session.OidcClients.Add(client, "hash"));
                return (
                    new Actor(null, "client:robot", false)
                    {
                        Grant = new(organization.Id, Role.Admin, Scope.Whole),
                        Behind = jo,
                        Client = client.Id,
                        Bounds = [Role.Developer, Role.Viewer],
                    },
                    create,
                    session =>
                        way switch
                        {
                            "application narrowed" => session.OidcClients.ChangeAsync(client with { Scopes = ["portal.read"] }, Now),
                            "application deleted" => session.OidcClients.RemoveAsync(client.Id, Now),
                            _ => session.OidcClients.SetSecretAsync(client.Id, "other", null, Now),
                        },
                    "credential-ended"
                );
            case "no operator":
                var account = AccountState
                    .New(new(database.Clock.NewUuid()), EmailAddress.Create("operator@example.com").Value, null, now)
                    .Verified();
                account = account with { Account = account.Account with { IsOperator = true } };
                await SetUpAsync(database, session => session.Accounts.Add(account));
                return (
                    new Actor(account.Account.Id, account.Account.Email, true),
                    new(Permission.OperatePlatform, "organization.suspend", organization.Slug),
                    async session =>
                    {
                        var found = (await session.Accounts.FindAsync(account.Account.Id, Now))!;
                        session.Accounts.Save(found with { Account = found.Account with { IsOperator = false } });
                    },
                    "credential-ended"
                );
            case "look over":
                var looker = AccountState
                    .New(new(database.Clock.NewUuid()), EmailAddress.Create("operator@example.com").Value, null, now)
                    .Verified();
                looker = looker with { Account = looker.Account with { IsOperator = true } };
                var look = new ViewAs(
                    new(database.Clock.NewUuid()),
                    looker.Account.Id,
                    organization.Id,
                    "a ticket",
                    now,
                    now.AddMinutes(30),
                    [1, 2, 3]
                );
                await SetUpAsync(
                    database,
                    session =>
                    {
                        session.Accounts.Add(looker);
                        session.ViewAs.Add(look);
                    }
                );
                return (
                    new Actor(looker.Account.Id, looker.Account.Email, true),
                    new(Permission.ViewResources, "view-as.look", "tenants"),
                    async session => (await session.ViewAs.FindAsync(organization.Id, looker.Account.Id, now, Now))!.End(now),
                    "organization-not-found"
                );
            default:
                throw new InvalidOperationException(way);
        }
    }
}
