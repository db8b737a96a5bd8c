using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Features.Api;
using Portal.Features.Organizations;

namespace Portal.Features.Credentials;

/// <summary>Keys for this API itself: of an organization, and of the caller's account.</summary>
public static class ApiKeysEndpoints
{
    public static IEndpointRouteBuilder MapApiKeys(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/api-keys").WithTags("API keys");
        group.MapGet("", ListAsync).WithName("ListApiKeys").WithSummary("List an organization's API keys, newest first");
        group
            .MapPost("", CreateAsync)
            .WithName("CreateApiKey")
            .WithSummary("Create an API key for an organization; the key is in this response only");
        group.MapGet("/{id}", GetAsync).WithName("GetApiKey").WithSummary("Get an API key");
        group
            .MapGet("/{id}/credentials", ListMadeAsync)
            .WithName("ListApiKeyCredentials")
            .WithSummary("List what ends when an API key is revoked: the keys to topics and invitations created with it");
        group
            .MapPost("/{id}/rotate", RotateAsync)
            .WithName("RotateApiKey")
            .WithSummary("Rotate an API key; the old one keeps working for the overlap");
        group
            .MapDelete("/{id}", RevokeAsync)
            .WithName("RevokeApiKey")
            .WithSummary("Revoke an API key, and the keys to topics and invitations created with it, unless keepCreated");
        var own = api.MapGroup("/api/v1/account/api-keys").WithTags("API keys");
        own.MapGet("", ListOwnAsync).WithName("ListAccountApiKeys").WithSummary("List your account's API keys, newest first");
        own.MapPost("", CreateOwnAsync)
            .WithName("CreateAccountApiKey")
            .WithSummary("Create an API key that acts as your account; the key is in this response only");
        own.MapGet("/{id}/credentials", ListOwnMadeAsync)
            .WithName("ListAccountApiKeyCredentials")
            .WithSummary(
                "List what ends when one of your account's API keys is revoked: "
                    + "the keys to topics and invitations created with it, in all organizations"
            );
        own.MapPost("/{id}/rotate", RotateOwnAsync)
            .WithName("RotateAccountApiKey")
            .WithSummary("Rotate an API key; the old one keeps working for the overlap");
        own.MapDelete("/{id}", RevokeOwnAsync)
            .WithName("RevokeAccountApiKey")
            .WithSummary(
                "Revoke one of your account's API keys, and the keys to topics and invitations created with it, unless keepCreated"
            );
        return api;
    }

    /// <param name="Role">Required for an organization's key. An account's key without a role can do whatever the account can.</param>
    /// <param name="Tenant">Limits a developer or viewer key to one tenant.</param>
    public sealed record CreateApiKeyBody(
        [Needed] string? Name,
        [OneOf<RoleNames>] string? Role,
        string? Tenant,
        string? Namespace,
        DateTimeOffset? ExpiresAt
    );

    /// <param name="OverlapHours">How long the old key keeps working: 0 to 720 hours, 24 by default.</param>
    public sealed record RotateApiKeyBody(int? OverlapHours);

    public sealed record NewApiKeyBody(
        string Id,
        string Name,
        [OneOf<RoleNames>] string? Role,
        string? Tenant,
        string? Namespace,
        string Key,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt
    );

    /// <param name="Ending">The key's last four characters.</param>
    /// <param name="State"><c>expiring</c> means within 14 days.</param>
    /// <param name="LastUsedFrom">An IP address.</param>
    /// <param name="ReplacedBy">The key that replaced this one in a rotation.</param>
    public sealed record ApiKeyBody(
        string Id,
        string Name,
        [OneOf<RoleNames>] string? Role,
        string? Tenant,
        string? Namespace,
        string Ending,
        [OneOf("active", "expiring", "expired", "revoked")] string State,
        string CreatedBy,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt,
        DateTimeOffset? RevokedAt,
        DateTimeOffset? LastUsedAt,
        string? LastUsedFrom,
        string? ReplacedBy
    );

