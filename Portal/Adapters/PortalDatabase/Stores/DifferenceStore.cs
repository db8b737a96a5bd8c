using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Domain.Desired;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class DifferenceStore(PortalDbContext context) : IDifferenceStore
{
    public async Task<IReadOnlyList<ClusterDifference>> OfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        await context.Set<ClusterDifference>().Where(one => one.NamespaceId == @namespace).ToListAsync(cancellationToken);

    public Task<PageOf<ClusterDifference>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        context
            .Set<ClusterDifference>()
            .AsNoTracking()
            .PageAsync(
                page,
                "differences",
                one => one.EndedAt == null ? long.MaxValue : 0L,
                one => one.Id,
                newestFirst: true,
                cancellationToken
            );

    public Task<int> CutAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) =>
        context.Set<ClusterDifference>().Where(one => one.EndedAt < endedBefore).ExecuteDeleteAsync(cancellationToken);

    public void Add(ClusterDifference difference) => context.Add(difference);
}
