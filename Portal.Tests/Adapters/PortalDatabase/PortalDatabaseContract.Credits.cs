using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>Overdue invoices, credits, and promotion codes.</summary>
public abstract partial class PortalDatabaseContract
{
    [Fact]
    public async Task Whoever_owes_or_is_limited_or_decided_about_is_looked_at_and_nobody_else()
    {
        await using var database = await NewAsync();
        var now = database.Clock.Now();
        var names = new[] { "decided", "due-later", "limited", "overdue", "paid" };
        foreach (var name in names)
        {
            var organization = await OrganizationAsync(database, name);
            await database.Database.UpdateAsync(
                null,
                async session =>
                {
                    if (name == "decided")
                        session.Dunning.Add(new DunningCase(organization.Id));
                    if (name == "limited")
                        (await session.Organizations.FindAsync(organization.Id, Now))!.FallInto(Arrears.Restricted);
                    if (name is "due-later" or "overdue" or "paid")
                        session.Invoices.Add(Issued(database, organization, name, now));
                    return true;
                },
                Now
            );
        }
        var seen = new List<string>();
        for (string? after = null; ; )
        {
            var page = await database.Database.ReadAsync(session => session.Dunning.ListAsync(now, new(2, after), Now), Now);
            seen.AddRange(page.Items.Select(one => one.Slug));
            if ((after = page.Next) is null)
                break;
        }
        Assert.Equal(["decided", "limited", "overdue"], seen);
        var walked = new List<OrganizationId>();
        for (OrganizationId? after = null; ; )
        {
            var from = after;
            var some = await database.Database.ReadAsync(session => session.Dunning.ConcernedAsync(now, from, 2, Now), Now);
            if (some.Count == 0)
                break;
            walked.AddRange(some);
            after = some[^1];
        }
        Assert.Equal(3, walked.Distinct().Count());
    }

    [Fact]
    public async Task Open_credits_come_by_their_end_and_an_invoice_with_what_they_took_off()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var now = database.Clock.Now();
        await WriteAsync(
            database,
            organization,
            "credit.grant",
            session =>
            {
                var used = Give(session, "used", null);
                Give(session, "never", null);
                Give(session, "late", now.AddDays(9));
                Give(session, "soon", now.AddDays(2));
                var month = Month.Of(now).Previous;
                var invoice = new Invoice(
                    new InvoiceId(database.Clock.NewUuid()),
                    organization.Id,
                    "northwind-1",
                    month,
                    month.Start,
                    month.End,
                    Currency.Usd,
                    PayBy.Card,
                    [],
                    900,
                    now,
                    [
                        new InvoiceAdjustment(database.Clock.NewUuid(), AdjustmentKind.Discount, -100, "Promotion code A: 10% off"),
                        new InvoiceAdjustment(database.Clock.NewUuid(), AdjustmentKind.Credit, -500, "used", used.Id),
                    ]
                );
                session.Invoices.Add(invoice);
                session.Credits.Add(used.Take(CreditMove.Use, 500, invoice, "close", database.Clock));
            }
        );
        var (open, entries, stored) = await database.Database.ReadAsync(
            async session =>
                (
                    await session.Credits.OpenAsync(organization.Id, Now),
                    await session.Credits.EntriesAsync(organization.Id, new(), Now),
                    await session.Invoices.FindAsync("northwind-1", Now)
                ),
            Now
        );
        Assert.Equal(["soon", "late", "never"], open.Select(credit => credit.Reason));
        Assert.Equal((5, 1500L), (entries.Items.Count, entries.Items.Sum(entry => entry.AmountMinor)));
        Assert.Equal("northwind-1", Assert.Single(entries.Items, entry => entry.Move == CreditMove.Use).InvoiceNumber);
        Assert.Equal([-100L, -500L], stored!.Adjustments.Select(one => one.AmountMinor));
        Assert.Equal(300, stored.TotalMinor);

        Credit Give(IPortalSession session, string reason, DateTimeOffset? end)
        {
            var (credit, entry) = Credit.Grant(
                organization.Id,
                new Money(500, Currency.Usd),
                CreditKind.Promised,
                reason,
                end,
                "operator",
                database.Clock
            );
            session.Credits.Add(credit);
            session.Credits.Add(entry);
            return credit;
        }
    }

    [Fact]
    public async Task Of_organizations_that_redeem_the_last_of_a_code_at_once_one_has_it()
    {
        await using var database = await NewAsync();
        var promotion = new PromotionCode(
            new(database.Clock.NewUuid()),
            "LAST",
            new(20, null, 2),
            3,
            null,
            "operator",
            database.Clock.Now()
        );
        var organizations = new List<Organization>();
        for (var index = 0; index < 8; index++)
            organizations.Add(await OrganizationAsync(database, $"north-{index}"));
        await WriteAsync(database, organizations[0], "promotion.create", session => session.Promotions.Add(promotion));
        var taken = await Task.WhenAll(
            organizations.Select(organization =>
                database.Database.WriteAsync<bool>(
                    Jo,
                    organization.Id,
                    Operation("promotion.redeem"),
                    async session =>
                    {
                        if (!await session.Promotions.TakeAsync(promotion.Id, Now))
                            return false;
                        session.Promotions.Add(new PromotionRedemption(promotion, organization.Id, null, "jo", database.Clock.Now()));
                        return true;
                    },
                    Now
                )
            )
        );
        Assert.Equal(3, taken.Count(one => one.Value));
        var month = Month.Of(database.Clock.Now());
        var winner = organizations[taken.Index().First(one => one.Item.Value).Index];
        var (stored, present, after) = await database.Database.ReadAsync(
            async session =>
                (
                    await session.Promotions.FindAsync("LAST", Now),
                    await session.Promotions.ShareAsync(winner.Id, month.Next, Now),
                    await session.Promotions.ShareAsync(winner.Id, month.Next.Next, Now)
                ),
            Now
        );
        Assert.Equal((3, true, "LAST", null), (stored!.Redemptions, stored.IsUsedUp, present?.Code, after));
    }

    private static Invoice Issued(TestDatabase database, Organization organization, string name, DateTimeOffset now)
    {
        var month = Month.Of(now).Previous;
        var invoice = new Invoice(
            new InvoiceId(database.Clock.NewUuid()),
            organization.Id,
            $"{name}-1",
            month,
            month.Start,
            month.End,
            Currency.Usd,
            PayBy.Invoice,
            [],
            1600,
            now
        );
        invoice.Finalized(now.AddDays(-10), null, null, name == "due-later" ? 30 : 5);
        invoice.Observe(name == "paid" ? InvoiceStatus.Paid : InvoiceStatus.Open, 0, null, now);
        return invoice;
    }
}
