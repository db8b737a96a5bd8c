using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>The organization's credit notes that were issued, newest first.</summary>
public sealed class ListCreditNotes(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="invoice">By its number; null for all.</param>
    public async Task<Outcome<PageOf<CreditNote>>> RunAsync(
        Actor actor,
        string organization,
        string? invoice,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "credit-note.list", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await database.ReadAsync(
                session => session.CreditNotes.ListAsync(access.Organization.Id, invoice, issuedOnly: true, page, cancellationToken),
                cancellationToken
            )
            : problem;
    }
}

/// <summary>One credit note by its number.</summary>
public sealed class GetCreditNote(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<CreditNote>> RunAsync(Actor actor, string organization, string number, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "credit-note.view", Operation.Brief(number)),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var note = await database.ReadAsync(
            session => session.CreditNotes.FindAsync(access.Organization.Id, number, cancellationToken),
            cancellationToken
        );
        return note is null
            ? new Problem.NotFound(
                "credit-note-not-found",
                $"There is no credit note '{Operation.Brief(number)}' in this organization. The list of credit notes shows those there are."
            )
            : note;
    }
}

/// <summary>An invoice with all that corrected it.</summary>
/// <param name="Notes">Oldest first.</param>
/// <param name="Refunds">Oldest first; those that no credit note stands for among them.</param>
public sealed record CorrectedInvoice(Invoice Invoice, IReadOnlyList<CreditNote> Notes, IReadOnlyList<InvoiceRefund> Refunds)
{
    internal static async Task<CorrectedInvoice> LoadAsync(
        IPortalSession session,
        Invoice invoice,
        bool issuedOnly,
        CancellationToken cancellationToken
    )
    {
        var notes = await session.CreditNotes.OfInvoiceAsync(invoice.Id, cancellationToken);
        return new(
            invoice,
            issuedOnly ? [.. notes.Where(note => note.Number is not null)] : notes,
            await session.CreditNotes.RefundsAsync(invoice.Id, cancellationToken)
        );
    }
}

/// <summary>One invoice by its number, with the credit notes that were issued over it.</summary>
public sealed class GetCorrectedInvoice(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<CorrectedInvoice>> RunAsync(
        Actor actor,
        string organization,
        string number,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "invoice.view", number),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync(
            async session =>
                await session.Invoices.FindAsync(access.Organization.Id, number, cancellationToken) is { } invoice
                    ? (Outcome<CorrectedInvoice>)await CorrectedInvoice.LoadAsync(session, invoice, issuedOnly: true, cancellationToken)
                    : GetInvoice.Missing(number),
            cancellationToken
        );
    }
}

/// <summary>A customer's invoice for the operator.</summary>
public sealed record CustomerInvoice(Organization Organization, CorrectedInvoice Corrected);

/// <summary>A customer's invoice with all that corrected it, for the operator.</summary>
public sealed class GetInvoiceOfCustomer(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<CustomerInvoice>> RunAsync(Actor actor, string number, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "invoice.view-of", Operation.Brief(number)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync(
            async session =>
            {
                if (await session.Invoices.FindAsync(number, cancellationToken) is not { } invoice)
                    return CreateCreditNote.Missing(number);
                var organization = (await session.Organizations.FindAsync(invoice.OrganizationId, cancellationToken))!;
                return (Outcome<CustomerInvoice>)
                    new CustomerInvoice(
                        organization,
                        await CorrectedInvoice.LoadAsync(session, invoice, issuedOnly: false, cancellationToken)
                    );
            },
            cancellationToken
        );
    }
}

/// <summary>A customer's invoices, newest first, for the operator.</summary>
/// <param name="Organization">Whose.</param>
public sealed record CustomerInvoices(Organization Organization, PageOf<Invoice> Invoices);

/// <summary>A customer's invoices, newest first, for the operator.</summary>
public sealed class ListInvoicesOfCustomer(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<CustomerInvoices>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "invoice.list-of", Operation.Brief(organization)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync(
            async session =>
                await session.Organizations.FindAsync(organization, cancellationToken) is { } found
                    ? (Outcome<CustomerInvoices>)
                        new CustomerInvoices(found, await session.Invoices.ListAsync(found.Id, page, cancellationToken))
                    : OrganizationProblems.NoOrganization,
            cancellationToken
        );
    }
}

/// <summary>Credit notes of all customers, those that are not issued among them, newest first.</summary>
public sealed class ListAllCreditNotes(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="invoice">By its number; null for all.</param>
    public async Task<Outcome<PageOf<CreditNote>>> RunAsync(
        Actor actor,
        string? invoice,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "credit-note.list-all", ""),
            cancellationToken
        );
        return allowed.IsOk
            ? await database.ReadAsync(
                session => session.CreditNotes.ListAsync(null, invoice, issuedOnly: false, page, cancellationToken),
                cancellationToken
            )
            : allowed.Problem;
    }
}

/// <summary>One credit note by its id, whatever became of it.</summary>
public sealed class GetCreditNoteOfCustomer(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<CreditNote>> RunAsync(Actor actor, CreditNoteId id, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "credit-note.view-of", id.ToString()),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        var note = await database.ReadAsync(session => session.CreditNotes.FindAsync(id, cancellationToken), cancellationToken);
        return note is null
            ? new Problem.NotFound("credit-note-not-found", "There is no such credit note. The list of credit notes shows those there are.")
            : note;
    }
}
