using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

/// <summary>What a price list would change, told before it is published; and lists that are taken back in time.</summary>
public sealed class PricePreviewTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    private PreviewPriceBook Preview => new(_world.Guard, _world.Database, _world.Ledger, _world.Clock);
    private PublishPriceBook Publish => new(_world.Guard, _world.Database, _world.Clock);
    private WithdrawPriceBook Withdraw => new(_world.Guard, _world.Database, _world.Clock);

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Changed_prices_have_their_per_cent_and_what_is_left_out_is_named()
    {
        var preview = (
            await Preview.RunAsync(
                BillingWorld.Operator,
                Book(
                    "next",
                    "2027-01-01",
                    """{"write": {"per": "MiB", "model": "graduated", "tiers": [{"upTo": 10, "unitPrice": "1.10"}, {"unitPrice": "3.6"}]}, "partitions": {"per": "hour", "model": "perUnit", "unitPrice": "1"}}"""
                ),
                default
            )
        ).Value;
        Assert.Equal(("dear", false), (preview.Replaces?.Version, preview.StartsAtOnce));
        Assert.Equal(
            [(Meter.Write, 10m, 20m), (Meter.Read, null, null), (Meter.Partitions, (decimal?)null, (decimal?)null)],
            preview.Moves.Select(move => (move.Meter, move.Least, move.Most))
        );
        Assert.Equal([Meter.Read], preview.BecomeFree);
        Assert.Equal([Meter.Read, Meter.Storage, Meter.Connectors], preview.NotPriced);
        Assert.Null(preview.Moves[1].After);
        Assert.Equal((1, null), (preview.Affected, preview.ReRating));
    }

    [Fact]
    public async Task The_same_prices_in_another_unit_are_no_change_in_per_cent_and_equal_ones_are_no_move()
    {
        var same = (
            await Preview.RunAsync(
                BillingWorld.Operator,
                BillingWorld.DearBook.Replace("\"dear\"", "\"again\"", StringComparison.Ordinal),
                default
            )
        ).Value;
        Assert.Empty(same.Moves);
        var perKibi = (
            await Preview.RunAsync(
                BillingWorld.Operator,
                Book("kib", "2027-01-01", """{"read": {"per": "KiB", "model": "perUnit", "unitPrice": "0.333"}}"""),
                default
            )
        ).Value;
        Assert.Equal((Meter.Read, 102_300m), (perKibi.Moves[1].Meter, perKibi.Moves[1].Most));
    }

    [Fact]
    public async Task The_last_closed_month_is_rated_again_by_the_rater_of_invoices()
    {
        var small = await CustomerAsync("small");
        await CustomerAsync("silent");
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Use(small, Meter.Read, BillingWorld.November.AddDays(2), 100);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var invoiced = (await _world.InvoicesAsync()).Concat(await _world.InvoicesAsync(small)).Sum(invoice => invoice.TotalMinor);
        Assert.Equal(1600 + 3330, invoiced);

        // Writing costs a flat 2.00 per MiB, reading 0.30.
        var preview = (
            await Preview.RunAsync(
                BillingWorld.Operator,
                Book(
                    "next",
                    "2027-01-01",
                    """{"write": {"per": "MiB", "model": "perUnit", "unitPrice": "2"}, "read": {"per": "MiB", "model": "perUnit", "unitPrice": "0.3"}}"""
                ),
                default
            )
        ).Value;
        var again = preview.ReRating!;
        Assert.Equal(
            (BillingWorld.Month, 3, 3, 1, 1, 1),
            (again.Month, again.Looked, again.Organizations, again.PayMore, again.PayLess, again.PaySame)
        );
        Assert.Equal((new Money(invoiced, Currency.Usd), new Money(2400 + 3000, Currency.Usd)), (again.Before, again.After));
        Assert.Equal(("northwind", new Money(800, Currency.Usd)), (again.MostRaised?.Organization.Slug, again.MostRaised?.By));
        Assert.Equal((0, 0, 0), (again.TaxBefore.Minor, again.TaxAfter.Minor, again.TaxedAtStripe));

        _world.Ledger.Odd = small;
        var without = (
            await Preview.RunAsync(
                BillingWorld.Operator,
                Book("next", "2027-01-01", """{"write": {"per": "MiB", "model": "perUnit", "unitPrice": "2"}}"""),
                default
            )
        )
            .Value
            .ReRating!;
        Assert.Equal((2, 3, 1, 0, 1), (without.Looked, without.Organizations, without.PayMore, without.PayLess, without.PaySame));
    }

    [Fact]
    public async Task Taxes_come_on_top_of_both_sides_at_each_customers_own_rate()
    {
        var small = await CustomerAsync("small");
        // One pays 19 % on top, the other is where none is collected.
        var tax = new TaxWish("rates", "DE", "untaxed", BillingWorld.November, [new("DE", null, "VAT", 19, false)]);
        Assert.Null(
            (
                await new PublishTaxSettings(_world.Guard, _world.Database, _world.Clock).RunAsync(BillingWorld.Operator, tax, default)
            ).Problem
        );
        Assert.Null(
            (
                await new SetBillingAddress(_world.Guard, _world.Database, _world.Clock).RunAsync(
                    BillingWorld.Owner,
                    "northwind",
                    "Hauptstr. 1",
                    null,
                    "Berlin",
                    "10115",
                    null,
                    "DE",
                    default
                )
            ).Problem
        );
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Use(small, Meter.Read, BillingWorld.November.AddDays(2), 100);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var again = (
            await Preview.RunAsync(
                BillingWorld.Operator,
                Book(
                    "next",
                    "2027-01-01",
                    """{"write": {"per": "MiB", "model": "perUnit", "unitPrice": "2"}, "read": {"per": "MiB", "model": "perUnit", "unitPrice": "0.3"}}"""
                ),
                default
            )
        )
            .Value
            .ReRating!;
        Assert.Equal(
            (1600L + 3330, 2400L + 3000, 304L, 456L),
            (again.Before.Minor, again.After.Minor, again.TaxBefore.Minor, again.TaxAfter.Minor)
        );
    }

    [Fact]
    public async Task In_another_currency_nothing_is_compared_with_what_was_billed()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var preview = (
            await Preview.RunAsync(
                BillingWorld.Operator,
                BillingWorld
                    .DearBook.Replace("usd", "eur", StringComparison.Ordinal)
                    .Replace("\"dear\"", "\"euro\"", StringComparison.Ordinal)
                    .Replace("2026-01-01", "2027-01-01", StringComparison.Ordinal),
                default
            )
        ).Value;
        Assert.Equal((1, 0L, 0L), (preview.ReRating!.InAnotherCurrency, preview.ReRating.Before.Minor, preview.ReRating.After.Minor));
        Assert.All(preview.Moves, move => Assert.Null(move.Most));
    }

    [Fact]
    public async Task A_preview_refuses_what_publishing_would_refuse()
    {
        Assert.Equal("price-book-exists", (await Preview.RunAsync(BillingWorld.Operator, BillingWorld.DearBook, default)).Problem?.Code);
        Assert.Equal("price-book-malformed", (await Preview.RunAsync(BillingWorld.Operator, "{", default)).Problem?.Code);
        Assert.Equal("operator-only", (await Preview.RunAsync(BillingWorld.Owner, BillingWorld.DearBook, default)).Problem?.Code);
    }

    [Fact]
    public async Task Meters_become_free_only_with_consent()
    {
        var lacking = Book("lacking", "2027-01-01", """{"write": {"per": "MiB", "model": "perUnit", "unitPrice": "2"}}""");
        var refused = Assert.IsType<Problem.Conflict>((await Publish.RunAsync(BillingWorld.Operator, lacking, false, default)).Problem);
        Assert.Equal("price-book-frees-meters", refused.Code);
        Assert.Contains("no price for read, which 'dear' charges for", refused.Message, StringComparison.Ordinal);
        Assert.True((await Publish.RunAsync(BillingWorld.Operator, lacking, true, default)).IsOk);
    }

    [Fact]
    public async Task A_scheduled_list_is_withdrawn_and_its_version_is_free_again_but_one_that_began_stays()
    {
        var later = BillingWorld
            .DearBook.Replace("\"dear\"", "\"later\"", StringComparison.Ordinal)
            .Replace("2026-01-01", "2027-01-01", StringComparison.Ordinal);
        Assert.True((await Publish.RunAsync(BillingWorld.Operator, later, false, default)).IsOk);
        Assert.Equal("operator-only", (await Withdraw.RunAsync(BillingWorld.Owner, "later", default)).Problem?.Code);
        Assert.True((await Withdraw.RunAsync(BillingWorld.Operator, "later", default)).IsOk);
        Assert.Equal("price-book-not-found", (await Withdraw.RunAsync(BillingWorld.Operator, "later", default)).Problem?.Code);
        Assert.Single(
            (await new ListPriceBooks(_world.Guard, _world.Database, _world.Clock).RunAsync(BillingWorld.Operator, default)).Value
        );

        Assert.True((await Publish.RunAsync(BillingWorld.Operator, later, false, default)).IsOk);
        _world.Clock.SetUtcNow(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var began = (await Withdraw.RunAsync(BillingWorld.Operator, "later", default)).Problem;
        Assert.Equal("price-book-started", began?.Code);
        Assert.Contains("Publish a new list", began!.Message, StringComparison.Ordinal);
    }

    private static string Book(string version, string day, string meters) =>
        $$"""{"version": "{{version}}", "currency": "usd", "startsAt": "{{day}}T00:00:00Z", "meters": {{meters}}}""";

    private async Task<OrganizationId> CustomerAsync(string slug)
    {
        var id = await _world.OrganizationAsync(slug, BillingWorld.Owner);
        await _world.ChangeAsync(async session =>
        {
            (await session.Organizations.FindAsync(id, default))!.ChangePlan(PlanCode.Payg, PayBy.Card);
            session.Organizations.Add(new PlanPeriod(id, PlanCode.Payg, BillingWorld.November));
        });
        return id;
    }
}
