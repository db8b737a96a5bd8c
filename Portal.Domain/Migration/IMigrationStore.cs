using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Which topics of an inventory are asked for.</summary>
public enum TopicFilter
{
    All,
    Moving,
    Staying,
    Blocked,
    Unused,
}

/// <summary>Moving topics of one target namespace together.</summary>
public sealed record TargetSum(string Tenant, string Namespace, int Topics, long Partitions, int Blocked);

/// <summary>What an inventory comes to.</summary>
/// <param name="Unsized">Topics that move whose size is not known.</param>
public sealed record MigrationSums(int Topics, int Moving, int Staying, int Blocked, int Internal, long Messages, long Bytes, int Unsized);

public interface IMigrationStore
{
    Task<KafkaMigration?> FindAsync(OrganizationId organization, MigrationId id, CancellationToken cancellationToken);

    Task<KafkaMigration?> FindAsync(MigrationId id, CancellationToken cancellationToken);

    Task<bool> IsNameTakenAsync(OrganizationId organization, string name, CancellationToken cancellationToken);

    Task<int> CountAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>By name; search in the name.</summary>
    Task<PageOf<KafkaMigration>> ListAsync(
        OrganizationId organization,
        Scope scope,
        string? tenant,
        PageRequest page,
        CancellationToken cancellationToken
    );

    void Add(KafkaMigration migration);

    /// <summary>With its topics and groups.</summary>
    Task RemoveAsync(KafkaMigration migration, CancellationToken cancellationToken);

    Task<MigrationTopic?> FindTopicAsync(MigrationId migration, string name, CancellationToken cancellationToken);

    /// <summary>By name; search in the name.</summary>
    Task<PageOf<MigrationTopic>> ListTopicsAsync(
        MigrationId migration,
        TopicFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>By name.</summary>
    Task<IReadOnlyList<MigrationTopic>> TopicsAfterAsync(
        MigrationId migration,
        string? after,
        int limit,
        CancellationToken cancellationToken
    );

    Task<IReadOnlyList<MigrationTopic>> FindTopicsAsync(
        MigrationId migration,
        IReadOnlyCollection<string> names,
        CancellationToken cancellationToken
    );

    /// <summary>Others that map to the same path; at most three.</summary>
    Task<IReadOnlyList<string>> AlikeAsync(MigrationId migration, string name, string targetPath, CancellationToken cancellationToken);

    /// <summary>Marks those that share their target with another, and takes the mark from the rest.</summary>
    Task MarkAlikeAsync(MigrationId migration, CancellationToken cancellationToken);

    /// <summary>Removes topics and groups that the look that began at the instant did not meet.</summary>
    Task ForgetUnseenAsync(MigrationId migration, DateTimeOffset lookedAt, CancellationToken cancellationToken);

    Task<int> CountTopicsAsync(MigrationId migration, CancellationToken cancellationToken);

    Task<MigrationSums> SumsAsync(MigrationId migration, CancellationToken cancellationToken);

    /// <summary>By tenant and namespace.</summary>
    Task<IReadOnlyList<TargetSum>> TargetsAsync(MigrationId migration, CancellationToken cancellationToken);

    Task<MigrationGroup?> FindGroupAsync(MigrationId migration, string name, CancellationToken cancellationToken);

    /// <summary>By name; search in the name.</summary>
    Task<PageOf<MigrationGroup>> ListGroupsAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken);

    void Add(MigrationTopic topic);

    void Add(MigrationGroup group);
}

/// <summary>This feature's part of a session.</summary>
public static class MigrationsSession
{
    extension(IPortalSession session)
    {
        public IMigrationStore Migrations => session.Store<IMigrationStore>();
    }
}
