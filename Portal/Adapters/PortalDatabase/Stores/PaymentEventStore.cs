using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class PaymentEventStore(PortalDbContext context, TimeProvider clock) : IPaymentEventStore
{
    public async Task<bool> AddAsync(GatewayEvent happened, string body, CancellationToken cancellationToken)
    {
        // Of two deliveries at once the second meets the key, and its transaction runs again.
        if (await context.PaymentEvents.AnyAsync(row => row.Id == happened.Id, cancellationToken))
            return false;
        context.Add(
            new PaymentEventRow
            {
                Id = happened.Id,
                Type = happened.Type,
                ObjectId = happened.ObjectId,
                CustomerId = happened.CustomerId,
                CreatedAt = happened.CreatedAt.TruncateToMicroseconds(),
                ReceivedAt = clock.Now(),
                Body = body,
            }
        );
        return true;
    }

    public async Task<int> CutAsync(DateTimeOffset receivedBefore, int atMost, CancellationToken cancellationToken)
    {
        var old = await context
            .PaymentEvents.Where(row => row.ReceivedAt < receivedBefore)
            .OrderBy(row => row.ReceivedAt)
            .Take(atMost)
            .Select(row => row.Id)
            .ToListAsync(cancellationToken);
        return old.Count == 0 ? 0 : await context.PaymentEvents.Where(row => old.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
    }
}
