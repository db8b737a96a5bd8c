using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using OpenIddict.Validation;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.OpenId;

namespace Portal.Hosting.OpenId;

/// <summary>
/// The provider's keys as this replica knows them. When they change, OpenIddict's options are made anew, without a
/// restart: the first key of a kind is used, all of them are published and checked against.
/// </summary>
internal sealed class OidcKeyRing(IPortalDatabase database, OidcKeySeal seal, TimeProvider clock)
    : IConfigureOptions<OpenIddictServerOptions>
{
    public static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(10);

    private volatile IReadOnlyList<OpenedKey> _keys = [];
    private string _state = "";

    public Changes<OpenIddictServerOptions> ServerChanges { get; } = new();

    public Changes<OpenIddictValidationOptions> ValidationChanges { get; } = new();

    /// <summary>Reads the keys; returns at once when nothing changed.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var found = await database.ReadAsync(session => session.OidcKeys.AllAsync(cancellationToken), cancellationToken);
        // In use first, newest of them first; then those that are still to come.
        var ordered = found
            .OrderBy(key => key.ActiveFrom > now)
            .ThenByDescending(key => key.ActiveFrom)
            .ThenByDescending(key => key.Id.Value)
            .ToList();
        var state = string.Join(' ', ordered.Select(key => key.Id));
        if (state == _state)
            return;
        var known = _keys.ToDictionary(key => key.Id);
        _keys = [.. ordered.Select(key => known.GetValueOrDefault(key.Id) ?? new OpenedKey(key.Id, key.Use, seal.Open(key)))];
        _state = state;
        // Validation copies the server's keys: the server's options come first.
        ServerChanges.Tell();
        ValidationChanges.Tell();
    }

    public void Configure(OpenIddictServerOptions options)
    {
        // OpenIddict sorts credentials and keeps the order of those of one kind.
        foreach (var (_, use, key) in _keys)
        {
            if (use == OidcKeyUse.Signing)
                options.SigningCredentials.Add(new(key, SecurityAlgorithms.RsaSha256));
            else
                options.EncryptionCredentials.Add(new(key, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
        }
    }

    private sealed record OpenedKey(OidcKeyId Id, OidcKeyUse Use, SecurityKey Key);

    internal sealed class Changes<TOptions> : IOptionsChangeTokenSource<TOptions>
    {
        private ConfigurationReloadToken _next = new();

        public string Name => Options.DefaultName;

        public IChangeToken GetChangeToken() => _next;

        public void Tell() => Interlocked.Exchange(ref _next, new()).OnReload();
    }
}

/// <summary>Makes the first keys before anybody is served, then follows what other replicas and the operator do.</summary>
internal sealed partial class OidcKeyReader(OidcKeyRing ring, TendOidcKeys tend, TimeProvider clock, ILogger<OidcKeyReader> logger)
    : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await tend.RunAsync(cancellationToken);
        await ring.ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(OidcKeyRing.ReadEvery, clock);
        while (await NextAsync(timer, stoppingToken))
        {
            try
            {
                await ring.ReadAsync(stoppingToken);
            }
#pragma warning disable CA1031 // The database may be away for a while: the keys known so far go on working.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(logger, exception);
            }
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The provider's keys could not be read; those known so far stay in use")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
