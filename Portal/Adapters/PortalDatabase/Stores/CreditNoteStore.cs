using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class CreditNoteStore(PortalDbContext context) : ICreditNoteStore
{
    private const int MostOfOne = 1_000;

    private IQueryable<CreditNote> Notes => context.CreditNotes.Include(note => note.Lines.OrderBy(line => line.Position)).AsSplitQuery();

    public Task<CreditNote?> FindAsync(CreditNoteId id, CancellationToken cancellationToken) =>
        Notes.SingleOrDefaultAsync(note => note.Id == id, cancellationToken);

    public Task<CreditNote?> FindAsync(OrganizationId organization, string number, CancellationToken cancellationToken) =>
        Notes.FirstOrDefaultAsync(note => note.OrganizationId == organization && note.Number == number, cancellationToken);

    public Task<CreditNote?> FindByStripeIdAsync(string stripeCreditNoteId, CancellationToken cancellationToken) =>
        Notes.SingleOrDefaultAsync(note => note.StripeCreditNoteId == stripeCreditNoteId, cancellationToken);

    public async Task<IReadOnlyList<CreditNote>> OfInvoiceAsync(InvoiceId invoice, CancellationToken cancellationToken) =>
        await Notes
            .Where(note => note.InvoiceId == invoice)
            .OrderBy(note => note.CreatedAt)
            .ThenBy(note => note.Id)
            .Take(MostOfOne)
            .ToListAsync(cancellationToken);

    public Task<PageOf<CreditNote>> ListAsync(
        OrganizationId? organization,
        string? invoice,
        bool issuedOnly,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var notes = Notes;
        if (organization is { } of)
            notes = notes.Where(note => note.OrganizationId == of);
        if (invoice is not null)
            notes = notes.Where(note => note.InvoiceNumber == invoice);
        if (issuedOnly)
            notes = notes.Where(note => note.Number != null);
        return notes.PageAsync(page, "credit-notes", note => note.CreatedAt, note => note.Id, newestFirst: true, cancellationToken);
    }

    public async Task<IReadOnlyList<InvoiceRefund>> RefundsAsync(InvoiceId invoice, CancellationToken cancellationToken) =>
        await context
            .InvoiceRefunds.Where(refund => refund.InvoiceId == invoice)
            .OrderBy(refund => refund.At)
            .ThenBy(refund => refund.StripeRefundId)
            .Take(MostOfOne)
            .ToListAsync(cancellationToken);

    public Task<InvoiceRefund?> FindRefundAsync(string stripeRefundId, CancellationToken cancellationToken) =>
        context.InvoiceRefunds.SingleOrDefaultAsync(refund => refund.StripeRefundId == stripeRefundId, cancellationToken);

    public void Add(CreditNote note) => context.Add(note);

    public void Add(InvoiceRefund refund) => context.Add(refund);
}
