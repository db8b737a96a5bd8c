using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Accounts;
using Portal.Adapters.PortalDatabase.Faults;
using Portal.Adapters.PortalDatabase.Ledger;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Sample;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase;

public static class PortalDatabaseServices
{
    /// <summary>
    /// The portal's data and everything kept with it. The caller takes the <see cref="DataFolderLock"/> first and runs
    /// <see cref="DatabaseMigrator"/> before anything reads.
    /// </summary>
    public static IServiceCollection AddPortalDatabase(this IServiceCollection services, DatabaseOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<PortalConnections>();
        services.AddSingleton<DatabaseMigrator>();
        services.AddSingleton<DatabaseProbe>();
        services.AddSingleton<IOutages, DatabaseOutages>();
        // For Identity and the data-protection keys: a context per scope. Everything else takes a handle per operation.
        services.AddSingleton<IDbContextFactory<PortalDbContext>>(provider => provider.GetRequiredService<PortalConnections>());
        services.AddScoped(provider => provider.GetRequiredService<PortalConnections>().CreateDbContext());

        services.Configure<IdentityOptions>(identity => identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3);

        services.AddSingleton<Changes>();
        services.AddSingleton<IChanges>(provider => provider.GetRequiredService<Changes>());
        services.AddSingleton<EfPortalDatabase>();
        services.AddSingleton<IPortalDatabase>(provider => provider.GetRequiredService<EfPortalDatabase>());
        services.AddSingleton<IAuditTrail, AuditTrail>();
        services.AddSingleton<ILeases, Leases>();
        services.AddSingleton<ProcessMark>();
        services.AddSingleton<IKeptAnswers, KeptAnswers>();
        services.AddSingleton<IAccountDirectory, AccountDirectory>();
        services.AddSingleton<ISessionDirectory, SessionDirectory>();
        services.AddSingleton<IUsageLedger, UsageLedger>();
        services.AddSingleton<IUsageFigures, UsageFigures>();
        services.AddSingleton<ICollectorLedger, CollectorLedger>();
        services.AddSingleton<IMeteredTopics, MeteredTopics>();
        services.AddSingleton<IUsageRetention, LedgerRetention>();
        services.AddSingleton<ISampleRows, SampleRows>();
        return services;
    }
}
