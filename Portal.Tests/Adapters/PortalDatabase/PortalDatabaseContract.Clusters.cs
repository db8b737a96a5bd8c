using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>Registered clusters: seeded from the settings, registered, changed, drained and removed.</summary>
public abstract partial class PortalDatabaseContract
{
    private static readonly Actor ClusterOperator = new(new AccountId(Guid.CreateVersion7()), "operator@example.com", true);
    private static readonly PlainSeal Seal = new();

    private static ClusterRegistration Named(string name, string token = "token", string admin = "http://a:8080") =>
        ClusterRules.Check(name, new(admin, $"pulsar://{name}-1:6650,{name}-2:6650", "ws://a:8080", token)).Registration!;

    private static Task SeedAsync(TestDatabase database, params ClusterRegistration[] clusters) =>
        new SeedClusters(database.Database, Seal, database.Clock).RunAsync(clusters, Now);

    private static async Task<ClusterDirectory> DirectoryAsync(TestDatabase database, ISecretSeal? seal = null)
    {
        var directory = new ClusterDirectory(database.Database, seal ?? Seal);
        await directory.RefreshAsync(Now);
        return directory;
    }

    private static AccessGuard Guard(TestDatabase database) => new(database.Database, database.Audit, database.Clock);

    private static Task<RegisteredCluster?> RowAsync(TestDatabase database, string name) =>
        database.Database.ReadAsync(session => session.Clusters.FindAsync(name, Now), Now);

    private static async Task<int> PlatformRecordsAsync(TestDatabase database) =>
        (await database.Audit.ListAsync(null, new(), new(), Now)).Items.Count;

    [Fact]
    public async Task The_clusters_of_the_settings_come_first_in_their_order_and_a_start_that_changes_nothing_writes_nothing()
    {
        await using var database = await NewAsync();
        await SeedAsync(database, Named("west"), Named("east"));
        using var directory = await DirectoryAsync(database);
        await new RegisterCluster(Guard(database), database.Database, Seal, directory, database.Clock).RunAsync(
            ClusterOperator,
            "own",
            new("http://o:8080"),
            Now
        );
        Assert.Equal(["west", "east", "own"], directory.All.Select(cluster => cluster.Name));
        Assert.Equal("pulsar://west-1:6650,west-2:6650", directory.Find("west")!.BrokerUrl);

        var (records, west, sealedToken) = (
            await PlatformRecordsAsync(database),
            directory.Access("west"),
            (await RowAsync(database, "west"))!.SealedAdminToken
        );
        await SeedAsync(database, Named("west"), Named("east"));
        await directory.RefreshAsync(Now);
        Assert.Equal(records, await PlatformRecordsAsync(database));
        Assert.Equal(sealedToken, (await RowAsync(database, "west"))!.SealedAdminToken);
        Assert.Same(west, directory.Access("west"));

        await SeedAsync(database, Named("west", token: "rotated"), Named("east"));
        await directory.RefreshAsync(Now);
        Assert.Equal("rotated", directory.Access("west")!.AdminToken);
        Assert.NotSame(west, directory.Access("west"));
    }

    [Fact]
    public async Task A_cluster_that_leaves_the_settings_stays_while_tenants_are_on_it_and_can_be_changed_then()
    {
        await using var database = await NewAsync();
        await SeedAsync(database, Named("local"), Named("empty"));
        await TenantAsync(database, await OrganizationAsync(database));
        await SeedAsync(database, Named("new"));
        using var directory = await DirectoryAsync(database);
        Assert.Equal(["new", "local"], directory.All.Select(cluster => cluster.Name));
        Assert.True(directory.Find("local")!.TakesTenants);
        Assert.Equal(
            (ClusterState.Removed, null),
            ((await RowAsync(database, "empty"))!.State, (await RowAsync(database, "empty"))!.SealedAdminToken)
        );

        var change = new ChangeCluster(Guard(database), database.Database, Seal, directory, database.Clock);
        Assert.Equal("cluster-in-settings", (await change.RunAsync(ClusterOperator, "new", new("http://b:8080"), Now)).Problem?.Code);
        Assert.True((await change.RunAsync(ClusterOperator, "local", new("http://b:8080"), Now)).IsOk);
        Assert.Equal(
            ("http://b:8080/", "token"),
            (directory.Access("local")!.AdminUrls[0].AbsoluteUri, directory.Access("local")!.AdminToken)
        );
    }

    [Fact]
    public async Task A_stand_in_that_goes_takes_no_new_tenants_and_takes_them_again_when_it_is_back()
    {
        await using var database = await NewAsync();
        await SeedAsync(database, Named("local") with { IsStandIn = true });
        await TenantAsync(database, await OrganizationAsync(database));
        await SeedAsync(database, Named("real"));
        Assert.Equal(ClusterState.Drained, (await RowAsync(database, "local"))!.State);
        await SeedAsync(database, Named("local") with { IsStandIn = true });
        Assert.Equal(ClusterState.Active, (await RowAsync(database, "local"))!.State);
    }

