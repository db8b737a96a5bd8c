using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Domain.Provisioning;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class Outbox(PortalDbContext context) : IOutbox
{
    public void Add(Intent intent) => context.Add(intent);

    public async Task<IReadOnlyList<Intent>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        await context.Intents
            .Where(intent => intent.DoneAt == null && intent.NotBefore <= now
                && !context.Intents.Any(earlier => earlier.Line == intent.Line && earlier.DoneAt == null && earlier.Sequence < intent.Sequence))
            .OrderBy(intent => intent.Sequence).Take(limit).ToListAsync(cancellationToken);

    public Task<Intent?> FindAsync(IntentId id, CancellationToken cancellationToken) => context.Intents.SingleOrDefaultAsync(intent => intent.Id == id, cancellationToken);

    // Newest first of each half: 1 for the open ones, so that they come first in descending order.
    public Task<PageOf<Intent>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        context.Intents.PageAsync(page, "intents", intent => intent.DoneAt == null ? 1L : 0L, intent => intent.Sequence, newestFirst: true, cancellationToken);
}
