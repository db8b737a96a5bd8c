using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Notices;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Notifications, and who has read which.</summary>
internal static class NoticeModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<Notice>(entity =>
        {
            entity.ToTable("notices").HasKey(notice => notice.Id);
            entity.Property(notice => notice.Id).ValueGeneratedNever();
            entity.HasOne<Organization>().WithMany().HasForeignKey(notice => notice.OrganizationId);
            entity.HasIndex(notice => new { notice.OrganizationId, notice.At });
            entity.HasIndex(notice => notice.AccountId);
            entity.HasIndex(notice => notice.At);
        });
        builder.Entity<NoticeRead>(entity =>
        {
            entity.ToTable("notice_reads").HasKey(read => new { read.AccountId, read.NoticeId });
            entity.HasOne<Notice>().WithMany().HasForeignKey(read => read.NoticeId);
        });
        builder.Entity<NoticeSettings>(entity => entity.ToTable("notice_settings").HasKey(settings => settings.AccountId));
    }
}
