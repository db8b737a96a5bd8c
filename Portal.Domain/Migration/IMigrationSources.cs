using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Where a migration reads from.</summary>
public interface IMigrationSources
{
    /// <summary>With its credentials; null once they are deleted, or where there is no such migration.</summary>
    Task<KafkaConnection?> OfAsync(MigrationId migration, CancellationToken cancellationToken);
}
