using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Migration;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Moves from Kafka, with the inventory of each.</summary>
internal static class MigrationModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<KafkaMigration>(entity =>
        {
            entity.ToTable("kafka_migrations").HasKey(migration => migration.Id);
            entity.Property(migration => migration.Id).ValueGeneratedNever();
            SearchText.Configure(entity);
            entity.HasOne<Organization>().WithMany().HasForeignKey(migration => migration.OrganizationId);
            entity.HasIndex(migration => new { migration.OrganizationId, migration.Name }).IsUnique();
            entity
                .Ignore(migration => migration.Scope)
                .Ignore(migration => migration.Rules)
                .Ignore(migration => migration.Acls)
                .Ignore(migration => migration.IsCuttingOver);
        });
        builder.Entity<MigrationTopic>(entity =>
        {
            entity.ToTable("migration_topics").HasKey(topic => new { topic.MigrationId, topic.Name });
            entity.HasOne<KafkaMigration>().WithMany().HasForeignKey(topic => topic.MigrationId);
            entity.HasIndex(topic => new { topic.MigrationId, topic.TargetPath });
            entity.Ignore(topic => topic.Facts);
        });
        builder.Entity<MigrationGroup>(entity =>
        {
            entity.ToTable("migration_groups").HasKey(group => new { group.MigrationId, group.Name });
            entity.HasOne<KafkaMigration>().WithMany().HasForeignKey(group => group.MigrationId);
            entity.Ignore(group => group.Topics);
        });
    }
}
