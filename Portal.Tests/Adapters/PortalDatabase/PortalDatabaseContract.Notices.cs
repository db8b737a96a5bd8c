using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Notices;
using Portal.Domain.Work;
using Portal.Tests.Domain.Billing;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>Notifications: who sees which, and what each has read.</summary>
public abstract partial class PortalDatabaseContract
{
    [Theory]
    [InlineData(Role.Owner, null, null, "admins bills default keys everybody shop")]
    [InlineData(Role.Admin, null, null, "admins bills default keys everybody shop")]
    [InlineData(Role.Billing, null, null, "bills everybody")]
    [InlineData(Role.Developer, null, null, "default keys everybody shop")]
    [InlineData(Role.Developer, "shop", null, "default keys shop")]
    [InlineData(Role.Viewer, "shop", "default", "default")]
    [InlineData(Role.Viewer, "else", null, "")]
    public async Task A_member_sees_what_the_role_and_its_scope_reach(Role role, string? tenant, string? @namespace, string expected)
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database, jo: null);
        await SetUpAsync(
            database,
            session =>
                session.Organizations.Add(
                    new Membership(organization.Id, Jo.AccountId!.Value, role, database.Clock.Now(), new(tenant, @namespace))
                )
        );
        await SetUpAsync(
            database,
            session =>
            {
                foreach (
                    var (title, needs, within) in new[]
                    {
                        ("everybody", Permission.ViewOrganization, Scope.Whole),
                        ("bills", Permission.ViewBilling, Scope.Whole),
                        ("admins", Permission.ManageOrganization, Scope.Whole),
                        ("shop", Permission.ViewResources, new("shop")),
                        ("default", Permission.ViewResources, new("shop", "default")),
                        ("keys", Permission.ManageKeys, new("shop", "events")),
                    }
                )
                    session.Notices.Add(NewNotice(database, NoticeAudience.Of(organization.Id, needs, within), title));
            }
        );
        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            (await TitlesAsync(database)).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Whoever_is_removed_sees_nothing_more_and_whoever_comes_later_nothing_of_before()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        await SetUpAsync(
            database,
            session =>
            {
                session.Notices.Add(NewNotice(database, NoticeAudience.Of(organization.Id, Permission.ViewOrganization), "theirs"));
                session.Notices.Add(
                    new Notice(
                        new(database.Clock.NewUuid()),
                        NoticeKind.Failed,
                        NoticeAudience.Of(organization.Id, Permission.ViewOrganization),
                        "before",
                        null,
                        "o/northwind",
                        database.Clock.Now().AddDays(-1)
                    )
                );
                session.Notices.Add(NewNotice(database, NoticeAudience.Of(Jo.AccountId!.Value), "own"));
                session.Notices.Add(NewNotice(database, NoticeAudience.Of(new AccountId(Guid.CreateVersion7())), "another's"));
                session.Notices.Add(NewNotice(database, NoticeAudience.OfCluster("local"), "its cluster"));
                session.Notices.Add(NewNotice(database, NoticeAudience.OfCluster("far"), "another cluster"));
            }
        );
        await TenantAsync(database, organization);
        Assert.Equal(["its cluster", "own", "theirs"], (await TitlesAsync(database)).Order(StringComparer.Ordinal));
        using var news = database.Changes.Listen([Change.NoticesOf(Jo.AccountId!.Value)]);
        await database.Database.UpdateAsync(
            null,
            async session =>
            {
                session.Organizations.Remove((await session.Organizations.FindMembershipAsync(organization.Id, Jo.AccountId!.Value, Now))!);
                return true;
            },
            Now
        );
        Assert.True(await news.WaitAsync(TimeSpan.FromSeconds(20), Now));
        Assert.Equal(["own"], await TitlesAsync(database));
    }

    [Fact]
    public async Task What_is_read_stays_read_and_all_of_it_at_once_too()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var audience = NoticeAudience.Of(organization.Id, Permission.ViewOrganization);
        await SetUpAsync(
            database,
            session =>
            {
                foreach (var title in new[] { "one", "two", "three" })
                    session.Notices.Add(NewNotice(database, audience, title));
            }
        );
        var guard = new AccessGuard(database.Database, database.Audit, database.Clock);
        var (list, count, mark) = (
            new ListNotices(guard, database.Database),
            new CountUnreadNotices(guard, database.Database),
            new MarkNoticesRead(guard, database.Database, database.Clock)
        );
        Assert.Equal(3, (await count.RunAsync(Jo, Now)).Value);
        var first = (await list.RunAsync(Jo, null, false, new(2), Now)).Value;
        Assert.Equal(2, first.Items.Count);
        Assert.NotNull(first.Next);
        var two = first.Items[1].Notice;
        Assert.True((await mark.RunAsync(Jo, two.Id, Now)).IsOk);
        Assert.True((await mark.RunAsync(Jo, two.Id, Now)).IsOk);
        Assert.Equal("notification-not-found", (await mark.RunAsync(Jo, new(Guid.CreateVersion7()), Now)).Problem?.Code);
        Assert.Equal(2, (await list.RunAsync(Jo, NoticeWords.Code(NoticeKind.Failed), true, new(), Now)).Value.Items.Count);
        Assert.Empty((await list.RunAsync(Jo, NoticeWords.Code(NoticeKind.Budget), false, new(), Now)).Value.Items);
        Assert.Equal(
            [two.Id],
            (await list.RunAsync(Jo, null, false, new(), Now)).Value.Items.Where(seen => seen.IsRead).Select(seen => seen.Notice.Id)
        );
        Assert.True((await mark.RunAsync(Jo, null, Now)).IsOk);
        Assert.Equal(0, (await count.RunAsync(Jo, Now)).Value);
        Assert.All(
            (await list.RunAsync(Jo, null, false, new(), Now)).Value.Items,
            seen => Assert.True(seen is { IsRead: true, Organization.Slug: "northwind" })
        );
        // Another member has read nothing of it.
        var max = Jo with
        {
            AccountId = new AccountId(Guid.CreateVersion7()),
            Name = "max@example.com",
        };
        await SetUpAsync(
            database,
            session =>
                session.Organizations.Add(
                    new Membership(organization.Id, max.AccountId!.Value, Role.Viewer, database.Clock.Now().AddDays(-1))
                )
        );
        Assert.Equal(3, (await count.RunAsync(max, Now)).Value);
    }

    [Fact]
    public async Task Old_ones_go_and_of_one_organization_those_that_are_too_many()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var now = database.Clock.Now();
        await SetUpAsync(
            database,
            session =>
            {
                for (var day = 0; day < 10; day++)
                    session.Notices.Add(
                        new Notice(
                            new(database.Clock.NewUuid()),
                            NoticeKind.Failed,
                            NoticeAudience.Of(organization.Id, Permission.ViewOrganization),
                            $"{day}",
                            null,
                            "o/northwind",
                            now.AddDays(1 - day)
                        )
                    );
            }
        );
        Assert.Equal(3, await database.Database.UpdateAsync(null, session => session.Notices.CutAsync(now.AddDays(-5), 100, Now), Now));
        Assert.Equal(4, await database.Database.UpdateAsync(null, session => session.Notices.CutAsync(now.AddDays(-5), 3, Now), Now));
        Assert.Equal(0, await database.Database.UpdateAsync(null, session => session.Notices.CutAsync(now.AddDays(-5), 3, Now), Now));
    }

    [Fact]
    public async Task What_an_account_wants_by_email_is_kept()
    {
        await using var database = await NewAsync();
        var guard = new AccessGuard(database.Database, database.Audit, database.Clock);
        var (get, set) = (new GetNoticeSettings(guard, database.Database), new SetNoticeSettings(guard, database.Database));
        Assert.All(NoticeSettings.WithEmail, kind => Assert.True(new NoticeSettings(Jo.AccountId!.Value).ByEmail(kind)));
        Assert.Equal("kind-without-email", (await set.RunAsync(Jo, ["failed"], Now)).Problem?.Code);
        Assert.Equal("by-email-missing", (await set.RunAsync(Jo, null, Now)).Problem?.Code);
        Assert.True((await set.RunAsync(Jo, ["budget"], Now)).IsOk);
        var kept = (await get.RunAsync(Jo, Now)).Value;
        Assert.Equal((false, true, false), (kept.InvoiceByEmail, kept.BudgetByEmail, kept.KeyEndingByEmail));
        Assert.Equal("account.notifications", (await database.Audit.ListAsync(null, new(), new(1), Now)).Items[0].Operation);
    }

    [Fact]
    public async Task A_member_gets_no_emails_of_kinds_that_are_off_here_and_a_new_membership_begins_anew()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var jo = Jo.AccountId!.Value;
        var people = new MemoryPeople { [jo] = new(jo, "jo@example.com", true, false, database.Clock.Now()) };
        var guard = new AccessGuard(database.Database, database.Audit, database.Clock);
        var (list, set) = (new ListMemberNotices(guard, database.Database, people), new SetMemberNotices(guard, database.Database, people));
        var before = Assert.Single((await list.RunAsync(Jo, organization.Slug, new(), Now)).Value.Items);
        Assert.Equal("jo@example.com", before.Email);
        Assert.All(before.Kinds, notice => Assert.True(notice is { IsOn: true, IsWanted: true }));
        Assert.Equal("kind-without-email", (await set.RunAsync(Jo, organization.Slug, jo, ["failed"], Now)).Problem?.Code);
        Assert.Equal("by-email-missing", (await set.RunAsync(Jo, organization.Slug, jo, null, Now)).Problem?.Code);

        Assert.True((await set.RunAsync(Jo, organization.Slug, jo, ["invoice"], Now)).IsOk);
        Assert.True((await set.RunAsync(Jo, organization.Slug, jo, ["invoice"], Now)).IsOk);
        Assert.Equal(
            [NoticeKind.Invoice],
            Assert
                .Single((await list.RunAsync(Jo, organization.Slug, new(), Now)).Value.Items)
                .Kinds.Where(notice => notice.IsOn)
                .Select(notice => notice.Kind)
        );
        Assert.Empty(await BillReaders.OfAsync(database.Database, people, organization.Id, NoticeKind.Budget, Now));
        Assert.Single(await BillReaders.OfAsync(database.Database, people, organization.Id, NoticeKind.Invoice, Now));
        // What limits the organization is told to all of them, whatever is off.
        Assert.Single(await BillReaders.OfAsync(database.Database, people, organization.Id, null, Now));
        Assert.Equal("member.notifications", (await database.Audit.ListAsync(organization.Id, new(), new(1), Now)).Items[0].Operation);

        await database.Database.UpdateAsync(
            null,
            async session =>
            {
                session.Organizations.Remove((await session.Organizations.FindMembershipAsync(organization.Id, jo, Now))!);
                return true;
            },
            Now
        );
        await SetUpAsync(
            database,
            session => session.Organizations.Add(new Membership(organization.Id, jo, Role.Owner, database.Clock.Now()))
        );
        Assert.All(
            Assert.Single((await list.RunAsync(Jo, organization.Slug, new(), Now)).Value.Items).Kinds,
            notice => Assert.True(notice.IsOn)
        );
    }

    [Fact]
    public async Task Work_that_fails_or_is_through_is_told_with_the_page_to_look_at()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var ends = new NoticesOfWork(database.Clock);
        foreach (
            var (kind, subject, result) in new (string, string, StepResult?)[]
            {
                ("topic.create", "shop/default/orders", null),
                ("keys.grant", "keys of shop/default", null),
                ("migration.copy", "orders, partition 3", null),
                ("email.send", "email", null),
                ("migration.inventory", "From Kafka", StepResult.Finished),
                ("topic.create", "shop/default/fine", StepResult.Finished),
            }
        )
        {
            var work = new WorkItem(
                new(database.Clock.NewUuid()),
                kind,
                "{}",
                new("lane", "line", organization.Id, subject, WorkPriority.Waiting),
                database.Clock.Now(),
                null
            );
            if (result is StepResult.Done done)
                work.Finish(done, database.Clock.Now());
            else
                work.End(WorkState.Refused, new Problem.Conflict("no", "The cluster says no."), database.Clock.Now());
            await database.Database.UpdateAsync(
                null,
                async session =>
                {
                    await ends.EndedAsync(session, work, Now);
                    return true;
                },
                Now
            );
        }
        var guard = new AccessGuard(database.Database, database.Audit, database.Clock);
        var told = (await new ListNotices(guard, database.Database).RunAsync(Jo, null, false, new(), Now))
            .Value.Items.Select(seen => seen.Notice)
            .OrderBy(notice => notice.Id.Value)
            .ToList();
        Assert.Equal(
            [
                "Topic shop/default/orders couldn't be created o/northwind/tenants/shop/default/orders",
                "The keys of shop/default couldn't get their access o/northwind/tenants/shop?tab=connect",
                "Copying orders, partition 3 stopped o/northwind/migrations",
                "The inventory of migration From Kafka is complete o/northwind/migrations",
            ],
            told.Select(notice => $"{notice.Title} {notice.Path}")
        );
        Assert.Equal(("shop", "default", "The cluster says no."), (told[0].Tenant, told[0].Namespace, told[0].Detail));
    }

    private static Notice NewNotice(TestDatabase database, NoticeAudience audience, string title) =>
        new(new(database.Clock.NewUuid()), NoticeKind.Failed, audience, title, null, "o/northwind", database.Clock.Now());

    private static async Task<IReadOnlyList<string>> TitlesAsync(TestDatabase database)
    {
        var guard = new AccessGuard(database.Database, database.Audit, database.Clock);
        return
        [
            .. (await new ListNotices(guard, database.Database).RunAsync(Jo, null, false, new(), Now)).Value.Items.Select(seen =>
                seen.Notice.Title
            ),
        ];
    }
}
