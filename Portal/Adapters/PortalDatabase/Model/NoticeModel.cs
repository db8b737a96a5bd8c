using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Notices;
using Portal.Domain.Organizations;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Notifications, who has read which, what operators tell of incidents, and their notes about customers.</summary>
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
        builder.Entity<OperatorNote>(entity =>
        {
            entity.ToTable("operator_notes").HasKey(note => note.Id);
            entity.Property(note => note.Id).ValueGeneratedNever();
            entity.HasIndex(note => new { note.OrganizationId, note.At });
            entity.HasOne<Organization>().WithMany().HasForeignKey(note => note.OrganizationId);
        });
        builder.Entity<Incident>(entity =>
        {
            entity.ToTable("incidents").HasKey(incident => incident.Id);
            entity.Property(incident => incident.Id).ValueGeneratedNever();
            entity.HasIndex(incident => incident.StartedAt);
            entity.Ignore(incident => incident.Updates).Ignore(incident => incident.Latest).Ignore(incident => incident.Text);
            entity.HasMany<IncidentUpdate>("_updates").WithOne().HasForeignKey(update => update.IncidentId);
            entity.Navigation("_updates").AutoInclude();
        });
        builder.Entity<IncidentUpdate>(entity =>
        {
            entity.ToTable("incident_updates").HasKey(update => new { update.IncidentId, update.Number });
            entity.Property(update => update.Number).ValueGeneratedNever();
        });
        builder.Entity<NoticeMute>(entity =>
        {
            entity
                .ToTable("notice_mutes")
                .HasKey(mute => new
                {
                    mute.OrganizationId,
                    mute.AccountId,
                    mute.Kind,
                });
            entity
                .HasOne<Membership>()
                .WithMany()
                .HasForeignKey(mute => new { mute.OrganizationId, mute.AccountId })
                .OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<NoticeSettings>(entity => entity.ToTable("notice_settings").HasKey(settings => settings.AccountId));
    }
}
