using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Who and what gets into an organization besides its members: API keys and invitations.</summary>
internal static class MemberModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<ApiKey>(entity =>
        {
            entity.ToTable("api_keys").HasKey(key => key.Id);
            entity.Property(key => key.Id).ValueGeneratedNever();
            entity.Ignore(key => key.Scope);
            entity.HasOne<Organization>().WithMany().HasForeignKey(key => key.OrganizationId);
            entity.HasIndex(key => key.Hash).IsUnique();
            entity.HasIndex(key => new { key.OrganizationId, key.CreatedAt });
            entity.HasIndex(key => new { key.AccountId, key.CreatedAt });
            // Which of those that are not revoked end soon.
            entity.HasIndex(key => key.ExpiresAt).HasFilter("revoked_at IS NULL");
        });
        builder.Entity<Invitation>(entity =>
        {
            entity.ToTable("invitations").HasKey(invitation => invitation.Id);
            entity.Property(invitation => invitation.Id).ValueGeneratedNever();
            entity.Ignore(invitation => invitation.Scope);
            entity.HasOne<Organization>().WithMany().HasForeignKey(invitation => invitation.OrganizationId);
            entity.HasIndex(invitation => invitation.TokenHash).IsUnique();
            entity.HasIndex(invitation => new { invitation.OrganizationId, invitation.CreatedAt });
            // How many mails a stranger gets from all organizations together.
            entity.HasIndex(invitation => new { invitation.EmailKey, invitation.SentAt });
            entity.HasIndex(invitation => invitation.MadeWith);
        });
    }
}
