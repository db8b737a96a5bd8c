using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

internal sealed class RecoveryCodeStore(PortalDbContext context) : IRecoveryCodeStore
{
    private DbSet<RecoveryCodeRow> Codes => context.Set<RecoveryCodeRow>();

    public Task<int> CountAsync(AccountId account, CancellationToken cancellationToken) =>
        Codes.CountAsync(code => code.AccountId == account, cancellationToken);

    public async Task ReplaceAsync(AccountId account, IReadOnlyList<byte[]> hashes, CancellationToken cancellationToken)
    {
        await Codes.Where(code => code.AccountId == account).ExecuteDeleteAsync(cancellationToken);
        context.AddRange(hashes.Select(hash => new RecoveryCodeRow { AccountId = account, Hash = hash }));
    }

    public async Task<bool> UseAsync(AccountId account, byte[] hash, CancellationToken cancellationToken) =>
        await Codes.Where(code => code.AccountId == account && code.Hash == hash).ExecuteDeleteAsync(cancellationToken) == 1;
}
