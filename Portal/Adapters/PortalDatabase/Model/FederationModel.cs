using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Federation;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Providers outside the portal: those of organizations, and the accounts that are linked with one.</summary>
internal static class FederationModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<OrganizationSignIn>(entity =>
        {
            entity.ToTable("organization_sign_ins").HasKey(signIn => signIn.OrganizationId);
            entity.Property(signIn => signIn.OrganizationId).ValueGeneratedNever();
            entity.HasOne<Organization>().WithOne().HasForeignKey<OrganizationSignIn>(signIn => signIn.OrganizationId);
            // Anybody may ask for a domain; one organization has it.
            entity.HasIndex(signIn => signIn.Domain).IsUnique().HasFilter("domain_proven_at IS NOT NULL");
        });
        builder.Entity<ExternalLogin>(entity =>
        {
            entity.ToTable("external_logins").HasKey(login => new { login.Link, login.Subject });
            entity.HasIndex(login => login.AccountId);
        });
    }
}
