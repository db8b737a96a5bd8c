using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using Portal.Domain.OpenId;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>A client as OpenIddict reads it, with what the rules need besides.</summary>
internal sealed class OidcApplicationRow : OpenIddictEntityFrameworkCoreApplication<Guid, OidcAuthorizationRow, OidcTokenRow>
{
    /// <summary>Null for clients of the platform.</summary>
    public Guid? OrganizationId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The account that was shown the secret.</summary>
    public Guid? SecretKnownTo { get; set; }
}

/// <summary>One sign-in of a person through a client: what its tokens hang on.</summary>
internal sealed class OidcAuthorizationRow : OpenIddictEntityFrameworkCoreAuthorization<Guid, OidcApplicationRow, OidcTokenRow>
{
    public Guid? ApplicationId { get; set; }
}

/// <summary>A token that was issued: its state, never the token.</summary>
internal sealed class OidcTokenRow : OpenIddictEntityFrameworkCoreToken<Guid, OidcApplicationRow, OidcAuthorizationRow>
{
    public Guid? ApplicationId { get; set; }
}

internal sealed class OidcScopeRow : OpenIddictEntityFrameworkCoreScope<Guid>;

/// <summary>The OpenID Connect provider's clients, sign-ins, tokens, consents and keys.</summary>
internal static class OidcModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.UseOpenIddict<OidcApplicationRow, OidcAuthorizationRow, OidcScopeRow, OidcTokenRow, Guid>();
        builder.Entity<OidcApplicationRow>(entity =>
        {
            entity.ToTable("oidc_applications");
            entity.Property(application => application.Id).ValueGeneratedNever();
            entity
                .HasMany(application => application.Authorizations)
                .WithOne(authorization => authorization.Application)
                .HasForeignKey(authorization => authorization.ApplicationId);
            entity
                .HasMany(application => application.Tokens)
                .WithOne(token => token.Application)
                .HasForeignKey(token => token.ApplicationId);
            entity.HasIndex(application => new { application.OrganizationId, application.CreatedAt });
        });
        builder.Entity<OidcAuthorizationRow>().ToTable("oidc_authorizations");
        builder.Entity<OidcTokenRow>().ToTable("oidc_tokens");
        builder.Entity<OidcScopeRow>().ToTable("oidc_scopes");
        builder.Entity<Consent>(entity =>
        {
            entity.ToTable("oidc_consents").HasKey(consent => new { consent.AccountId, consent.ClientId });
            entity.Ignore(consent => consent.Scopes);
            entity.HasIndex(consent => consent.ClientId);
        });
        builder.Entity<OidcKey>(entity =>
        {
            entity.ToTable("oidc_keys").HasKey(key => key.Id);
            entity.Property(key => key.Id).ValueGeneratedNever();
        });
    }
}
