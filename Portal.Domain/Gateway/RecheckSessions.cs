using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Topics;

namespace Portal.Domain.Gateway;

/// <summary>
/// Ends the open sessions of this replica that may not go on: the key was deleted or has expired, its organization was suspended or may not
/// publish, its topic is gone.
/// </summary>
public sealed class RecheckSessions(GatewaySessions sessions, IPortalDatabase database, TimeProvider clock)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var open = sessions.Open;
        // An expiry needs no database, which may be away.
        foreach (var expired in open.Where(session => session.Admission.ExpiresAt <= clock.Now()))
            expired.End(GatewayProblems.KeyExpired);
        var left = open.Where(session => !session.Ended.IsCompleted).ToList();
        if (left.Count == 0)
            return;
        var (keys, deleted) = await database.ReadAsync(
            async session =>
            {
                var standings = await session.Keys.StandingsAsync([.. left.Select(one => one.Admission.Key).Distinct()], cancellationToken);
                var topics = await session.Topics.FindManyAsync(
                    [.. left.SelectMany(one => one.Admission.Topics).Distinct()],
                    cancellationToken
                );
                return (
                    standings.ToDictionary(one => one.Key),
                    topics.Where(topic => topic.State == ResourceState.Deleted).Select(topic => topic.Id).ToHashSet()
                );
            },
            cancellationToken
        );
        foreach (var session in left)
            if (SessionRules.WhyEnded(session.Admission, keys.GetValueOrDefault(session.Admission.Key), deleted, clock.Now()) is { } reason)
                session.End(reason);
    }
}
