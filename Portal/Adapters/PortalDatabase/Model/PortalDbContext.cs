using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Notices;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>
/// The one model of the portal's data: the domain's entities, ASP.NET Core Identity's tables (schema version 3: passkeys)
/// and the data-protection key ring. Two derived contexts carry the migrations of the two databases.
/// </summary>
public abstract class PortalDbContext(DbContextOptions options) : IdentityUserContext<PortalUser, Guid>(options), IDataProtectionKeyContext
{
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    internal DbSet<Organization> Organizations => Set<Organization>();
    internal DbSet<Membership> Memberships => Set<Membership>();
    internal DbSet<PlanPeriod> PlanPeriods => Set<PlanPeriod>();
    internal DbSet<Tenant> Tenants => Set<Tenant>();
    internal DbSet<TenantNameRow> TenantNames => Set<TenantNameRow>();
    internal DbSet<Namespace> Namespaces => Set<Namespace>();
    internal DbSet<Topic> Topics => Set<Topic>();
    internal DbSet<Connector> Connectors => Set<Connector>();
    internal DbSet<PulsarKey> PulsarKeys => Set<PulsarKey>();
    internal DbSet<KeyGrant> KeyGrants => Set<KeyGrant>();
    internal DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    internal DbSet<Invitation> Invitations => Set<Invitation>();
    internal DbSet<OperatorNote> OperatorNotes => Set<OperatorNote>();
    internal DbSet<Incident> Incidents => Set<Incident>();
    internal DbSet<Notice> Notices => Set<Notice>();
    internal DbSet<NoticeRead> NoticeReads => Set<NoticeRead>();
    internal DbSet<NoticeMute> NoticeMutes => Set<NoticeMute>();
    internal DbSet<NoticeSettings> NoticeSettings => Set<NoticeSettings>();
    internal DbSet<WorkItem> Work => Set<WorkItem>();
    internal DbSet<PriceBookRecord> PriceBooks => Set<PriceBookRecord>();
    internal DbSet<PlanVersion> PlanVersions => Set<PlanVersion>();
    internal DbSet<OrganizationLimits> OrganizationLimits => Set<OrganizationLimits>();
    internal DbSet<Budget> Budgets => Set<Budget>();
    internal DbSet<Credit> Credits => Set<Credit>();
    internal DbSet<CreditEntry> CreditEntries => Set<CreditEntry>();
    internal DbSet<PromotionCode> PromotionCodes => Set<PromotionCode>();
    internal DbSet<PromotionRedemption> PromotionRedemptions => Set<PromotionRedemption>();
    internal DbSet<DunningCase> DunningCases => Set<DunningCase>();
    internal DbSet<Invoice> Invoices => Set<Invoice>();
    internal DbSet<TaxId> TaxIds => Set<TaxId>();
    internal DbSet<TaxBook> TaxBooks => Set<TaxBook>();
    internal DbSet<TaxProfile> TaxProfiles => Set<TaxProfile>();
    internal DbSet<TaxRateAtStripe> StripeTaxRates => Set<TaxRateAtStripe>();
    internal DbSet<CreditNote> CreditNotes => Set<CreditNote>();
    internal DbSet<InvoiceRefund> InvoiceRefunds => Set<InvoiceRefund>();
    internal DbSet<ClosedPeriod> ClosedPeriods => Set<ClosedPeriod>();
    internal DbSet<AuditRow> AuditRows => Set<AuditRow>();
    internal DbSet<AuditChainRow> AuditChains => Set<AuditChainRow>();
    internal DbSet<LeaseRow> Leases => Set<LeaseRow>();
    internal DbSet<PaymentEventRow> PaymentEvents => Set<PaymentEventRow>();

    /// <summary>
    /// What the transaction changes past the change tracker, as words of <c>Change</c>: who listens is told with the commit.
    /// </summary>
    internal HashSet<string> AlsoTold { get; } = [];

    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        SearchText.Fill(ChangeTracker);
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        SearchText.Fill(ChangeTracker);
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => Conversions.Apply(configurationBuilder);

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        IdentityModel.Configure(builder);
        ResourceModel.Configure(builder);
        BillingModel.Configure(builder);
        PlatformModel.Configure(builder);
        WorkModel.Configure(builder);
        AccountModel.Configure(builder);
        MemberModel.Configure(builder);
        NoticeModel.Configure(builder);
        OidcModel.Configure(builder);
        FederationModel.Configure(builder);
        MigrationModel.Configure(builder);
        CopyModel.Configure(builder);
        MoveModel.Configure(builder);
        SnakeCase.Apply(builder);
    }
}

public sealed class SqlitePortalDbContext(DbContextOptions<SqlitePortalDbContext> options) : PortalDbContext(options);

public sealed class PostgreSqlPortalDbContext(DbContextOptions<PostgreSqlPortalDbContext> options) : PortalDbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        // By code point, as SQLite does it: pages are cut alike, and no index depends on the version of a locale.
        configurationBuilder.Properties<string>().UseCollation("C");
    }
}
