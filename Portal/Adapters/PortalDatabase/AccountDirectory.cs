using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

internal sealed class AccountDirectory(PortalConnections connections) : IAccountDirectory
{
    private volatile bool _any;

    public async Task<bool> AnyAsync(CancellationToken cancellationToken)
    {
        if (_any)
            return true;
        await using var context = connections.CreateDbContext();
        return _any = await context.Users.AnyAsync(cancellationToken);
    }

    public async Task<Account?> FindAsync(AccountId id, CancellationToken cancellationToken) =>
        (await FindManyAsync([id], cancellationToken)).GetValueOrDefault(id);

    public async Task<IReadOnlyDictionary<AccountId, Account>> FindManyAsync(
        IReadOnlyCollection<AccountId> ids,
        CancellationToken cancellationToken
    )
    {
        var values = ids.Select(id => id.Value).ToList();
        await using var context = connections.CreateDbContext();
        return await context
            .Users.Where(user => values.Contains(user.Id))
            .Select(user => new Account(new AccountId(user.Id), user.Email ?? "", user.EmailConfirmed, user.IsOperator, user.CreatedAt)
            {
                TimeZone = user.TimeZone,
            })
            .ToDictionaryAsync(account => account.Id, cancellationToken);
    }
}
