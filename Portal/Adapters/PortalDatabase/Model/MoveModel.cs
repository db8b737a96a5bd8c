using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Migration;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Groups and producers on their way, what goes back, and the records of migrations.</summary>
internal static class MoveModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<MovedGroup>(entity =>
        {
            entity.ToTable("moved_groups").HasKey(group => new { group.MigrationId, group.Name });
            entity.HasOne<KafkaMigration>().WithMany().HasForeignKey(group => group.MigrationId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(group => group.OrganizationId);
            entity.HasIndex(group => new { group.MigrationId, group.Subscription });
            entity.Ignore(group => group.Further).Ignore(group => group.IsTheirs);
        });
        builder.Entity<GroupPosition>(entity =>
        {
            entity
                .ToTable("group_positions")
                .HasKey(position => new
                {
                    position.MigrationId,
                    position.GroupName,
                    position.PartitionId,
                });
            entity.HasOne<CopiedPartition>().WithMany().HasForeignKey(position => position.PartitionId);
        });
        builder.Entity<MovedProducer>(entity =>
        {
            entity.ToTable("moved_producers").HasKey(producer => new { producer.MigrationId, producer.Topic });
            entity.HasOne<KafkaMigration>().WithMany().HasForeignKey(producer => producer.MigrationId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(producer => producer.OrganizationId);
        });
        builder.Entity<BackPartition>(entity =>
        {
            entity.ToTable("back_partitions").HasKey(partition => partition.PartitionId);
            entity.Property(partition => partition.PartitionId).ValueGeneratedNever();
            entity.Ignore(partition => partition.Position);
            entity.HasOne<CopiedPartition>().WithMany().HasForeignKey(partition => partition.PartitionId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(partition => partition.OrganizationId);
            entity.HasIndex(partition => new { partition.MigrationId, partition.SourceTopic });
        });
        builder.Entity<KeptRecord>(entity =>
        {
            entity.ToTable("migration_records").HasKey(record => record.MigrationId);
            entity.Property(record => record.MigrationId).ValueGeneratedNever();
            entity.HasOne<KafkaMigration>().WithMany().HasForeignKey(record => record.MigrationId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(record => record.OrganizationId);
        });
        builder.Entity<RecordKey>(entity =>
        {
            entity.ToTable("record_keys").HasKey(key => key.Id);
            entity.Property(key => key.Id).ValueGeneratedNever();
        });
    }
}
