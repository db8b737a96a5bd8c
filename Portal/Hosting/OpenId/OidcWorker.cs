using OpenIddict.Abstractions;
using Portal.Domain.Common;
using Portal.Domain.OpenId;
using Portal.Hosting.Workers;

namespace Portal.Hosting.OpenId;

/// <summary>Every hour: successors of keys that are due, and the end of rows of tokens that ran out.</summary>
internal sealed class OidcWorker(TendOidcKeys tend, IServiceScopeFactory scopes, ILeases leases, TimeProvider clock, ILogger<OidcWorker> logger)
    : LeasedWorker("oidc", leases, clock, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    // Rows of used codes and refresh tokens stay for as long as a copy of them could be tried.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(15);

    private readonly TimeProvider _clock = clock;

    protected override async Task WorkAsync(Lease lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            await tend.RunAsync(cancellationToken);
            await PruneAsync(cancellationToken);
            await Task.Delay(Every, _clock, cancellationToken);
        }
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var before = _clock.Now() - Kept;
        // Tokens first: an authorisation goes when nothing hangs on it any more.
        await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(before, cancellationToken);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(before, cancellationToken);
    }
}
