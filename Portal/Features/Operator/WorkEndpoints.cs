using Portal.Domain.Common;
using Portal.Domain.Desired;
using Portal.Domain.Work;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Jobs, and the durable work behind everything that is done outside the portal's own database.</summary>
public static class WorkEndpoints
{
    /// <param name="State"><c>running</c>, <c>succeeded</c> or <c>failed</c>.</param>
    /// <param name="Done">Of <paramref name="Total"/>, of what <paramref name="Counted"/> names; 0 of 0 while unknown.</param>
    /// <param name="Problem">Why it failed or is held up, or what it is waiting for.</param>
    public sealed record JobBody(
        string Id,
        string Kind,
        string Subject,
        [OneOf<JobStateWords>] string State,
        long Done,
        long Total,
        string? Counted,
        string? Problem,
        DateTimeOffset CreatedAt,
        DateTimeOffset? EndedAt
    );

    /// <param name="State"><c>open</c>, <c>done</c>, <c>refused</c>, <c>skipped</c> or <c>stopped</c>.</param>
    /// <param name="Wish"><c>run</c>, <c>pause</c> or <c>stop</c>.</param>
    /// <param name="Error">The last unexpected error.</param>
    public sealed record WorkBody(
        string Id,
        string Kind,
        string Subject,
        string Lane,
        string Line,
        [OneOf<WorkStateWords>] string State,
        [OneOf<WorkWishWords>] string Wish,
        bool NeedsPerson,
        int Attempts,
        int Failures,
        long Done,
        long Total,
        string? Counted,
        string? Note,
        string? Problem,
        string? Error,
        string? TraceId,
        DateTimeOffset CreatedAt,
        DateTimeOffset NotBefore,
        DateTimeOffset? EndedAt
    );

    /// <param name="OldestSeconds">How long the oldest work that may run has been waiting.</param>
    public sealed record LaneBody(string Lane, long Open, long Failing, long NeedPerson, double OldestSeconds);

    /// <param name="Kind">What differs.</param>
    /// <param name="Repairs">Portal repairs it; otherwise it is listed and left alone.</param>
    /// <param name="EndedAt">When it was seen to be gone.</param>
    public sealed record DifferenceBody(
        string Cluster,
        string Namespace,
        [OneOf<DifferenceWords>] string Kind,
        string Subject,
        bool Repairs,
        int TimesSeen,
        DateTimeOffset FoundAt,
        DateTimeOffset LastSeenAt,
        DateTimeOffset? EndedAt
    );

    internal static void MapWork(this RouteGroupBuilder group)
    {
        group.MapGet("/jobs", ListJobsAsync).WithName("ListJobs").WithSummary("List jobs, newest first");
        group.MapGet("/jobs/{job}", JobAsync).WithName("GetJob").WithSummary("Get a job's progress");
        group
            .MapGet("/work", ListAsync)
            .WithName("ListWork")
            .WithSummary("List durable work: what needs attention first, then what is open, newest first");
        group.MapGet("/work/lanes", LanesAsync).WithName("ListLanes").WithSummary("List the lanes with the amount and age of their work");
        group.MapGet("/work/{work}", GetAsync).WithName("GetWork").WithSummary("Get one piece of work");
        group
            .MapGet("/differences", DifferencesAsync)
            .WithName("ListDifferences")
            .WithSummary("List differences between clusters and what should be on them");
        foreach (var (path, act, summary) in Acts)
        {
            group
                .MapPost(
                    $"/work/{{work}}/{path}",
                    (string work, ApiContext context, ChangeWork change, CancellationToken cancellationToken) =>
                        ChangeAsync(work, act, context, change, cancellationToken)
                )
                .WithName($"{act}Work")
                .WithSummary(summary);
        }
    }

    private static readonly (string Path, WorkAct Act, string Summary)[] Acts =
    [
        ("try-again", WorkAct.TryAgain, "Try work again now"),
        ("skip", WorkAct.Skip, "Skip failing work; its line goes on without it"),
        ("pause", WorkAct.Pause, "Pause work where it is"),
        ("resume", WorkAct.Resume, "Resume paused work"),
        ("stop", WorkAct.Stop, "Stop work before it is finished"),
    ];

    private static Task<ListAnswer<PageOf<JobBody>>> ListJobsAsync(
        ApiContext context,
        ListWork list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, new WorkFilter(JobsOnly: true), page, cancellationToken), Job);

    private static async Task<Answer<JobBody>> JobAsync(string job, ApiContext context, GetWork get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, Id(job), cancellationToken)).ToOk(Job);

    private static Task<ListAnswer<PageOf<WorkBody>>> ListAsync(
        bool? needsPerson,
        bool? open,
        string? lane,
        ApiContext context,
        ListWork list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, new WorkFilter(NeedsPerson: needsPerson, Open: open, Lane: lane), page, cancellationToken),
            Body
        );

    private static Task<ListAnswer<PageOf<LaneBody>>> LanesAsync(ApiContext context, ListLanes list, CancellationToken cancellationToken) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken),
            lane => lane.Lane,
            lane => new LaneBody(lane.Lane, lane.Open, lane.Failing, lane.NeedPerson, Math.Round(lane.Age.TotalSeconds, 3))
        );

    private static async Task<Answer<WorkBody>> GetAsync(
        string work,
        ApiContext context,
        GetWork get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, Id(work), cancellationToken)).ToOk(Body);

    private static Task<ListAnswer<PageOf<DifferenceBody>>> DifferencesAsync(
        ApiContext context,
        ListDifferences list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, page, cancellationToken),
            one => new DifferenceBody(
                one.Cluster,
                one.NamespacePath,
                DifferenceWords.Of(one.Kind),
                one.Subject,
                one.Repairs,
                one.TimesSeen,
                one.FoundAt,
                one.LastSeenAt,
                one.EndedAt
            )
        );

    private static Task<Answer<WorkBody>> ChangeAsync(
        string work,
        WorkAct act,
        ApiContext context,
        ChangeWork change,
        CancellationToken cancellationToken
    ) => context.OkAsync(() => change.RunAsync(context.Actor, Id(work), act, cancellationToken), Body);

    private static WorkId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static JobBody Job(WorkItem item) =>
        new(
            $"{item.Id}",
            item.Kind,
            item.Subject,
            item.State switch
            {
                WorkState.Open => "running",
                WorkState.Done => "succeeded",
                _ => "failed",
            },
            item.Done,
            item.Total,
            item.Unit,
            item.ProblemMessage ?? item.Note,
            item.CreatedAt,
            item.EndedAt
        );

    private static WorkBody Body(WorkItem item) =>
        new(
            $"{item.Id}",
            item.Kind,
            item.Subject,
            item.Lane,
            item.Line,
            Lower(item.State),
            Lower(item.Wish),
            item.NeedsPerson,
            item.Attempts,
            item.Failures,
            item.Done,
            item.Total,
            item.Unit,
            item.Note,
            item.ProblemMessage,
            item.Cause,
            item.TraceId,
            item.CreatedAt,
            item.NotBefore,
            item.EndedAt
        );

    private static string Lower<TEnum>(TEnum value)
        where TEnum : struct, Enum => $"{value}".ToLowerInvariant();
}
