using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Shell;

namespace Portal.Hosting.Identity;

/// <summary>
/// Ends what an open page may do when its sign-in ends: at once where that is told, on whatever replica it happened, and
/// within 30 seconds where it is not, as when a sign-in has run out.
/// </summary>
internal sealed class CircuitRevalidation : RevalidatingServerAuthenticationStateProvider
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly CheckSession _check;
    private readonly IChanges _changes;
    private readonly IHttpContextAccessor _requests;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly CircuitVisitor? _visitor;
    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _following;

    public CircuitRevalidation(
        ILoggerFactory loggers,
        CheckSession check,
        IChanges changes,
        IHttpContextAccessor requests,
        IHostApplicationLifetime lifetime,
        CircuitVisitor? visitor = null
    )
        : base(loggers)
    {
        (_check, _changes, _requests, _lifetime, _visitor) = (check, changes, requests, lifetime, visitor);
        AuthenticationStateChanged += Follow;
    }

    /// <summary>How often it is asked, whatever is told.</summary>
    internal TimeSpan AsksEvery { get; init; } = TimeSpan.FromSeconds(30);

    protected override TimeSpan RevalidationInterval => AsksEvery;

    // A page may be open a little longer than the portal: there is nothing left to ask, and nothing left to do through it.
    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState,
        CancellationToken cancellationToken
    ) =>
        _lifetime.ApplicationStopping.IsCancellationRequested
        || ActorClaims.SessionOf(authenticationState.User) is { } id
            && await _check.RunAsync(id, address: null, visit: _visitor?.WasActive() ?? false, cancellationToken) is not null;

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_gone.IsCancellationRequested)
        {
            AuthenticationStateChanged -= Follow;
            _gone.Cancel();
            _gone.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Follow(Task<AuthenticationState> state)
    {
        _following?.Cancel();
        // A page that the server only paints is over before anything could happen to it.
        if (_gone.IsCancellationRequested || _requests.HttpContext is { } request && !request.Request.Path.StartsWithSegments("/_blazor"))
            return;
        _following = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token, _lifetime.ApplicationStopping);
        _ = FollowAsync(state, _following.Token);
    }

    private async Task FollowAsync(Task<AuthenticationState> task, CancellationToken stop)
    {
        // Whoever set the state goes on; nothing of this is theirs to wait for.
        await Task.Yield();
        var state = await task;
        if (ActorClaims.Read(state.User, address: null).AccountId is not { } account || ActorClaims.SessionOf(state.User) is null)
            return;
        using var ended = _changes.Listen([Change.SessionsOf(account)]);
        try
        {
            // What ended between the request that opened the page and now was told to nobody here.
            while (await StillAsync(state, stop))
            {
                while (!await ended.WaitAsync(Longest, stop)) { }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
    }

    private async Task<bool> StillAsync(AuthenticationState state, CancellationToken stop)
    {
        try
        {
            return await ValidateAuthenticationStateAsync(state, stop);
        }
#pragma warning disable CA1031 // The database is away: asked again soon in any case.
        catch (Exception) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return true;
        }
    }
}
