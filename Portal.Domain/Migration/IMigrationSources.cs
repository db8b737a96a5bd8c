using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Where migrations read from.</summary>
public interface IMigrationSources
{
    /// <summary>The connection with its secrets in clear; null when the migration, or what it was sealed with, is gone.</summary>
    Task<KafkaConnection?> OfAsync(MigrationId migration, CancellationToken cancellationToken);
}
