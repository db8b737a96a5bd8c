using Portal.Adapters.KafkaSource;
using Portal.Adapters.KafkaSource.Apart;
using Portal.Adapters.PortalDatabase;
using Portal.Adapters.PortalDatabase.Accounts;
using Portal.Adapters.PortalDatabase.Faults;
using Portal.Adapters.PulsarAdmin;
using Portal.Adapters.PulsarMessages;
using Portal.Adapters.PulsarWire;
using Portal.Adapters.StripeBilling;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Hosting.ExternalSignIn;
using Portal.Hosting.Identity;
using Portal.Hosting.KeyRing;
using Portal.Hosting.Settings;
using Portal.Hosting.Workers;

namespace Portal.Hosting;

/// <summary>The outside systems behind their ports, each by its settings alone.</summary>
internal static class AdapterSetup
{
    public static void AddAdapters(this WebApplicationBuilder builder, PortalSettings settings, StandIns standIns)
    {
        AddDatabase(builder.Services, settings);
        builder.Services.AddStripeBilling(builder.Configuration);
        AddClusters(builder.Services, settings, standIns);
        builder.Services.AddKafkaSource(
            builder.Environment.IsDevelopment() || settings.Migrations.AllowPrivateHosts ? KafkaReach.Anywhere : KafkaClientCommand.Public,
            KafkaChildren(settings.Migrations)
        );
        builder.Services.AddMetering(builder.Configuration);
    }

    /// <summary>What goes on in the background.</summary>
    public static void AddWorkers(this WebApplicationBuilder builder, PortalSettings settings) => builder.Services.AddWork(settings);

    /// <summary>
    /// What has to be true before anybody is served: the tables are there, with the clusters and the account that the settings ask for.
    /// </summary>
    /// <exception cref="WrongSettingException">The database or its key ring cannot be used; the sentence says why and what to
    /// do.</exception>
    public static async Task PrepareAsync(this WebApplication app)
    {
        // The container disposes of what it made in turn, and of what was made first last: the folder is let go when nothing
        // of this process writes to it any more.
        app.Services.GetService<DataFolderLock>();
        var migrator = app.Services.GetRequiredService<DatabaseMigrator>();
        try
        {
            await migrator.MigrateAsync(CancellationToken.None);
            await app.Services.GetRequiredService<KeyRingAtStart>().RunAsync(CancellationToken.None);
            await app.Services.GetRequiredService<PepperRows>().WarnAsync(CancellationToken.None);
            await app
                .Services.GetRequiredService<SeedClusters>()
                .RunAsync(app.Services.GetRequiredService<NamedClusters>().All, CancellationToken.None);
            await app.Services.GetRequiredService<ClusterDirectory>().RefreshAsync(CancellationToken.None);
            await app.Services.GetRequiredService<FirstRun>().RunAsync(CancellationToken.None);
        }
        catch (Exception exception) when (DatabaseFault.Of(exception) is { } fault)
        {
            throw new WrongSettingException(fault.AtStart(app.Services.GetRequiredService<DatabaseOptions>()));
        }
        app.Services.GetRequiredService<Readiness>().Prepared();
        // It ends with the process or by itself; what it finds stands in the readiness.
        _ = migrator.CheckLargeFileAsync(app.Lifetime.ApplicationStopping);
    }

    internal static DatabaseOptions DatabaseOptions(PortalSettings settings) =>
        new(
            settings.Database.IsPostgreSql ? DatabaseProvider.PostgreSql : DatabaseProvider.Sqlite,
            settings.DataFolder,
            settings.Database.ConnectionString
        );

    private static KafkaChildSettings KafkaChildren(MigrationSettings settings) =>
        new(settings.KafkaProcesses, settings.KafkaMemoryMegabytes * ByteSize.MiB, KafkaChildSettings.Default.IdleFor);

    private static void AddDatabase(IServiceCollection services, PortalSettings settings)
    {
        var options = DatabaseOptions(settings);
        if (options.Provider == DatabaseProvider.Sqlite)
        {
            var folder = TakeFolder(settings.DataFolder);
            services.AddSingleton(_ => folder);
        }
        services.AddPortalDatabase(options);
    }

    private static DataFolderLock TakeFolder(string folder)
    {
        try
        {
            return DataFolderLock.Take(folder);
        }
        catch (InvalidOperationException inUse)
        {
            throw new WrongSettingException(inUse.Message);
        }
    }

    private static void AddClusters(IServiceCollection services, PortalSettings settings, StandIns standIns)
    {
        services.AddSingleton(new NamedClusters(standIns.Cluster is { } local ? [local] : ClusterSettingsReader.Read(settings.Clusters)));
        services.AddSingleton<ClusterDirectory>();
        services.AddSingleton<IClusterCatalog>(provider => provider.GetRequiredService<ClusterDirectory>());
        services.AddSingleton<IClusterAccess>(provider => provider.GetRequiredService<ClusterDirectory>());
        services.AddSingleton<IUploadRoom>(_ => new UploadRoom(settings.DataFolder));
        services.AddPulsarAdmin().AddPulsarMessages().AddPulsarWire();
    }

    /// <summary>The clusters of the settings, or the stand-in: what the table is kept in step with.</summary>
    private sealed record NamedClusters(IReadOnlyList<ClusterRegistration> All);
}
