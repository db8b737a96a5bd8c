using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Portal.Domain.Accounts;
using Portal.Shell;

namespace Portal.Hosting.Identity;

/// <summary>Ends what an open page may do within 30 seconds of the end of its sign-in.</summary>
internal sealed class CircuitRevalidation(ILoggerFactory loggers, CheckSession check) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        ActorClaims.SessionOf(authenticationState.User) is { } id && await check.RunAsync(id, address: null, cancellationToken) is not null;
}
