using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Features.Api;

namespace Portal.Features.Credentials;

public static class KeysEndpoints
{
    public static IEndpointRouteBuilder MapKeys(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/keys").WithTags("Keys");
        group.MapGet("", ListAsync).WithName("ListKeys").WithSummary("Keys for Pulsar clients, newest first");
        group.MapPost("", CreateAsync).WithName("CreateKey").WithSummary("Makes a key; its token is in this answer only");
        group.MapGet("/{id}", GetAsync).WithName("GetKey").WithSummary("One key with its grants");
        group.MapDelete("/{id}", DeleteAsync).WithName("DeleteKey").WithSummary("Ends a key at the broker");
        return api;
    }

    /// <param name="Topics">Names in the namespace; without it all, also those made later.</param>
    /// <param name="Patterns">Consume on the namespace, which pattern subscriptions need.</param>
    /// <param name="Permissions"><c>produce</c>, <c>consume</c> or both.</param>
    public sealed record CreateBody(
        string? Name, string? Tenant, string? Namespace, IReadOnlyList<string>? Topics, bool? Patterns, IReadOnlyList<string>? Permissions, DateTimeOffset? ExpiresAt);

    public sealed record NewKeyBody(string Id, string Name, string Role, string Token, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, string State);

    public sealed record KeyBody(
        string Id, string Name, string Role, string Tenant, string Namespace, bool AllTopics, bool Patterns, IReadOnlyList<string> Permissions, DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt, string State, ProblemBody? Problem, IReadOnlyList<GrantBody>? Topics);

    /// <param name="GrantedAt">When the grant was read back from the broker.</param>
    public sealed record GrantBody(string Topic, DateTimeOffset? GrantedAt);

    private static Task<IResult> ListAsync(string org, string? tenant, ApiContext context, ListKeys list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, page, cancellationToken), key => Body(key, null));

    private static async Task<IResult> CreateAsync(string org, CreateBody body, ApiContext context, CreateKey create, CancellationToken cancellationToken)
    {
        if (!Permissions(body.Permissions).TryGet(out var permissions, out var problem)) return problem.ToResult();
        var request = new KeyRequest(body.Name, body.Tenant, body.Namespace, body.Topics, body.Patterns ?? false, permissions, body.ExpiresAt);
        return (await create.RunAsync(context.Actor, org, request, cancellationToken)).ToCreated(
            made => $"/api/v1/organizations/{org}/keys/{made.Key.Id}",
            made => new NewKeyBody($"{made.Key.Id}", made.Key.Name, made.Key.Role, made.Token, made.Key.CreatedAt, made.Key.ExpiresAt, made.Key.State.Text()));
    }

    private static async Task<IResult> GetAsync(string org, string id, ApiContext context, GetKey get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, Id(id), cancellationToken))
            .ToOk(details => Body(details.Key, [.. details.Topics.Select(row => new GrantBody(row.Topic.Name, row.GrantedAt))]));

    private static async Task<IResult> DeleteAsync(string org, string id, ApiContext context, DeleteKey delete, CancellationToken cancellationToken) =>
        (await delete.RunAsync(context.Actor, org, Id(id), cancellationToken)).ToNoContent();

    // What is no UUID names no key; the use case says so, after it asked who is asking.
    private static KeyId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static Outcome<KeyPermissions> Permissions(IReadOnlyList<string>? names)
    {
        var permissions = KeyPermissions.None;
        foreach (var name in names ?? [])
        {
            switch (name)
            {
                case "produce": permissions |= KeyPermissions.Produce; break;
                case "consume": permissions |= KeyPermissions.Consume; break;
                default: return new Problem.Invalid("permission-unknown", "Permissions are produce and consume.", "permissions");
            }
        }
        return permissions;
    }

    private static KeyBody Body(PulsarKey key, IReadOnlyList<GrantBody>? topics) => new(
        $"{key.Id}", key.Name, key.Role, key.TenantName, key.NamespaceName, key.AllTopics, key.Patterns,
        [.. new[] { (KeyPermissions.Produce, "produce"), (KeyPermissions.Consume, "consume") }.Where(pair => key.Permissions.HasFlag(pair.Item1)).Select(pair => pair.Item2)],
        key.CreatedAt, key.ExpiresAt, key.State.Text(), States.Problem(key.State, key.ProblemCode, key.ProblemMessage), topics);
}
