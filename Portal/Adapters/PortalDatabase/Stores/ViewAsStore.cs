using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class ViewAsStore(PortalDbContext context) : IViewAsStore
{
    public Task<ViewAs?> FindAsync(
        OrganizationId organization,
        AccountId operatorId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        context
            .Set<ViewAs>()
            .Where(look => look.OrganizationId == organization && look.OperatorId == operatorId && look.ExpiresAt > now)
            .OrderByDescending(look => look.StartedAt)
            .ThenByDescending(look => look.Id)
            .FirstOrDefaultAsync(cancellationToken);

    public Task<ViewAs?> FindAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        context.Set<ViewAs>().SingleOrDefaultAsync(look => look.TokenHash == tokenHash, cancellationToken);

    public async Task<IReadOnlyList<ViewAs>> RunningAsync(AccountId operatorId, DateTimeOffset now, CancellationToken cancellationToken) =>
        await context
            .Set<ViewAs>()
            .Where(look => look.OperatorId == operatorId && look.ExpiresAt > now)
            .OrderBy(look => look.StartedAt)
            .ToListAsync(cancellationToken);

    public void Add(ViewAs look) => context.Add(look);
}
