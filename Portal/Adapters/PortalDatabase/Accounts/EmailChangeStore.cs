using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

internal sealed class EmailChangeStore(PortalDbContext context) : IEmailChangeStore
{
    private DbSet<EmailChange> Changes => context.Set<EmailChange>();

    public Task<EmailChange?> FindAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken) =>
        Changes.SingleOrDefaultAsync(change => change.AccountId == account && change.ExpiresAt > now, cancellationToken);

    public async Task ReplaceAsync(EmailChange change, CancellationToken cancellationToken)
    {
        await Changes.Where(one => one.AccountId == change.AccountId).ExecuteDeleteAsync(cancellationToken);
        context.Add(change);
    }

    public async Task RemoveAsync(AccountId account, CancellationToken cancellationToken)
    {
        // Through the tracker: the change may have been touched in this transaction.
        if (await Changes.SingleOrDefaultAsync(one => one.AccountId == account, cancellationToken) is { } change)
            context.Remove(change);
    }
}
