using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// Takes what was published longer ago than some time from a backlog, unread. It stays in the topic for other subscriptions.
/// </summary>
public sealed class ExpireMessages(
    AccessGuard guard,
    IPortalDatabase database,
    ISubscriptionAdmin subscriptions,
    TopicLooks looks,
    TimeProvider clock
)
{
    /// <summary>Beyond any retention; a broker takes the seconds as 32 bits.</summary>
    public const int MostSeconds = int.MaxValue;

    /// <summary>How long brokers are waited for, who answer before they are done.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    /// <param name="olderThanSeconds">1 or more.</param>
    /// <param name="seenBacklog">What the person saw waiting, in entries; recorded and nothing more.</param>
    public async Task<Outcome<SubscriptionChange>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        long? olderThanSeconds,
        long? seenBacklog,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ManageResources, "subscription.expire", tenant, @namespace, topic, name);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (olderThanSeconds is not (>= 1 and <= MostSeconds and var seconds))
            return new Problem.Invalid(
                "age-malformed",
                $"Enter an age from 1 to {MostSeconds.ToString("N0", CultureInfo.InvariantCulture)} seconds.",
                "olderThanSeconds"
            );
        var looked = await subscriptions.FindAsync(database, access.Organization.Id, tenant, @namespace, topic, name, cancellationToken);
        if (!looked.TryGet(out var found, out problem))
            return problem;
        if (found.Fixed() is { } refused)
            return refused;
        var olderThan = TimeSpan.FromSeconds(seconds);
        var cutoff = clock.Now() - olderThan;
        var changed = await subscriptions.CarryOutAsync(
            database,
            looks,
            actor,
            access.Organization.Id,
            operation,
            found,
            new Dictionary<string, string> { ["older than"] = $"{seconds.ToString(CultureInfo.InvariantCulture)} s" },
            seenBacklog,
            () => subscriptions.ExpireAsync(found.Topic, found.Name, olderThan, cancellationToken),
            cancellationToken
        );
        return changed.TryGet(out var change, out problem) ? await SettledAsync(change, found, cutoff, cancellationToken) : problem;
    }

    private async Task<SubscriptionChange> SettledAsync(
        SubscriptionChange change,
        FoundSubscription found,
        DateTimeOffset cutoff,
        CancellationToken cancellationToken
    )
    {
        var began = clock.GetTimestamp();
        while (change.After is { } after && !IsSettled(after, cutoff))
        {
            if (clock.GetElapsedTime(began) >= Patience)
                return change with { IsFinished = false };
            await Task.Delay(Between, clock, cancellationToken);
            var again = await subscriptions.LookAsync(found.Topic, found.Name, cancellationToken);
            change = change with { After = again is { IsOk: true, Value: var newer } ? newer : null };
        }
        looks.LookNow(found.Topic);
        return change;
    }

    private static bool IsSettled(SubscriptionDetail after, DateTimeOffset cutoff) =>
        after.Figures.Backlog == 0 || after.OldestUnacknowledged is not { } oldest || oldest >= cutoff;
}
