using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class JobStore(PortalDbContext context) : IJobStore
{
    public Task<Job?> FindAsync(JobId id, CancellationToken cancellationToken) => context.Jobs.SingleOrDefaultAsync(job => job.Id == id, cancellationToken);

    public Task<Job?> FindRunningAsync(string kind, string? subject, CancellationToken cancellationToken) =>
        context.Jobs.Where(job => job.Kind == kind && (subject == null || job.Subject == subject) && job.State == JobState.Running)
            .OrderBy(job => job.CreatedAt).FirstOrDefaultAsync(cancellationToken);

    public Task<PageOf<Job>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        context.Jobs.PageAsync(page, "jobs", job => job.CreatedAt, job => job.Id, newestFirst: true, cancellationToken);

    public void Add(Job job) => context.Add(job);
}
