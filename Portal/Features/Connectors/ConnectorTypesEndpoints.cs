using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Connectors;

/// <summary>The catalog that connectors are made from.</summary>
public static class ConnectorTypesEndpoints
{
    public static IEndpointRouteBuilder MapConnectorTypes(this IEndpointRouteBuilder api)
    {
        var tenant = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}").WithTags("Connectors");
        tenant
            .MapGet("/connector-types", TypesAsync)
            .WithName("ListConnectorTypes")
            .WithSummary("List the built-in connectors that a tenant can use");
        tenant
            .MapGet("/connector-types/{kind}/{type}", TypeAsync)
            .WithName("GetConnectorType")
            .WithSummary("Get a built-in connector and the settings it takes");
        return api;
    }

    /// <param name="Title">As people call it: Apache Kafka.</param>
    /// <param name="Category">What it belongs to, such as Databases; null for none.</param>
    /// <param name="Note">What the cluster's operator says of it; null for nothing.</param>
    public sealed record ConnectorTypeBody(
        [OneOf("source", "sink")] string Kind,
        string Type,
        string Title,
        string? Category,
        string? Description,
        string? Note
    );

    /// <param name="Label">As people call it: Kafka brokers.</param>
    /// <param name="Default">As text; null for none.</param>
    /// <param name="Choices">Nothing else is taken; null for anything.</param>
    /// <param name="Secret">true: encrypted at rest and never returned.</param>
    public sealed record ConnectorFieldBody(
        string Name,
        string Label,
        [OneOf("text", "int", "long", "number", "flag", "map", "list", "anything")] string Type,
        bool Required,
        string? Default,
        string? Help,
        string? Example,
        IReadOnlyList<string>? Choices,
        bool Secret
    );

    public sealed record ConnectorDefinitionBody(
        [OneOf("source", "sink")] string Kind,
        string Type,
        string Title,
        string? Category,
        string? Description,
        string? Note,
        IReadOnlyList<ConnectorFieldBody> Fields
    );

    private static Task<ListAnswer<PageOf<ConnectorTypeBody>>> TypesAsync(
        string org,
        string tenant,
        ApiContext context,
        ListConnectorTypes list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, org, tenant, ConnectorFamily.Connectors, cancellationToken),
            type => type.Key,
            type => new ConnectorTypeBody(type.Kind.Text(), type.Name, type.Title, type.Guide?.Category, type.Summary, type.Note)
        );

    private static async Task<Answer<ConnectorDefinitionBody>> TypeAsync(
        string org,
        string tenant,
        string kind,
        string type,
        ApiContext context,
        GetConnectorType get,
        CancellationToken cancellationToken
    ) =>
        (
            await get.RunAsync(
                context.Actor,
                org,
                tenant,
                ConnectorsEndpoints.TryKind(kind, out var one) ? one : ConnectorKind.Source,
                one.Text() == kind ? type : null,
                cancellationToken
            )
        ).ToOk(found => new ConnectorDefinitionBody(
            found.Type.Kind.Text(),
            found.Type.Name,
            found.Type.Title,
            found.Type.Guide?.Category,
            found.Type.Summary,
            found.Type.Note,
            [
                .. found.Fields.Select(field => new ConnectorFieldBody(
                    field.Name,
                    field.Label,
                    field.Kind.Text(),
                    field.Required,
                    field.Default,
                    field.Guide?.Help ?? field.Help,
                    field.Guide?.Example,
                    field.Guide?.Choices,
                    field.IsSecret
                )),
            ]
        ));
}
