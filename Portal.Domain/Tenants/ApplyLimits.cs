using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>
/// Takes changed limits to the brokers: writes the work of setting policies for each namespace concerned, organization by
/// organization, at most <see cref="Batch"/> of either at a step. Limits are read when policies are set, so what changes meanwhile is
/// not lost, and two changes at once do no harm. Nothing is deleted: who has more keeps it.
/// </summary>
public sealed class ApplyLimits(IPortalDatabase database, TimeProvider clock)
    : IWorkStep<ApplyPlanWork>,
        IWorkStep<ApplyOrganizationLimitsWork>
{
    private const int Batch = 100;
    private const string Watching = "watching";
    private const string Unit = "namespaces";
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(1);

    public async Task<StepResult> RunAsync(ApplyPlanWork payload, WorkTurn turn, CancellationToken cancellationToken) =>
        turn.Checkpoint == Watching ? await WatchAsync(turn, cancellationToken) : await WriteAsync(payload, turn, cancellationToken);

    public async Task<StepResult> RunAsync(ApplyOrganizationLimitsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var after = Place.Read(turn.Checkpoint).Namespace;
        var batch = await database.ReadAsync(
            session => session.Tenants.ReadyNamespacesAsync(payload.Organization, after, Batch, cancellationToken),
            cancellationToken
        );
        Settle write = (session, _) => Write(session, batch, payload.Priority, null);
        return batch.Count < Batch
            ? new StepResult.Done(write)
            : new StepResult.GoOn(new Place(payload.Organization, batch[^1].Id).Text, Settle: write);
    }

    private async Task<StepResult> WriteAsync(ApplyPlanWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (batch, place, before) = await database.ReadAsync(
            async session =>
            {
                var found = new List<Namespace>();
                Place? at = Place.Read(turn.Checkpoint);
                // So many organizations at a step, too: most may have no namespace at all.
                for (var looks = 0; looks < Batch && at is { } here; looks++)
                {
                    if (here.Organization is { } organization)
                    {
                        var some = await session.Tenants.ReadyNamespacesAsync(
                            organization,
                            here.Namespace,
                            Batch - found.Count,
                            cancellationToken
                        );
                        found.AddRange(some);
                        if (found.Count == Batch)
                        {
                            at = new Place(organization, some[^1].Id);
                            break;
                        }
                    }
                    var next = await session.Plans.OnPlanAsync(payload.Plan, here.Organization, 1, cancellationToken);
                    at = next.Count == 0 ? null : new Place(next[0].Id, null);
                }
                return (found, at, await session.Work.PartsAsync(turn.Id, cancellationToken));
            },
            cancellationToken
        );
        return new StepResult.GoOn(
            place?.Text ?? Watching,
            Settle: (session, _) => Write(session, batch, WorkPriority.Background, turn.Id),
            Progress: new(before.Ended, before.Total + batch.Count, Unit, null)
        );
    }

    /// <summary>Ends when only namespaces are left that need a person; those go on by themselves.</summary>
    private async Task<StepResult> WatchAsync(WorkTurn turn, CancellationToken cancellationToken)
    {
        var parts = await database.ReadAsync(session => session.Work.PartsAsync(turn.Id, cancellationToken), cancellationToken);
        var first = parts.Troubled.Count == 0 ? null : $"{parts.Troubled[0].Subject}: {parts.Troubled[0].ProblemMessage}";
        var progress = new WorkProgress(parts.Ended, parts.Total, Unit, first);
        if (parts.Total - parts.Ended > parts.Stuck)
            return new StepResult.GoOn(Watching, LooksEvery, Progress: progress);
        var troubled = parts.Stuck + parts.Refused;
        return troubled == 0
            ? new StepResult.Done(Progress: progress)
            : new StepResult.Refused(
                new Problem.Conflict(
                    "limits-incomplete",
                    $"{troubled} {(troubled == 1 ? "namespace needs" : "namespaces need")} attention. {first}"
                )
            );
    }

    private Task Write(IPortalSession session, IReadOnlyList<Namespace> namespaces, WorkPriority priority, WorkId? job)
    {
        foreach (var @namespace in namespaces)
            session.Work.Add(
                clock,
                new ApplyPoliciesWork(@namespace.Id),
                ApplyPoliciesWork.Place(@namespace, priority) with
                {
                    Parent = job,
                }
            );
        return Task.CompletedTask;
    }

    /// <summary>Where a step begins: after a namespace of an organization, or at its first.</summary>
    private readonly record struct Place(OrganizationId? Organization, NamespaceId? Namespace)
    {
        public string Text => $"{Organization}/{Namespace}";

        public static Place Read(string? text) =>
            text?.Split('/') is [var organization, var @namespace]
                ? new(
                    Guid.TryParse(organization, out var id) ? new(id) : null,
                    Guid.TryParse(@namespace, out var inside) ? new(inside) : null
                )
                : default;
    }
}
