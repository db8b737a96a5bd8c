using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

/// <summary>A month's reconciliation: what adds up, what does not, and how it is settled.</summary>
public sealed class BooksTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    private GetBooks Get => new(_world.Guard, _world.Database, _world.Ledger, _world.Clock);

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_paid_month_is_balanced_from_usage_to_payment()
    {
        await _world.OrganizationAsync("free", BillingWorld.Owner);
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var books = await BooksAsync();
        Assert.Equal((BillingWorld.Month, 2, 0), (books.Month, books.Organizations, books.NotClosed));
        var paying = books.Rows.Items.Single(row => row.Organization.Slug == "northwind");
        Assert.Equal((1600, 0, 1600, 1600, 1600, 0, 0), Amounts(paying));
        Assert.All(books.Rows.Items, row => Assert.True(row.IsBalanced));
    }

    [Fact]
    public async Task An_organization_that_can_not_be_rated_says_so_and_keeps_no_other_away()
    {
        await _world.OrganizationAsync("free", BillingWorld.Owner);
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        _world.Ledger.Odd = _world.Northwind;
        var books = await BooksAsync();
        Assert.Equal(
            [("free", true), ("northwind", false)],
            books.Rows.Items.Select(row => (row.Organization.Slug, row.IsBalanced)).Order()
        );
        Assert.Contains(
            "couldn't be worked out",
            books.Rows.Items.Single(row => !row.IsBalanced).Differences.Single().Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_balance_that_is_not_paid_and_what_was_carried_over_are_told_apart()
    {
        // 0.33 are too small to charge.
        _world.Use(Meter.Read, BillingWorld.November.AddDays(2), 1);
        await _world.CloseAsync(early: true);
        Assert.Equal((33, -33, 0, 0, 0, 0, 0), Amounts(Assert.Single((await BooksAsync()).Rows.Items)));

        _world.Gateway.Declines = true;
        _world.Use(Meter.Read, _world.Clock.GetUtcNow(), 9);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var row = Assert.Single((await BooksAsync()).Rows.Items);
        Assert.Equal((333, 0, 333, 333, 0, 333, 0), Amounts(row));
        Assert.True(row.IsBalanced);
    }

    [Fact]
    public async Task A_draft_that_differs_at_Stripe_is_named_and_settled_by_comparing_again()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Gateway.Alter = invoice => invoice with { TotalMinor = invoice.TotalMinor + 1 };
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var row = Assert.Single((await BooksAsync()).Rows.Items);
        Assert.Equal((1600, 0, 1600, 0, 0, 1600, 0), Amounts(row));
        var difference = Assert.Single(row.Differences);
        Assert.Equal(("northwind-2026-11-1", true), (difference.Invoice, difference.MayCompare));
        Assert.Contains("Nothing was charged", difference.Cause, StringComparison.Ordinal);

        _world.Gateway.Alter = invoice => invoice;
        var compare = new CompareInvoiceAgain(_world.Guard, _world.Database, _world.Clock);
        Assert.Equal("operator-only", (await compare.RunAsync(BillingWorld.Owner, difference.Invoice!, default)).Problem?.Code);
        Assert.Equal("invoice-not-found", (await compare.RunAsync(BillingWorld.Operator, "northwind-2026-11-9", default)).Problem?.Code);
        Assert.True((await compare.RunAsync(BillingWorld.Operator, difference.Invoice!, default)).IsOk);
        await _world.RunAsync();
        Assert.Equal((1600, 0, 1600, 1600, 1600, 0, 0), Amounts(Assert.Single((await BooksAsync()).Rows.Items)));
    }

    [Fact]
    public async Task Usage_that_changed_after_its_period_closed_is_a_difference_with_both_amounts()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 8);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        _world.Use(Meter.Write, BillingWorld.November.AddDays(3), 1);
        var row = Assert.Single((await BooksAsync()).Rows.Items);
        Assert.Contains("now rates at $9.00, and its invoice has $8.00", Assert.Single(row.Differences).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_pages_and_only_an_operator_reads_it()
    {
        await _world.OrganizationAsync("another", BillingWorld.Owner);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var first = (await Get.RunAsync(BillingWorld.Operator, null, new PageRequest(1), default)).Value;
        var second = (await Get.RunAsync(BillingWorld.Operator, BillingWorld.Month, new PageRequest(1, first.Rows.Next), default)).Value;
        Assert.Equal(["another", "northwind"], first.Rows.Items.Concat(second.Rows.Items).Select(row => row.Organization.Slug));
        Assert.Null(second.Rows.Next);
        Assert.Equal("operator-only", (await Get.RunAsync(BillingWorld.Owner, null, new PageRequest(), default)).Problem?.Code);
    }

    private async Task<Books> BooksAsync() => (await Get.RunAsync(BillingWorld.Operator, null, new PageRequest(), default)).Value;

    private static (long, long, long, long, long, long, long) Amounts(BooksRow row) =>
        (
            row.Rated.Minor,
            row.Carried.Minor,
            row.Invoiced.Minor,
            row.AtStripe.Minor,
            row.Paid.Minor,
            row.Balance.Minor,
            row.WrittenOff.Minor
        );
}
