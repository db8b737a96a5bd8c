using Microsoft.EntityFrameworkCore;
using Portal.Domain.Common;
using Portal.Domain.Provisioning;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Outbox, jobs, leases and audit logs.</summary>
internal static class PlatformModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<Intent>(entity =>
        {
            // The number is the key because SQLite counts only keys by itself.
            entity.ToTable("intents").HasKey(intent => intent.Sequence);
            entity.Property(intent => intent.Sequence).ValueGeneratedOnAdd();
            entity.HasIndex(intent => intent.Id).IsUnique();
            entity.HasIndex(intent => new { intent.Line, intent.Sequence }).HasFilter("done_at IS NULL").HasDatabaseName("ix_intents_open");
        });
        builder.Entity<Job>(entity =>
        {
            entity.ToTable("jobs").HasKey(job => job.Id);
            entity.Property(job => job.Id).ValueGeneratedNever();
            entity.HasIndex(job => job.CreatedAt);
        });
        builder.Entity<LeaseRow>().ToTable("leases").HasKey(lease => lease.Name);
        builder.Entity<AuditChainRow>(entity =>
        {
            entity.ToTable("audit_chains").HasKey(chain => chain.Chain);
            entity.Property(chain => chain.Chain).ValueGeneratedNever();
        });
        builder.Entity<AuditRow>(entity =>
        {
            entity.ToTable("audit_rows").HasKey(row => new { row.Chain, row.Sequence });
            entity.Property(row => row.Sequence).ValueGeneratedNever();
            entity.HasIndex(row => row.Id).IsUnique();
            entity.HasIndex(row => new { row.Chain, row.At });
        });
    }
}
