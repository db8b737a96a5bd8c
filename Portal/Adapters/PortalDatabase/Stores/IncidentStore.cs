using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class IncidentStore(PortalDbContext context) : IIncidentStore
{
    public void Add(Incident incident) => context.Add(incident);

    public Task<Incident?> FindAsync(IncidentId id, CancellationToken cancellationToken) =>
        context.Incidents.SingleOrDefaultAsync(incident => incident.Id == id, cancellationToken);

    public Task<PageOf<Incident>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        context
            .Incidents.AsNoTracking()
            .PageAsync(page, "incidents", incident => incident.StartedAt, incident => incident.Id, newestFirst: true, cancellationToken);

    public async Task<IReadOnlyList<Incident>> SinceAsync(DateTimeOffset endedAfter, int most, CancellationToken cancellationToken) =>
        await context
            .Incidents.AsNoTracking()
            .Where(incident => incident.EndedAt == null || incident.EndedAt >= endedAfter)
            .OrderByDescending(incident => incident.StartedAt)
            .ThenByDescending(incident => incident.Id)
            .Take(most)
            .ToListAsync(cancellationToken);
}
