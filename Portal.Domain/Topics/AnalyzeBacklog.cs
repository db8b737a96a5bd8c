using System.Collections.Concurrent;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// Has the brokers read a backlog through, which tells messages from entries and costs them as much as delivering it. One
/// at a time for each organization on a replica.
/// </summary>
public sealed class AnalyzeBacklog(AccessGuard guard, IPortalDatabase database, ISubscriptionAdmin subscriptions, AnalysesUnderWay underWay)
{
    public async Task<Outcome<BacklogAnalysis>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ManageResources, "subscription.analyze", tenant, @namespace, topic, name);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var looked = await subscriptions.FindAsync(database, access.Organization.Id, tenant, @namespace, topic, name, cancellationToken);
        if (!looked.TryGet(out var found, out problem))
            return problem;
        if (found.Fixed() is { } refused)
            return refused;
        using var turn = underWay.Begin(access.Organization.Id);
        return turn is null ? AnalysesUnderWay.Busy : await subscriptions.AnalyzeAsync(found.Topic, found.Name, cancellationToken);
    }
}

/// <summary>The organizations whose backlogs are being analyzed now.</summary>
public sealed class AnalysesUnderWay
{
    internal static readonly Problem.TooMany Busy = new(
        "analysis-under-way",
        "Another backlog of your organization is being analyzed. Try again when it's done.",
        TimeSpan.FromSeconds(10)
    );

    private readonly ConcurrentDictionary<OrganizationId, bool> _running = new();

    /// <summary>Null while one of the organization's is under way.</summary>
    internal IDisposable? Begin(OrganizationId organization) => _running.TryAdd(organization, true) ? new Turn(this, organization) : null;

    private sealed class Turn(AnalysesUnderWay all, OrganizationId organization) : IDisposable
    {
        public void Dispose() => all._running.TryRemove(organization, out _);
    }
}
