using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>
/// What the home page and rows of lists show of usage. Each answer is one query for a whole page of rows, and costs what
/// those rows cost, however much the organization has besides.
/// </summary>
public interface IUsageFigures
{
    /// <summary>Whether bytes were ever written to topics of the organization, as far back as hours are kept.</summary>
    Task<bool> HasWrittenAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>Traffic of topics by whole UTC hours of [from, to); hours without any are absent.</summary>
    Task<IReadOnlyList<TopicHour>> TrafficAsync(
        OrganizationId organization,
        IReadOnlyCollection<TopicId> topics,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    );

    /// <summary>Bytes kept now: of each partition the smallest value that a broker lists. Topics that no broker lists are absent.</summary>
    Task<IReadOnlyDictionary<TopicId, long>> StoredAsync(
        OrganizationId organization,
        IReadOnlyCollection<TopicId> topics,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// The same, added up by tenant, of topics inside the scope that are not deleted. It reads every partition of the organization.
    /// </summary>
    Task<IReadOnlyDictionary<TenantId, long>> StoredByTenantAsync(
        OrganizationId organization,
        Scope scope,
        CancellationToken cancellationToken
    );
}

/// <summary>Bytes that a topic took in and gave out in an hour.</summary>
public sealed record TopicHour(TopicId Topic, DateTimeOffset Hour, Int128 In, Int128 Out);
