using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>
/// What a look at a cluster's workers came to. Threads: functions share a process with the broker. Unknown: it can't be told.
/// </summary>
public enum RuntimeFinding
{
    Separate,
    Threads,
    Unknown,
}

/// <param name="Says">What the worker said, for an operator.</param>
public sealed record RuntimeLook(RuntimeFinding Finding, string? Says);

/// <summary>
/// Customers' packages on a cluster, with the problems of <see cref="IConnectorAdmin"/> and a Conflict <c>packages-off</c>
/// where a cluster keeps none. What a cluster lists is never asked: it goes on naming what was deleted.
/// </summary>
public interface IFunctionPackages
{
    /// <summary>
    /// Stores the bytes of a version, from the stream to the cluster without holding them. One that is there already is replaced.
    /// </summary>
    Task<Outcome<Done>> UploadAsync(PackageAddress package, Stream content, CancellationToken cancellationToken);

    /// <summary>Absent is deleted.</summary>
    Task<Outcome<Done>> DeleteAsync(PackageAddress package, CancellationToken cancellationToken);

    /// <summary>Finds out whether functions of customers would share a process with the worker, by running one that does nothing.</summary>
    Task<Outcome<RuntimeLook>> LookAtRuntimeAsync(string cluster, CancellationToken cancellationToken);
}

/// <summary>Room on disk for files that are being uploaded, since they are looked at before they are sent on.</summary>
public interface IUploadRoom
{
    /// <summary>
    /// A file that is gone once the stream is closed. TooMany <c>uploads-busy</c> while others take all the room, or the organization
    /// uploads already.
    /// </summary>
    Outcome<Stream> Open(OrganizationId organization);
}
