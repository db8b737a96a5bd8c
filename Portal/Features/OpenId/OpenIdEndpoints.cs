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
        ofOrganization
            .MapGet(
                "",
                (string org, ApiContext context, ListOidcClients list, CancellationToken cancellationToken) =>
                    ListAsync(org, context, list, cancellationToken)
            )
            .WithName("ListOidcClients")
            .WithSummary("List an organization's OpenID Connect clients, newest first");
        ofOrganization
            .MapPost(
                "",
                (
                    string org,
                    SaveOidcClientBody body,
                    ApiContext context,
                    RegisterOidcClient register,
                    CancellationToken cancellationToken
                ) => RegisterAsync(org, body, context, register, cancellationToken)
            )
            .WithName("RegisterOidcClient")
            .WithSummary("Register an OpenID Connect client; its secret is in this response only");
        ofOrganization
            .MapPut(
                "/{id}",
                (
                    string org,
                    string id,
                    SaveOidcClientBody body,
                    ApiContext context,
                    ChangeOidcClient change,
                    CancellationToken cancellationToken
                ) => ChangeAsync(org, id, body, context, change, cancellationToken)
            )
            .WithName("ChangeOidcClient")
            .WithSummary("Change a client's name, redirect URIs and scopes");
        ofOrganization
            .MapPost(
                "/{id}/secret",
                (string org, string id, ApiContext context, RenewOidcClientSecret renew, CancellationToken cancellationToken) =>
                    RenewAsync(org, id, context, renew, cancellationToken)
            )
            .WithName("RenewOidcClientSecret")
            .WithSummary("Create a new client secret; the old one stops working immediately");
        ofOrganization
            .MapDelete(
                "/{id}",
                (string org, string id, ApiContext context, DeleteOidcClient delete, CancellationToken cancellationToken) =>
                    DeleteAsync(org, id, context, delete, cancellationToken)
            )
            .WithName("DeleteOidcClient")
            .WithSummary("Delete a client with its sessions and tokens");

        var ofPlatform = api.MapGroup("/api/v1/operator/oidc-clients").WithTags("Operator");
        ofPlatform
            .MapGet(
                "",
                (ApiContext context, ListOidcClients list, CancellationToken cancellationToken) =>
                    ListAsync(null, context, list, cancellationToken)
            )
            .WithName("ListPlatformOidcClients")
            .WithSummary("List the platform's own OpenID Connect clients, newest first");
        ofPlatform
            .MapPost(
                "",
                (SaveOidcClientBody body, ApiContext context, RegisterOidcClient register, CancellationToken cancellationToken) =>
                    RegisterAsync(null, body, context, register, cancellationToken)
            )
            .WithName("RegisterPlatformOidcClient")
            .WithSummary("Register an OpenID Connect client of the platform; its secret is in this response only");
        ofPlatform
            .MapPut(
                "/{id}",
                (string id, SaveOidcClientBody body, ApiContext context, ChangeOidcClient change, CancellationToken cancellationToken) =>
                    ChangeAsync(null, id, body, context, change, cancellationToken)
            )
            .WithName("ChangePlatformOidcClient")
            .WithSummary("Change a client's name, redirect URIs and scopes");
        ofPlatform
            .MapPost(
                "/{id}/secret",
                (string id, ApiContext context, RenewOidcClientSecret renew, CancellationToken cancellationToken) =>
                    RenewAsync(null, id, context, renew, cancellationToken)
            )
            .WithName("RenewPlatformOidcClientSecret")
            .WithSummary("Create a new client secret; the old one stops working immediately");
        ofPlatform
            .MapDelete(
                "/{id}",
                (string id, ApiContext context, DeleteOidcClient delete, CancellationToken cancellationToken) =>
                    DeleteAsync(null, id, context, delete, cancellationToken)
            )
            .WithName("DeletePlatformOidcClient")
            .WithSummary("Delete a client with its sessions and tokens");

        var keys = api.MapGroup("/api/v1/operator/oidc/keys").WithTags("Operator");
        keys.MapGet("", ListKeysAsync)
            .WithName("ListOidcKeys")
            .WithSummary("List the keys of the OpenID Connect server, newest first; never the keys themselves");
        keys.MapPost("/rotate", RotateAsync)
            .WithName("RotateOidcKeys")
            .WithSummary("Rotate the keys of the OpenID Connect server; existing tokens stay valid until they expire");

        var account = api.MapGroup("/api/v1/account/applications").WithTags("Account");
        account.MapGet("", ListConsentsAsync).WithName("ListConsents").WithSummary("List applications with access to your account");
        account.MapDelete("/{id}", RevokeAsync).WithName("RevokeConsent").WithSummary("Revoke an application's access to your account");
        return api;
    }

    /// <param name="Confidential">Whether it has a secret. Only read when the client is registered.</param>
    /// <param name="ActsAlone">Allows the client credentials grant: the client acts as its organization.</param>
    public sealed record SaveOidcClientBody(
        [Needed] string? Name,
        bool? Confidential,
        bool? ActsAlone,
        IReadOnlyList<string>? RedirectUris,
        IReadOnlyList<string>? SignOutUris,
        IReadOnlyList<string>? Scopes
    )
    {
        internal OidcClientRequest Request => new(Name, Confidential ?? false, ActsAlone ?? false, RedirectUris, SignOutUris, Scopes);
    }

    /// <param name="Id">Also its <c>client_id</c>.</param>
    public sealed record OidcClientBody(
        string Id,
        string Name,
        bool Confidential,
        bool ActsAlone,
        IReadOnlyList<string> RedirectUris,
        IReadOnlyList<string> SignOutUris,
        IReadOnlyList<string> Scopes,
        DateTimeOffset CreatedAt
    );

    /// <param name="Secret">In this response only; null for public clients.</param>
    public sealed record NewOidcClientBody(
        string Id,
        string? Secret,
        string Name,
        bool Confidential,
        bool ActsAlone,
        IReadOnlyList<string> RedirectUris,
        IReadOnlyList<string> SignOutUris,
        IReadOnlyList<string> Scopes,
        DateTimeOffset CreatedAt
    );

    public sealed record OidcKeyBody(
        string Id,
        [OneOf("signing", "encryption")] string Use,
        [OneOf("next", "current", "old")] string State,
        DateTimeOffset CreatedAt,
        DateTimeOffset ActiveFrom
    );

    public sealed record ConsentBody(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset GrantedAt);

    private static Task<ListAnswer<PageOf<OidcClientBody>>> ListAsync(
        string? org,
        ApiContext context,
        ListOidcClients list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Answer);

    private static async Task<CreatedAnswer<NewOidcClientBody>> RegisterAsync(
        string? org,
        SaveOidcClientBody body,
        ApiContext context,
        RegisterOidcClient register,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => register.RunAsync(context.Actor, org, body.Request, cancellationToken),
            made => $"{Address(org)}/{made.Client.Id}",
            Answer
        );

    private static async Task<Answer<OidcClientBody>> ChangeAsync(
        string? org,
        string id,
        SaveOidcClientBody body,
        ApiContext context,
        ChangeOidcClient change,
        CancellationToken cancellationToken
    ) => (await change.RunAsync(context.Actor, org, Id(id), body.Request, cancellationToken)).ToOk(Answer);

    private static async Task<Answer<NewOidcClientBody>> RenewAsync(
        string? org,
        string id,
        ApiContext context,
        RenewOidcClientSecret renew,
        CancellationToken cancellationToken
    ) => await context.OkAsync(() => renew.RunAsync(context.Actor, org, Id(id), cancellationToken), Answer);

    private static async Task<EmptyAnswer> DeleteAsync(
        string? org,
        string id,
        ApiContext context,
        DeleteOidcClient delete,
        CancellationToken cancellationToken
    ) => (await delete.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToNoContent();

    private static Task<ListAnswer<PageOf<OidcKeyBody>>> ListKeysAsync(
        ApiContext context,
        ListOidcKeys list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken),
            key => SortKey.Of(key.CreatedAt, key.Id.Value.ToString("N")),
            key => new OidcKeyBody(
                key.Id.Value.ToString("N"),
                key.Use == OidcKeyUse.Signing ? "signing" : "encryption",
                key.State,
                key.CreatedAt,
                key.ActiveFrom
            ),
            descending: true
        );

    private static async Task<EmptyAnswer> RotateAsync(ApiContext context, RotateOidcKeys rotate, CancellationToken cancellationToken) =>
        await context.DoneAsync(() => rotate.RunAsync(context.Actor, cancellationToken));

    private static Task<ListAnswer<PageOf<ConsentBody>>> ListConsentsAsync(
        ApiContext context,
        ListConsents list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, page, cancellationToken),
            row => new ConsentBody(row.Client.Id.ToString(), row.Client.Name, row.Consent.Scopes, row.Consent.GrantedAt)
        );

    private static async Task<EmptyAnswer> RevokeAsync(
        string id,
        ApiContext context,
        RevokeConsent revoke,
        CancellationToken cancellationToken
    ) => (await revoke.RunAsync(context.Actor, Id(id), cancellationToken)).ToNoContent();

    private static string Address(string? org) =>
        org is null ? "/api/v1/operator/oidc-clients" : $"/api/v1/organizations/{org}/oidc-clients";

    // What is no UUID names no client; the use case says so, after it asked who is asking.
    private static OidcClientId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static OidcClientBody Answer(OidcClient client) =>
        new(
            client.Id.ToString(),
            client.Name,
            client.IsConfidential,
            client.ActsAlone,
            client.RedirectUris,
            client.SignOutUris,
            client.Scopes,
            client.CreatedAt
        );

    private static NewOidcClientBody Answer(NewOidcClient made) =>
        new(
            made.Client.Id.ToString(),
            made.Secret,
            made.Client.Name,
            made.Client.IsConfidential,
            made.Client.ActsAlone,
            made.Client.RedirectUris,
            made.Client.SignOutUris,
            made.Client.Scopes,
            made.Client.CreatedAt
        );
}
