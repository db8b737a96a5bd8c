using LocalPulsar.Admin;
using LocalPulsar.Functions;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Storage;
using LocalPulsar.Topics;
using LocalPulsar.WebSockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Data.Sqlite;

namespace LocalPulsar;

/// <summary>
/// A development Pulsar on a loopback port of its own: admin REST, lookup and WebSocket API of one broker with a
/// functions worker of two connectors, with tokens and authorization on. A simulator: no binary protocol, nothing replicated.
/// </summary>
public sealed class LocalPulsarServer : IAsyncDisposable
{
    /// <summary>The version whose answers are imitated.</summary>
    public const string Version = "4.0.7";
    internal const string ClientVersion = "Pulsar-Java-v" + Version;
    private readonly WebApplication _app;
    private readonly DataFolder _folder;
    private readonly Journal _journal;
    private readonly Broker _broker;
    private readonly Sessions _sessions;
    private readonly FunctionsWorker _worker;
    private readonly CancellationTokenSource _stopping = new();
    private Task _maintenance = Task.CompletedTask;
    private int _stopped;

    private LocalPulsarServer(
        WebApplication app,
        DataFolder folder,
        Journal journal,
        Broker broker,
        Sessions sessions,
        FunctionsWorker worker
    )
    {
        (_app, _folder, _journal, _broker, _sessions, _worker) = (app, folder, journal, broker, sessions, worker);
        var address = new Uri(
            app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()
        );
        AdminUrl = new Uri($"http://127.0.0.1:{address.Port}");
        WebSocketUrl = new Uri($"ws://127.0.0.1:{address.Port}");
        AdminToken = File.ReadAllText(folder.AdminToken);
        TokenPrivateKeyFile = folder.PrivateKey;
        TokenPublicKeyFile = folder.PublicKey;
    }

    /// <summary>Base of the admin API, <c>http://127.0.0.1:port</c>.</summary>
    public Uri AdminUrl { get; }

    /// <summary>Base of the WebSocket API, <c>ws://127.0.0.1:port</c>.</summary>
    public Uri WebSocketUrl { get; }

    /// <summary>Every route of the admin API, such as <c>GET admin/v2/tenants/{tenant}</c>.</summary>
    public required IReadOnlyList<string> Routes { get; init; }

    /// <summary>A token of the super-user role <c>admin</c>, without expiry.</summary>
    public string AdminToken { get; }

    /// <summary>The key that signs tokens, PKCS#8 in PEM.</summary>
    public string TokenPrivateKeyFile { get; }

    /// <summary>The key that checks them, SubjectPublicKeyInfo in PEM.</summary>
    public string TokenPublicKeyFile { get; }

