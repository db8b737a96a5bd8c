using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class OperatorNoteStore(PortalDbContext context) : IOperatorNoteStore
{
    public void Add(OperatorNote note) => context.Add(note);

    public void Remove(OperatorNote note) => context.Remove(note);

    public Task<OperatorNote?> FindAsync(OrganizationId organization, OperatorNoteId id, CancellationToken cancellationToken) =>
        context.OperatorNotes.SingleOrDefaultAsync(note => note.OrganizationId == organization && note.Id == id, cancellationToken);

    public Task<PageOf<OperatorNote>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        context
            .OperatorNotes.AsNoTracking()
            .Where(note => note.OrganizationId == organization)
            .PageAsync(page, "operator-notes", note => note.At, note => note.Id, newestFirst: true, cancellationToken);
}
