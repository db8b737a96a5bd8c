using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Notices;

namespace Portal.Domain.Clusters;

/// <param name="Cluster">Null or empty for every cluster.</param>
/// <param name="StartedAt">Null for now; only maintenance may begin later.</param>
public sealed record IncidentInput(string? Cluster, string? Title, string? Text, bool IsPublic, DateTimeOffset? StartedAt)
{
    public IncidentImpact Impact { get; init; } = IncidentImpact.Degraded;

    /// <summary>Of maintenance; null for not known.</summary>
    public DateTimeOffset? PlannedEndAt { get; init; }

    /// <summary>What could not be understood of what was sent: told once it is known that the one who asks may.</summary>
    public Problem.Invalid? Unreadable { get; init; }
}

/// <summary>Posts an incident, or maintenance to come. Everybody with a tenant on the cluster is notified.</summary>
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
        if (input.Unreadable is { } unreadable)
            return unreadable;
        if (!Label.Create(input.Title, "title").TryGet(out var title, out var problem))
            return problem;
        if (!IncidentRules.Text(input.Text).TryGet(out var text, out problem))
            return problem;
        var now = clock.Now();
        if (!IncidentRules.Time(input, now).TryGet(out var time, out problem))
            return problem;
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
                var incident = new Incident(new(clock.NewUuid()), cluster, title.Value, input.Impact, input.IsPublic, time);
                var first =
                    input.Impact != IncidentImpact.Maintenance ? IncidentStage.Investigating
                    : time.From > now ? IncidentStage.Scheduled
                    : IncidentStage.InProgress;
                incident.Tell(first, text, actor.Name, now);
                session.Incidents.Add(incident);
                session.Announce(clock, incident);
                return incident;
            },
            cancellationToken
        );
    }
}

/// <summary>Says more about an incident. Everybody who was told of it is told this, too.</summary>
public sealed class UpdateIncident(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="stage">Null for one that there isn't.</param>
    public async Task<Outcome<Incident>> RunAsync(
        Actor actor,
        IncidentId id,
        IncidentStage? stage,
        string? text,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.OperatePlatform, "incident.update", $"{id}");
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
                if (stage is not { } named || !incident.Stages.Contains(named))
                    return new Problem.Invalid(
                        "incident-stage-unknown",
                        $"Choose one of these stages: {string.Join(", ", incident.Stages.Select(IncidentWords.Text))}.",
                        "stage"
                    );
                if (incident.Updates.Count >= Incident.MostUpdates)
                    return new Problem.Conflict(
                        "incident-updates-limit",
                        $"An incident has up to {Incident.MostUpdates} updates. Resolve this one, and post another one for what follows."
                    );
                incident.Tell(named, words, actor.Name, clock.Now());
                session.Announce(clock, incident);
                return incident;
            },
            cancellationToken
        );
    }
}

/// <summary>Puts right what an incident says, and who may read it. Nobody is notified.</summary>
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
                incident.Correct(words, isPublic, clock.Now());
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
                incident.Tell(IncidentStage.Resolved, "", actor.Name, clock.Now());
                session.Announce(clock, incident);
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

    /// <summary>Only what is planned begins in the future, or has an end before it ends.</summary>
    public static Outcome<(DateTimeOffset From, DateTimeOffset? PlannedTo)> Time(IncidentInput input, DateTimeOffset now)
    {
        var from = (input.StartedAt ?? now).ToUniversalTime().TruncateToMicroseconds();
        var to = input.PlannedEndAt?.ToUniversalTime().TruncateToMicroseconds();
        if (input.Impact != IncidentImpact.Maintenance && from > now)
            return new Problem.Invalid(
                "incident-start-ahead",
                "Only maintenance can start in the future. Leave the start empty for now.",
                "startedAt"
            );
        if (input.Impact != IncidentImpact.Maintenance && to is not null)
            return new Problem.Invalid("incident-end-planned", "Only maintenance has a planned end. Leave it empty.", "plannedEndAt");
        if (to <= from)
            return new Problem.Invalid("incident-end-planned", "The planned end has to be after the start.", "plannedEndAt");
        return (from, to);
    }

    /// <summary>Tells everybody with a tenant on the cluster what was said last.</summary>
    public static void Announce(this IPortalSession session, TimeProvider clock, Incident incident) =>
        session.Tell(
            clock,
            NoticeKind.Incident,
            NoticeAudience.OfCluster(incident.Cluster),
            incident.Updates.Count == 1 && incident.Latest.Stage != IncidentStage.Scheduled
                ? incident.Title
                : $"{IncidentWords.Title(incident.Latest.Stage)}: {incident.Title}",
            incident.Latest.Text.Length > 0 ? incident.Latest.Text : null,
            "status"
        );
}
