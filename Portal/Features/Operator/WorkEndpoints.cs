using Portal.Domain.Common;
using Portal.Domain.Work;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Jobs, and the durable work behind everything that is done outside the portal's own database.</summary>
public static class WorkEndpoints
{
    /// <param name="State"><c>running</c>, <c>succeeded</c> or <c>failed</c>.</param>
    /// <param name="Done">Of <paramref name="Total"/>, in <paramref name="Unit"/>; 0 of 0 while unknown.</param>
    /// <param name="Problem">Why it failed or is held up, or what it is waiting for.</param>
    public sealed record JobBody(
        string Id, string Kind, string Subject, string State, long Done, long Total, string? Unit, string? Problem, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);

    /// <param name="State"><c>open</c>, <c>done</c>, <c>refused</c>, <c>skipped</c> or <c>stopped</c>.</param>
    /// <param name="Wish"><c>run</c>, <c>pause</c> or <c>stop</c>.</param>
    /// <param name="Cause">The last unexpected error.</param>
    public sealed record WorkBody(
        string Id, string Kind, string Subject, string Lane, string Line, string State, string Wish, bool NeedsPerson, int Attempts, int Failures, long Done, long Total, string? Unit,
        string? Note, string? Problem, string? Cause, string? TraceId, DateTimeOffset CreatedAt, DateTimeOffset NotBefore, DateTimeOffset? EndedAt);

    /// <param name="OldestSeconds">How long the oldest work that may run has been waiting.</param>
    public sealed record LaneBody(string Lane, long Open, long Failing, long NeedPerson, double OldestSeconds);

    internal static void MapWork(this RouteGroupBuilder group)
    {
        group.MapGet("/jobs", ListJobsAsync).WithName("ListJobs").WithSummary("Long-running jobs, newest first");
        group.MapGet("/jobs/{job}", JobAsync).WithName("GetJob").WithSummary("How far a job has come");
        group.MapGet("/work", ListAsync).WithName("ListWork").WithSummary("Durable work: what needs a person first, then what is open, then newest first");
        group.MapGet("/work/lanes", LanesAsync).WithName("ListLanes").WithSummary("How much work each lane holds and how long it has been waiting");
        group.MapGet("/work/{work}", GetAsync).WithName("GetWork").WithSummary("One piece of work");
        foreach (var (path, act, summary) in Acts)
        {
            group.MapPost($"/work/{{work}}/{path}", (string work, ApiContext context, ChangeWork change, CancellationToken cancellationToken) =>
                ChangeAsync(work, act, context, change, cancellationToken)).WithName($"{act}Work").WithSummary(summary);
        }
    }

    private static readonly (string Path, WorkAct Act, string Summary)[] Acts =
    [
        ("try-again", WorkAct.TryAgain, "Tries work again now"),
        ("skip", WorkAct.Skip, "Gives work up: its subject says so and its line goes on"),
        ("pause", WorkAct.Pause, "Lets work rest where it is"),
        ("resume", WorkAct.Resume, "Lets paused work go on"),
        ("stop", WorkAct.Stop, "Ends work before it is finished"),
    ];

    private static Task<IResult> ListJobsAsync(ApiContext context, ListWork list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, new WorkFilter(JobsOnly: true), page, cancellationToken), Job);

    private static async Task<IResult> JobAsync(string job, ApiContext context, GetWork get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, Id(job), cancellationToken)).ToOk(Job);

    private static Task<IResult> ListAsync(bool? needsPerson, bool? open, string? lane, ApiContext context, ListWork list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, new WorkFilter(NeedsPerson: needsPerson, Open: open, Lane: lane), page, cancellationToken), Body);

    private static async Task<IResult> LanesAsync(ApiContext context, ListLanes list, CancellationToken cancellationToken) =>
        (await list.RunAsync(context.Actor, cancellationToken)).ToOk(lanes => new PageOf<LaneBody>(
            [.. lanes.Select(lane => new LaneBody(lane.Lane, lane.Open, lane.Failing, lane.NeedPerson, Math.Round(lane.Age.TotalSeconds, 3)))], null));

    private static async Task<IResult> GetAsync(string work, ApiContext context, GetWork get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, Id(work), cancellationToken)).ToOk(Body);

    private static async Task<IResult> ChangeAsync(string work, WorkAct act, ApiContext context, ChangeWork change, CancellationToken cancellationToken) =>
        (await change.RunAsync(context.Actor, Id(work), act, cancellationToken)).ToOk(Body);

    private static WorkId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static JobBody Job(WorkItem item) => new(
        $"{item.Id}", item.Kind, item.Subject, item.State switch { WorkState.Open => "running", WorkState.Done => "succeeded", _ => "failed" },
        item.Done, item.Total, item.Unit, item.ProblemMessage ?? item.Note, item.CreatedAt, item.EndedAt);

    private static WorkBody Body(WorkItem item) => new(
        $"{item.Id}", item.Kind, item.Subject, item.Lane, item.Line, Lower(item.State), Lower(item.Wish), item.NeedsPerson, item.Attempts, item.Failures, item.Done, item.Total, item.Unit,
        item.Note, item.ProblemMessage, item.Cause, item.TraceId, item.CreatedAt, item.NotBefore, item.EndedAt);

    private static string Lower<TEnum>(TEnum value) where TEnum : struct, Enum => $"{value}".ToLowerInvariant();
}
