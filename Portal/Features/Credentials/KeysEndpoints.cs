using System.ComponentModel;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Features.Api;

namespace Portal.Features.Credentials;

public static class KeysEndpoints
{
    public static IEndpointRouteBuilder MapKeys(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/keys").WithTags("Keys");
        group.MapGet("", ListAsync).WithName("ListKeys").WithSummary("List keys for Pulsar clients, newest first").Searchable();
        group
            .MapPost("", CreateAsync)
            .WithName("CreateKey")
            .WithSummary("Create a key for Pulsar clients; its token is in this response only");
        group.MapGet("/{id}", GetAsync).WithName("GetKey").WithSummary("Get a key with its grants");
        group
            .MapGet("/{id}/clients", ClientsAsync)
            .WithName("GetKeyClients")
            .WithSummary("See who uses a key, as far as brokers and the WebSocket gateway can tell");
        group
            .MapPost("/{id}/rotate", RotateAsync)
            .WithName("RotateKey")
            .WithSummary("Rotate a key; the old one keeps working for the overlap. The new token is in this response only");
        group.MapDelete("/{id}", DeleteAsync).WithName("DeleteKey").WithSummary("Delete a key; its clients are disconnected");
        return api;
    }

    /// <param name="Topics">Topic names in the namespace. Without them, all topics, including ones created later. With consume, retry and
    /// dead letter topics of the named topics are covered too.</param>
    /// <param name="Patterns">Also allow pattern subscriptions: grants consume on the whole namespace.</param>
    public sealed record CreateKeyBody(
        [Needed] string? Name,
        [Needed] string? Tenant,
        [Needed] string? Namespace,
        IReadOnlyList<string>? Topics,
        bool? Patterns,
        [Needed, OneOf("produce", "consume")] IReadOnlyList<string>? Permissions,
        DateTimeOffset? ExpiresAt
    );

    /// <param name="OverlapHours">How long the old key keeps working: 0 to 720 hours, 24 by default.</param>
    public sealed record RotateKeyBody(int? OverlapHours);

    public sealed record NewKeyBody(
        string Id,
        string Name,
        string Role,
        string Token,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt,
        [OneOf<StateWords>] string State
    );

    /// <param name="LastUsedAt">When a WebSocket client last used it, to the minute; null for never. Clients that connect to brokers
    /// directly are not counted.</param>
    /// <param name="ReplacedBy">The key that replaced this one in a rotation. This one works until <c>expiresAt</c>.</param>
    public sealed record KeyBody(
        string Id,
        string Name,
        string Role,
        string Tenant,
        string Namespace,
        bool AllTopics,
        bool Patterns,
        [OneOf("produce", "consume")] IReadOnlyList<string> Permissions,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt,
        DateTimeOffset? LastUsedAt,
        string? ReplacedBy,
        [OneOf<StateWords>] string State,
        StateProblemBody? Problem,
        IReadOnlyList<GrantBody>? Topics
    );

    /// <param name="LastUsedAt">When a WebSocket client last used it, to the minute; null for never.</param>
    /// <param name="Consumers">Consumers and readers connected to the brokers with it right now; null if the cluster didn't say. Brokers
    /// don't tell which key a producer uses.</param>
    /// <param name="Complete">false if not every topic was checked: there may be more consumers.</param>
    public sealed record KeyClientsBody(DateTimeOffset? LastUsedAt, int? Consumers, bool Complete);

    /// <param name="GrantedAt">When the broker confirmed the grant; null until then.</param>
    public sealed record GrantBody(string Topic, DateTimeOffset? GrantedAt);

    private static Task<ListAnswer<PageOf<KeyBody>>> ListAsync(
        string org,
        string? tenant,
        string? @namespace,
        [Description("Only keys that cover this topic; send tenant and namespace with it.")] string? topic,
        ApiContext context,
        ListKeys list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, new(tenant, @namespace, topic), page, cancellationToken),
            key => Body(key, null)
        );

    private static async Task<CreatedAnswer<NewKeyBody>> CreateAsync(
        string org,
        CreateKeyBody body,
        ApiContext context,
        CreateKey create,
        CancellationToken cancellationToken
    )
    {
        if (!Permissions(body.Permissions).TryGet(out var permissions, out var problem))
            return problem;
        var request = new KeyRequest(
            body.Name,
            body.Tenant,
            body.Namespace,
            body.Topics,
            body.Patterns ?? false,
            permissions,
            body.ExpiresAt
        );
        return await context.CreatedAsync(
            () => create.RunAsync(context.Actor, org, request, cancellationToken),
            made => $"/api/v1/organizations/{org}/keys/{made.Key.Id}",
            Body
        );
    }

    private static async Task<CreatedAnswer<NewKeyBody>> RotateAsync(
        string org,
        string id,
        RotateKeyBody? body,
        ApiContext context,
        RotateKey rotate,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => rotate.RunAsync(context.Actor, org, Id(id), body?.OverlapHours, cancellationToken),
            made => $"/api/v1/organizations/{org}/keys/{made.Key.Id}",
            Body
        );

    private static async Task<Answer<KeyBody>> GetAsync(
        string org,
        string id,
        ApiContext context,
        GetKey get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToOk(details =>
            Body(details.Key, [.. details.Topics.Select(row => new GrantBody(row.Topic.Name, row.GrantedAt))])
        );

    private static async Task<Answer<KeyClientsBody>> ClientsAsync(
        string org,
        string id,
        ApiContext context,
        GetKeyUse get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToOk(use => new KeyClientsBody(
            use.LastUsedAt,
            use.Consumers,
            use.IsComplete
        ));

    private static async Task<EmptyAnswer> DeleteAsync(
        string org,
        string id,
        ApiContext context,
        DeleteKey delete,
        CancellationToken cancellationToken
    ) => (await delete.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToNoContent();

    // What is no UUID names no key; the use case says so, after it asked who is asking.
    private static KeyId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static Outcome<KeyPermissions> Permissions(IReadOnlyList<string>? names)
    {
        var permissions = KeyPermissions.None;
        foreach (var name in names ?? [])
        {
            switch (name)
            {
                case "produce":
                    permissions |= KeyPermissions.Produce;
                    break;
                case "consume":
                    permissions |= KeyPermissions.Consume;
                    break;
                default:
                    return new Problem.Invalid("permission-unknown", "Permissions are produce and consume.", "permissions");
            }
        }
        return permissions;
    }

    private static NewKeyBody Body(NewKey made) =>
        new($"{made.Key.Id}", made.Key.Name, made.Key.Role, made.Token, made.Key.CreatedAt, made.Key.ExpiresAt, made.Key.State.Text());

    private static KeyBody Body(PulsarKey key, IReadOnlyList<GrantBody>? topics) =>
        new(
            $"{key.Id}",
            key.Name,
            key.Role,
            key.TenantName,
            key.NamespaceName,
            key.AllTopics,
            key.Patterns,
            [
                .. new[] { (KeyPermissions.Produce, "produce"), (KeyPermissions.Consume, "consume") }
                    .Where(pair => key.Permissions.HasFlag(pair.Item1))
                    .Select(pair => pair.Item2),
            ],
            key.CreatedAt,
            key.ExpiresAt,
            key.LastUsedAt,
            key.ReplacedBy is { } next ? $"{next}" : null,
            key.State.Text(),
            States.Problem(key.State, key.ProblemCode, key.ProblemMessage),
            topics
        );
}
