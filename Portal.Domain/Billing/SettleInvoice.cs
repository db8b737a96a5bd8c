using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Notices;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

public sealed record SettleInvoiceWork(InvoiceId Invoice) : IWorkPayload
{
    public static string Kind => "invoice.settle";

    public WorkPlace Place(Invoice invoice, WorkId? job) =>
        new(Lanes.Stripe, $"invoice:{Invoice}", invoice.OrganizationId, $"invoice {invoice.Number}", WorkPriority.Background)
        {
            Parent = job,
        };
}

/// <summary>
/// Brings a rated invoice to Stripe, a stage at a step: draft, items, comparison, finalization, payment. Each is
/// idempotent and noted when it is through. A difference blocks the invoice and is shown to the operator; a declined
/// card leaves it open with the bank's reason and is no failure of the close.
/// </summary>
public sealed class SettleInvoice(
    IPortalDatabase database,
    IPaymentGateway gateway,
    CreateStripeCustomer customers,
    IAccountDirectory accounts,
    IPublicAddress address,
    IKillPoints killPoints,
    BillingSettings settings,
    TimeProvider clock
) : IWorkStep<SettleInvoiceWork>
{
    private readonly SettleTax _tax = new(database, gateway, customers, clock);

    public async Task<StepResult> RunAsync(SettleInvoiceWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var invoice = await database.ReadAsync(
            session => session.Invoices.FindAsync(payload.Invoice, cancellationToken),
            cancellationToken
        );
        if (invoice is null or { Stage: InvoiceStage.Settled })
            return StepResult.Finished;
        if (invoice.Stage == InvoiceStage.Mismatch)
            return new StepResult.Refused(Blocked(invoice.ProblemMessage));
        var customer = await customers.EnsureAsync(invoice.OrganizationId, cancellationToken);
        if (!customer.TryGet(out var customerId, out var problem))
            return StepResult.Of(problem);
        if (await _tax.BeforeAsync(invoice, customerId, payload, cancellationToken) is { } waits)
            return waits;
        var step = await StepAsync(invoice, customerId, cancellationToken);
        if (!step.TryGet(out var note, out problem))
        {
            if (problem is Problem.Unavailable or Problem.TooMany)
                return new StepResult.Later(problem);
            note =
                problem.Code == GatewayProblems.DraftGone && invoice.Stage < InvoiceStage.Finalized
                    ? gone => gone.DraftAgain()
                    : blocked => blocked.Mismatched(problem.Message);
        }
        IReadOnlyList<MailRecipient> people =
            invoice.Stage == InvoiceStage.Finalized
                ? await BillReaders.OfAsync(database, accounts, invoice.OrganizationId, NoticeKind.Invoice, cancellationToken)
                : [];
        // The next step sees what this one came to, and ends the work.
        return new StepResult.GoOn(
            null,
            Settle: async (session, token) =>
            {
                var current = (await session.Invoices.FindAsync(payload.Invoice, token))!;
                if (current.Stage != invoice.Stage)
                    return;
                note(current);
                session.WakeDunning(current, clock);
                if (current.Stage == InvoiceStage.Settled)
                    await session.TellIssuedAsync(current, people, address, clock, token);
            },
            Progress: new(0, 0, null, null)
        );
    }

    private static Problem.Conflict Blocked(string? why) => new("invoice-differs", why ?? "Stripe's draft differs from the books.");

    private Task<Outcome<Action<Invoice>>> StepAsync(Invoice invoice, string customer, CancellationToken cancellationToken) =>
        invoice.Stage switch
        {
            InvoiceStage.Rated => DraftAsync(invoice, cancellationToken),
            InvoiceStage.Drafted => AddItemsAsync(invoice, customer, cancellationToken),
            InvoiceStage.ItemsAdded => CompareAsync(invoice, customer, cancellationToken),
            InvoiceStage.Compared => FinalizeAsync(invoice, customer, cancellationToken),
            InvoiceStage.Finalized => PayAsync(invoice, cancellationToken),
            _ => throw new InvalidOperationException($"Invoice {invoice.Number} is {invoice.Stage}: there is no next step."),
        };

    private async Task<Outcome<Action<Invoice>>> DraftAsync(Invoice invoice, CancellationToken cancellationToken)
    {
        killPoints.Reached(KillPoint.CloseBeforeDraft);
        var made = await customers.WithAsync(
            invoice.OrganizationId,
            customer => gateway.EnsureDraftAsync(customer, InvoiceDraft.Of(invoice, settings.DaysUntilDue), cancellationToken),
            cancellationToken
        );
        if (!made.TryGet(out var draft, out var problem))
            return problem;
        killPoints.Reached(KillPoint.CloseAfterDraft);
        return Outcome.Of<Action<Invoice>>(current => current.Drafted(draft));
    }

    private async Task<Outcome<Action<Invoice>>> AddItemsAsync(Invoice invoice, string customer, CancellationToken cancellationToken)
    {
        if (!(await _tax.RatesAsync(invoice, cancellationToken)).TryGet(out var rates, out var refused))
            return refused;
        var items = new Dictionary<Guid, string>();
        foreach (var line in InvoiceItems.Of(invoice, [.. rates.Values]))
        {
            var made = await gateway.EnsureItemAsync(
                customer,
                invoice.StripeInvoiceId!,
                InvoiceDraft.Of(invoice, settings.DaysUntilDue),
                line,
                cancellationToken
            );
            if (!made.TryGet(out var item, out var problem))
                return problem;
            items[line.LineId] = item;
            killPoints.Reached(KillPoint.CloseAfterItem);
        }
        killPoints.Reached(KillPoint.CloseAfterItems);
        return Outcome.Of<Action<Invoice>>(current =>
        {
            foreach (var line in current.Lines)
                if (items.TryGetValue(line.Id, out var item))
                    line.AddedAtStripe(item);
            foreach (var adjustment in current.Adjustments)
                if (items.TryGetValue(adjustment.Id, out var item))
                    adjustment.AddedAtStripe(item);
            foreach (var tax in current.Taxes)
                if (rates.TryGetValue(tax.Id, out var rate))
                    tax.ChargedBy(rate);
            current.ItemsAdded();
        });
    }

    private async Task<Outcome<Action<Invoice>>> CompareAsync(Invoice invoice, string customer, CancellationToken cancellationToken)
    {
        var read = await gateway.ReadInvoiceAsync(invoice.StripeInvoiceId!, cancellationToken);
        if (!read.TryGet(out var draft, out var problem))
            return problem;
        // One that was issued already keeps the customer it was issued to, who may have been deleted since.
        if (InvoiceItems.Difference(invoice, draft, draft.Status == InvoiceStatus.Draft ? customer : draft.CustomerId) is { } difference)
            return Outcome.Of<Action<Invoice>>(current => current.Mismatched(difference));
        killPoints.Reached(KillPoint.CloseAfterCompare);
        return Outcome.Of<Action<Invoice>>(current =>
        {
            if (current.TaxByStripe)
                current.TakeTaxes(draft, clock);
            current.Compared();
        });
    }

    private async Task<Outcome<Action<Invoice>>> FinalizeAsync(Invoice invoice, string customer, CancellationToken cancellationToken)
    {
        if (
            invoice is { TaxByStripe: true, CreditsMinor: > 0 }
            && !(
                await gateway.EnsureBalanceAsync(
                    customer,
                    InvoiceDraft.Of(invoice, settings.DaysUntilDue),
                    invoice.CreditsMinor,
                    cancellationToken
                )
            ).TryGet(out _, out var refused)
        )
            return refused;
        var done = await gateway.FinalizeAsync(invoice.StripeInvoiceId!, cancellationToken);
        if (!done.TryGet(out var final, out var problem))
            return problem;
        killPoints.Reached(KillPoint.CloseAfterFinalize);
        return Outcome.Of<Action<Invoice>>(current =>
        {
            // Stripe Tax works it out once more when it issues: what it says then is what the customer reads.
            if (current.TaxByStripe && current.FinalizedAt is null)
                current.TakeTaxes(final, clock);
            current.Finalized(clock.Now(), final.HostedUrl, final.PdfUrl, settings.DaysUntilDue);
        });
    }

    private async Task<Outcome<Action<Invoice>>> PayAsync(Invoice invoice, CancellationToken cancellationToken)
    {
        var id = invoice.StripeInvoiceId!;
        var tried =
            invoice.PayBy == PayBy.Card
                ? await PayInvoice.TryAsync(gateway, id, cancellationToken)
                : (await gateway.ReadInvoiceAsync(id, cancellationToken)).Map(sent => (Now: sent, Trouble: (string?)null));
        if (!tried.TryGet(out var paid, out var problem))
            return problem;
        killPoints.Reached(KillPoint.CloseAfterPay);
        return Outcome.Of<Action<Invoice>>(current => current.Observe(paid.Now.Status, paid.Now.PaidMinor, paid.Trouble, clock.Now()));
    }
}
