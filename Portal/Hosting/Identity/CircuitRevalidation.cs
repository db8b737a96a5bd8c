using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Portal.Domain.Accounts;
using Portal.Shell;

namespace Portal.Hosting.Identity;

/// <summary>Ends what an open page may do within 30 seconds of the end of its sign-in.</summary>
internal sealed class CircuitRevalidation(ILoggerFactory loggers, CheckSession check, IHostApplicationLifetime lifetime)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    // A page may be open a little longer than the portal: there is nothing left to ask, and nothing left to do through it.
    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        lifetime.ApplicationStopping.IsCancellationRequested
        || ActorClaims.SessionOf(authenticationState.User) is { } id && await check.RunAsync(id, address: null, cancellationToken) is not null;
}
