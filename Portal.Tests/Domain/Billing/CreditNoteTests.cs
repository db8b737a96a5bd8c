using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

/// <summary>Corrections of issued invoices, from the operator's wish to the books.</summary>
public sealed partial class CreditNoteTests : IAsyncLifetime
{
    private static readonly Account Elena = new(
        BillingWorld.Owner.AccountId!.Value,
        "elena@northwind.example",
        true,
        false,
        BillingWorld.November
    );
    private BillingWorld _world = null!;

    private CreateCreditNote Create => new(_world.Guard, _world.Database, _world.Clock);

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_paid_invoice_is_refunded_in_part_and_everybody_sees_it()
    {
        _world.People[Elena.Id] = Elena;
        var invoice = await PaidAsync();
        _world.Mailer.Clear();
        var preview = (
            await new PreviewCreditNote(_world.Guard, _world.Database, _world.Clock).RunAsync(
                BillingWorld.Operator,
                invoice.Number,
                450,
                null,
                null,
                default
            )
        ).Value;
        Assert.Equal((450, 0, 450, 1150), (preview.Amount.Minor, preview.TakenOff.Minor, preview.GivenBack.Minor, preview.Holds.Minor));
        var note = await IssueAsync(450, "refund", "Storage was counted twice");

        Assert.Equal(
            (CreditNoteState.Issued, "northwind-2026-11-1-CN-01", RefundState.Succeeded),
            (note.State, note.Number, note.RefundState)
        );
        Assert.Equal((0L, 450L, 0L), (note.OpenMinor, note.RefundMinor, note.OutsideMinor));
        var corrected = (
            await new GetCorrectedInvoice(_world.Guard, _world.Database).RunAsync(BillingWorld.Owner, "northwind", invoice.Number, default)
        ).Value;
        Assert.Equal(
            (1600L, 450L, 450L, InvoiceStatus.Paid, 0L),
            (
                corrected.Invoice.TotalMinor,
                corrected.Invoice.CreditedMinor,
                corrected.Invoice.RefundedMinor,
                corrected.Invoice.Status,
                corrected.Invoice.OwedMinor
            )
        );
        Assert.Equal(note.Id, Assert.Single(corrected.Refunds).CreditNoteId);
        Assert.Equal(
            "Storage was counted twice",
            Assert
                .Single(
                    (
                        await new ListCreditNotes(_world.Guard, _world.Database).RunAsync(
                            BillingWorld.Owner,
                            "northwind",
                            null,
                            new(),
                            default
                        )
                    )
                        .Value
                        .Items
                )
                .Reason
        );
        Assert.Equal(
            note.Id,
            (await new GetCreditNote(_world.Guard, _world.Database).RunAsync(BillingWorld.Owner, "northwind", note.Number!, default))
                .Value
                .Id
        );

        var row = await RowAsync();
        Assert.Equal(
            (1600, 450, 1600, 450, 0, true),
            (row.Invoiced.Minor, row.CreditNotes.Minor, row.Paid.Minor, row.Returned.Minor, row.Balance.Minor, row.IsBalanced)
        );
        var mail = Assert.Single(_world.Mailer);
        Assert.Equal((Elena.Email, "Credit note northwind-2026-11-1-CN-01"), (mail.To, mail.Subject));
        Assert.Contains("$4.50 goes back to the card you paid with.", mail.Body, StringComparison.Ordinal);
        Assert.Contains("Storage was counted twice", mail.Body, StringComparison.Ordinal);
        var audited = Assert.Single(await _world.AuditAsync(_world.Northwind), record => record.Operation == "credit-note.create");
        Assert.Equal(("450", "Storage was counted twice"), (audited.Details["amount"], audited.Details["reason"]));
    }

