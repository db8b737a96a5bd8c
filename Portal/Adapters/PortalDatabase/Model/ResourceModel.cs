using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Desired;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Clusters, organizations, tenants, namespaces, topics and keys.</summary>
internal static class ResourceModel
{
    // Both databases know partial indexes and read this the same way.
    private const string NotDeleted = "state <> 'deleted'";

    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<RegisteredCluster>().ToTable("clusters").HasKey(cluster => cluster.Name);
        builder.Entity<ClusterDifference>(entity =>
        {
            entity.ToTable("cluster_differences").HasKey(one => one.Id);
            entity.Property(one => one.Id).ValueGeneratedNever();
            entity
                .HasIndex(one => new
                {
                    one.NamespaceId,
                    one.Kind,
                    one.Subject,
                })
                .IsUnique();
        });
        builder.Entity<Organization>(entity =>
        {
            entity.ToTable("organizations").HasKey(organization => organization.Id);
            entity.Property(organization => organization.Id).ValueGeneratedNever();
            SearchText.Configure(entity);
            entity.HasIndex(organization => organization.Slug).IsUnique();
            entity.HasIndex(organization => organization.StripeCustomerId).IsUnique();
            entity.HasIndex(organization => new { organization.Plan, organization.Id });
            // One sample company at a time.
            entity.HasIndex(organization => organization.IsSample).IsUnique().HasFilter("is_sample");
        });
        builder.Entity<Membership>(entity =>
        {
            entity.ToTable("memberships").HasKey(membership => new { membership.OrganizationId, membership.AccountId });
            entity.HasOne<Organization>().WithMany().HasForeignKey(membership => membership.OrganizationId);
            entity.HasIndex(membership => membership.AccountId);
            entity.Ignore(membership => membership.Scope);
        });
        builder.Entity<RemovedMember>(entity =>
        {
            entity.ToTable("removed_members").HasKey(removed => new { removed.OrganizationId, removed.AccountId });
            entity.HasOne<Organization>().WithMany().HasForeignKey(removed => removed.OrganizationId);
        });
        builder.Entity<PlanPeriod>(entity =>
        {
            entity.ToTable("plan_periods").HasKey(period => period.Sequence);
            entity.Property(period => period.Sequence).ValueGeneratedOnAdd();
            entity.HasOne<Organization>().WithMany().HasForeignKey(period => period.OrganizationId);
            entity.HasIndex(period => new { period.OrganizationId, period.From });
        });
        builder.Entity<TenantNameRow>(entity =>
        {
            entity.ToTable("tenant_names").HasKey(name => name.Key);
            entity.HasOne<Organization>().WithMany().HasForeignKey(name => name.OrganizationId);
        });
        builder.Entity<Tenant>(entity =>
        {
            entity.ToTable("tenants").HasKey(tenant => tenant.Id);
            entity.Property(tenant => tenant.Id).ValueGeneratedNever();
            entity.HasOne<Organization>().WithMany().HasForeignKey(tenant => tenant.OrganizationId);
            entity.HasIndex(tenant => tenant.Name).IsUnique().HasFilter(NotDeleted);
            entity.HasIndex(tenant => new { tenant.OrganizationId, tenant.Name });
            entity.HasIndex(tenant => tenant.Cluster);
        });
        builder.Entity<Namespace>(entity =>
        {
            entity.ToTable("namespaces").HasKey(@namespace => @namespace.Id);
            entity.Property(@namespace => @namespace.Id).ValueGeneratedNever();
            entity
                .Property(@namespace => @namespace.Masking)
                .HasConversion(masking => masking.ToJson(), json => NamespaceMasking.Read(json));
            entity.Property(@namespace => @namespace.Wishes).HasConversion(wishes => wishes.ToJson(), json => NamespaceWishes.Read(json));
            entity.HasOne<Tenant>().WithMany().HasForeignKey(@namespace => @namespace.TenantId);
            entity.HasIndex(@namespace => new { @namespace.TenantId, @namespace.Name }).IsUnique().HasFilter(NotDeleted);
            entity.HasIndex(@namespace => new { @namespace.OrganizationId, @namespace.Id });
        });
        builder.Entity<Topic>(entity =>
        {
            entity.ToTable("topics").HasKey(topic => topic.Id);
            entity.Property(topic => topic.Id).ValueGeneratedNever();
            entity.Property(topic => topic.StartsWith).HasConversion(start => start!.ToJson(), json => TopicStart.Read(json));
            SearchText.Configure(entity);
            entity.HasOne<Namespace>().WithMany().HasForeignKey(topic => topic.NamespaceId);
            entity.HasIndex(topic => new { topic.Cluster, topic.Address }).IsUnique().HasFilter(NotDeleted);
            // Deleted ones too: a reading belongs to the topic that was alive at its sample.
            entity.HasIndex(topic => new
            {
                topic.Cluster,
                topic.Address,
                topic.CreatedAt,
            });
            entity.HasIndex(topic => new { topic.NamespaceId, topic.Name });
            entity.HasIndex(topic => new { topic.OrganizationId, topic.Address });
        });
        builder.Entity<Connector>(entity =>
        {
            entity.ToTable("connectors").HasKey(connector => connector.Id);
            entity.Property(connector => connector.Id).ValueGeneratedNever();
            SearchText.Configure(entity);
            entity.HasOne<Namespace>().WithMany().HasForeignKey(connector => connector.NamespaceId);
            entity.HasIndex(connector => new { connector.NamespaceId, connector.Name }).IsUnique().HasFilter(NotDeleted);
            entity.HasIndex(connector => new { connector.TenantId, connector.Path });
            entity.HasIndex(connector => connector.OrganizationId);
            entity.HasIndex(connector => new { connector.Cluster, connector.Id });
        });
        builder.Entity<FunctionPackage>(entity =>
        {
            entity.ToTable("function_packages").HasKey(package => package.Id);
            entity.Property(package => package.Id).ValueGeneratedNever();
            SearchText.Configure(entity);
            entity.HasOne<Namespace>().WithMany().HasForeignKey(package => package.NamespaceId);
            entity
                .HasIndex(package => new
                {
                    package.NamespaceId,
                    package.Name,
                    package.Version,
                })
                .IsUnique()
                .HasFilter(NotDeleted);
            entity.HasIndex(package => new { package.TenantId, package.Path });
            entity.HasIndex(package => package.OrganizationId);
        });
        builder.Entity<ConnectorRun>(entity =>
        {
            entity.ToTable("connector_runs").HasKey(run => run.Sequence);
            entity.Property(run => run.Sequence).ValueGeneratedOnAdd();
            entity.HasOne<Connector>().WithMany().HasForeignKey(run => run.ConnectorId);
            // Of one connector one run at a time goes on.
            entity.HasIndex(run => run.ConnectorId).IsUnique().HasFilter("until IS NULL");
            entity.HasIndex(run => new { run.OrganizationId, run.Since });
        });
        builder.Entity<PulsarKey>(entity =>
        {
            entity.ToTable("pulsar_keys").HasKey(key => key.Id);
            entity.Property(key => key.Id).ValueGeneratedNever();
            SearchText.Configure(entity);
            // Flags: a number, since a set of cases has no single name.
            entity.Property(key => key.Permissions).HasConversion<int>();
            entity.HasOne<Namespace>().WithMany().HasForeignKey(key => key.NamespaceId);
            entity.HasIndex(key => new { key.OrganizationId, key.CreatedAt });
            // Asked every two seconds: which of those that are not deleted are over.
            entity.HasIndex(key => key.ExpiresAt).HasFilter(NotDeleted);
            entity.HasIndex(key => key.MadeWith);
        });
        builder.Entity<KeyGrant>(entity =>
        {
            entity.ToTable("key_grants").HasKey(grant => new { grant.KeyId, grant.TopicId });
            entity.HasOne<PulsarKey>().WithMany().HasForeignKey(grant => grant.KeyId);
            entity.HasOne<Topic>().WithMany().HasForeignKey(grant => grant.TopicId);
            entity.HasIndex(grant => grant.TopicId);
        });
    }
}
