using System.Globalization;
using System.Net;
using LocalStripe.Checkout;
using LocalStripe.Control;
using LocalStripe.Events;
using LocalStripe.Invoices;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe;

/// <summary>
/// A development Stripe on a loopback port of its own. The genuine Stripe.net client talks to it through its ApiBase.
/// What it answered is kept in the data folder, also through kill -9.
/// </summary>
public sealed class LocalStripeServer : IAsyncDisposable
{
    private const int UsualPort = 5082;
    private const int LastPort = UsualPort + 50;

    private readonly WebApplication app;
    private readonly Database database;
    private readonly FileStream folderLock;
    private readonly WebhookSender sender;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task background;
    private readonly ILogger logger;
    private bool stopped;

    private LocalStripeServer(
        WebApplication app,
        Database database,
        FileStream folderLock,
        WebhookSender sender,
        LocalStripeOptions options,
        Keys keys,
        int port
    )
    {
        this.app = app;
        this.database = database;
        this.folderLock = folderLock;
        this.sender = sender;
        (ApiKey, WebhookSecret) = (keys.ApiKey, keys.WebhookSecret);
        ApiBase = Address(port);
        sender.Url = options.WebhookUrl;
        logger = options.LoggerFactory.CreateLogger<LocalStripeServer>();
        background = Task.WhenAll(
            WatchAsync("sending events", sender.RunAsync),
            WatchAsync("collecting invoices", token => AdvanceAsync(options.Clock, token))
        );
    }

    /// <summary>Where the API is, for the client's <c>ApiBase</c>: no path and no trailing slash.</summary>
    public string ApiBase { get; }

    /// <summary>A test key of this data folder's own.</summary>
    public string ApiKey { get; }

    /// <summary>What events are signed with.</summary>
    public string WebhookSecret { get; }

    /// <summary>Where events go; those made before it is known wait for it.</summary>
    public Uri? WebhookUrl
    {
        get => sender.Url;
        set => sender.Url = value;
    }

    /// <exception cref="LocalStripeRefusedException">The data folder is in use, or no port is free.</exception>
    public static async Task<LocalStripeServer> StartAsync(LocalStripeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folderLock = DataFolderLock.Take(options.DataFolder);
        Database? database = null;
        try
        {
            database = new Database(options.DataFolder, options.Clock);
            var keys = await database.RunAsync(Keys.ReadOrMake, cancellationToken);
            foreach (var port in await PortsAsync(database, options, cancellationToken))
            {
                if (await TryStartAsync(options, database, folderLock, keys, port, cancellationToken) is { } server)
                    return server;
            }

            throw new LocalStripeRefusedException(
                options.Port is { } asked
                    ? $"LocalStripe cannot listen on port {asked}: another program does. Choose another port."
                    : $"LocalStripe found no free port between {UsualPort} and {LastPort}."
            );
        }
        catch
        {
            database?.Dispose();
            await folderLock.DisposeAsync();
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (stopped)
            return;
        stopped = true;
        await app.StopAsync(cancellationToken);
        await stopping.CancelAsync();
        try
        {
            await background;
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }

        await app.DisposeAsync();
        sender.Dispose();
        database.Dispose();
        await folderLock.DisposeAsync();
        stopping.Dispose();
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    private static async Task<LocalStripeServer?> TryStartAsync(
        LocalStripeOptions options,
        Database database,
        FileStream folderLock,
        Keys keys,
        int wanted,
        CancellationToken cancellationToken
    )
    {
        var webhookFaults = new WebhookFaults();
        var faults = new Faults();
        var sender = new WebhookSender(
            database,
            webhookFaults,
            keys.WebhookSecret,
            options.Clock,
            options.LoggerFactory.CreateLogger<WebhookSender>()
        );
        var app = Build(options, wanted);
        Routes.Map(app, new Pipeline(database, faults, keys.ApiKey, options.Clock));
        new CheckoutPage(database).Map(app);
        new InvoicePage(database).Map(app);
        if (options.Steered)
            new ControlEndpoints(database, faults, webhookFaults, sender).Map(app);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException)
        {
            // The port is taken.
            await app.DisposeAsync();
            sender.Dispose();
            return null;
        }

        var port = new Uri(app.Urls.First()).Port;
        database.BaseAddress = new Uri(Address(port));
        database.EventsWritten = sender.Wake;
        await database.RunAsync(work => work.SetSetting("port", port.ToString(CultureInfo.InvariantCulture)), cancellationToken);
        return new LocalStripeServer(app, database, folderLock, sender, options, keys, port);
    }

    /// <summary>An empty builder: a process that embeds this one keeps its settings, addresses and logging to itself.</summary>
    private static WebApplication Build(LocalStripeOptions options, int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options.LoggerFactory);
        return builder.Build();
    }

    private static async Task<IReadOnlyList<int>> PortsAsync(
        Database database,
        LocalStripeOptions options,
        CancellationToken cancellationToken
    )
    {
        var remembered = await database.RunAsync(work => work.Setting("port"), cancellationToken);
        var last = remembered is null ? (int?)null : int.Parse(remembered, CultureInfo.InvariantCulture);
        return options.Port switch
        {
            // Pages that were handed out name the port: a restart with "any" goes back to the same one if it can.
            0 => last is { } again ? [again, 0] : [0],
            { } asked => [asked],
            null => [.. new[] { last ?? UsualPort }.Concat(Enumerable.Range(UsualPort, LastPort - UsualPort + 1)).Distinct()],
        };
    }

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private async Task AdvanceAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            // A delay, not a timer: a test's clock that leaps a day ticks once, not 86,400 times.
            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            await database.RunAsync(Collection.Advance, cancellationToken);
        }
    }

    /// <summary>
    /// A full disk ends no loop: what it was about is still there when there is room again. Each cause is said once, so that
    /// a fault in the loop itself is in the log and does not fill it.
    /// </summary>
    private async Task WatchAsync(string what, Func<CancellationToken, Task> loop)
    {
        for (string? said = null; ; )
        {
            try
            {
                await loop(stopping.Token);
                return;
            }
            catch (Exception failure)
            {
                if (stopping.IsCancellationRequested)
                    return;
                if (said != failure.Message)
                    logger.LogError(failure, "LocalStripe was interrupted while {Work}; it tries again every second", what);
                said = failure.Message;
                await Task.Delay(TimeSpan.FromSeconds(1), stopping.Token);
            }
        }
    }
}
