using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Accounts;

/// <summary>The caller's own account, for scripts: the account's API key acts as the account.</summary>
public static class AccountApi
{
    public static IEndpointRouteBuilder MapAccountApi(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/account").WithTags("Account");
        group.MapGet("", GetAsync).WithName("GetAccount").WithSummary("Get your account");
        group.MapGet("/sessions", ListSessionsAsync).WithName("ListSessions").WithSummary("List your active sessions, newest first");
        group.MapDelete("/sessions/{id:guid}", EndSessionAsync).WithName("EndSession").WithSummary("End a session and its open pages");
        group.MapDelete("/sessions", EndAllAsync).WithName("SignOutEverywhere").WithSummary("End all your sessions");
        group
            .MapGet("/two-factor", GetTwoFactorAsync)
            .WithName("GetTwoFactor")
            .WithSummary("Get two-factor authentication status; turning it on or off takes a browser");
        group.MapGet("/passkeys", ListPasskeysAsync).WithName("ListPasskeys").WithSummary("List your passkeys");
        group.MapPatch("/passkeys/{id}", RenamePasskeyAsync).WithName("RenamePasskey").WithSummary("Rename a passkey");
        group
            .MapDelete("/passkeys/{id}", RemovePasskeyAsync)
            .WithName("RemovePasskey")
            .WithSummary("Remove a passkey, unless it is your last sign-in method");
        return api;
    }

    public sealed record AccountBody(Guid Id, string Email, bool EmailVerified, bool IsOperator, DateTimeOffset CreatedAt);

    /// <param name="ConfirmedAt">When the person last proved who they are.</param>
    /// <param name="IsCurrent">The session that this request belongs to.</param>
    public sealed record SessionBody(
        Guid Id,
        [OneOf<SignInMethodWords>] string Method,
        string? Address,
        string? UserAgent,
        DateTimeOffset CreatedAt,
        DateTimeOffset LastSeenAt,
        DateTimeOffset ConfirmedAt,
        DateTimeOffset ExpiresAt,
        bool IsCurrent
    );

    public sealed record TwoFactorBody(bool IsOn, int RecoveryCodesLeft);

    /// <param name="Id">The credential id, base64url.</param>
    /// <param name="IsBackedUp">Synced by a password manager or platform, so it survives the loss of the device.</param>
    public sealed record PasskeyBody(string Id, string Name, DateTimeOffset CreatedAt, bool IsBackedUp);

    public sealed record RenamePasskeyBody([Needed] string? Name);

    private static async Task<Answer<AccountBody>> GetAsync(ApiContext context, GetAccount get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, cancellationToken)).ToOk(account => new AccountBody(
            account.Id.Value,
            account.Email,
            account.EmailVerified,
            account.IsOperator,
            account.CreatedAt
        ));

    private static Task<ListAnswer<PageOf<SessionBody>>> ListSessionsAsync(
        ApiContext context,
        ListSessions list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, page, cancellationToken),
            session => new SessionBody(
                session.Id.Value,
                session.Method.Code(),
                session.Address,
                session.UserAgent,
                session.CreatedAt,
                session.LastSeenAt,
                session.ConfirmedAt,
                session.ExpiresAt,
                session.Id == context.Actor.Session
            )
        );

    private static async Task<EmptyAnswer> EndSessionAsync(
        Guid id,
        ApiContext context,
        EndSession end,
        CancellationToken cancellationToken
    ) => (await end.RunAsync(context.Actor, new SessionId(id), cancellationToken)).ToNoContent();

    private static async Task<Answer<TwoFactorBody>> GetTwoFactorAsync(
        ApiContext context,
        GetTwoFactor get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, cancellationToken)).ToOk(state => new TwoFactorBody(state.IsOn, state.RecoveryCodesLeft));

    private static Task<ListAnswer<PageOf<PasskeyBody>>> ListPasskeysAsync(
        ApiContext context,
        ListPasskeys list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken),
            passkey => SortKey.Of(passkey.CreatedAt, passkey.Id),
            Body
        );

    private static async Task<Answer<PasskeyBody>> RenamePasskeyAsync(
        string id,
        RenamePasskeyBody body,
        ApiContext context,
        RenamePasskey rename,
        CancellationToken cancellationToken
    ) => (await rename.RunAsync(context.Actor, id, body.Name, cancellationToken)).ToOk(Body);

    private static async Task<EmptyAnswer> RemovePasskeyAsync(
        string id,
        ApiContext context,
        RemovePasskey remove,
        CancellationToken cancellationToken
    ) => (await remove.RunAsync(context.Actor, id, cancellationToken)).ToNoContent();

    private static PasskeyBody Body(Passkey passkey) => new(passkey.Id, passkey.Name, passkey.CreatedAt, passkey.IsBackedUp);

    private static async Task<EmptyAnswer> EndAllAsync(ApiContext context, SignOutEverywhere end, CancellationToken cancellationToken) =>
        (await end.RunAsync(context.Actor, cancellationToken)).ToNoContent();
}
