using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>The organization's invoices, newest first.</summary>
public sealed class ListInvoices(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Invoice>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "invoice.list", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await database.ReadAsync(
                session => session.Invoices.ListAsync(access.Organization.Id, page, cancellationToken),
                cancellationToken
            )
            : problem;
    }
}

/// <summary>One invoice by its number.</summary>
public sealed class GetInvoice(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Invoice>> RunAsync(Actor actor, string organization, string number, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "invoice.view", number),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var invoice = await database.ReadAsync(
            session => session.Invoices.FindAsync(access.Organization.Id, number, cancellationToken),
            cancellationToken
        );
        return invoice is null ? Missing(number) : invoice;
    }

    internal static Problem.NotFound Missing(string number) =>
        new(
            "invoice-not-found",
            $"There is no invoice '{(number.Length <= 60 ? number : number[..60])}' in this organization. "
                + "The list of invoices shows those there are."
        );
}

/// <summary>As Stripe writes it.</summary>
public static class InvoiceStatuses
{
    public static string Text(this InvoiceStatus status) =>
        status switch
        {
            InvoiceStatus.Draft => "draft",
            InvoiceStatus.Open => "open",
            InvoiceStatus.Paid => "paid",
            InvoiceStatus.Uncollectible => "uncollectible",
            InvoiceStatus.Void => "void",
        };
}

/// <summary>An invoice whose close is not through.</summary>
/// <param name="Problem">What keeps it from being settled; null while nothing does.</param>
public sealed record UnsettledInvoice(string Number, string Month, InvoiceStage Stage, string? Problem);

/// <summary>Invoices of all organizations whose close is not through, mismatches among them: the operator's page.</summary>
public sealed class ListUnsettledInvoices(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<UnsettledInvoice>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "invoice.list-unsettled", ""),
            cancellationToken
        );
        return allowed.IsOk
            ? await database.ReadAsync(session => session.Invoices.UnsettledAsync(page, cancellationToken), cancellationToken)
            : allowed.Problem;
    }
}

/// <summary>The operator has mended what differed at Stripe: missing items are added and the draft is compared once more.</summary>
public sealed class CompareInvoiceAgain(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string number, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "invoice.compare-again", Operation.Brief(number));
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var found = await database.ReadAsync(session => session.Invoices.FindAsync(number, cancellationToken), cancellationToken);
        if (found is not { Id: var id, OrganizationId: var organization })
            return new Problem.NotFound(
                "invoice-not-found",
                $"There is no invoice '{Operation.Brief(number)}'. Reconciliation lists the invoices of each month."
            );
        return await database.WriteAsync<Done>(
            actor,
            organization,
            operation,
            async session =>
            {
                var invoice = (await session.Invoices.FindAsync(id, cancellationToken))!;
                var settle = new SettleInvoiceWork(id);
                // One whose work was skipped is taken up again the same way.
                var isSettling =
                    await session.Work.FindOpenAsync(settle.Place(invoice, null).Line, SettleInvoiceWork.Kind, cancellationToken)
                    is not null;
                if (isSettling || invoice.Stage is InvoiceStage.Settled)
                    return new Problem.Conflict(
                        "invoice-not-blocked",
                        $"Invoice {invoice.Number} is not blocked by a difference, so there is nothing to compare again."
                    );
                if (invoice.Stage == InvoiceStage.Mismatch)
                    invoice.CompareAgain();
                session.Work.Add(clock, settle, settle.Place(invoice, null) with { Priority = WorkPriority.Waiting });
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
