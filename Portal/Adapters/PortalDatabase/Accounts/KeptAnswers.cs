using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>The primary key decides who carries a request out, across replicas too.</summary>
internal sealed class KeptAnswers(PortalConnections connections, TimeProvider clock) : IKeptAnswers
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(1);

    public async Task<AnswerSlot> ReserveAsync(byte[] key, byte[] bodyHash, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var (old, dead) = (now - Kept, now - LongestRequest);
        await using var context = connections.CreateDbContext();
        await context.Set<KeptAnswerRow>().Where(row => row.StartedAt < old || row.Sealed == null && row.StartedAt < dead).ExecuteDeleteAsync(cancellationToken);
        if (await FindAsync(context, key, bodyHash, cancellationToken) is { } known) return known;
        context.Add(new KeptAnswerRow { Key = key, BodyHash = bodyHash, StartedAt = now });
        try
        {
            await context.SaveChangesAsync(cancellationToken);
            return new AnswerSlot.Reserved();
        }
        catch (DbUpdateException)
        {
            // Two at once: the primary key let one through.
            if (await FindAsync(context, key, bodyHash, cancellationToken) is { } other) return other;
            throw;
        }
    }

    public async Task KeepAsync(byte[] key, byte[] sealedAnswer, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        await context.Set<KeptAnswerRow>().Where(row => row.Key == key).ExecuteUpdateAsync(set => set.SetProperty(row => row.Sealed, sealedAnswer), cancellationToken);
    }

    public async Task ReleaseAsync(byte[] key, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        await context.Set<KeptAnswerRow>().Where(row => row.Key == key).ExecuteDeleteAsync(cancellationToken);
    }

    private static async Task<AnswerSlot?> FindAsync(PortalDbContext context, byte[] key, byte[] bodyHash, CancellationToken cancellationToken) =>
        await context.Set<KeptAnswerRow>().AsNoTracking().SingleOrDefaultAsync(row => row.Key == key, cancellationToken) switch
        {
            null => null,
            var found when !found.BodyHash.AsSpan().SequenceEqual(bodyHash) => new AnswerSlot.OtherBody(),
            { Sealed: { } answer } => new AnswerSlot.Answered(answer),
            _ => new AnswerSlot.InFlight(),
        };
}
