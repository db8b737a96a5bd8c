using Microsoft.EntityFrameworkCore;
using Portal.Domain.Work;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Durable work.</summary>
internal static class WorkModel
{
    internal static void Configure(ModelBuilder builder) =>
        builder.Entity<WorkItem>(entity =>
        {
            // The number is the key because SQLite counts only keys by itself.
            entity.ToTable("work_items").HasKey(item => item.Sequence);
            entity.Property(item => item.Sequence).ValueGeneratedOnAdd();
            entity.HasIndex(item => item.Id).IsUnique();
            entity
                .HasIndex(item => new { item.Line, item.Sequence })
                .HasFilter("state = 'open'")
                .HasDatabaseName("ix_work_items_open_line");
            entity
                .HasIndex(item => new { item.Lane, item.NotBefore })
                .HasFilter("state = 'open'")
                .HasDatabaseName("ix_work_items_open_lane");
            entity.HasIndex(item => new { item.Line, item.Kind });
            entity.HasIndex(item => item.ParentId).HasFilter("parent_id IS NOT NULL");
            entity.HasIndex(item => item.EndedAt).HasFilter("state <> 'open'").HasDatabaseName("ix_work_items_ended");
        });
}
