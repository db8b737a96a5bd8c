using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Usage;

/// <summary>A dead letter topic that consumers gave messages up to lately.</summary>
/// <param name="Bytes">That arrived since <see cref="ListArrivedDeadLetters.Lately"/>, as metered.</param>
public sealed record ArrivedDeadLetters(Topic Topic, Int128 Bytes);

/// <summary>Dead letter topics that messages arrived in within the last day, most first. The meter is asked, and no broker.</summary>
public sealed class ListArrivedDeadLetters(AccessGuard guard, IPortalDatabase database, IUsageFigures figures, TimeProvider clock)
{
    /// <summary>How far back it looks, to the hour.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromHours(24);

    private const int Most = 5;

    public async Task<Outcome<IReadOnlyList<ArrivedDeadLetters>>> RunAsync(
        Actor actor,
        string organization,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "topic.list", organization, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var named = await database.ReadAsync(
            session =>
                session.Topics.ListOfOrganizationAsync(
                    access.Organization.Id,
                    access.Scope,
                    null,
                    new PageRequest(PageRequest.MaxLimit, null, "-DLQ"),
                    cancellationToken
                ),
            cancellationToken
        );
        List<Topic> letters = [.. named.Items.Where(topic => topic.Name.EndsWith("-DLQ", StringComparison.Ordinal))];
        if (letters.Count == 0)
            return Outcome.Of<IReadOnlyList<ArrivedDeadLetters>>([]);
        var now = clock.Now();
        var traffic = await figures.TrafficAsync(
            access.Organization.Id,
            [.. letters.Select(topic => topic.Id)],
            (now - Lately).HourStart(),
            now.HourStart().AddHours(1),
            cancellationToken
        );
        var arrived = traffic
            .GroupBy(hour => hour.Topic)
            .ToDictionary(hours => hours.Key, hours => hours.Aggregate((Int128)0, (sum, hour) => sum + hour.In));
        return Outcome.Of<IReadOnlyList<ArrivedDeadLetters>>([
            .. letters
                .Where(topic => arrived.GetValueOrDefault(topic.Id) > 0)
                .Select(topic => new ArrivedDeadLetters(topic, arrived[topic.Id]))
                .OrderByDescending(one => one.Bytes)
                .Take(Most),
        ]);
    }
}
