using Portal.Domain.Common;
using Portal.Domain.OpenId;
using Portal.Features.Api;

namespace Portal.Features.OpenId;

/// <summary>Clients of the portal's own OpenID Connect provider, the consents given to them, and the provider's keys.</summary>
public static class OpenIdEndpoints
{
    public static IEndpointRouteBuilder MapOpenId(this IEndpointRouteBuilder api)
    {
        var ofOrganization = api.MapGroup("/api/v1/organizations/{org}/oidc-clients").WithTags("Applications");
        ofOrganization.MapGet("", (string org, ApiContext context, ListOidcClients list, CancellationToken cancellationToken) => ListAsync(org, context, list, cancellationToken))
            .WithName("ListOidcClients").WithSummary("The organisation's OpenID Connect clients, newest first");
        ofOrganization.MapPost("", (string org, ClientBody body, ApiContext context, RegisterOidcClient register, CancellationToken cancellationToken) => RegisterAsync(org, body, context, register, cancellationToken))
            .WithName("RegisterOidcClient").WithSummary("Registers a client; its secret is in this answer only");
        ofOrganization.MapPut("/{id}", (string org, string id, ClientBody body, ApiContext context, ChangeOidcClient change, CancellationToken cancellationToken) => ChangeAsync(org, id, body, context, change, cancellationToken))
            .WithName("ChangeOidcClient").WithSummary("Changes a client's name, addresses and scopes");
        ofOrganization.MapPost("/{id}/secret", (string org, string id, ApiContext context, RenewOidcClientSecret renew, CancellationToken cancellationToken) => RenewAsync(org, id, context, renew, cancellationToken))
            .WithName("RenewOidcClientSecret").WithSummary("A new secret; the old one ends at once");
        ofOrganization.MapDelete("/{id}", (string org, string id, ApiContext context, DeleteOidcClient delete, CancellationToken cancellationToken) => DeleteAsync(org, id, context, delete, cancellationToken))
            .WithName("DeleteOidcClient").WithSummary("Ends a client with its sign-ins and tokens");

        var ofPlatform = api.MapGroup("/api/v1/operator/oidc-clients").WithTags("Operator");
        ofPlatform.MapGet("", (ApiContext context, ListOidcClients list, CancellationToken cancellationToken) => ListAsync(null, context, list, cancellationToken))
            .WithName("ListPlatformOidcClients").WithSummary("The platform's own OpenID Connect clients, newest first");
        ofPlatform.MapPost("", (ClientBody body, ApiContext context, RegisterOidcClient register, CancellationToken cancellationToken) => RegisterAsync(null, body, context, register, cancellationToken))
            .WithName("RegisterPlatformOidcClient").WithSummary("Registers a client of the platform; its secret is in this answer only");
        ofPlatform.MapPut("/{id}", (string id, ClientBody body, ApiContext context, ChangeOidcClient change, CancellationToken cancellationToken) => ChangeAsync(null, id, body, context, change, cancellationToken))
            .WithName("ChangePlatformOidcClient").WithSummary("Changes a client's name, addresses and scopes");
        ofPlatform.MapPost("/{id}/secret", (string id, ApiContext context, RenewOidcClientSecret renew, CancellationToken cancellationToken) => RenewAsync(null, id, context, renew, cancellationToken))
            .WithName("RenewPlatformOidcClientSecret").WithSummary("A new secret; the old one ends at once");
        ofPlatform.MapDelete("/{id}", (string id, ApiContext context, DeleteOidcClient delete, CancellationToken cancellationToken) => DeleteAsync(null, id, context, delete, cancellationToken))
            .WithName("DeletePlatformOidcClient").WithSummary("Ends a client with its sign-ins and tokens");

        var keys = api.MapGroup("/api/v1/operator/oidc/keys").WithTags("Operator");
        keys.MapGet("", ListKeysAsync).WithName("ListOidcKeys").WithSummary("The provider's keys, newest first; never the keys themselves");
        keys.MapPost("/rotate", RotateAsync).WithName("RotateOidcKeys").WithSummary("Makes new keys; what was signed with the old ones stays good until it expires");

        var account = api.MapGroup("/api/v1/account/applications").WithTags("Account");
        account.MapGet("", ListConsentsAsync).WithName("ListConsents").WithSummary("The clients that the account let in");
        account.MapDelete("/{id}", RevokeAsync).WithName("RevokeConsent").WithSummary("Ends what a client may do in the account's name");
        return api;
    }

