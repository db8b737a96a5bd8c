using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>Compares finalised invoices that are not paid with Stripe: a webhook may be late, doubled, out of order or lost.</summary>
public sealed class ReconcileInvoices(IPortalDatabase database, IPaymentGateway gateway, TimeProvider clock)
{
    private const int Batch = 100;

    /// <summary>How many changed. Stops at the first that Stripe does not answer for.</summary>
    public async Task<Outcome<int>> RunAsync(Lease? lease, CancellationToken cancellationToken)
    {
        var changed = 0;
        for (InvoiceId? after = null; ;)
        {
            var batch = await database.ReadAsync(session => session.Invoices.OpenAsync(after, Batch, cancellationToken), cancellationToken);
            foreach (var invoice in batch)
            {
                var looked = await LookAsync(invoice, lease, cancellationToken);
                if (!looked.TryGet(out var news, out var problem)) return problem;
                if (news) changed++;
            }
            if (batch.Count < Batch) return changed;
            after = batch[^1].Id;
        }
    }

    /// <summary>Reads the invoice at Stripe and takes over what is news. True when something was.</summary>
    internal async Task<Outcome<bool>> LookAsync(Invoice invoice, Lease? lease, CancellationToken cancellationToken)
    {
        // What is not final yet belongs to the close.
        if (invoice.StripeInvoiceId is not { } id || invoice.Stage is not (InvoiceStage.Finalized or InvoiceStage.Settled)) return false;
        var read = await gateway.ReadInvoiceAsync(id, cancellationToken);
        if (!read.TryGet(out var now, out var problem)) return problem is Problem.Unavailable or Problem.TooMany ? problem : false;
        if (now.Status == InvoiceStatus.Draft || now.Status == invoice.Status && now.PaidMinor == invoice.AmountPaidMinor) return false;
        return await database.UpdateAsync(lease, async session =>
        {
            var current = (await session.Invoices.FindAsync(invoice.Id, cancellationToken))!;
            current.Observe(now.Status, now.PaidMinor, now.Status == InvoiceStatus.Open ? current.ProblemMessage : null, clock.Now());
            return true;
        }, cancellationToken);
    }
}

/// <summary>
/// Works through the webhook inbox. An event only says "go and look": the object is read again from Stripe, so order,
/// repetition and age of events do not matter.
/// </summary>
public sealed class HandlePaymentEvents(
    IPortalDatabase database, IPaymentEventInbox inbox, ReconcileInvoices invoices, CompleteCheckout checkout)
{
    private const int Batch = 50;
    private static readonly Actor Worker = Actor.Worker("payment-events");

    /// <summary>How many were handled; those that Stripe does not answer for stay for the next time.</summary>
    public async Task<int> RunAsync(Lease? lease, CancellationToken cancellationToken)
    {
        var handled = 0;
        foreach (var happened in await inbox.PendingAsync(Batch, cancellationToken))
        {
            var outcome = await HandleAsync(happened, lease, cancellationToken);
            if (outcome.Problem is Problem.Unavailable or Problem.TooMany) continue;
            await inbox.HandledAsync(happened.Id, outcome.Problem is { } problem ? $"{problem.Code}: {problem.Message}" : null, cancellationToken);
            handled++;
        }
        return handled;
    }

    private async Task<Outcome<Done>> HandleAsync(GatewayEvent happened, Lease? lease, CancellationToken cancellationToken)
    {
        if (happened.Type.StartsWith("invoice.", StringComparison.Ordinal) && happened.ObjectId is { } id)
        {
            var invoice = await database.ReadAsync(session => session.Invoices.FindByStripeIdAsync(id, cancellationToken), cancellationToken);
            return invoice is null ? Outcome.Done : (await invoices.LookAsync(invoice, lease, cancellationToken)).Map(_ => default(Done));
        }
        return happened.Type is "checkout.session.completed" or "setup_intent.succeeded" or "payment_method.attached" && happened.CustomerId is { } customer
            ? await checkout.RunForCustomerAsync(Worker, customer, cancellationToken)
            : Outcome.Done;
    }
}
