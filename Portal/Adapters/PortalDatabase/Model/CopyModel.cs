using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Copies from Kafka and their proofs.</summary>
internal static class CopyModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<CopySettings>(entity =>
        {
            entity.ToTable("copy_settings").HasKey(settings => settings.MigrationId);
            entity.Property(settings => settings.MigrationId).ValueGeneratedNever();
            entity.Ignore(settings => settings.Rate).Ignore(settings => settings.Writer);
            entity.HasOne<Organization>().WithMany().HasForeignKey(settings => settings.OrganizationId);
        });
        builder.Entity<CopiedPartition>(entity =>
        {
            entity.ToTable("copied_partitions").HasKey(partition => partition.Id);
            entity.Property(partition => partition.Id).ValueGeneratedNever();
            entity
                .Ignore(partition => partition.Remarks)
                .Ignore(partition => partition.Marks)
                .Ignore(partition => partition.Source)
                .Ignore(partition => partition.Position);
            entity.HasOne<Organization>().WithMany().HasForeignKey(partition => partition.OrganizationId);
            entity.HasOne<Topic>().WithMany().HasForeignKey(partition => partition.TopicId);
            entity
                .HasIndex(partition => new
                {
                    partition.MigrationId,
                    partition.SourceTopic,
                    partition.Number,
                })
                .IsUnique();
        });
        builder.Entity<PartitionProof>(entity =>
        {
            entity.ToTable("partition_proofs").HasKey(proof => proof.PartitionId);
            entity.Property(proof => proof.PartitionId).ValueGeneratedNever();
            entity.Ignore(proof => proof.Listed);
            entity.HasOne<CopiedPartition>().WithMany().HasForeignKey(proof => proof.PartitionId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(proof => proof.OrganizationId);
            entity.HasIndex(proof => proof.MigrationId);
        });
    }
}
