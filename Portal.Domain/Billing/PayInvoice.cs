using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <param name="Card">Stripe's id of the card that was added: an invoice is tried once with each.</param>
public sealed record PayInvoiceWork(InvoiceId Invoice, string Card) : IWorkPayload
{
    public static string Kind => "invoice.pay";

    /// <summary>The invoice's line: never beside its settling, or a look at it.</summary>
    public static WorkPlace Place(Invoice invoice) =>
        new(Lanes.Stripe, $"invoice:{invoice.Id}", invoice.OrganizationId, $"invoice {invoice.Number}", WorkPriority.Waiting);
}

/// <summary>Charges an invoice that is still open to the card that was added after its payment had failed.</summary>
public sealed class PayInvoice(IPortalDatabase database, IPaymentGateway gateway, TimeProvider clock) : IWorkStep<PayInvoiceWork>
{
    public async Task<StepResult> RunAsync(PayInvoiceWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var invoice = await database.ReadAsync(
            session => session.Invoices.FindAsync(payload.Invoice, cancellationToken),
            cancellationToken
        );
        if (invoice is null || !invoice.AwaitsCard(payload.Card))
            return StepResult.Finished;
        if (!(await TryAsync(gateway, invoice.StripeInvoiceId!, cancellationToken)).TryGet(out var tried, out var problem))
            return StepResult.Of(problem);
        return new StepResult.Done(
            async (session, token) =>
            {
                var current = (await session.Invoices.FindAsync(payload.Invoice, token))!;
                current.Tried(payload.Card);
                current.Observe(tried.Now.Status, tried.Now.PaidMinor, tried.Trouble, clock.Now());
                session.WakeDunning(current, clock);
            }
        );
    }

    /// <summary>
    /// The organization's open invoices that this card has not been tried for, each as work of its own. True when there is
    /// one. Asked twice there is work twice, and the second finds the card tried: to look for open work here would lose the
    /// card that is added while an earlier one is still being tried.
    /// </summary>
    internal static async Task<bool> QueueAsync(
        IPortalSession session,
        TimeProvider clock,
        Organization organization,
        string card,
        CancellationToken cancellationToken
    )
    {
        var any = false;
        foreach (var invoice in await session.Invoices.OpenOfAsync(organization.Id, cancellationToken))
        {
            if (!invoice.AwaitsCard(card))
                continue;
            any = true;
            session.Work.Add(clock, new PayInvoiceWork(invoice.Id, card), PayInvoiceWork.Place(invoice));
        }
        return any;
    }

    /// <summary>Charges the default card and says what holds at Stripe afterwards; a problem only when trying again may help.</summary>
    internal static async Task<Outcome<(GatewayInvoice Now, string? Trouble)>> TryAsync(
        IPaymentGateway gateway,
        string stripeInvoiceId,
        CancellationToken cancellationToken
    )
    {
        string? why = null;
        if (!(await gateway.PayAsync(stripeInvoiceId, cancellationToken)).TryGet(out var now, out var problem))
        {
            if (problem is Problem.Unavailable or Problem.TooMany)
                return problem;
            // The card was declined, or somebody settled it at Stripe: what Stripe says now is what holds.
            why = problem.Message;
            if (!(await gateway.ReadInvoiceAsync(stripeInvoiceId, cancellationToken)).TryGet(out now, out problem))
                return problem;
        }
        return (now, now.Status == InvoiceStatus.Open ? why : null);
    }
}
