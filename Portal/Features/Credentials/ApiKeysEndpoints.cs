using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Features.Api;

namespace Portal.Features.Credentials;

/// <summary>Keys for this API itself: of an organisation, and of the caller's account.</summary>
public static class ApiKeysEndpoints
{
    public static IEndpointRouteBuilder MapApiKeys(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/api-keys").WithTags("API keys");
        group.MapGet("", ListAsync).WithName("ListApiKeys").WithSummary("The organisation's API keys, newest first");
        group.MapPost("", CreateAsync).WithName("CreateApiKey").WithSummary("Makes an API key of the organisation; the key is in this answer only");
        group.MapGet("/{id}", GetAsync).WithName("GetApiKey").WithSummary("One API key of the organisation");
        group.MapPost("/{id}/rotate", RotateAsync).WithName("RotateApiKey").WithSummary("Makes a new key beside the old one, which ends after the overlap");
        group.MapDelete("/{id}", RevokeAsync).WithName("RevokeApiKey").WithSummary("Ends an API key: its next call is refused");
        var own = api.MapGroup("/api/v1/account/api-keys").WithTags("API keys");
        own.MapGet("", ListOwnAsync).WithName("ListAccountApiKeys").WithSummary("The API keys of the caller's account, newest first");
        own.MapPost("", CreateOwnAsync).WithName("CreateAccountApiKey").WithSummary("Makes an API key that acts as the caller's account; the key is in this answer only");
        own.MapPost("/{id}/rotate", RotateOwnAsync).WithName("RotateAccountApiKey").WithSummary("Makes a new key beside the old one, which ends after the overlap");
        own.MapDelete("/{id}", RevokeOwnAsync).WithName("RevokeAccountApiKey").WithSummary("Ends an API key of the account");
        return api;
    }

    /// <param name="Role"><c>owner</c>, <c>admin</c>, <c>billing</c>, <c>developer</c> or <c>viewer</c>. A key of an account without one may do all that the account may.</param>
    /// <param name="Tenant">Keeps a developer's or viewer's key to one tenant.</param>
    public sealed record CreateBody(string? Name, string? Role, string? Tenant, string? Namespace, DateTimeOffset? ExpiresAt);

    /// <param name="OverlapHours">How long the old key goes on: 0 to 720, 24 unless given.</param>
    public sealed record RotateBody(int? OverlapHours);

    public sealed record NewApiKeyBody(string Id, string Name, string? Role, string? Tenant, string? Namespace, string Key, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

    /// <param name="Ending">The key's last four characters.</param>
    /// <param name="State"><c>active</c>, <c>expiring</c> (within 14 days), <c>expired</c> or <c>revoked</c>.</param>
    /// <param name="LastUsedFrom">A network address.</param>
    /// <param name="ReplacedBy">The key that a rotation put in its place.</param>
    public sealed record ApiKeyBody(
        string Id, string Name, string? Role, string? Tenant, string? Namespace, string Ending, string State, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
        DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt, string? LastUsedFrom, string? ReplacedBy);

    private static Task<IResult> ListAsync(string org, ApiContext context, ListApiKeys list, TimeProvider clock, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), key => Body(key, clock.Now()));

    private static async Task<IResult> CreateAsync(string org, CreateBody body, ApiContext context, CreateApiKey create, CancellationToken cancellationToken) =>
        (await create.RunAsync(context.Actor, org, Request(body), cancellationToken)).ToCreated(made => $"/api/v1/organizations/{org}/api-keys/{made.Key.Id}", Body);

    private static async Task<IResult> GetAsync(string org, string id, ApiContext context, GetApiKey get, TimeProvider clock, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToOk(key => Body(key, clock.Now()));

    private static async Task<IResult> RotateAsync(string org, string id, RotateBody? body, ApiContext context, RotateApiKey rotate, CancellationToken cancellationToken) =>
        (await rotate.RunAsync(context.Actor, org, Id(id), body?.OverlapHours, cancellationToken)).ToCreated(made => $"/api/v1/organizations/{org}/api-keys/{made.Key.Id}", Body);

    private static async Task<IResult> RevokeAsync(string org, string id, ApiContext context, RevokeApiKey revoke, CancellationToken cancellationToken) =>
        (await revoke.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToNoContent();

    private static Task<IResult> ListOwnAsync(ApiContext context, ListAccountApiKeys list, TimeProvider clock, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), key => Body(key, clock.Now()));

    private static async Task<IResult> CreateOwnAsync(CreateBody body, ApiContext context, CreateAccountApiKey create, CancellationToken cancellationToken) =>
        (await create.RunAsync(context.Actor, Request(body), cancellationToken)).ToCreated(_ => "/api/v1/account/api-keys", Body);

    private static async Task<IResult> RotateOwnAsync(string id, RotateBody? body, ApiContext context, RotateAccountApiKey rotate, CancellationToken cancellationToken) =>
        (await rotate.RunAsync(context.Actor, Id(id), body?.OverlapHours, cancellationToken)).ToCreated(_ => "/api/v1/account/api-keys", Body);

    private static async Task<IResult> RevokeOwnAsync(string id, ApiContext context, RevokeAccountApiKey revoke, CancellationToken cancellationToken) =>
        (await revoke.RunAsync(context.Actor, Id(id), cancellationToken)).ToNoContent();

    // What is no UUID names no key; the use case says so, after it asked who is asking.
    private static ApiKeyId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static ApiKeyRequest Request(CreateBody body) => new(body.Name, body.Role, body.Tenant, body.Namespace, body.ExpiresAt);

    private static NewApiKeyBody Body(NewApiKey made) =>
        new($"{made.Key.Id}", made.Key.Name, Role(made.Key), made.Key.Tenant, made.Key.Namespace, made.Text, made.Key.CreatedAt, made.Key.ExpiresAt);

    private static ApiKeyBody Body(ApiKey key, DateTimeOffset now) => new(
        $"{key.Id}", key.Name, Role(key), key.Tenant, key.Namespace, key.Ending, ApiKeyWords.State(key, now), key.CreatedBy, key.CreatedAt, key.ExpiresAt, key.RevokedAt,
        key.LastUsedAt, key.LastUsedFrom, key.ReplacedBy?.ToString());

    private static string? Role(ApiKey key) => key.Role?.ToString().ToLowerInvariant();
}
