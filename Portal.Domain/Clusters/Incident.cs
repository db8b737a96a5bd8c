using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Notices;

namespace Portal.Domain.Clusters;

/// <summary>What an operator tells customers about trouble with a cluster, or with all of them.</summary>
public sealed class Incident
{
    public const int LongestText = 2000;

    private Incident() { }

    internal Incident(
        IncidentId id,
        string? cluster,
        string title,
        string text,
        bool isPublic,
        DateTimeOffset startedAt,
        string by,
        DateTimeOffset at
    )
    {
        (Id, Cluster, Title, StartedAt, PostedBy, PostedAt) = (id, cluster, title, startedAt, by, at);
        Change(text, isPublic, at);
    }

    public IncidentId Id { get; private set; }

    /// <summary>Null for every cluster.</summary>
    public string? Cluster { get; private set; }

    public string Title { get; private set; } = "";
    public string Text { get; private set; } = "";

    /// <summary>Also shown to people who aren't signed in, where the status page is public.</summary>
    public bool IsPublic { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>Null while it lasts.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    public string PostedBy { get; private set; } = "";
    public DateTimeOffset PostedAt { get; private set; }
    public DateTimeOffset ChangedAt { get; private set; }

    internal void Change(string text, bool isPublic, DateTimeOffset at) => (Text, IsPublic, ChangedAt) = (text, isPublic, at);

    internal void End(DateTimeOffset at) => (EndedAt, ChangedAt) = (at, at);
}

public interface IIncidentStore
{
    void Add(Incident incident);

    Task<Incident?> FindAsync(IncidentId id, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<Incident>> ListAsync(PageRequest page, CancellationToken cancellationToken);

    /// <summary>Those that last or ended after, newest first.</summary>
    Task<IReadOnlyList<Incident>> SinceAsync(DateTimeOffset endedAfter, int most, CancellationToken cancellationToken);
}

/// <param name="Cluster">Null or empty for every cluster.</param>
/// <param name="StartedAt">Null for now.</param>
public sealed record IncidentInput(string? Cluster, string? Title, string? Text, bool IsPublic, DateTimeOffset? StartedAt);

/// <summary>Posts an incident. Everybody with a tenant on the cluster is notified.</summary>
public sealed class PostIncident(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Incident>> RunAsync(Actor actor, IncidentInput input, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "incident.post",
            Operation.Brief(input.Title),
            new Dictionary<string, string> { ["cluster"] = Operation.Brief(input.Cluster) }
        );
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        if (!Label.Create(input.Title, "title").TryGet(out var title, out var problem))
            return problem;
        if (!IncidentRules.Text(input.Text).TryGet(out var text, out problem))
            return problem;
        var now = clock.Now();
        if (input.StartedAt > now)
            return new Problem.Invalid("incident-start-ahead", "The start can't be in the future. Leave it empty for now.", "startedAt");
        var cluster = string.IsNullOrWhiteSpace(input.Cluster) ? null : input.Cluster.Trim();
        return await database.WriteAsync<Incident>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    cluster is not null
                    && await session.Clusters.FindAsync(cluster, cancellationToken) is not { State: not ClusterState.Removed }
                )
                    return new Problem.Invalid(
                        "cluster-unknown",
                        $"There is no cluster '{cluster}'. Choose another one, or leave it empty for all clusters.",
                        "cluster"
                    );
                var incident = new Incident(
                    new(clock.NewUuid()),
                    cluster,
                    title.Value,
                    text,
                    input.IsPublic,
                    (input.StartedAt ?? now).ToUniversalTime().TruncateToMicroseconds(),
                    actor.Name,
                    now
                );
                session.Incidents.Add(incident);
                session.Tell(clock, NoticeKind.Incident, NoticeAudience.OfCluster(cluster), title.Value, text, "status");
                return incident;
            },
            cancellationToken
        );
    }
}

/// <summary>Changes what an incident says and who may read it.</summary>
public sealed class ChangeIncident(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Incident>> RunAsync(
        Actor actor,
        IncidentId id,
        string? text,
        bool isPublic,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.OperatePlatform, "incident.change", $"{id}");
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        if (!IncidentRules.Text(text).TryGet(out var words, out var problem))
            return problem;
        return await database.WriteAsync<Incident>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.Incidents.FindAsync(id, cancellationToken) is not { } incident)
                    return IncidentRules.None;
                incident.Change(words, isPublic, clock.Now());
                return incident;
            },
            cancellationToken
        );
    }
}

/// <summary>Says that an incident is over. It stays on the status page for two weeks.</summary>
public sealed class EndIncident(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Incident>> RunAsync(Actor actor, IncidentId id, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "incident.end", $"{id}");
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        return await database.WriteAsync<Incident>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.Incidents.FindAsync(id, cancellationToken) is not { } incident)
                    return IncidentRules.None;
                if (incident.EndedAt is not null)
                    return incident;
                incident.End(clock.Now());
                session.Tell(
                    clock,
                    NoticeKind.Incident,
                    NoticeAudience.OfCluster(incident.Cluster),
                    $"Resolved: {incident.Title}",
                    null,
                    "status"
                );
                return incident;
            },
            cancellationToken
        );
    }
}

/// <summary>All incidents, newest first, for the operator.</summary>
public sealed class ListIncidents(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Incident>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "incident.list", "");
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        return await database.ReadAsync(session => session.Incidents.ListAsync(page, cancellationToken), cancellationToken);
    }
}

internal static class IncidentRules
{
    public static readonly Problem.NotFound None = new("incident-not-found", "We couldn't find this incident.");

    public static Outcome<string> Text(string? text)
    {
        text = text?.Trim() ?? "";
        return text.Length is 0 or > Incident.LongestText
            ? new Problem.Invalid(
                "incident-text-length",
                $"Say what customers notice and what you do about it, in 1 to {Incident.LongestText:N0} characters.",
                "text"
            )
            : text;
    }
}