    /// <param name="Confidential">Has a secret. Only asked when the client is registered.</param>
    /// <param name="ActsAlone">May use client credentials: acts as its organisation.</param>
    public sealed record ClientBody(
        string? Name, bool? Confidential, bool? ActsAlone, IReadOnlyList<string>? RedirectUris, IReadOnlyList<string>? SignOutUris, IReadOnlyList<string>? Scopes)
    {
        internal OidcClientRequest Request => new(Name, Confidential ?? false, ActsAlone ?? false, RedirectUris, SignOutUris, Scopes);
    }

    /// <param name="Id">Also the <c>client_id</c>.</param>
    public sealed record ClientAnswer(
        string Id, string Name, bool Confidential, bool ActsAlone, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> SignOutUris, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt);

    /// <param name="Secret">Here only; null for public clients.</param>
    public sealed record NewClientAnswer(
        string Id, string? Secret, string Name, bool Confidential, bool ActsAlone, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> SignOutUris, IReadOnlyList<string> Scopes,
        DateTimeOffset CreatedAt);

    /// <param name="State"><c>next</c>, <c>current</c> or <c>old</c>.</param>
    public sealed record KeyAnswer(string Id, string Use, string State, DateTimeOffset CreatedAt, DateTimeOffset ActiveFrom);

    public sealed record ConsentAnswer(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset GrantedAt);

    private static Task<IResult> ListAsync(string? org, ApiContext context, ListOidcClients list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Answer);

    private static async Task<IResult> RegisterAsync(string? org, ClientBody body, ApiContext context, RegisterOidcClient register, CancellationToken cancellationToken) =>
        (await register.RunAsync(context.Actor, org, body.Request, cancellationToken)).ToCreated(made => $"{Address(org)}/{made.Client.Id}", Answer);

    private static async Task<IResult> ChangeAsync(string? org, string id, ClientBody body, ApiContext context, ChangeOidcClient change, CancellationToken cancellationToken) =>
        (await change.RunAsync(context.Actor, org, Id(id), body.Request, cancellationToken)).ToOk(Answer);

    private static async Task<IResult> RenewAsync(string? org, string id, ApiContext context, RenewOidcClientSecret renew, CancellationToken cancellationToken) =>
        (await renew.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToOk(Answer);

    private static async Task<IResult> DeleteAsync(string? org, string id, ApiContext context, DeleteOidcClient delete, CancellationToken cancellationToken) =>
        (await delete.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToNoContent();

    private static async Task<IResult> ListKeysAsync(ApiContext context, ListOidcKeys list, CancellationToken cancellationToken) =>
        (await list.RunAsync(context.Actor, cancellationToken)).ToOk(keys => new PageOf<KeyAnswer>(
            [.. keys.Select(key => new KeyAnswer(key.Id.Value.ToString("N"), key.Use == OidcKeyUse.Signing ? "signing" : "encryption", key.State, key.CreatedAt, key.ActiveFrom))], null));

    private static async Task<IResult> RotateAsync(ApiContext context, RotateOidcKeys rotate, CancellationToken cancellationToken) =>
        (await rotate.RunAsync(context.Actor, cancellationToken)).ToNoContent();

    private static Task<IResult> ListConsentsAsync(ApiContext context, ListConsents list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken),
            row => new ConsentAnswer(row.Client.Id.ToString(), row.Client.Name, row.Consent.Scopes, row.Consent.GrantedAt));

    private static async Task<IResult> RevokeAsync(string id, ApiContext context, RevokeConsent revoke, CancellationToken cancellationToken) =>
        (await revoke.RunAsync(context.Actor, Id(id), cancellationToken)).ToNoContent();

    private static string Address(string? org) => org is null ? "/api/v1/operator/oidc-clients" : $"/api/v1/organizations/{org}/oidc-clients";

    // What is no UUID names no client; the use case says so, after it asked who is asking.
    private static OidcClientId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static ClientAnswer Answer(OidcClient client) => new(
        client.Id.ToString(), client.Name, client.IsConfidential, client.ActsAlone, client.RedirectUris, client.SignOutUris, client.Scopes, client.CreatedAt);

    private static NewClientAnswer Answer(NewOidcClient made) => new(
        made.Client.Id.ToString(), made.Secret, made.Client.Name, made.Client.IsConfidential, made.Client.ActsAlone, made.Client.RedirectUris, made.Client.SignOutUris, made.Client.Scopes,
        made.Client.CreatedAt);
}