    [Fact]
    public async Task Secrets_are_sealed_for_their_cluster_and_one_that_cannot_be_opened_troubles_its_own_cluster_only()
    {
        await using var database = await NewAsync();
        using var directory = await DirectoryAsync(database);
        var register = new RegisterCluster(Guard(database), database.Database, Seal, directory, database.Clock);
        await register.RunAsync(ClusterOperator, "eu", new("http://a:8080", AdminToken: "secret-token"), Now);
        await register.RunAsync(ClusterOperator, "open", new("http://b:8080"), Now);
        var row = (await RowAsync(database, "eu"))!;
        Assert.DoesNotContain("secret-token", row.SealedAdminToken, StringComparison.Ordinal);
        Assert.Null(Seal.Open(SealedCredentials.AdminTokenOf("open"), row.SealedAdminToken!));
        Assert.DoesNotContain(
            "secret-token",
            string.Join(
                ' ',
                (await database.Audit.ListAsync(null, new(), new(), Now))
                    .Items.SelectMany(record => record.Details)
                    .Select(pair => pair.Value)
            ),
            StringComparison.Ordinal
        );

        using var elsewhere = await DirectoryAsync(database, new PlainSeal("another key ring"));
        Assert.True(elsewhere.Access("eu")!.IsUnreadable);
        Assert.False(elsewhere.Access("open")!.IsUnreadable);
    }

    [Fact]
    public async Task A_cluster_is_removed_only_when_nothing_lives_on_it_and_its_name_can_be_registered_again()
    {
        await using var database = await NewAsync();
        using var directory = await DirectoryAsync(database);
        var register = new RegisterCluster(Guard(database), database.Database, Seal, directory, database.Clock);
        var remove = new RemoveCluster(Guard(database), database.Database, directory, database.Clock);
        await register.RunAsync(ClusterOperator, "local", new("http://a:8080", AdminToken: "token"), Now);
        Assert.Equal("cluster-exists", (await register.RunAsync(ClusterOperator, "local", new("http://a:8080"), Now)).Problem?.Code);
        var organization = await OrganizationAsync(database);
        var tenant = await TenantAsync(database, organization);
        await WriteAsync(
            database,
            organization,
            "work",
            session => session.Work.Add(database.Clock, new CreateTenantWork(tenant.Id), tenant.Place())
        );

        var refused = (await remove.RunAsync(ClusterOperator, "local", Now)).Problem;
        Assert.Equal("cluster-in-use", refused?.Code);
        Assert.Contains("1 tenant and 1 open task", refused!.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["local"],
            await database.Database.ReadAsync(session => session.Tenants.ClustersAsync(organization.Id, DateTimeOffset.UnixEpoch, Now), Now)
        );

        await database.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Tenants.FindAsync(tenant.Id, Now))!.Deleted(database.Clock.Now());
                (await session.Work.FindHeadAsync(tenant.Place().Line, Now))!.Finish(new StepResult.Done(), database.Clock.Now());
                return true;
            },
            Now
        );
        Assert.True((await remove.RunAsync(ClusterOperator, "local", Now)).IsOk);
        Assert.Empty(directory.All);
        Assert.Null((await RowAsync(database, "local"))!.SealedAdminToken);
        Assert.Equal("cluster-not-found", (await remove.RunAsync(ClusterOperator, "local", Now)).Problem?.Code);
        // What was there is metered to its end: nothing waits for it.
        Assert.Empty(
            await database.Database.ReadAsync(session => session.Tenants.ClustersAsync(organization.Id, DateTimeOffset.UnixEpoch, Now), Now)
        );

        Assert.True((await register.RunAsync(ClusterOperator, "local", new("http://b:8080"), Now)).IsOk);
        Assert.Null(directory.Access("local")!.AdminToken);
    }

    [Fact]
    public async Task Who_listens_for_clusters_hears_of_each_change()
    {
        await using var database = await NewAsync();
        using var directory = await DirectoryAsync(database);
        using var news = database.Changes.Listen([Change.Clusters]);
        await new RegisterCluster(Guard(database), database.Database, Seal, directory, database.Clock).RunAsync(
            ClusterOperator,
            "eu",
            new("http://a:8080"),
            Now
        );
        Assert.True(await news.WaitAsync(TimeSpan.FromSeconds(10), Now));
        await new DrainCluster(Guard(database), database.Database, directory, database.Clock).RunAsync(
            ClusterOperator,
            "eu",
            drained: true,
            Now
        );
        Assert.True(await news.WaitAsync(TimeSpan.FromSeconds(10), Now));
        Assert.False(directory.Find("eu")!.TakesTenants);
    }

    [Fact]
    public async Task A_customer_registers_nothing()
    {
        await using var database = await NewAsync();
        using var directory = await DirectoryAsync(database);
        Assert.IsType<Problem.Forbidden>(
            (
                await new RegisterCluster(Guard(database), database.Database, Seal, directory, database.Clock).RunAsync(
                    Jo,
                    "eu",
                    new("http://a:8080"),
                    Now
                )
            ).Problem
        );
        Assert.Null(await RowAsync(database, "eu"));
    }
}
