namespace Portal.Domain.Common;

/// <summary>
/// The right of this replica to do one kind of work. <paramref name="Number"/> grows with every holder (a fencing token)
/// and is checked in every write made under it.
/// </summary>
public sealed record Lease(string Name, string Holder, long Number);

/// <summary>Leases by the database's clock: 10 s, renewed every 3 s. On SQLite the lock of the data folder is the lease.</summary>
public interface ILeases
{
    /// <summary>The lease when it is free or already ours, else null.</summary>
    Task<Lease?> AcquireAsync(string name, CancellationToken cancellationToken);

    /// <summary>Those of the names that <see cref="AcquireAsync"/> would get at this moment.</summary>
    Task<IReadOnlySet<string>> FreeAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>False when it was lost.</summary>
    Task<bool> RenewAsync(Lease lease, CancellationToken cancellationToken);

    Task ReleaseAsync(Lease lease, CancellationToken cancellationToken);
}

/// <summary>A write came too late: another replica holds the lease.</summary>
public sealed class LeaseLostException(string name) : Exception($"The lease '{name}' is held by another replica.");
