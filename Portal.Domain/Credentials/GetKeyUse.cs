using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Credentials;

/// <summary>
/// Who uses a key, as far as it can be told: brokers know the key of a consumer, and of no producer; WebSocket clients pass
/// the gateway.
/// </summary>
/// <param name="LastUsedAt">By a WebSocket client, to the minute; null for never.</param>
/// <param name="Consumers">Consumers and readers that are connected to the brokers with it now; null when the cluster did not say.</param>
/// <param name="IsComplete">False when some topics were not looked at: there may be more consumers.</param>
public sealed record KeyUse(PulsarKey Key, DateTimeOffset? LastUsedAt, int? Consumers, bool IsComplete);

/// <summary>Asks the brokers who is connected with a key, before somebody deletes it.</summary>
public sealed class GetKeyUse(AccessGuard guard, IPortalDatabase database, IConnectedClients clients, TimeProvider clock)
{
    // Each is a call to a broker, and somebody waits.
    private const int MostTopics = 50;
    private const int AtOnce = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public async Task<Outcome<KeyUse>> RunAsync(Actor actor, string organization, KeyId key, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "key.clients", $"{key}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (
            !(await database.ReadAsync(session => GetKey.ReadAsync(session, access, key, cancellationToken), cancellationToken)).TryGet(
                out var details,
                out problem
            )
        )
            return problem;
        var granted = details.Topics.Where(row => row.GrantedAt is not null).Select(row => row.Topic).ToList();
        var (consumers, unanswered) = (0, 0);
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await Parallel.ForEachAsync(
                granted.Take(MostTopics),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = both.Token },
                async (topic, stop) =>
                {
                    if ((await clients.CountAsync(topic.OnCluster, details.Key.Role, stop)).TryGet(out var count, out _))
                        Interlocked.Add(ref consumers, count);
                    else
                        Interlocked.Increment(ref unanswered);
                }
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            unanswered++;
        }
        // A grant for patterns opens topics that are not in the list.
        var complete = unanswered == 0 && granted.Count <= MostTopics && (details.Key.AllTopics || !details.Key.Patterns);
        return new KeyUse(details.Key, details.Key.LastUsedAt, unanswered > 0 && consumers == 0 ? null : consumers, complete);
    }
}
