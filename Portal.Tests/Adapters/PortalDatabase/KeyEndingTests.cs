using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Mails;
using Portal.Domain.Notices;
using Portal.Domain.Tenants;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>Keys that end by themselves: who is told, when, and how often.</summary>
public sealed class KeyEndingTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 10, 9, 0, 0, TimeSpan.Zero);
    private static readonly Account Elena = new(new(Guid.CreateVersion7()), "elena@northwind.example", true, false, Nine)
    {
        TimeZone = "Europe/Berlin",
    };
    private static readonly Account Dev = new(new(Guid.CreateVersion7()), "dev@northwind.example", true, false, Nine);
    private static readonly Account Gone = new(new(Guid.CreateVersion7()), "gone@northwind.example", true, false, Nine);
    private static readonly Account Quiet = new(new(Guid.CreateVersion7()), "quiet@northwind.example", true, false, Nine);

    private readonly FakeTimeProvider _clock = new(Nine);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(90, 76, null, 14)]
    [InlineData(90, 75, null, null)]
    [InlineData(90, 80, 14, null)]
    [InlineData(90, 88, 14, 2)]
    [InlineData(90, 89, null, 2)]
    [InlineData(90, 89, 2, null)]
    [InlineData(90, 90, 2, null)]
    [InlineData(7, 0, null, null)]
    [InlineData(7, 5, null, 2)]
    [InlineData(1, 0, null, null)]
    [InlineData(null, 500, null, null)]
    public void A_warning_is_due_two_weeks_and_two_days_before_the_end_unless_the_key_never_had_so_long(
        int? lives,
        int day,
        int? warned,
        int? expected
    ) => Assert.Equal(expected, EndWarning.Due(Nine, lives is { } days ? Nine.AddDays(days) : null, warned, Nine.AddDays(day)));

    [Fact]
    public async Task Admins_and_who_made_it_are_told_once_at_fourteen_days_and_once_at_two()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        await SetUpAsync(data);
        Assert.Empty(await RunAsync(data, day: 15));

        // In one email for whoever looks after several; a developer hears of what they made.
        var mails = await RunAsync(data, day: 16);
        Assert.Equal([Dev.Email, Elena.Email], mails.Select(mail => mail.To).Order(StringComparer.Ordinal));
        var both = mails.Single(mail => mail.To == Elena.Email);
        Assert.Equal("2 keys expire soon", both.Subject);
        Assert.Contains("Key web in shop/default: December 10, 2026, 10:00 (Europe/Berlin)", both.Body, StringComparison.Ordinal);
        Assert.Contains("API key deploy: December 10, 2026", both.Body, StringComparison.Ordinal);
        Assert.Equal("Key web expires on December 10, 2026 (UTC)", mails.Single(mail => mail.To == Dev.Email).Subject);
        Assert.Empty(await RunAsync(data, day: 17));
        Assert.Empty(await RunAsync(data, day: 27));
        Assert.Equal(2, (await RunAsync(data, day: 28)).Count);
        Assert.Empty(await RunAsync(data, day: 29));
        Assert.Empty(await RunAsync(data, day: 31));
    }

    [Fact]
    public async Task It_stands_among_notifications_and_a_rotated_key_is_not_told_of()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var key = await SetUpAsync(data);
        _clock.SetUtcNow(Nine.AddDays(10));
        Assert.True(
            (
                await new RotateKey(new(data.Database, data.Audit, _clock), data.Database, new Signer(), _clock).RunAsync(
                    new(Elena.Id, Elena.Email, false),
                    "northwind",
                    key,
                    720,
                    Now
                )
            ).IsOk
        );
        Assert.Equal(
            "API key deploy expires on December 10, 2026",
            Assert.Single(await RunAsync(data, day: 16)).Subject.Replace(" (UTC)", "", StringComparison.Ordinal)
        );
        var list = new ListNotices(new(data.Database, data.Audit, _clock), data.Database);
        var told = Assert
            .Single(
                (await list.RunAsync(new(Elena.Id, Elena.Email, false), NoticeWords.Code(NoticeKind.KeyEnding), true, new(), Now))
                    .Value
                    .Items
            )
            .Notice;
        Assert.Equal(("API key deploy expires soon", "o/northwind/settings/api-keys"), (told.Title, told.Path));
        Assert.Empty((await list.RunAsync(new(Dev.Id, Dev.Email, false), null, false, new(), Now)).Value.Items);
    }

    [Fact]
    public async Task An_accounts_own_key_is_the_accounts_affair()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        await data.Database.UpdateAsync(
            null,
            session =>
            {
                session.ApiKeys.Add(ApiKey.OfAccount(new(_clock.NewUuid()), Dev, "laptop", ApiKeyText.New(), null, Nine, Nine.AddDays(90)));
                return Task.FromResult(true);
            },
            Now
        );
        var mail = Assert.Single(await RunAsync(data, day: 80));
        Assert.Equal((Dev.Email, "API key laptop expires on February 8, 2027 (UTC)"), (mail.To, mail.Subject));
        Assert.EndsWith("/account/api-keys", mail.Action!.Url.ToString(), StringComparison.Ordinal);
        var list = new ListNotices(new(data.Database, data.Audit, _clock), data.Database);
        Assert.Equal(
            "account/api-keys",
            Assert.Single((await list.RunAsync(new(Dev.Id, Dev.Email, false), null, false, new(), Now)).Value.Items).Notice.Path
        );
    }

    /// <summary>The emails of one pass on a day.</summary>
    private async Task<IReadOnlyList<Mail>> RunAsync(TestDatabase data, int day)
    {
        _clock.SetUtcNow(Nine.AddDays(day));
        var before = (await MailsAsync(data)).Select(one => one.Id).ToHashSet();
        var step = new WarnOfEndingKeys(data.Database, new People(), new ThisPortal(), _clock);
        Assert.IsType<StepResult.GoOn>(
            await step.RunAsync(
                new WarnOfEndingKeysWork(),
                new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, _clock.GetUtcNow(), null),
                Now
            )
        );
        return [.. (await MailsAsync(data)).Where(one => !before.Contains(one.Id)).Select(one => one.Mail)];
    }

    private static async Task<IReadOnlyList<(Guid Id, Mail Mail)>> MailsAsync(TestDatabase data)
    {
        var ids = new List<Guid>();
        await using (var connection = await data.Connections.OpenAsync(Now))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT id FROM mails";
            await using var reader = await command.ExecuteReaderAsync(Now);
            while (await reader.ReadAsync(Now))
                ids.Add(reader.GetGuid(0));
        }
        var found = new List<(Guid, Mail)>();
        foreach (var id in ids)
            found.Add((id, (await data.Database.ReadAsync(session => session.Mails.FindAsync(id, Now), Now))!));
        return found;
    }

    /// <summary>A key that a developer made and one of the API, both for 30 days; a short one, and one of somebody who has left.</summary>
    private async Task<KeyId> SetUpAsync(TestDatabase data)
    {
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", Nine);
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", Nine);
        var @namespace = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, Nine);
        var key = new PulsarKey(
            new(_clock.NewUuid()),
            @namespace,
            "web",
            KeyPermissions.Produce,
            true,
            false,
            Nine,
            Nine.AddDays(30),
            Dev.Id,
            Dev.Email
        );
        await data.Database.UpdateAsync(
            null,
            async session =>
            {
                session.Organizations.Add(organization);
                foreach (var (account, role) in new[] { (Elena, Role.Owner), (Dev, Role.Developer), (Quiet, Role.Admin) })
                    session.Organizations.Add(new Membership(organization.Id, account.Id, role, Nine));
                session.Tenants.Add(tenant);
                session.Tenants.Add(@namespace);
                session.Keys.Add(key);
                session.Keys.Add(
                    new PulsarKey(
                        new(_clock.NewUuid()),
                        @namespace,
                        "forever",
                        KeyPermissions.Produce,
                        true,
                        false,
                        Nine,
                        null,
                        Gone.Id,
                        Gone.Email
                    )
                );
                session.ApiKeys.Add(
                    ApiKey.OfOrganization(
                        new(_clock.NewUuid()),
                        new(organization.Id, Role.Developer, Scope.Whole),
                        "deploy",
                        ApiKeyText.New(),
                        Gone.Id,
                        Gone.Email,
                        Nine,
                        Nine.AddDays(30)
                    )
                );
                var quiet = new NoticeSettings(Quiet.Id);
                quiet.Email([NoticeKind.Budget]);
                session.Notices.Add(quiet);
                await Task.CompletedTask;
                return true;
            },
            Now
        );
        return key.Id;
    }

    private sealed class People : IAccountDirectory
    {
        private static readonly Account[] All = [Elena, Dev, Gone, Quiet];

        public Task<bool> AnyAsync(CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<Account?> FindAsync(AccountId id, CancellationToken cancellationToken) =>
            Task.FromResult(All.FirstOrDefault(one => one.Id == id));

        public Task<IReadOnlyDictionary<AccountId, Account>> FindManyAsync(
            IReadOnlyCollection<AccountId> ids,
            CancellationToken cancellationToken
        ) => Task.FromResult<IReadOnlyDictionary<AccountId, Account>>(All.Where(one => ids.Contains(one.Id)).ToDictionary(one => one.Id));
    }

    private sealed class Signer : ITokenSigner
    {
        public Outcome<string> Sign(string cluster, string role, DateTimeOffset? expiresAt) => $"token-of-{role}";
    }
}