    /// <summary>Starts a server; it answers when the task ends.</summary>
    /// <exception cref="InvalidOperationException">Another process uses the data folder.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<LocalPulsarServer> StartAsync(LocalPulsarOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = DataFolder.Open(options.DataFolder);
        Journal? journal = null;
        try
        {
            var tokens = Tokens.Open(folder, options.Clock);
            journal = new Journal(folder.Database);
            var archive = new Archive(folder.Database);
            var state = new ClusterState(journal, archive);
            await AddBuiltInAsync(state);
            var broker = new Broker(state, journal, archive, options.Clock);
            await broker.StartAsync(cancellationToken);
            var sessions = new Sessions();
            var stats = new BrokerStats(broker);
            var worker = new FunctionsWorker(state, new TopicDirectory(state, broker), broker, HttpPost.Client(options.MayConnectTo));
            var app = await ListenAsync(
                port => Build(options, port, state, broker, stats, tokens, sessions, worker),
                folder,
                options.Port,
                cancellationToken
            );
            worker.Start();
            var server = new LocalPulsarServer(app, folder, journal, broker, sessions, worker)
            {
                Routes =
                [
                    .. MapRoutes(options, "", state, broker, stats, new TopicDirectory(state, broker), sessions, worker)
                        .Routes.Select(route => $"{route.Method} {route.Pattern}"),
                ],
            };
            if (options.Port is null)
                folder.RememberPort(server.AdminUrl.Port);
            server._maintenance = new Maintenance(broker, stats, options, options.LoggerFactory.CreateLogger<Maintenance>()).RunAsync(
                server._stopping.Token
            );
            return server;
        }
        catch
        {
            if (journal is not null)
                await journal.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Ends the server. Everything acknowledged is on disk then.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        await _stopping.CancelAsync();
        await _maintenance;
        _sessions.AbortAll();
        await _worker.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _broker.Close();
        await _journal.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _broker.Dispose();
        _folder.Dispose();
        _stopping.Dispose();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static async Task AddBuiltInAsync(ClusterState state)
    {
        foreach (var (tenant, ns) in ((string, string)[])[("public", "public/default"), ("pulsar", "pulsar/system")])
        {
            if (!state.Tenants.ContainsKey(tenant))
                await state.PutTenantAsync(tenant, new TenantInfo([], [NamespacePolicies.Cluster]));
            if (!state.Namespaces.ContainsKey(ns))
                await state.PutNamespaceAsync(ns, NewNamespace.Defaults());
        }
    }

    /// <summary>Of those that start at once, several may find the same port free; all but one look for another.</summary>
    private static async Task<WebApplication> ListenAsync(
        Func<int, WebApplication> build,
        DataFolder folder,
        int? asked,
        CancellationToken cancellationToken
    )
    {
        const int tries = 50;
        for (var attempt = 1; ; attempt++)
        {
            var app = build(folder.ChoosePort(asked));
            try
            {
                await app.StartAsync(cancellationToken);
                return app;
            }
            catch (IOException) when (asked is null && attempt < tries)
            {
                await app.DisposeAsync();
            }
        }
    }

    private static WebApplication Build(
        LocalPulsarOptions options,
        int port,
        ClusterState state,
        Broker broker,
        BrokerStats stats,
        Tokens tokens,
        Sessions sessions,
        FunctionsWorker worker
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ContentRootPath = Path.GetFullPath(options.DataFolder) }
        );
        builder.Services.AddSingleton(options.LoggerFactory);
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(System.Net.IPAddress.Loopback, port);
                kestrel.AddServerHeader = false;
            });
        var app = builder.Build();
        var topics = new TopicDirectory(state, broker);
        AdminApi? admin = null;
        WebSocketApi? sockets = null;
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30) });
        app.Run(context =>
        {
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            var address = $"127.0.0.1:{context.Connection.LocalPort}";
            if (target.StartsWith("/ws/", StringComparison.Ordinal))
                return LazyInitializer
                    .EnsureInitialized(ref sockets, () => new WebSocketApi(topics, broker, new Access(state, address), tokens, sessions))
                    .HandleAsync(context, target);
            return LazyInitializer
                .EnsureInitialized(
                    ref admin,
                    () =>
                        new AdminApi(
                            MapRoutes(options, address, state, broker, stats, topics, sessions, worker),
                            tokens,
                            options.LoggerFactory.CreateLogger<AdminApi>()
                        )
                )
                .HandleAsync(context, target);
        });
        return app;
    }

    private static Router MapRoutes(
        LocalPulsarOptions options,
        string address,
        ClusterState state,
        Broker broker,
        BrokerStats stats,
        TopicDirectory topics,
        Sessions sessions,
        FunctionsWorker worker
    )
    {
        var router = new Router();
        var access = new Access(state, address);
        new BrokerRoutes(broker, access, address, options).Map(router);
        new TenantRoutes(state, access).Map(router);
        new NamespaceRoutes(state, broker, access).Map(router);
        new PolicyRoutes(state, access).Map(router);
        new PermissionRoutes(state, broker, access).Map(router);
        new TopicRoutes(state, broker, topics, access).Map(router);
        new PartitionRoutes(state, broker, topics, access).Map(router);
        new SubscriptionRoutes(state, broker, topics, access).Map(router);
        new MessageRoutes(state, broker, access).Map(router);
        new SchemaRoutes(state, access, options.Clock).Map(router);
        new StatsRoutes(state, broker, stats, access, address).Map(router);
        new ConnectorRoutes(state, worker).Map(router);
        new PackageRoutes(state, options.Clock).Map(router);
        new LocalRoutes(broker, stats, sessions).Map(router);
        return router;
    }
}
