using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>The rows of durable work, in the transaction of the session.</summary>
public interface IWorkStore
{
    void Add(WorkItem item);

    Task<WorkItem?> FindAsync(WorkId id, CancellationToken cancellationToken);

    /// <summary>The first open row of the line and kind, or null.</summary>
    Task<WorkItem?> FindOpenAsync(string line, string kind, CancellationToken cancellationToken);

    /// <summary>The first open row of the line, which everything behind it waits for; null for none.</summary>
    Task<WorkItem?> FindHeadAsync(string line, CancellationToken cancellationToken);

    /// <summary>The newest row of the line and kind, open or ended, or null.</summary>
    Task<WorkItem?> FindLastAsync(string line, string kind, CancellationToken cancellationToken);

    /// <summary>Lanes that have open rows.</summary>
    Task<IReadOnlyList<string>> OpenLanesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The first open rows of lines that are due, at most <paramref name="perOwner"/> of an organization and priority, so
    /// that one organization's many lines do not crowd out another's; by priority, then turn, then order of writing.
    /// Rows that people stopped are among them; paused ones are not.
    /// </summary>
    /// <param name="except">Lines that are running.</param>
    Task<IReadOnlyList<WorkHead>> HeadsAsync(
        string lane,
        DateTimeOffset now,
        IReadOnlyCollection<string> except,
        int perOwner,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>When the next row of the lane is due that is not yet; null for none.</summary>
    Task<DateTimeOffset?> NextDueAsync(string lane, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Newest first; those that need a person before all others.</summary>
    Task<PageOf<WorkItem>> ListAsync(WorkFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>How the parts of a job stand.</summary>
    Task<WorkParts> PartsAsync(WorkId job, CancellationToken cancellationToken);

    /// <summary>Depth and age of every lane with open rows.</summary>
    Task<IReadOnlyList<LaneDepth>> DepthsAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>How many rows of a kind have not ended.</summary>
    Task<long> CountOpenAsync(string kind, CancellationToken cancellationToken);

    /// <summary>Open rows of the lane that belong to organizations.</summary>
    Task<int> CountOwnedAsync(string lane, CancellationToken cancellationToken);

    /// <summary>Removes rows that ended before the instant, at most so many. How many went.</summary>
    Task<int> CutAsync(DateTimeOffset endedBefore, int atMost, CancellationToken cancellationToken);
}

/// <summary>A row that may be carried out now.</summary>
public sealed record WorkHead(
    WorkId Id,
    long Sequence,
    string Kind,
    string Line,
    OrganizationId? Owner,
    WorkPriority Priority,
    WorkWish Wish,
    DateTimeOffset NotBefore,
    string? TraceParent
);

/// <summary>What of the work is asked for; null for all.</summary>
/// <param name="Troubled">Open, and its last step failed.</param>
/// <param name="Owned">Of customers, or the platform's own.</param>
public sealed record WorkFilter(
    bool? JobsOnly = null,
    bool? NeedsPerson = null,
    bool? Open = null,
    string? Lane = null,
    OrganizationId? Owner = null,
    bool? Troubled = null,
    bool? Owned = null
);

/// <param name="Ended">Done, refused or given up.</param>
/// <param name="Troubled">At most twenty of the open ones that failed last, and of those that were refused or given up; the longest
/// first.</param>
/// <param name="Stuck">Open ones that need a person.</param>
/// <param name="Waiting">Open ones that wait for something by design, and say so in their note.</param>
public sealed record WorkParts(
    int Total,
    int Ended,
    int Refused,
    int Stuck,
    int Waiting,
    IReadOnlyList<WorkItem> Troubled,
    string? FirstNote
)
{
    /// <summary>Of failing and of refused parts, as many of each are named.</summary>
    public const int MostNamed = 20;
}

/// <param name="Open">Rows not ended.</param>
/// <param name="Failing">Rows whose last step failed.</param>
/// <param name="NeedPerson">Rows that need a person.</param>
/// <param name="Age">Of the oldest row that is due; zero for none.</param>
public sealed record LaneDepth(string Lane, long Open, long Failing, long NeedPerson, TimeSpan Age);

public static class WorkWriting
{
    /// <summary>Writes work beside the change that wants it.</summary>
    public static WorkItem Add<TPayload>(this IWorkStore store, TimeProvider clock, TPayload payload, WorkPlace place)
        where TPayload : IWorkPayload
    {
        var item = new WorkItem(
            new WorkId(clock.NewUuid()),
            TPayload.Kind,
            WorkJson.Write(payload),
            place,
            clock.Now(),
            WorkTelemetry.TraceParent
        );
        store.Add(item);
        return item;
    }

    /// <summary>The payload of a row of this kind.</summary>
    public static TPayload PayloadOf<TPayload>(this WorkItem item)
        where TPayload : IWorkPayload =>
        item.Kind == TPayload.Kind
            ? WorkJson.Read<TPayload>(item.Payload)
            : throw new ArgumentException($"{item.Kind} is not {TPayload.Kind}.", nameof(item));
}
