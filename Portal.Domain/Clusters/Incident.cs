using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>How much customers notice; written <c>degraded</c>, <c>outage</c>, <c>maintenance</c>.</summary>
public enum IncidentImpact
{
    /// <summary>It works, late or in part.</summary>
    Degraded,

    Outage,

    /// <summary>Planned work. It may be posted before it begins.</summary>
    Maintenance,
}

/// <summary>
/// How far the operators are; written <c>scheduled</c>, <c>investigating</c>, <c>identified</c>, <c>in-progress</c>,
/// <c>monitoring</c>, <c>resolved</c>.
/// </summary>
public enum IncidentStage
{
    /// <summary>Of maintenance that has not begun.</summary>
    Scheduled,

    Investigating,

    /// <summary>The cause is known.</summary>
    Identified,

    /// <summary>Of maintenance.</summary>
    InProgress,

    /// <summary>Mended, and watched.</summary>
    Monitoring,

    Resolved,
}

/// <summary>What was said of an incident at one time.</summary>
public sealed class IncidentUpdate
{
    private IncidentUpdate() { }

    internal IncidentUpdate(IncidentId incident, int number, IncidentStage stage, string text, string by, DateTimeOffset at) =>
        (IncidentId, Number, Stage, Text, PostedBy, PostedAt) = (incident, number, stage, text, by, at);

    public IncidentId IncidentId { get; private set; }

    /// <summary>1 for the first.</summary>
    public int Number { get; private set; }

    public IncidentStage Stage { get; private set; }

    /// <summary>Empty where there is nothing to say but the stage.</summary>
    public string Text { get; internal set; } = "";

    public string PostedBy { get; private set; } = "";
    public DateTimeOffset PostedAt { get; private set; }
}

/// <summary>What operators tell customers about trouble or planned work on a cluster, or on all of them.</summary>
public sealed class Incident
{
    public const int LongestText = 2000;

    /// <summary>A story of more is told elsewhere.</summary>
    public const int MostUpdates = 100;

    private readonly List<IncidentUpdate> _updates = [];

    private Incident() { }

    internal Incident(
        IncidentId id,
        string? cluster,
        string title,
        IncidentImpact impact,
        bool isPublic,
        (DateTimeOffset From, DateTimeOffset? PlannedTo) time
    )
    {
        (Id, Cluster, Title, Impact, IsPublic) = (id, cluster, title, impact, isPublic);
        (StartedAt, PlannedEndAt) = time;
    }

    public IncidentId Id { get; private set; }

    /// <summary>Null for every cluster.</summary>
    public string? Cluster { get; private set; }

    public string Title { get; private set; } = "";

    public IncidentImpact Impact { get; private set; }

    /// <summary>Also shown to people who aren't signed in, where the status page is public.</summary>
    public bool IsPublic { get; private set; }

    /// <summary>In the future for maintenance that has not begun.</summary>
    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>When maintenance should be over; null where that isn't known, and for what nobody planned.</summary>
    public DateTimeOffset? PlannedEndAt { get; private set; }

    /// <summary>Null while it lasts.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>Oldest first; never empty.</summary>
    public IReadOnlyList<IncidentUpdate> Updates => [.. _updates.OrderBy(update => update.Number)];

    public IncidentUpdate Latest => _updates.MaxBy(update => update.Number)!;

    /// <summary>What was said last; an end without words leaves what was said before it.</summary>
    public string Text => _updates.Where(update => update.Text.Length > 0).MaxBy(update => update.Number)?.Text ?? "";

    /// <summary>Maintenance begins by itself at its time.</summary>
    public IncidentStage StageAt(DateTimeOffset now) =>
        Latest.Stage == IncidentStage.Scheduled && StartedAt <= now ? IncidentStage.InProgress : Latest.Stage;

    /// <summary>Customers notice it at that time.</summary>
    public bool IsOngoing(DateTimeOffset now) => EndedAt is null && StartedAt <= now;

    /// <summary>The stages that an update may name.</summary>
    public IEnumerable<IncidentStage> Stages =>
        Impact == IncidentImpact.Maintenance
            ? [IncidentStage.InProgress, IncidentStage.Monitoring, IncidentStage.Resolved]
            : [IncidentStage.Investigating, IncidentStage.Identified, IncidentStage.Monitoring, IncidentStage.Resolved];

    internal void Tell(IncidentStage stage, string text, string by, DateTimeOffset at)
    {
        _updates.Add(new(Id, _updates.Count + 1, stage, text, by, at));
        ChangedAt = at;
        // What is said again after the end is that it was not the end.
        EndedAt = stage == IncidentStage.Resolved ? EndedAt ?? at : null;
        if (stage is IncidentStage.InProgress or IncidentStage.Resolved && StartedAt > at)
            StartedAt = at;
    }

    /// <summary>Puts right what was said last.</summary>
    internal void Correct(string text, bool isPublic, DateTimeOffset at)
    {
        (_updates.Where(update => update.Text.Length > 0).MaxBy(update => update.Number) ?? Latest).Text = text;
        (IsPublic, ChangedAt) = (isPublic, at);
    }
}

public interface IIncidentStore
{
    void Add(Incident incident);

    /// <summary>With its updates, as in all of these.</summary>
    Task<Incident?> FindAsync(IncidentId id, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<Incident>> ListAsync(PageRequest page, CancellationToken cancellationToken);

    /// <summary>Those that last or ended after, newest first.</summary>
    Task<IReadOnlyList<Incident>> SinceAsync(DateTimeOffset endedAfter, int most, CancellationToken cancellationToken);
}
