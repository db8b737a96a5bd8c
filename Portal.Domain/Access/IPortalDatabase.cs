using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// The portal's data. A handle lives for one operation. Entities read in a session are tracked: what a change does to
/// them is written when it commits.
/// </summary>
public interface IPortalDatabase
{
    Task<T> ReadAsync<T>(Func<IPortalSession, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>
    /// One transaction: the change, its intents and its audit record commit together or not at all. A refusal rolls
    /// back. The organization's audit chain is locked first (<c>BEGIN IMMEDIATE</c>, <c>FOR UPDATE</c>), so changes of
    /// one organization are serial and limits counted inside hold. The outbox is woken after the commit. When a unique
    /// index shows that another organization's writer was first, the change runs again and finds what is there now.
    /// </summary>
    /// <param name="organization">Whose audit log; null for the platform's.</param>
    Task<Outcome<T>> WriteAsync<T>(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Func<IPortalSession, Task<Outcome<T>>> change,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// A refusal that leaves a trace, for example a wrong password counted: the trace and the record of the refusal commit together.
    /// </summary>
    /// <param name="organization">Whose audit log; null for the platform's.</param>
    Task RefuseAsync(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Problem problem,
        Func<IPortalSession, Task> change,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// A worker's write: no audit record. With a lease the write is refused when the lease was lost meanwhile; with an
    /// organization it is serial with that organization's other changes, and who listens to it is told.
    /// </summary>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was written.</exception>
    Task<T> UpdateAsync<T>(
        Lease? lease,
        OrganizationId? organization,
        Func<IPortalSession, Task<T>> change,
        CancellationToken cancellationToken
    );
}

public static class PortalDatabaseWrites
{
    /// <summary>A worker's write that concerns no organization's changes.</summary>
    public static Task<T> UpdateAsync<T>(
        this IPortalDatabase database,
        Lease? lease,
        Func<IPortalSession, Task<T>> change,
        CancellationToken cancellationToken
    ) => database.UpdateAsync(lease, null, change, cancellationToken);
}
