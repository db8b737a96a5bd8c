using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Account;

/// <summary>The caller's own account, for scripts: the account's API key acts as the account.</summary>
public static class AccountApi
{
    public static IEndpointRouteBuilder MapAccountApi(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/account").WithTags("Account");
        group.MapGet("", GetAsync).WithName("GetAccount").WithSummary("The caller's own account");
        group.MapGet("/sessions", ListSessionsAsync).WithName("ListSessions").WithSummary("The account's sign-ins that go on, newest first");
        group.MapDelete("/sessions/{id:guid}", EndSessionAsync).WithName("EndSession").WithSummary("Ends one sign-in; its open pages stop within 30 seconds");
        group.MapDelete("/sessions", EndAllAsync).WithName("SignOutEverywhere").WithSummary("Ends every sign-in of the account");
        group.MapGet("/two-factor", GetTwoFactorAsync).WithName("GetTwoFactor").WithSummary("Whether the second factor is on; switching it takes the person at the page");
        group.MapGet("/passkeys", ListPasskeysAsync).WithName("ListPasskeys").WithSummary("The account's passkeys, oldest first");
        group.MapPatch("/passkeys/{id}", RenamePasskeyAsync).WithName("RenamePasskey").WithSummary("Renames a passkey");
        group.MapDelete("/passkeys/{id}", RemovePasskeyAsync).WithName("RemovePasskey").WithSummary("Removes a passkey, unless it is the last way to sign in");
        return api;
    }

    public sealed record AccountBody(Guid Id, string Email, bool EmailVerified, bool IsOperator, DateTimeOffset CreatedAt);

    /// <param name="Method"><c>password</c>, <c>passwordAndCode</c>, <c>passwordAndRecoveryCode</c>, <c>passkey</c>, <c>external</c>.</param>
    /// <param name="ConfirmedAt">When the person last proved who they are.</param>
    /// <param name="IsCurrent">The sign-in that this request came with.</param>
    public sealed record SessionBody(
        Guid Id, string Method, string? Address, string? UserAgent, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ConfirmedAt, DateTimeOffset ExpiresAt, bool IsCurrent);

    public sealed record TwoFactorBody(bool IsOn, int RecoveryCodesLeft);

    /// <param name="Id">The credential id, base64url.</param>
    /// <param name="IsBackedUp">Kept by a password manager or a platform, so that it outlives the device.</param>
    public sealed record PasskeyBody(string Id, string Name, DateTimeOffset CreatedAt, bool IsBackedUp);

    public sealed record RenameBody(string? Name);

    private static async Task<IResult> GetAsync(ApiContext context, GetAccount get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, cancellationToken))
            .ToOk(account => new AccountBody(account.Id.Value, account.Email, account.EmailVerified, account.IsOperator, account.CreatedAt));

    private static Task<IResult> ListSessionsAsync(ApiContext context, ListSessions list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), session => new SessionBody(
            session.Id.Value, session.Method.Code(), session.Address, session.UserAgent, session.CreatedAt, session.LastSeenAt, session.ConfirmedAt, session.ExpiresAt,
            session.Id == context.Actor.Session));

    private static async Task<IResult> EndSessionAsync(Guid id, ApiContext context, EndSession end, CancellationToken cancellationToken) =>
        (await end.RunAsync(context.Actor, new SessionId(id), cancellationToken)).ToNoContent();

    private static async Task<IResult> GetTwoFactorAsync(ApiContext context, GetTwoFactor get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, cancellationToken)).ToOk(state => new TwoFactorBody(state.IsOn, state.RecoveryCodesLeft));

    private static async Task<IResult> ListPasskeysAsync(ApiContext context, ListPasskeys list, CancellationToken cancellationToken) =>
        (await list.RunAsync(context.Actor, cancellationToken)).Map(passkeys => new PageOf<Passkey>(passkeys, null)).ToPage(Body);

    private static async Task<IResult> RenamePasskeyAsync(string id, RenameBody body, ApiContext context, RenamePasskey rename, CancellationToken cancellationToken) =>
        (await rename.RunAsync(context.Actor, id, body.Name, cancellationToken)).ToOk(Body);

    private static async Task<IResult> RemovePasskeyAsync(string id, ApiContext context, RemovePasskey remove, CancellationToken cancellationToken) =>
        (await remove.RunAsync(context.Actor, id, cancellationToken)).ToNoContent();

    private static PasskeyBody Body(Passkey passkey) => new(passkey.Id, passkey.Name, passkey.CreatedAt, passkey.IsBackedUp);

    private static async Task<IResult> EndAllAsync(ApiContext context, SignOutEverywhere end, CancellationToken cancellationToken) =>
        (await end.RunAsync(context.Actor, cancellationToken)).ToNoContent();
}
