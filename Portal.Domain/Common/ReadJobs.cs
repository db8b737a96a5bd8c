using Portal.Domain.Access;

namespace Portal.Domain.Common;

/// <summary>How far long work has come.</summary>
public sealed class GetJob(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Job>> RunAsync(Actor actor, JobId id, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "job.view", id.ToString()), cancellationToken);
        if (!allowed.IsOk) return allowed.Problem;
        var job = await database.ReadAsync(session => session.Jobs.FindAsync(id, cancellationToken), cancellationToken);
        return job is null ? new Problem.NotFound("job-not-found", "There is no such job. The list of jobs shows those there are.") : job;
    }
}

/// <summary>Long work, newest first.</summary>
public sealed class ListJobs(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Job>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "job.list", ""), cancellationToken);
        return allowed.IsOk ? await database.ReadAsync(session => session.Jobs.ListAsync(page, cancellationToken), cancellationToken) : allowed.Problem;
    }
}
