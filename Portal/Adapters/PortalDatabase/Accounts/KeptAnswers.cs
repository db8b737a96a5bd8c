using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>
/// The primary key decides who carries a request out, across replicas too. A reservation names its process and request:
/// when that process is gone it is taken over at once, and should it be alive after all, its change finds the
/// reservation lost and rolls back.
/// </summary>
internal sealed class KeptAnswers(PortalConnections connections, ProcessMark process, TimeProvider clock) : IKeptAnswers
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    // A replica that lives, and lost sight of a reservation while the database was away.
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, bool> _underWay = new(StringComparer.Ordinal);

    public async Task<AnswerSlot> ReserveAsync(byte[] key, byte[] bodyHash, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var old = now - Kept;
        var holder = $"{await process.HoldAsync(cancellationToken)}/{Guid.NewGuid():N}";
        _underWay[holder] = true;
        await using var context = connections.CreateDbContext();
        await context.Set<KeptAnswerRow>().Where(row => row.StartedAt < old).ExecuteDeleteAsync(cancellationToken);
        AnswerSlot? slot = null;
        try
        {
            slot = await FindAsync(context, key, bodyHash, holder, now, cancellationToken);
            if (slot is null)
            {
                context.Add(
                    new KeptAnswerRow
                    {
                        Key = key,
                        BodyHash = bodyHash,
                        StartedAt = now,
                        Holder = holder,
                    }
                );
                await context.SaveChangesAsync(cancellationToken);
                slot = new AnswerSlot.Reserved(holder, WasBegun: false);
            }
        }
        catch (DbUpdateException)
        {
            // Two at once: the primary key let one through.
            context.ChangeTracker.Clear();
            slot = await FindAsync(context, key, bodyHash, holder, now, cancellationToken);
            if (slot is null)
                throw;
        }
        finally
        {
            if (slot is not AnswerSlot.Reserved)
                _underWay.TryRemove(holder, out _);
        }
        return slot;
    }

    public async Task KeepAsync(byte[] key, string holder, byte[] sealedAnswer, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        await context
            .Set<KeptAnswerRow>()
            .Where(row => row.Key == key && row.Holder == holder)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Sealed, sealedAnswer), cancellationToken);
        _underWay.TryRemove(holder, out _);
    }

    public async Task ReleaseAsync(byte[] key, string holder, CancellationToken cancellationToken)
    {
        // Even when the row cannot be deleted now: it is nobody's any more, and the next one takes it.
        _underWay.TryRemove(holder, out _);
        await using var context = connections.CreateDbContext();
        await context
            .Set<KeptAnswerRow>()
            .Where(row => row.Key == key && row.Holder == holder && row.Sealed == null)
            .ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>In the transaction of a change: keeps the answer of the request that it belongs to, if there is one.</summary>
    /// <exception cref="ReservationLostException">Somebody else carries the request out; the change must not be committed.</exception>
    internal static async Task KeepWithChangeAsync<T>(PortalDbContext context, T result, CancellationToken cancellationToken)
    {
        if (RepeatableRequest.Current is not { } request || await request.AnswerOfAsync(result) is not { } sealedAnswer)
            return;
        var (key, holder) = (request.Key, request.Holder);
        var kept = await context
            .Set<KeptAnswerRow>()
            .Where(row => row.Key == key && row.Holder == holder)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Sealed, sealedAnswer), cancellationToken);
        if (kept == 0)
            throw new ReservationLostException();
    }

    private async Task<AnswerSlot?> FindAsync(
        PortalDbContext context,
        byte[] key,
        byte[] bodyHash,
        string holder,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var found = await context.Set<KeptAnswerRow>().AsNoTracking().SingleOrDefaultAsync(row => row.Key == key, cancellationToken);
        if (found is null)
            return null;
        if (!found.BodyHash.AsSpan().SequenceEqual(bodyHash))
            return new AnswerSlot.OtherBody();
        if (found.Sealed is { } answer)
            return new AnswerSlot.Answered(answer);
        if (!await IsGivenUpAsync(found, now, cancellationToken))
            return new AnswerSlot.InFlight();
        var dead = found.Holder;
        var taken = await context
            .Set<KeptAnswerRow>()
            .Where(row => row.Key == key && row.Holder == dead && row.Sealed == null)
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Holder, holder).SetProperty(row => row.StartedAt, now),
                cancellationToken
            );
        // Lost to another one, or to the answer itself: whoever asks again in a moment gets it.
        return taken == 1 ? new AnswerSlot.Reserved(holder, WasBegun: true) : new AnswerSlot.InFlight();
    }

    private async Task<bool> IsGivenUpAsync(KeptAnswerRow row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var owner = row.Holder.Split('/')[0];
        if (owner == process.Name)
            return !_underWay.ContainsKey(row.Holder);
        return row.StartedAt < now - LongestRequest || await process.IsGoneAsync(owner, cancellationToken);
    }
}
