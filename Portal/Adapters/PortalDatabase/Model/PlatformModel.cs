using Microsoft.EntityFrameworkCore;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Leases and audit logs.</summary>
internal static class PlatformModel
{
    internal static void Configure(ModelBuilder builder)
    {
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