    [Fact]
    public async Task What_the_customer_keeps_is_a_credit_that_the_next_invoice_uses()
    {
        await PaidAsync();
        var note = await IssueAsync(600, "credit", "Agreed with support");
        Assert.Equal((600L, 0L), (note.OutsideMinor, note.RefundMinor));
        var credit = Assert.Single(await _world.ReadAsync(session => session.Credits.OpenAsync(_world.Northwind, default)));
        Assert.Equal(
            (600L, CreditKind.Bought, "Credit note northwind-2026-11-1-CN-01: Agreed with support"),
            (credit.LeftMinor, credit.Kind, credit.Reason)
        );
        var row = await RowAsync();
        Assert.Equal((600, 600, true), (row.CreditNotes.Minor, row.Returned.Minor, row.IsBalanced));

        _world.Use(Meter.Write, BillingWorld.Month.End.AddHours(2), 20);
        _world.Clock.SetUtcNow(BillingWorld.Month.Next.End.AddHours(25));
        _world.Ledger.CompleteTo = _world.Clock.GetUtcNow();
        await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month.Next, false, default);
        await _world.RunAsync();
        var next = (await _world.InvoicesAsync())[1];
        Assert.Equal((4000L, -600L, 3400L), (next.Lines.Single().AmountMinor, next.Adjustments.Single().AmountMinor, next.AmountPaidMinor));
    }

    [Fact]
    public async Task An_open_invoice_owes_less_and_one_that_nothing_is_left_of_is_overdue_no_more()
    {
        await FailedAsync();
        Assert.Equal(Arrears.Notice, (await _world.FindAsync(_world.Northwind)).Arrears);
        var part = await IssueAsync(600, null, "Part of it was ours");
        Assert.Equal((600L, 0L), (part.OpenMinor, part.RefundMinor));
        var open = await _world.InvoiceAsync();
        Assert.Equal((InvoiceStatus.Open, 1000L), (open.Status, open.OwedMinor));
        var row = await RowAsync();
        Assert.Equal((600, 0, 1000, true), (row.CreditNotes.Minor, row.Returned.Minor, row.Balance.Minor, row.IsBalanced));
        var overdue = (
            await new GetOverdue(_world.Guard, _world.Database, _world.Dunning, _world.Clock).RunAsync(
                BillingWorld.Owner,
                "northwind",
                default
            )
        ).Value!;
        Assert.Equal(1000, Assert.Single(overdue.Owed).Minor);

        await IssueAsync(null, null, "All of it was ours");
        var whole = await _world.InvoiceAsync();
        Assert.Equal((InvoiceStatus.Paid, 0L, 1600L, 0L), (whole.Status, whole.OwedMinor, whole.CreditedMinor, whole.RefundedMinor));
        Assert.Equal(Arrears.None, (await _world.FindAsync(_world.Northwind)).Arrears);
        row = await RowAsync();
        Assert.Equal((1600, 0, 0, 0, true), (row.CreditNotes.Minor, row.Paid.Minor, row.Returned.Minor, row.Balance.Minor, row.IsBalanced));
        Assert.Equal("invoice-credited", (await WishAsync(1, null, "Once more")).Problem!.Code);
    }

    [Theory]
    [InlineData("refund")]
    [InlineData("credit")]
    public async Task Killed_at_any_point_it_is_issued_once_and_the_money_goes_once(string way)
    {
        for (var point = 0; ; point++)
        {
            await using var world = await BillingWorld.CreateAsync();
            world.People[Elena.Id] = Elena;
            world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
            world.GoToMonthsEnd();
            await world.CloseAsync(early: false);
            world.Mailer.Clear();
            var invoice = await world.InvoiceAsync();
            world.Kill.KillAt = world.Kill.Passed.Count + point;
            var killed = false;
            Assert.True(
                (
                    await new CreateCreditNote(world.Guard, world.Database, world.Clock).RunAsync(
                        BillingWorld.Operator,
                        invoice.Number,
                        450,
                        null,
                        way,
                        "Ours",
                        default
                    )
                ).IsOk
            );
            try
            {
                await world.RunAsync();
            }
            catch (KilledException)
            {
                killed = true;
                world.Kill.Revive();
                world.Clock.Advance(TimeSpan.FromMinutes(5));
                await world.RunAsync();
            }
            Assert.Single(world.Gateway.NotesOf(invoice.StripeInvoiceId!));
            var after = await world.InvoiceAsync();
            Assert.Equal((450L, way == "refund" ? 450L : 0L), (after.CreditedMinor, after.RefundedMinor));
            Assert.Equal(
                way == "credit" ? 450 : 0,
                (await world.ReadAsync(session => session.Credits.OpenAsync(world.Northwind, default))).Sum(credit => credit.LeftMinor)
            );
            Assert.Single(world.Mailer);
            if (!killed)
            {
                Assert.Equal(KillPoint.OfCreditNotes.Count, point);
                return;
            }
        }
    }

    [Fact]
    public async Task Lines_are_credited_up_to_what_they_hold_and_overcharged_usage_is_settled_by_it()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Use(Meter.Read, BillingWorld.November.AddDays(2), 30);
        var invoice = await PaidAsync(used: false);
        var read = invoice.Lines.Single(line => line.Meter == Meter.Read);
        Assert.Equal(
            "credit-note-line-amount",
            (await WishAsync(null, null, "Ours", new CreditNotePart(read.Id, read.AmountMinor + 1))).Problem!.Code
        );
        Assert.Equal(
            "credit-note-line-unknown",
            (await WishAsync(null, null, "Ours", new CreditNotePart(Guid.NewGuid(), 5))).Problem!.Code
        );
        Assert.Equal(
            "credit-note-line-twice",
            (await WishAsync(null, null, "Ours", new CreditNotePart(read.Id, 5), new CreditNotePart(read.Id, 5))).Problem!.Code
        );
        Assert.True((await WishAsync(null, "refund", "Data out was counted twice", new CreditNotePart(read.Id, 333))).IsOk);
        await _world.RunAsync();
        var note = Assert.Single(await NotesAsync());
        Assert.Equal((333L, read.Id, "Data out"), (note.AmountMinor, note.Lines.Single().InvoiceLine, note.Lines.Single().Description));
        Assert.Equal(
            "credit-note-line-amount",
            (await WishAsync(null, null, "Ours", new CreditNotePart(read.Id, read.AmountMinor - 332))).Problem!.Code
        );
    }

    [Fact]
    public async Task The_whole_invoice_is_credited_line_by_line_with_what_was_taken_off_it()
    {
        await new GrantCredit(_world.Guard, _world.Database, _world.Clock).RunAsync(
            BillingWorld.Operator,
            "northwind",
            600,
            "usd",
            null,
            "Welcome",
            null,
            default
        );
        await PaidAsync();
        var note = await IssueAsync(null, "refund", "All of it was ours");
        Assert.Equal([("Data in", 1600L), ("Credit: Welcome", -600L)], note.Lines.Select(line => (line.Description, line.AmountMinor)));
        Assert.Equal((1000L, 1000L), (note.AmountMinor, note.RefundMinor));
    }

    [Fact]
    public async Task Only_an_operator_corrects_and_each_refusal_names_its_field()
    {
        var invoice = await PaidAsync();
        Assert.Equal(
            "operator-only",
            (await Create.RunAsync(BillingWorld.Owner, invoice.Number, 5, null, null, "Mine", default)).Problem!.Code
        );
        Assert.Equal(
            "invoice-not-found",
            (await Create.RunAsync(BillingWorld.Operator, "southwind-1", 5, null, null, "Whose", default)).Problem!.Code
        );
        Assert.Equal("credit-note-way-unknown", (await WishAsync(5, "gold", "How")).Problem!.Code);
        Assert.Equal("credit-note-reason-length", (await WishAsync(5, null, " ")).Problem!.Code);
        Assert.Equal("credit-note-amount", (await WishAsync(0, null, "Nothing")).Problem!.Code);
        Assert.Equal("credit-note-too-large", (await WishAsync(1601, null, "Too much")).Problem!.Code);
        Assert.Equal("credit-note-two-ways", (await WishAsync(5, null, "Both", new CreditNotePart(invoice.Lines[0].Id, 5))).Problem!.Code);
        Assert.Equal(
            "credit-note-not-found",
            (await new GetCreditNote(_world.Guard, _world.Database).RunAsync(BillingWorld.Owner, "northwind", "none", default))
                .Problem!
                .Code
        );
        Assert.Equal(
            "credit-note-not-found",
            (await new GetCreditNoteOfCustomer(_world.Guard, _world.Database).RunAsync(BillingWorld.Operator, new(Guid.NewGuid()), default))
                .Problem!
                .Code
        );
    }

    [Fact]
    public async Task What_is_left_to_pay_can_be_charged()
    {
        await FailedAsync();
        var refused = await WishAsync(1560, null, "Nearly all");
        Assert.Equal("credit-note-leaves-too-little", refused.Problem!.Code);
        Assert.Contains("leave $0.40 to pay", refused.Problem.Message, StringComparison.Ordinal);
        Assert.True((await WishAsync(1550, null, "As much as can be")).IsOk);
    }

    private Task<Outcome<CreditNote>> WishAsync(long? amount, string? way, string reason, params CreditNotePart[] lines) =>
        Create.RunAsync(BillingWorld.Operator, "northwind-2026-11-1", amount, lines.Length > 0 ? lines : null, way, reason, default);

    /// <summary>Wished for, and carried out.</summary>
    private async Task<CreditNote> IssueAsync(long? amount, string? way, string reason)
    {
        var wished = await WishAsync(amount, way, reason);
        Assert.True(wished.IsOk, wished.Problem?.Message);
        await _world.RunAsync();
        return await _world.ReadAsync(async session => (await session.CreditNotes.FindAsync(wished.Value.Id, default))!);
    }

    private async Task<IReadOnlyList<CreditNote>> NotesAsync()
    {
        var invoice = await _world.InvoiceAsync();
        return await _world.ReadAsync(session => session.CreditNotes.OfInvoiceAsync(invoice.Id, default));
    }

    private async Task<CorrectedInvoice> CorrectedAsync(Invoice invoice) =>
        (await new GetInvoiceOfCustomer(_world.Guard, _world.Database).RunAsync(BillingWorld.Operator, invoice.Number, default))
            .Value
            .Corrected;

    private async Task<BooksRow> RowAsync() =>
        Assert.Single(
            (
                await new GetBooks(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                    BillingWorld.Operator,
                    BillingWorld.Month,
                    new PageRequest(),
                    default
                )
            )
                .Value
                .Rows
                .Items
        );

    private async Task<Invoice> PaidAsync(bool used = true)
    {
        if (used)
            _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        var invoice = await _world.InvoiceAsync();
        Assert.Equal(InvoiceStatus.Paid, invoice.Status);
        return invoice;
    }

    /// <summary>The card was declined, and the customer was told.</summary>
    private async Task FailedAsync()
    {
        _world.Gateway.Declines = true;
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        await _world.RunAsync();
        Assert.Equal(InvoiceStatus.Open, (await _world.InvoiceAsync()).Status);
    }

    private async Task LookedAsync()
    {
        _world.Clock.Advance(_world.Settings.ReconcileEvery);
        await _world.RunAsync();
    }
}
