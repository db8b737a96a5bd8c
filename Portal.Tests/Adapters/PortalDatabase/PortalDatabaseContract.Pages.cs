using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    [Fact]
    public async Task Paging_through_250_topics_repeats_and_skips_nothing()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var @namespace = await NamespaceAsync(database, organization);
        var names = Enumerable
            .Range(0, 250)
            .Select(i => $"{(i % 3 == 0 ? "Zebra" : i % 3 == 1 ? "ähre" : "apple")}-{i}")
            .ToList();
        await WriteAsync(
            database,
            organization,
            "topics",
            session => names.ForEach(name => session.Topics.Add(NewTopic(database, @namespace, name)))
        );

        var seen = new List<string>();
        for (string? after = null; ; )
        {
            var page = await database.Database.ReadAsync(session => session.Topics.ListAsync(@namespace.Id, new(40, after), Now), Now);
            seen.AddRange(page.Items.Select(topic => topic.Name));
            if ((after = page.Next) is null)
                break;
        }
        Assert.Equal(names.Order(StringComparer.Ordinal), seen);

        var found = await database.Database.ReadAsync(
            session => session.Topics.ListAsync(@namespace.Id, new(100, null, "ZEBRA-1"), Now),
            Now
        );
        Assert.Equal(
            names.Where(name => name.StartsWith("Zebra-1", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            found.Items.Select(topic => topic.Name)
        );
        // Beyond ASCII too, in one character or in two.
        foreach (var search in (string[])["ÄHRE-1", "Ähre-1", "A\u0308hre-1"])
        {
            found = await database.Database.ReadAsync(session => session.Topics.ListAsync(@namespace.Id, new(100, null, search), Now), Now);
            Assert.Equal(
                names.Where(name => name.StartsWith("ähre-1", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                found.Items.Select(topic => topic.Name)
            );
        }
    }

    [Fact]
    public async Task Ties_of_the_sort_key_are_paged_by_id()
    {
        await using var database = await NewAsync();
        await database.Database.UpdateAsync(
            null,
            session =>
            {
                for (var i = 0; i < 250; i++)
                    session.Work.Add(database.Clock, new CutWorkWork(), new("upkeep", $"{i}", null, $"{i}", WorkPriority.Background));
                return Task.FromResult(true);
            },
            Now
        );

        var seen = new List<WorkItem>();
        for (string? after = null; ; )
        {
            var page = await database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(33, after), Now), Now);
            seen.AddRange(page.Items);
            if ((after = page.Next) is null)
                break;
        }
        Assert.Equal(250, seen.DistinctBy(job => job.Id).Count());
        Assert.Equal(250, seen.Count);
        Assert.Equal(seen.Select(job => job.Sequence).OrderDescending(), seen.Select(job => job.Sequence));
    }

    [Theory]
    [InlineData("nonsense!")]
    [InlineData("bm9uc2Vuc2U")]
    [InlineData("W10")]
    public async Task A_cursor_of_no_page_is_refused_as_such(string cursor)
    {
        await using var database = await NewAsync();
        var exception = await Assert.ThrowsAsync<CursorUnknownException>(() =>
            database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(10, cursor), Now), Now)
        );
        Assert.Equal("cursor-unknown", exception.Problem.Code);
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_refused()
    {
        await using var database = await NewAsync();
        await OrganizationAsync(database, "north");
        await OrganizationAsync(database, "south");
        var page = await database.Database.ReadAsync(session => session.Organizations.ListAsync(new(1), Now), Now);
        Assert.NotNull(page.Next);
        await Assert.ThrowsAsync<CursorUnknownException>(() =>
            database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(10, page.Next), Now), Now)
        );
    }

    [Fact]
    public async Task An_invoice_comes_back_with_its_lines_in_order_and_exact_quantities()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var month = new Month(2026, 11);
        Invoice Make(string number, Meter[] meters) =>
            new(
                new(database.Clock.NewUuid()),
                organization.Id,
                number,
                month,
                month.Start,
                month.End,
                Currency.Usd,
                PayBy.Card,
                meters.Select(meter => new InvoiceLine(
                    Guid.CreateVersion7(),
                    meter,
                    new(Guid.NewGuid()),
                    month.Start,
                    month.End,
                    987654321098765.123456m,
                    0.123456789012345678m,
                    1234,
                    "x"
                )),
                carriedInMinor: 12,
                database.Clock.Now()
            );
        var invoice = Make("northwind-2026-11-1", [Meter.Write, Meter.Connectors, Meter.Read]);
        await WriteAsync(
            database,
            organization,
            "close",
            session =>
            {
                session.Invoices.Add(invoice);
                session.Invoices.Add(new ClosedPeriod(organization.Id, month, month.Start, month.End, invoice.Id, database.Clock.Now()));
            }
        );

        var found = await database.Database.ReadAsync(session => session.Invoices.FindAsync(organization.Id, invoice.Number, Now), Now);
        Assert.Equal([Meter.Write, Meter.Connectors, Meter.Read], found!.Lines.Select(line => line.Meter));
        Assert.All(found.Lines, line => Assert.Equal((987654321098765.123456m, 0.123456789012345678m), (line.Quantity, line.ExactAmount)));
        Assert.Equal((3 * 1234 + 12, month.End), (found.TotalMinor, found.To));
        Assert.Equal(month.End, await database.Database.ReadAsync(session => session.Invoices.CoveredToAsync(Now), Now));
        Assert.Equal(
            [invoice.Number],
            (await database.Database.ReadAsync(session => session.Invoices.UnsettledAsync(new(10), Now), Now)).Items.Select(one =>
                one.Number
            )
        );
        Assert.Empty(await database.Database.ReadAsync(session => session.Invoices.NotClosedUpToAsync(month.End, null, 10, Now), Now));

        // Neither the number nor the period twice.
        await Assert.ThrowsAnyAsync<Microsoft.EntityFrameworkCore.DbUpdateException>(() =>
            WriteAsync(database, organization, "close", session => session.Invoices.Add(Make(invoice.Number, [])))
        );
        await Assert.ThrowsAnyAsync<Microsoft.EntityFrameworkCore.DbUpdateException>(() =>
            WriteAsync(
                database,
                organization,
                "close",
                session =>
                    session.Invoices.Add(new ClosedPeriod(organization.Id, month, month.Start, month.End, null, database.Clock.Now()))
            )
        );
    }

    [Fact]
    public async Task Instants_sort_and_compare_in_sql_to_the_microsecond()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var noon = new DateTimeOffset(2026, 11, 3, 12, 0, 0, TimeSpan.Zero);
        await WriteAsync(
            database,
            organization,
            "plan",
            session =>
            {
                session.Organizations.Add(new PlanPeriod(organization.Id, PlanCode.Free, noon.AddHours(-9)));
                session.Organizations.Add(new PlanPeriod(organization.Id, PlanCode.Payg, noon));
                session.Organizations.Add(
                    new PlanPeriod(organization.Id, PlanCode.Dedicated, noon.ToOffset(TimeSpan.FromHours(5)).AddMicroseconds(1))
                );
            }
        );
        async Task<IEnumerable<PlanCode>> PlansAsync(DateTimeOffset from, DateTimeOffset to) =>
            (await database.Database.ReadAsync(session => session.Organizations.PlansAsync(organization.Id, from, to, Now), Now)).Select(
                period => period.Plan
            );

        Assert.Equal([PlanCode.Free, PlanCode.Payg, PlanCode.Dedicated], await PlansAsync(noon.AddMicroseconds(-1), noon.AddHours(1)));
        Assert.Equal([PlanCode.Payg], await PlansAsync(noon, noon.AddMicroseconds(1)));
        Assert.Equal([PlanCode.Dedicated], await PlansAsync(noon.AddMicroseconds(1), noon.AddHours(1)));
        Assert.Empty(await PlansAsync(noon.AddHours(-20), noon.AddHours(-9)));
    }

    [Fact]
    public async Task An_accounts_organizations_come_with_its_role()
    {
        await using var database = await NewAsync();
        _ = (await OrganizationAsync(database, "north", Role.Developer), await OrganizationAsync(database, "south", null));
        var page = await database.Database.ReadAsync(
            session => session.Organizations.ListOfAccountAsync(Jo.AccountId!.Value, new(), Now),
            Now
        );
        Assert.Equal([("north", Role.Developer)], page.Items.Select(item => (item.Organization.Slug, item.Membership.Role)));
    }
}
