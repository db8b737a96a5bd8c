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
        new(Lanes.Stripe, $"invoice:{Invoice}", invoice.OrganizationId, $"invoice {invoice.Number}", WorkPriority.Background) { Parent = job };
}

/// <summary>
/// Brings a rated invoice to Stripe, a stage at a step: draft, items, comparison, finalization, payment. Each is
/// idempotent and noted when it is through. A difference blocks the invoice and is shown to the operator; a declined
/// card leaves it open with the bank's reason and is no failure of the close.
/// </summary>
public sealed class SettleInvoice(
    IPortalDatabase database, IPaymentGateway gateway, CreateStripeCustomer customers, IAccountDirectory accounts, IPublicAddress address, IKillPoints killPoints, BillingSettings settings,
    TimeProvider clock)
    : IWorkStep<SettleInvoiceWork>
{
    public async Task<StepResult> RunAsync(SettleInvoiceWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var invoice = await database.ReadAsync(session => session.Invoices.FindAsync(payload.Invoice, cancellationToken), cancellationToken);
        if (invoice is null or { Stage: InvoiceStage.Settled }) return StepResult.Finished;
        if (invoice.Stage == InvoiceStage.Mismatch) return new StepResult.Refused(Blocked(invoice.ProblemMessage));
        var customer = await customers.EnsureAsync(invoice.OrganizationId, cancellationToken);
        if (!customer.TryGet(out var customerId, out var problem)) return StepResult.Of(problem);
        var step = await StepAsync(invoice, customerId, cancellationToken);
        if (!step.TryGet(out var note, out problem))
        {
            if (problem is Problem.Unavailable or Problem.TooMany) return new StepResult.Later(problem);
            note = problem.Code == GatewayProblems.DraftGone && invoice.Stage < InvoiceStage.Finalized
                ? gone => gone.DraftAgain()
                : blocked => blocked.Mismatched(problem.Message);
        }
        IReadOnlyList<MailRecipient> people = invoice.Stage == InvoiceStage.Finalized ? await BillReaders.OfAsync(database, accounts, invoice.OrganizationId, NoticeKind.Invoice, cancellationToken) : [];
        // The next step sees what this one came to, and ends the work.
        return new StepResult.GoOn(null, Settle: async (session, token) =>
        {
            var current = (await session.Invoices.FindAsync(payload.Invoice, token))!;
            if (current.Stage != invoice.Stage) return;
            note(current);
            session.WakeDunning(current, clock);
            if (current.Stage == InvoiceStage.Settled) await session.TellIssuedAsync(current, people, address, clock, token);
        });
    }

    private static Problem.Conflict Blocked(string? why) => new("invoice-differs", why ?? "Stripe's draft differs from the books.");

    private Task<Outcome<Action<Invoice>>> StepAsync(Invoice invoice, string customer, CancellationToken cancellationToken) => invoice.Stage switch
    {
        InvoiceStage.Rated => DraftAsync(invoice, cancellationToken),
        InvoiceStage.Drafted => AddItemsAsync(invoice, customer, cancellationToken),
        InvoiceStage.ItemsAdded => CompareAsync(invoice, customer, cancellationToken),
        InvoiceStage.Compared => FinalizeAsync(invoice, cancellationToken),
        InvoiceStage.Finalized => PayAsync(invoice, cancellationToken),
        _ => throw new InvalidOperationException($"Invoice {invoice.Number} is {invoice.Stage}: there is no next step."),
    };

    private async Task<Outcome<Action<Invoice>>> DraftAsync(Invoice invoice, CancellationToken cancellationToken)
    {
        killPoints.Reached(KillPoint.CloseBeforeDraft);
        var made = await customers.WithAsync(
            invoice.OrganizationId, customer => gateway.EnsureDraftAsync(customer, InvoiceDraft.Of(invoice, settings.DaysUntilDue), cancellationToken), cancellationToken);
        if (!made.TryGet(out var draft, out var problem)) return problem;
        killPoints.Reached(KillPoint.CloseAfterDraft);
        return Outcome.Of<Action<Invoice>>(current => current.Drafted(draft));
    }

    private async Task<Outcome<Action<Invoice>>> AddItemsAsync(Invoice invoice, string customer, CancellationToken cancellationToken)
    {
        var items = new Dictionary<Guid, string>();
        foreach (var line in GatewayLines(invoice))
        {
            var made = await gateway.EnsureItemAsync(customer, invoice.StripeInvoiceId!, InvoiceDraft.Of(invoice, settings.DaysUntilDue), line, cancellationToken);
            if (!made.TryGet(out var item, out var problem)) return problem;
            items[line.LineId] = item;
            killPoints.Reached(KillPoint.CloseAfterItem);
        }
        killPoints.Reached(KillPoint.CloseAfterItems);
        return Outcome.Of<Action<Invoice>>(current =>
        {
            foreach (var line in current.Lines)
                if (items.TryGetValue(line.Id, out var item)) line.AddedAtStripe(item);
            foreach (var adjustment in current.Adjustments)
                if (items.TryGetValue(adjustment.Id, out var item)) adjustment.AddedAtStripe(item);
            current.ItemsAdded();
        });
    }

    private async Task<Outcome<Action<Invoice>>> CompareAsync(Invoice invoice, string customer, CancellationToken cancellationToken)
    {
        var read = await gateway.ReadInvoiceAsync(invoice.StripeInvoiceId!, cancellationToken);
        if (!read.TryGet(out var draft, out var problem)) return problem;
        // One that was issued already keeps the customer it was issued to, who may have been deleted since.
        if (Difference(invoice, draft, draft.Status == InvoiceStatus.Draft ? customer : draft.CustomerId) is { } difference) return Outcome.Of<Action<Invoice>>(current => current.Mismatched(difference));
        killPoints.Reached(KillPoint.CloseAfterCompare);
        return Outcome.Of<Action<Invoice>>(current => current.Compared());
    }

    private async Task<Outcome<Action<Invoice>>> FinalizeAsync(Invoice invoice, CancellationToken cancellationToken)
    {
        var done = await gateway.FinalizeAsync(invoice.StripeInvoiceId!, cancellationToken);
        if (!done.TryGet(out var final, out var problem)) return problem;
        killPoints.Reached(KillPoint.CloseAfterFinalize);
        return Outcome.Of<Action<Invoice>>(current => current.Finalized(clock.Now(), final.HostedUrl, final.PdfUrl, settings.DaysUntilDue));
    }

    private async Task<Outcome<Action<Invoice>>> PayAsync(Invoice invoice, CancellationToken cancellationToken)
    {
        var id = invoice.StripeInvoiceId!;
        var tried = invoice.PayBy == PayBy.Card
            ? await PayInvoice.TryAsync(gateway, id, cancellationToken)
            : (await gateway.ReadInvoiceAsync(id, cancellationToken)).Map(sent => (Now: sent, Trouble: (string?)null));
        if (!tried.TryGet(out var paid, out var problem)) return problem;
        killPoints.Reached(KillPoint.CloseAfterPay);
        return Outcome.Of<Action<Invoice>>(current => current.Observe(paid.Now.Status, paid.Now.PaidMinor, paid.Trouble, clock.Now()));
    }

    /// <summary>The invoice's lines as Stripe is sent them; a carried balance is one more, under the invoice's own id, and what is taken off comes last.</summary>
    internal static IReadOnlyList<GatewayLine> GatewayLines(Invoice invoice)
    {
        var lines = invoice.Lines.OrderBy(line => line.Meter).ThenBy(line => line.From)
            .Select(line => new GatewayLine(line.Id, Description(line), line.AmountMinor, line.From, line.To)).ToList();
        if (invoice.CarriedInMinor != 0) lines.Add(new(invoice.Id.Value, "Balance of earlier periods, too small to charge then", invoice.CarriedInMinor, invoice.From, invoice.To));
        lines.AddRange(invoice.Adjustments.Select(adjustment => new GatewayLine(adjustment.Id, adjustment.Description, adjustment.AmountMinor, invoice.From, invoice.To)));
        return lines;
    }

    /// <summary>What Stripe's draft says otherwise, as a sentence; null when it is the same line by line.</summary>
    internal static string? Difference(Invoice invoice, GatewayInvoice draft, string customer)
    {
        string Text(long minor) => Currency.TryParse(invoice.CurrencyCode, out var currency) ? new Money(minor, currency).ToString() : $"{minor} {invoice.CurrencyCode}";
        if (draft.CustomerId != customer) return $"Stripe's draft {draft.Id} belongs to customer {draft.CustomerId}, the invoice to {customer}. Nothing was charged.";
        if (!string.Equals(draft.Currency, invoice.CurrencyCode, StringComparison.OrdinalIgnoreCase))
            return $"Stripe's draft {draft.Id} is in {draft.Currency}, the invoice in {invoice.CurrencyCode}. Nothing was charged.";
        foreach (var line in GatewayLines(invoice))
        {
            if (!draft.LineAmounts.TryGetValue(line.LineId, out var amount))
                return $"Stripe's draft {draft.Id} lacks the line '{line.Description}' over {Text(line.AmountMinor)}. Nothing was charged. Compare again to add it.";
            if (amount != line.AmountMinor)
                return $"Stripe's draft {draft.Id} has {Text(amount)} for '{line.Description}', the books have {Text(line.AmountMinor)}. Nothing was charged. Delete the item at Stripe and compare again.";
        }
        var expected = GatewayLines(invoice).Count;
        if (draft.ForeignLines > 0 || draft.LineAmounts.Count != expected)
            return $"Stripe's draft {draft.Id} has {draft.LineAmounts.Count + draft.ForeignLines - expected} lines that the books do not have. Nothing was charged. Delete them at Stripe and compare again.";
        return draft.SubtotalMinor != invoice.TotalMinor || draft.TotalMinor - draft.TaxMinor != invoice.TotalMinor
            ? $"Stripe's draft {draft.Id} comes to {Text(draft.TotalMinor - draft.TaxMinor)} before tax, the books to {Text(invoice.TotalMinor)}. Nothing was charged."
            : null;
    }

    private static string Description(InvoiceLine line)
    {
        var text = $"{Name(line.Meter)}: {line.Explanation}";
        return text.Length <= 450 ? text : text[..449] + "…";
    }

    internal static string Name(Meter meter) => meter switch
    {
        Meter.Write => "Data written",
        Meter.Read => "Data read",
        Meter.Storage => "Storage",
        Meter.Partitions => "Partitions",
        Meter.Connectors => "Connectors",
    };
}
