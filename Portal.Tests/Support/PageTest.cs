using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using MudBlazor.Services;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Mails;
using Portal.Domain.Migration;
using Portal.Domain.Organizations;
using Portal.Domain.Sample;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Features.Operator;
using Portal.Hosting;
using Portal.Tests.Domain.Billing;
using Portal.Tests.Support.Fakes;
using Portal.Ui;

namespace Portal.Tests.Support;

/// <summary>
/// A page over the real use cases and a database of its own, signed in as the owner of <c>northwind</c>. Only the
/// cluster is a fake.
/// </summary>
public abstract class PageTest : BunitContext, IAsyncLifetime
{
    protected const string Org = "northwind";

    private TestDatabase? _data;

    protected StandingCluster Cluster { get; } = new();

    /// <summary>Stops the portal under its open pages.</summary>
    protected HostLife Life { get; } = new();

    protected StandingSubscriptions Subscriptions { get; } = new();

    protected StandingCursors Cursors { get; } = new();

    /// <summary>The built-in connectors of the cluster.</summary>
    protected StandingConnectors Connectors { get; } = new();

    /// <summary>Packages as the cluster keeps them.</summary>
    protected StandingPackages Packages { get; } = new();
    protected StandingKafka Kafka { get; } = new();
    protected StandingSchemas Schemas { get; } = new();
    protected StandingFigures TopicsOfBrokers { get; } = new();

