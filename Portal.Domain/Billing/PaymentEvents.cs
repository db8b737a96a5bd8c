using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <param name="Event">Stripe's id of it.</param>
/// <param name="About">What it is about, for example an invoice's id.</param>
public sealed record PaymentEventWork(string Event, string Type, string? About, string? Customer) : IWorkPayload
{
    public static string Kind => "payment-event.handle";

    /// <summary>Events about one object stand in one line: an object that Stripe does not answer for holds up no other.</summary>
    public WorkPlace Place(OrganizationId? owner) =>
        new(Lanes.Stripe, $"stripe-object:{About ?? Event}", owner, $"{Type} {About}", WorkPriority.Waiting);
}

/// <summary>
/// Looks into a webhook event. It only says "go and look": the object is read again from Stripe, so order, repetition and
/// age of events do not matter.
/// </summary>
public sealed class HandlePaymentEvent(
    IPortalDatabase database,
    IPaymentGateway gateway,
    CompleteCheckout checkout,
    CreateStripeCustomer customers,
    TimeProvider clock
) : IWorkStep<PaymentEventWork>
{
    private static readonly Actor Worker = Actor.Worker("payment-events");

    private static readonly string[] InvoiceEvents = ["invoice.", "charge.dispute.", "credit_note.", "charge.refund", "refund."];

    /// <summary>Whether there is anything to look into; other events are kept and that is all.</summary>
    public static bool Concerns(GatewayEvent happened) =>
        IsOfInvoice(happened.Type) && happened.ObjectId is not null
        || (IsOfCard(happened.Type) || IsOfDeletion(happened.Type) || IsOfTaxId(happened.Type)) && happened.CustomerId is not null;

    public async Task<StepResult> RunAsync(PaymentEventWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        if (IsOfInvoice(payload.Type) && payload.About is { } about)
        {
            var found = await gateway.FindInvoiceAsync(payload.Type, about, cancellationToken);
            if (!found.TryGet(out var id, out var problem))
                return StepResult.Of(problem);
            if (id is null)
                return StepResult.Finished;
            var invoice = await database.ReadAsync(
                session => session.Invoices.FindByStripeIdAsync(id, cancellationToken),
                cancellationToken
            );
            if (invoice is null)
                return StepResult.Finished;
            // In the invoice's own line: of two looks side by side, the older answer could be written last. Always a new one,
            // since one that is there may have asked Stripe before this happened.
            var look = new LookAtInvoiceWork(invoice.Id);
            return new StepResult.Done(
                (session, _) =>
                {
                    session.Work.Add(clock, look, look.Place(invoice) with { Priority = WorkPriority.Waiting });
                    return Task.CompletedTask;
                }
            );
        }
        if (payload.Customer is not { } customer)
            return StepResult.Finished;
        if (IsOfDeletion(payload.Type))
        {
            var replaced = await customers.ReplaceAsync(customer, cancellationToken);
            return replaced.IsOk ? StepResult.Finished : StepResult.Of(replaced.Problem);
        }
        if (IsOfTaxId(payload.Type))
            return new StepResult.Done((session, token) => LookAtTaxIdsAsync(session, customer, token));
        if (!IsOfCard(payload.Type))
            return StepResult.Finished;
        var completed = await checkout.RunForCustomerAsync(Worker, customer, cancellationToken);
        return completed.IsOk ? StepResult.Finished : StepResult.Of(completed.Problem);
    }

    private static bool IsOfInvoice(string type) => InvoiceEvents.Any(start => type.StartsWith(start, StringComparison.Ordinal));

    /// <summary>What is said of one is read by its own work: one that waits for it goes on at once.</summary>
    private async Task LookAtTaxIdsAsync(IPortalSession session, string customer, CancellationToken cancellationToken)
    {
        if (await session.Organizations.FindByStripeCustomerAsync(customer, cancellationToken) is not { } organization)
            return;
        foreach (var taxId in await session.TaxIds.OfAsync(organization.Id, cancellationToken))
        {
            if (taxId.State != TaxIdState.Ready)
                continue;
            var place = SendTaxIdWork.Place(taxId);
            if (await session.Work.FindOpenAsync(place.Line, SendTaxIdWork.Kind, cancellationToken) is { } waiting)
                waiting.TryNow(clock.Now());
            else
                session.Work.Add(clock, new SendTaxIdWork(taxId.Id), place);
        }
    }

    private static bool IsOfTaxId(string type) => type == "customer.tax_id.updated";

    private static bool IsOfDeletion(string type) => type == "customer.deleted";

    private static bool IsOfCard(string type) =>
        type is "checkout.session.completed" or "setup_intent.succeeded" or "payment_method.attached";
}

