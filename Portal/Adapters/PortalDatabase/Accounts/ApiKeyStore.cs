using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;

namespace Portal.Adapters.PortalDatabase.Accounts;

internal sealed class ApiKeyStore(PortalConnections connections) : IApiKeyStore
{
    public async Task<ApiKeyRecord?> FindAsync(byte[] hash, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        return await context.Set<ApiKeyRow>().AsNoTracking().SingleOrDefaultAsync(key => key.Hash == hash, cancellationToken) is { } row
            ? new(new(row.Id), new(row.AccountId), row.Name, row.Hash, row.CreatedAt, row.ExpiresAt)
            : null;
    }

    public async Task AddAsync(ApiKeyRecord key, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        context.Add(new ApiKeyRow { Id = key.Id.Value, AccountId = key.Account.Value, Name = key.Name, Hash = key.Hash, CreatedAt = key.CreatedAt, ExpiresAt = key.ExpiresAt });
        await context.SaveChangesAsync(cancellationToken);
    }
}