    protected FakeTimeProvider Clock { get; } =
        new(new DateTimeOffset(2026, 11, 23, 15, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    protected Actor Owner { get; } =
        new(new AccountId(Guid.CreateVersion7()), "elena@northwind.example", false)
        {
            Session = new SessionId(Guid.CreateVersion7()),
            ProvedHere = true,
        };

    /// <summary>What is wrong with the portal's own settings, for the operator.</summary>
    protected List<InstallationWarning> InstallationWarnings { get; } = [];

    protected IPortalDatabase Database => _data!.Database;

    public async ValueTask InitializeAsync()
    {
        _data = await TestDatabase.SqliteAsync(Clock);
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddSingleton<Microsoft.Extensions.Hosting.IHostApplicationLifetime>(Life);
        Services.AddSingleton(_data.Database);
        Services.AddSingleton(_data.Audit);
        Services.AddSingleton(_data.Changes);
        Services.AddSingleton(_data.Provider.GetRequiredService<IUsageLedger>());
        Services.AddSingleton(_data.Provider.GetRequiredService<IUsageFigures>());
        Services.AddSingleton<IClusterHealth>(Cluster);
        Services.AddSingleton<ITenantAdmin>(Cluster);
        Services.AddSingleton<INamespaceAdmin>(Cluster);
        Services.AddSingleton<ITopicAdmin>(Cluster);
        Services.AddSingleton<ISubscriptionAdmin>(Subscriptions);
        Services.AddSingleton<IConnectorAdmin>(Connectors);
        Services.AddSingleton<IFunctionPackages>(Packages);
        Services.AddSingleton<IUploadRoom>(Packages);
        Services.AddSingleton(new ConnectorGuides([]));
        Services.AddSingleton<ISchemaAdmin>(Schemas);
        Services.AddSingleton<IKafkaCluster>(Kafka);
        Services.AddSingleton<IPulsarPartitions>(new AbsentBrokers()).AddSingleton<IKafkaBack>(new AbsentBrokers());
        Services.AddSingleton<IBrokerStatistics>(TopicsOfBrokers);
        Services.AddSingleton<ITopicFigures>(TopicsOfBrokers);
        Services.AddSingleton<IGrantAdmin>(Cluster);
        Services.AddSingleton<IConnectedClients>(Cluster);
        Services.AddSingleton<IClusterCatalog>(Cluster);
        Services.AddSingleton<ISecretSeal>(new PlainSeal());
        Services.AddSingleton<IMessageClient>(Cluster);
        Services.AddSingleton<IMessageOrigins>(Cluster);
        Services.AddSingleton<ISubscriptionCursors>(Cursors);
        Services.AddSingleton<ITopicEnds>(Cursors);
        Services.AddSingleton<ITokenSigner>(new FixedSigner());
        Services.AddSingleton<IPaymentGateway>(new MemoryGateway());
        Services.AddSingleton<ITestPayments>(new TestPayments());
        Services.AddSingleton(new SampleSettings(OnFirstRun: false));
        Services.AddSingleton<IKillPoints>(new KillSwitch());
        Services.AddSingleton(BillingSettings.Default);
        Services.AddSingleton(DunningSettings.Default);
        Services.AddSingleton(new ProofRule { FreshFor = TimeSpan.FromDays(14) });
        Services.AddSingleton<IAttemptLimiter>(new Unlimited());
        Services.AddSingleton<IPublicAddress>(new ThisPortal());
        Services.AddSingleton<IEnumerable<InstallationWarning>>(InstallationWarnings);
        Services.AddSingleton(
            new InstallationFacts(
                ChargesForReal: false,
                SendsEmail: true,
                HasPublicUrl: false,
                EncryptsKeyRing: true,
                RequiresSecondFactor: false
            )
        );
        Services.AddSingleton(InvitationSettings.Default);
        Services.AddSingleton(new StatusSettings(IsPublic: false));
        Services.AddSingleton(Portal.Shell.Installation.Default);
        Services.AddSingleton(_data.Provider.GetRequiredService<IAccountDirectory>());
        Services.AddSingleton<IMailer>(new StandingMails());
        Services.AddSingleton<IMailOutbox>(new StandingMails());
        Services.TryAddSingleton(_data.Provider.GetRequiredService<ICollectorLedger>());
        Services.TryAddSingleton(new MeteringSettings(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10)));
        Services.TryAddSingleton(new StatusSettings(IsPublic: false));
        Services.AddUseCases();
        Services.AddSingleton(new Portal.Domain.Work.WorkHandlers([]));
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Renderer.SetRendererInfo(new RendererInfo("Server", true));
        RenderTree.Add<CascadingValue<Actor>>(parameters => parameters.Add(value => value.Value, Owner));
        RenderTree.Add<CascadingValue<ViewerZone>>(parameters => parameters.Add(value => value.Value, ViewerZone.Utc));
        var local = new ClusterRegistration(
            StandingCluster.Local.Name,
            [new("http://127.0.0.1:5081")],
            null,
            StandingCluster.Local.WebSocketUrl,
            "token",
            null,
            IsStandIn: true
        );
        await Use<SeedClusters>().RunAsync([local], CancellationToken.None);
        await Database.UpdateAsync(
            null,
            session =>
            {
                session.Sessions.Add(
                    new AccountSession(Owner.Session!.Value, Owner.AccountId!.Value, SignInMethod.Password, null, null, Clock.GetUtcNow())
                );
                return Task.FromResult(true);
            },
            CancellationToken.None
        );
        await Use<CreateOrganization>().RunAsync(Owner, "Northwind", Org, "free", CancellationToken.None);
    }

    protected T Use<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Another member of the organization.</summary>
    protected async Task<Actor> MemberAsync(Role role, Scope? scope = null)
    {
        var account = new AccountId(Guid.CreateVersion7());
        await Database.UpdateAsync(
            null,
            async session =>
            {
                session.Organizations.Add(
                    new Membership(
                        (await session.Organizations.FindAsync(Org, CancellationToken.None))!.Id,
                        account,
                        role,
                        Clock.GetUtcNow(),
                        scope
                    )
                );
                return true;
            },
            CancellationToken.None
        );
        return new(account, $"{role}@northwind.example".ToLowerInvariant(), false);
    }

    /// <summary>Dialogs are shown here: render it before the page that opens them.</summary>
    /// <param name="actor">Who uses them; the owner unless given.</param>
    protected IRenderedComponent<MudDialogProvider> RenderDialogs(Actor? actor = null)
    {
        Render<MudPopoverProvider>();
        return Render<MudDialogProvider>(parameters => parameters.AddCascadingValue(actor ?? Owner));
    }

    protected async Task<Tenant> TenantAsync(string name = "shop") =>
        (await Use<CreateTenant>().RunAsync(Owner, Org, name, null, CancellationToken.None)).Value;

    /// <summary>A topic that the cluster is said to have.</summary>
    protected async Task<Topic> TopicAsync(string tenant, string name, bool persistent = true, int partitions = 0)
    {
        var made = (
            await Use<CreateTopic>().RunAsync(Owner, Org, tenant, "default", new(name, persistent, partitions), CancellationToken.None)
        ).Value;
        return await Database.UpdateAsync(
            null,
            async session =>
            {
                var topic = (await session.Topics.FindAsync(made.Id, CancellationToken.None))!;
                topic.Ready(Clock.GetUtcNow());
                return topic;
            },
            CancellationToken.None
        );
    }

    /// <summary>Bytes in and out of a topic that were counted at an instant, up to which everything is in then.</summary>
    /// <param name="kept">What a broker says is stored; null for a topic that none lists.</param>
    protected async Task MeterAsync(Topic topic, long taken, long given, DateTimeOffset at, long? kept = null)
    {
        var collector = _data!.Provider.GetRequiredService<ICollectorLedger>();
        var metered = new MeteredTopic(topic.Id, topic.OrganizationId, topic.Partitions, false);
        var deltas = new[] { (Meter.Write, taken), (Meter.Read, given) }.Select(one => new MeteredDelta(
            one.Item1,
            metered,
            "b1",
            topic.Address,
            at.AddMilliseconds(-1),
            at,
            0,
            one.Item2,
            one.Item2
        ));
        await collector.BeginAsync(topic.Cluster, at, CancellationToken.None);
        await collector.AdvanceAsync(
            topic.Cluster,
            null,
            new(null, null),
            (_, _) => new([.. deltas], [], kept is { } bytes ? [Reading(bytes)] : [], TrafficApart.None),
            CancellationToken.None
        );
        await collector.SaveAsync(
            ClusterMetering.Empty(topic.Cluster) with
            {
                PolledAt = at,
                ListedWholeAt = at,
                CompleteTo = at,
            },
            null,
            CancellationToken.None
        );
        await _data.Changes.TellAsync([Change.Metering], CancellationToken.None);

        Reading Reading(long bytes) =>
            new("b1", new(topic.Address, 1, taken, 1, given, bytes), topic.Id, topic.OrganizationId, at, false, false, at);
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_data is not null)
            await _data.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private sealed class Unlimited : IAttemptLimiter
    {
        public TimeSpan? Refuse(Actor actor, Attempt attempt, string? account) => null;

        public void Failed(Actor actor, string account) { }
    }

    private sealed class FixedSigner : ITokenSigner
    {
        public Outcome<string> Sign(string cluster, string role, DateTimeOffset? expiresAt) => $"token-of-{role}";
    }
}