public sealed record LookAtInvoiceWork(InvoiceId Invoice) : IWorkPayload
{
    public static string Kind => "invoice.look";

    public WorkPlace Place(Invoice invoice) =>
        new(Lanes.Stripe, $"invoice:{Invoice}", invoice.OrganizationId, invoice.Number, WorkPriority.Background);
}

/// <summary>Reads one invoice at Stripe and takes over what is news.</summary>
public sealed class LookAtInvoice(IPortalDatabase database, IPaymentGateway gateway, TimeProvider clock) : IWorkStep<LookAtInvoiceWork>
{
    public async Task<StepResult> RunAsync(LookAtInvoiceWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var invoice = await database.ReadAsync(
            session => session.Invoices.FindAsync(payload.Invoice, cancellationToken),
            cancellationToken
        );
        if (invoice is null)
            return StepResult.Finished;
        // What is not final yet belongs to the close.
        if (invoice.StripeInvoiceId is not { } id || invoice.Stage is not (InvoiceStage.Finalized or InvoiceStage.Settled))
            return StepResult.Finished;
        var read = await gateway.ReadInvoiceAsync(id, cancellationToken);
        if (!read.TryGet(out var now, out var problem))
            return StepResult.Of(problem);
        var trouble = PaymentTrouble.Of(now) ?? (now.Status == InvoiceStatus.Open ? invoice.ProblemMessage : null);
        if (now.Status == InvoiceStatus.Draft)
            return StepResult.Finished;
        var isKnown = now.Status == invoice.Status && now.PaidMinor == invoice.AmountPaidMinor && trouble == invoice.ProblemMessage;
        if (isKnown && now.Corrections is null or { Notes.Count: 0, Refunds: null or { Count: 0 } })
            return StepResult.Finished;
        return new StepResult.Done(
            async (session, token) =>
            {
                var current = (await session.Invoices.FindAsync(invoice.Id, token))!;
                if (!isKnown)
                    current.Observe(now.Status, now.PaidMinor, trouble, clock.Now());
                await session.TakeOverAsync(current, now.Corrections, clock, token);
                if (!isKnown)
                    session.WakeDunning(current, clock);
            }
        );
    }
}

public sealed record ReconcileInvoicesWork : IWorkPayload
{
    public static string Kind => "invoices.reconcile";
}

/// <summary>
/// Every ten minutes asks Stripe about finalized invoices that are not paid: a webhook may be late, doubled, out of order
/// or lost. Each invoice is looked at by work of its own, so that one that Stripe does not answer for stops no other.
/// </summary>
public sealed class ReconcileInvoices(IPortalDatabase database, BillingSettings settings, TimeProvider clock)
    : IWorkStep<ReconcileInvoicesWork>
{
    private const int Batch = 100;

    public async Task<StepResult> RunAsync(ReconcileInvoicesWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        InvoiceId? after = Guid.TryParse(turn.Checkpoint, out var last) ? new InvoiceId(last) : null;
        var batch = await database.ReadAsync(session => session.Invoices.OpenAsync(after, Batch, cancellationToken), cancellationToken);
        Settle look = async (session, token) =>
        {
            foreach (var invoice in batch)
            {
                var work = new LookAtInvoiceWork(invoice.Id);
                // One that is still being asked about is not asked about twice.
                if (await session.Work.FindOpenAsync(work.Place(invoice).Line, LookAtInvoiceWork.Kind, token) is null)
                    session.Work.Add(clock, work, work.Place(invoice));
            }
        };
        return batch.Count == Batch
            ? new StepResult.GoOn(batch[^1].Id.ToString(), Settle: look)
            : new StepResult.GoOn(null, settings.ReconcileEvery, look);
    }
}
