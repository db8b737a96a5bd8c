using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Adapters.StripeBilling;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Billing;

/// <summary>Months with taxes, from the operator's settings to invoice, credit note and reconciliation.</summary>
public sealed partial class TaxCloseTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_month_is_taxed_paid_credited_and_the_books_balance()
    {
        await PublishAsync("rates");
        await MoveAsync("DE");
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        var bill = (
            await new GetCurrentBill(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                BillingWorld.Owner,
                "northwind",
                default
            )
        ).Value;
        Assert.Equal((1600, 304, 1904, 0), (bill.Total.Minor, bill.Tax.Minor, bill.ToPay.Minor, bill.CarriedIn.Minor));
        _world.GoToMonthsEnd();
        var preview = (
            await new PreviewMonthClose(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                BillingWorld.Operator,
                BillingWorld.Month,
                default
            )
        ).Value;
        Assert.Equal(1904, Assert.Single(preview.Totals).Minor);
        await _world.CloseAsync(early: false);

        var invoice = await _world.InvoiceAsync();
        var tax = Assert.Single(invoice.Taxes);
        Assert.Equal(
            ("VAT Germany, 19%", 1600L, 304L, 1904L, InvoiceStatus.Paid, InvoiceTaxState.Taxed),
            (tax.Title, tax.BaseMinor, tax.AmountMinor, invoice.TotalMinor, invoice.Status, invoice.TaxState)
        );
        Assert.Equal((1904L, 304L), (Assert.Single(_world.Gateway.Invoices).TotalMinor, Assert.Single(_world.Gateway.Invoices).TaxMinor));
        Assert.Equal(tax.StripeRateId, Assert.Single(_world.Gateway.TaxRates).Key);
        Assert.Equal("DE", _world.Gateway.TaxDetails["cus_northwind"].Address!.Country);

        var row = await RowAsync();
        Assert.Equal(
            (1600, 304, 1904, 1904, 1904, true),
            (row.Rated.Minor, row.Tax.Minor, row.Invoiced.Minor, row.AtStripe.Minor, row.Paid.Minor, row.IsBalanced)
        );

        var create = new CreateCreditNote(_world.Guard, _world.Database, _world.Clock);
        var part = (
            await create.RunAsync(
                BillingWorld.Operator,
                invoice.Number,
                null,
                [new(invoice.Lines[0].Id, 100)],
                "refund",
                "Counted twice",
                default
            )
        ).Value;
        Assert.Equal(
            (119L, 19L, "Data in 100, Tax 19"),
            (part.AmountMinor, part.TaxMinor, string.Join(", ", part.Lines.Select(line => $"{line.Description} {line.AmountMinor}")))
        );
        await _world.RunAsync();
        var rest = (await create.RunAsync(BillingWorld.Operator, invoice.Number, null, null, "refund", "All of it", default)).Value;
        Assert.Equal((1785L, 285L), (rest.AmountMinor, rest.TaxMinor));
        await _world.RunAsync();
        row = await RowAsync();
        Assert.Equal((1904, 1904, true), (row.CreditNotes.Minor, row.Returned.Minor, row.IsBalanced));
    }

    [Fact]
    public async Task A_discount_lowers_the_tax_and_a_credit_pays_for_it()
    {
        await PublishAsync("rates");
        await MoveAsync("DE");
        await _world.ChangeAsync(session =>
        {
            var (credit, entry) = Credit.Grant(
                _world.Northwind,
                new Money(500, Currency.Usd),
                CreditKind.Promised,
                "Goodwill",
                null,
                "operator",
                _world.Clock
            );
            session.Credits.Add(credit);
            session.Credits.Add(entry);
            return Task.CompletedTask;
        });
        var code = (
            await new CreatePromotionCode(_world.Guard, _world.Database, _world.Clock).RunAsync(
                BillingWorld.Operator,
                new("HALF", 50, null, null, 3, null, null),
                default
            )
        ).Value;
        Assert.True(
            (
                await new RedeemPromotionCode(_world.Guard, _world.Database, new Tries(), _world.Clock).RunAsync(
                    BillingWorld.Owner,
                    "northwind",
                    code.Code,
                    default
                )
            ).IsOk
        );
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Use(Meter.Read, BillingWorld.November.AddDays(2), 3);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var invoice = await _world.InvoiceAsync();
        // 16.00 and 1.00, half of each off: 8.00 and 0.50; 1.52 and 0.10 of tax; 5.00 of credit.
        Assert.Equal((850L, 162L, 512L), (Assert.Single(invoice.Taxes).BaseMinor, invoice.TaxMinor, invoice.TotalMinor));
        var there = Assert.Single(_world.Gateway.Invoices);
        Assert.Equal([-500L, 50, 800], there.LineAmounts.Values.Order());
        Assert.Equal((512L, InvoiceStatus.Paid), (there.TotalMinor, invoice.Status));
        Assert.True((await RowAsync()).IsBalanced);
    }

    [Fact]
    public async Task A_verified_business_of_another_country_pays_no_tax_and_reads_why()
    {
        await PublishAsync("rates");
        await MoveAsync("FR");
        _world.Gateway.Verifies = TaxIdVerification.Verified;
        Assert.True(
            (
                await new AddTaxId(_world.Guard, _world.Database, _world.Clock).RunAsync(
                    BillingWorld.Owner,
                    "northwind",
                    "eu_vat",
                    "FRAB123456789",
                    default
                )
            ).IsOk
        );
        await _world.RunAsync();
        await CloseWithUsageAsync();
        var invoice = await _world.InvoiceAsync();
        Assert.Equal((InvoiceTaxState.ReverseCharge, 1600L, 0), (invoice.TaxState, invoice.TotalMinor, invoice.Taxes.Count));
        Assert.Equal("Reverse charge: the customer accounts for VAT. VAT number FRAB123456789.", invoice.TaxNote);
        Assert.Equal(TaxExemption.Reverse, _world.Gateway.TaxDetails["cus_northwind"].Exemption);
    }

    [Fact]
    public async Task Under_Stripe_Tax_credits_are_of_the_balance_and_pay_after_tax()
    {
        await PublishAsync("stripe");
        await MoveAsync("DE");
        await _world.ChangeAsync(session =>
        {
            var (credit, entry) = Credit.Grant(
                _world.Northwind,
                new Money(500, Currency.Usd),
                CreditKind.Bought,
                "Paid ahead",
                null,
                "operator",
                _world.Clock
            );
            session.Credits.Add(credit);
            session.Credits.Add(entry);
            return Task.CompletedTask;
        });
        await CloseWithUsageAsync();
        var invoice = await _world.InvoiceAsync();
        Assert.Equal((160L, 1260L, 500L), (invoice.TaxMinor, invoice.TotalMinor, Assert.Single(_world.Gateway.Balances).Value));
        Assert.Equal(1600L, Assert.Single(Assert.Single(_world.Gateway.Invoices).LineAmounts).Value);
    }

    [Fact]
    public async Task A_tax_that_differs_at_Stripe_blocks_and_says_so()
    {
        await PublishAsync("rates");
        await MoveAsync("DE");
        _world.Gateway.Alter = draft =>
            draft with
            {
                TaxMinor = draft.TaxMinor + 1,
                TotalMinor = draft.TotalMinor + 1,
                Taxes = [.. draft.Taxes.Select(tax => tax with { AmountMinor = tax.AmountMinor + 1 })],
            };
        await CloseWithUsageAsync();
        var invoice = await _world.InvoiceAsync();
        Assert.Equal(InvoiceStage.Mismatch, invoice.Stage);
        Assert.Contains(
            "for VAT Germany, 19%, the books have 3.04 USD. Nothing was charged.",
            invoice.ProblemMessage,
            StringComparison.Ordinal
        );
        _world.Gateway.Alter = draft => draft;
        Assert.True(
            (
                await new CompareInvoiceAgain(_world.Guard, _world.Database, _world.Clock).RunAsync(
                    BillingWorld.Operator,
                    invoice.Number,
                    default
                )
            ).IsOk
        );
        await _world.RunAsync();
        Assert.Equal(InvoiceStatus.Paid, (await _world.InvoiceAsync()).Status);
    }

    [Fact]
    public async Task Settings_apply_to_periods_that_end_after_their_start_and_scheduled_ones_can_be_withdrawn()
    {
        await PublishAsync("rates", startsAt: BillingWorld.Month.End);
        var list = (await new ListTaxSettings(_world.Guard, _world.Database, _world.Clock).RunAsync(BillingWorld.Operator, default)).Value;
        Assert.Equal((false, true), (Assert.Single(list).IsInForce, list[0].IsScheduled));
        await MoveAsync("DE");
        await CloseWithUsageAsync();
        Assert.Equal((InvoiceTaxState.Off, 1600L), ((await _world.InvoiceAsync()).TaxState, (await _world.InvoiceAsync()).TotalMinor));
        var early = await Publish.RunAsync(BillingWorld.Operator, Wish("none", startsAt: BillingWorld.November), default);
        Assert.Equal("tax-settings-too-early", early.Problem!.Code);
        var withdraw = new WithdrawTaxSettings(_world.Guard, _world.Database, _world.Clock);
        Assert.Equal(
            "tax-settings-started",
            (await withdraw.RunAsync(BillingWorld.Operator, list[0].Book.Id.ToString(), default)).Problem!.Code
        );
        var later = (
            await Publish.RunAsync(BillingWorld.Operator, Wish("none", startsAt: BillingWorld.Month.End.AddYears(1)), default)
        ).Value;
        Assert.True((await withdraw.RunAsync(BillingWorld.Operator, later.Id.ToString(), default)).IsOk);
        Assert.Equal(
            "tax-settings-not-found",
            (await withdraw.RunAsync(BillingWorld.Operator, later.Id.ToString(), default)).Problem!.Code
        );
        Assert.Equal("operator-only", (await Publish.RunAsync(BillingWorld.Owner, Wish("none"), default)).Problem!.Code);
    }

    [Theory]
    [InlineData("rates", 304)]
    [InlineData("stripe", 304)]
    public async Task Over_LocalStripe_a_taxed_month_is_what_Stripe_says_to_the_cent(string mode, long tax)
    {
        await using var local = await GatewayOnLocalStripe.StartAsync();
        _world.OtherGateway = local.Port;
        await PublishAsync(mode);
        await MoveAsync("DE");
        await _world.ChangeAsync(async session =>
        {
            (await session.Organizations.FindAsync(_world.Northwind, default))!.ChangePlan(PlanCode.Payg, PayBy.Invoice);
            var (credit, entry) = Credit.Grant(
                _world.Northwind,
                new Money(500, Currency.Usd),
                CreditKind.Bought,
                "Paid ahead",
                null,
                "operator",
                _world.Clock
            );
            session.Credits.Add(credit);
            session.Credits.Add(entry);
        });
        await CloseWithUsageAsync();
        var invoice = await _world.InvoiceAsync();
        Assert.Equal(
            (InvoiceStatus.Open, tax, 1600 + tax - 500, InvoiceTaxState.Taxed, null),
            (invoice.Status, invoice.TaxMinor, invoice.TotalMinor, invoice.TaxState, invoice.ProblemMessage)
        );
        Assert.Equal("VAT Germany, 19%", Assert.Single(invoice.Taxes).Title);
        var there = await local.Stripe.Client.V1.Invoices.GetAsync(invoice.StripeInvoiceId);
        Assert.Equal((1600 + tax - 500, tax), (there.AmountDue, there.TotalTaxes.Sum(one => one.Amount)));

        var create = new CreateCreditNote(_world.Guard, _world.Database, _world.Clock);
        Assert.True((await create.RunAsync(BillingWorld.Operator, invoice.Number, 404, null, "refund", "Part", default)).IsOk);
        await _world.RunAsync();
        Assert.True((await create.RunAsync(BillingWorld.Operator, invoice.Number, null, null, "refund", "All of it", default)).IsOk);
        await _world.RunAsync();
        var notes = await _world.ReadAsync(session => session.CreditNotes.OfInvoiceAsync(invoice.Id, default));
        Assert.All(notes, note => Assert.Equal(CreditNoteState.Issued, note.State));
        // Under Stripe Tax, Stripe's total is what it was before the balance paid: a part of the tax stays with that.
        if (mode == "rates")
            Assert.Equal(tax, notes.Sum(note => note.TaxMinor));
        Assert.Equal(0, (await _world.InvoiceAsync()).OwedMinor);
    }

    private SetBillingAddress Set => new(_world.Guard, _world.Database, _world.Clock);

    private PublishTaxSettings Publish => new(_world.Guard, _world.Database, _world.Clock);

    private static TaxWish Wish(string mode, string? unknown = null, DateTimeOffset? startsAt = null) =>
        new(mode, "DE", unknown, startsAt ?? BillingWorld.November, [new("DE", null, "VAT", 19, false), new("FR", null, "VAT", 20, false)]);

    private async Task PublishAsync(string mode, string? unknown = null, DateTimeOffset? startsAt = null) =>
        Assert.Null((await Publish.RunAsync(BillingWorld.Operator, Wish(mode, unknown, startsAt), default)).Problem);

    private async Task MoveAsync(string country) =>
        Assert.Null(
            (await Set.RunAsync(BillingWorld.Owner, "northwind", "Hauptstr. 1", null, "Berlin", "10115", null, country, default)).Problem
        );

    private async Task CloseWithUsageAsync()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
    }

    private async Task<BooksRow> RowAsync() =>
        (
            await new GetBooks(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                BillingWorld.Operator,
                BillingWorld.Month,
                new(),
                default
            )
        ).Value.Rows.Items.Single(row => row.Organization.Slug == "northwind");

    private sealed class Tries : IAttemptLimiter
    {
        public TimeSpan? Refuse(Actor actor, Attempt attempt, string? account) => null;

        public void Failed(Actor actor, string account) { }
    }
}
