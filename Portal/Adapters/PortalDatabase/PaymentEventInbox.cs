using Microsoft.EntityFrameworkCore;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

internal sealed class PaymentEventInbox(PortalConnections connections, TimeProvider clock) : IPaymentEventInbox
{
    public async Task<bool> StoreAsync(GatewayEvent gatewayEvent, string body, CancellationToken cancellationToken)
    {
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        const string Text = """
            INSERT INTO payment_events (id, type, object_id, customer_id, created_at, received_at, body)
            VALUES (@id, @type, @object, @customer, @created, @received, @body) ON CONFLICT (id) DO NOTHING
            """;
        var rows = await Sql.ExecuteAsync(write.Connection, write.Transaction, Text, [
            ("id", gatewayEvent.Id), ("type", gatewayEvent.Type), ("object", gatewayEvent.ObjectId), ("customer", gatewayEvent.CustomerId),
            ("created", gatewayEvent.CreatedAt.ToUnixMicroseconds()), ("received", clock.Now().ToUnixMicroseconds()), ("body", body),
        ], cancellationToken);
        await write.CommitAsync(cancellationToken);
        return rows == 1;
    }

    public async Task<IReadOnlyList<GatewayEvent>> PendingAsync(int limit, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        return await context.PaymentEvents.Where(row => row.HandledAt == null).OrderBy(row => row.ReceivedAt).ThenBy(row => row.Id).Take(limit)
            .Select(row => new GatewayEvent(row.Id, row.Type, row.ObjectId, row.CustomerId, row.CreatedAt)).ToListAsync(cancellationToken);
    }

    public async Task HandledAsync(string eventId, string? problem, CancellationToken cancellationToken)
    {
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        await Sql.ExecuteAsync(
            write.Connection, write.Transaction, "UPDATE payment_events SET handled_at = @at, problem = @problem WHERE id = @id",
            [("at", clock.Now().ToUnixMicroseconds()), ("problem", problem), ("id", eventId)], cancellationToken);
        await write.CommitAsync(cancellationToken);
    }
}
