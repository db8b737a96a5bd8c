using OpenIddict.Abstractions;
using Portal.Domain.Common;
using Portal.Domain.OpenId;
using Portal.Domain.Work;

namespace Portal.Hosting.OpenId;

internal sealed record TendOidcWork : IWorkPayload
{
    public static string Kind => "oidc.tend";
}

/// <summary>Every hour: successors of keys that are due, and the end of rows of tokens that ran out.</summary>
internal sealed class TendOidc(TendOidcKeys tend, IServiceScopeFactory scopes, TimeProvider clock) : IWorkStep<TendOidcWork>
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    // Rows of used codes and refresh tokens stay for as long as a copy of them could be tried.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(15);

    public async Task<StepResult> RunAsync(TendOidcWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        await tend.RunAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var before = clock.Now() - Kept;
        // Tokens first: an authorization goes when nothing hangs on it any more.
        await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(before, cancellationToken);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(before, cancellationToken);
        return Recurring.Again(Every);
    }
}