    private static Task<ListAnswer<PageOf<ApiKeyBody>>> ListAsync(
        string org,
        ApiContext context,
        ListApiKeys list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), key => Body(key, clock.Now()));

    private static async Task<CreatedAnswer<NewApiKeyBody>> CreateAsync(
        string org,
        CreateApiKeyBody body,
        ApiContext context,
        CreateApiKey create,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => create.RunAsync(context.Actor, org, Request(body), cancellationToken),
            made => $"/api/v1/organizations/{org}/api-keys/{made.Key.Id}",
            Body
        );

    private static async Task<Answer<ApiKeyBody>> GetAsync(
        string org,
        string id,
        ApiContext context,
        GetApiKey get,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToOk(key => Body(key, clock.Now()));

    private static Task<ListAnswer<PageOf<MembersEndpoints.GivenBody>>> ListMadeAsync(
        string org,
        string id,
        ApiContext context,
        ListMadeWithApiKey list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, Id(id), page, cancellationToken), MembersEndpoints.Body);

    private static async Task<CreatedAnswer<NewApiKeyBody>> RotateAsync(
        string org,
        string id,
        RotateApiKeyBody? body,
        ApiContext context,
        RotateApiKey rotate,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => rotate.RunAsync(context.Actor, org, Id(id), body?.OverlapHours, cancellationToken),
            made => $"/api/v1/organizations/{org}/api-keys/{made.Key.Id}",
            Body
        );

    private static async Task<EmptyAnswer> RevokeAsync(
        string org,
        string id,
        bool? keepCreated,
        ApiContext context,
        RevokeApiKey revoke,
        CancellationToken cancellationToken
    ) => (await revoke.RunAsync(context.Actor, org, Id(id), keepCreated == true, cancellationToken)).ToNoContent();

    private static Task<ListAnswer<PageOf<ApiKeyBody>>> ListOwnAsync(
        ApiContext context,
        ListAccountApiKeys list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), key => Body(key, clock.Now()));

    private static async Task<CreatedAnswer<NewApiKeyBody>> CreateOwnAsync(
        CreateApiKeyBody body,
        ApiContext context,
        CreateAccountApiKey create,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => create.RunAsync(context.Actor, Request(body), cancellationToken),
            _ => "/api/v1/account/api-keys",
            Body
        );

    private static Task<ListAnswer<PageOf<MembersEndpoints.GivenBody>>> ListOwnMadeAsync(
        string id,
        ApiContext context,
        ListMadeWithAccountApiKey list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, Id(id), page, cancellationToken), MembersEndpoints.Body);

    private static async Task<CreatedAnswer<NewApiKeyBody>> RotateOwnAsync(
        string id,
        RotateApiKeyBody? body,
        ApiContext context,
        RotateAccountApiKey rotate,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => rotate.RunAsync(context.Actor, Id(id), body?.OverlapHours, cancellationToken),
            _ => "/api/v1/account/api-keys",
            Body
        );

    private static async Task<EmptyAnswer> RevokeOwnAsync(
        string id,
        bool? keepCreated,
        ApiContext context,
        RevokeAccountApiKey revoke,
        CancellationToken cancellationToken
    ) => (await revoke.RunAsync(context.Actor, Id(id), keepCreated == true, cancellationToken)).ToNoContent();

    // What is no UUID names no key; the use case says so, after it asked who is asking.
    private static ApiKeyId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static ApiKeyRequest Request(CreateApiKeyBody body) => new(body.Name, body.Role, body.Tenant, body.Namespace, body.ExpiresAt);

    private static NewApiKeyBody Body(NewApiKey made) =>
        new(
            $"{made.Key.Id}",
            made.Key.Name,
            Role(made.Key),
            made.Key.Tenant,
            made.Key.Namespace,
            made.Text,
            made.Key.CreatedAt,
            made.Key.ExpiresAt
        );

    private static ApiKeyBody Body(ApiKey key, DateTimeOffset now) =>
        new(
            $"{key.Id}",
            key.Name,
            Role(key),
            key.Tenant,
            key.Namespace,
            key.Ending,
            ApiKeyWords.State(key, now),
            key.CreatedBy,
            key.CreatedAt,
            key.ExpiresAt,
            key.RevokedAt,
            key.LastUsedAt,
            key.LastUsedFrom,
            key.ReplacedBy?.ToString()
        );

    private static string? Role(ApiKey key) => key.Role?.ToString().ToLowerInvariant();
}
