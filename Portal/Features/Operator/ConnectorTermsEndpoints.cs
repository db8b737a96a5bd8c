using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Which settings of a built-in connector are the operator's.</summary>
public static class ConnectorTermsEndpoints
{
    public static IEndpointRouteBuilder MapConnectorTerms(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/operator/clusters/{name}/connectors/{kind}/{type}").WithTags("Operator");
        group
            .MapGet("", GetAsync)
            .WithName("GetClusterConnector")
            .WithSummary("Get the settings of a cluster's built-in connector, and which of them customers can't set");
        group
            .MapPut("", SetAsync)
            .WithName("SetClusterConnector")
            .WithSummary("Hide or fix settings of a built-in connector for all customers of a cluster; what runs restarts with them");
        return api;
    }

    /// <summary>One setting of a built-in connector.</summary>
    /// <param name="Label">As people call it: Kafka brokers.</param>
    /// <param name="Default">As text; null for none.</param>
    /// <param name="Secret">true: its value is encrypted at rest and never returned.</param>
    /// <param name="Customers">Whether customers set it, don't see it, or get your value.</param>
    /// <param name="Value">Your value; null if customers set it, for a hidden setting, and for a secret.</param>
    public sealed record OperatedSettingBody(
        string Name,
        string Label,
        [OneOf("text", "int", "long", "number", "flag", "map", "list", "anything")] string Type,
        bool Required,
        string? Default,
        bool Secret,
        [OneOf("set", "hidden", "fixed")] string Customers,
        JsonNode? Value
    );

    /// <summary>A cluster's built-in connector as its operator sees it.</summary>
    /// <param name="Type">The cluster's name of it, for example <c>http-post</c>.</param>
    /// <param name="Description">What the connector says of itself.</param>
    /// <param name="Note">What you tell customers about it; null for nothing.</param>
    /// <param name="Allowed">Customers can use it.</param>
    public sealed record OperatedConnectorBody(
        [OneOf("source", "sink", "function")] string Kind,
        string Type,
        string? Description,
        string? Note,
        bool Allowed,
        IReadOnlyList<OperatedSettingBody> Settings
    );

    /// <summary>What is yours of a built-in connector. All of it takes the place of what was set before.</summary>
    /// <param name="Note">For customers, at most 500 characters; leave it out for none.</param>
    /// <param name="Hidden">Settings that customers neither see nor set. The connector uses its own default.</param>
    /// <param name="Fixed">Your values by setting. null keeps a secret that is stored already.</param>
    public sealed record SetConnectorTermsBody(string? Note, IReadOnlyList<string>? Hidden, JsonElement Fixed);

    private static async Task<Answer<OperatedConnectorBody>> GetAsync(
        string name,
        string kind,
        string type,
        ApiContext context,
        GetConnectorTerms get,
        CancellationToken cancellationToken
    )
    {
        ConnectorWords.TryKind(kind, out var one);
        return (await get.RunAsync(context.Actor, name, one, one.Text() == kind ? type : null, cancellationToken)).ToOk(Body);
    }

    private static async Task<Answer<OperatedConnectorBody>> SetAsync(
        string name,
        string kind,
        string type,
        SetConnectorTermsBody body,
        ApiContext context,
        SetConnectorTerms set,
        CancellationToken cancellationToken
    )
    {
        ConnectorWords.TryKind(kind, out var one);
        var wanted = new WantedTerms(body.Note, body.Hidden ?? [], Values(body.Fixed) ?? [])
        {
            Unreadable = Values(body.Fixed) is null
                ? new Problem.Invalid("connector-configuration-malformed", "fixed is a JSON object of settings and values.", "fixed")
                : null,
        };
        return (await set.RunAsync(context.Actor, name, one, one.Text() == kind ? type : null, wanted, cancellationToken)).ToOk(Body);
    }

    private static JsonObject? Values(JsonElement sent) =>
        sent.ValueKind switch
        {
            JsonValueKind.Object => JsonObject.Create(sent),
            JsonValueKind.Null or JsonValueKind.Undefined => [],
            _ => null,
        };

    private static OperatedConnectorBody Body(OperatedConnector operated)
    {
        var (definition, terms) = (operated.Definition, operated.Terms);
        var named = definition.IsOpen
            ? terms.Hidden.Concat(terms.Fixed.Select(pair => pair.Key)).Concat(terms.FixedSecrets).Select(name => definition.Find(name)!)
            : definition.Fields;
        return new(
            definition.Type.Kind.Text(),
            definition.Type.Name,
            definition.Type.Description,
            terms.Note,
            operated.IsAllowed,
            [
                .. named.Select(field => new OperatedSettingBody(
                    field.Name,
                    field.Label,
                    field.Kind.Text(),
                    field.Required,
                    field.Default,
                    field.IsSecret,
                    terms.Fixes(field.Name) ? "fixed"
                        : terms.Closes(field.Name) ? "hidden"
                        : "set",
                    terms.Fixed[field.Name]?.DeepClone()
                )),
            ]
        );
    }
}
