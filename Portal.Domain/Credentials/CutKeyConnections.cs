using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Credentials;

/// <summary>Who is connected to a topic at its brokers.</summary>
public interface IConnectedClients
{
    /// <summary>
    /// How many consumers and readers the role has there, over the binary protocol. Brokers tell the role of no producer:
    /// they close a role's producers together with its consumers, when its grant is taken away. 0 for a topic that is gone.
    /// </summary>
    Task<Outcome<int>> CountAsync(TopicAddress topic, string role, CancellationToken cancellationToken);

    /// <summary>
    /// Unloads the topic from its broker, which closes every client of it; its counters begin again at 0. NotFound
    /// <c>topic-not-on-cluster</c> when absent.
    /// </summary>
    Task<Outcome<Done>> UnloadAsync(TopicAddress topic, CancellationToken cancellationToken);
}

/// <summary>
/// Makes sure that a key whose grant was taken away is not connected any more. A broker closes its clients by itself
/// within a moment; where it did not, the topic is unloaded, which closes every client: those that still may come back.
/// </summary>
public sealed class CutKeyConnections(IConnectedClients clients, IFinalReading finalReading, TimeProvider clock)
{
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Done when nothing of the role is left; Unavailable <c>key-still-connected</c> when the cluster would not let go of it.
    /// </summary>
    public async Task<Outcome<Done>> RunAsync(Topic topic, string role, CancellationToken cancellationToken)
    {
        if (!(await SettleAsync(topic, role, cancellationToken)).TryGet(out var left, out var problem))
            return problem;
        if (left == 0)
            return Outcome.Done;
        // An unload begins the counters anew: what was counted until now is read first.
        await finalReading.TakeAsync(topic, cancellationToken);
        var unloaded = await clients.UnloadAsync(topic.OnCluster, cancellationToken);
        if (!unloaded.IsOk)
            return unloaded.Problem is Problem.NotFound ? Outcome.Done : unloaded.Problem;
        if (!(await SettleAsync(topic, role, cancellationToken)).TryGet(out left, out problem))
            return problem;
        return left == 0
            ? Outcome.Done
            : new Problem.Unavailable(
                "key-still-connected",
                $"Clients of this key are still connected to {topic.Address}. We keep disconnecting them."
            );
    }

    /// <summary>How many are left when no more go by themselves.</summary>
    private async Task<Outcome<int>> SettleAsync(Topic topic, string role, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            var counted = await clients.CountAsync(topic.OnCluster, role, cancellationToken);
            if (!counted.TryGet(out var left, out _) || left == 0 || look == Looks)
                return counted;
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        }
    }
}
