using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Connectors;

/// <summary>Connectors and functions as documents: what is exported can be applied as it is.</summary>
public static class ManifestEndpoints
{
    public static IEndpointRouteBuilder MapManifests(this IEndpointRouteBuilder api)
    {
        var tenant = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}");
        var connector = tenant.MapGroup("/connectors/{namespace}/{name}/manifest").WithTags("Connectors");
        connector
            .MapGet("", ExportAsync)
            .WithName("GetConnectorManifest")
            .WithSummary("Export a connector as a document to keep and apply again, without its secrets");
        connector
            .MapPut("", ApplyAsync)
            .WithName("ApplyConnectorManifest")
            .WithSummary("Create or update a connector to match its manifest; if nothing differs, nothing changes");
        var function = tenant.MapGroup("/functions/{namespace}/{name}/manifest").WithTags("Functions");
        function
            .MapGet("", ExportFunctionAsync)
            .WithName("GetFunctionManifest")
            .WithSummary("Export a function as a document to keep and apply again, without its secrets");
        function
            .MapPut("", ApplyFunctionAsync)
            .WithName("ApplyFunctionManifest")
            .WithSummary("Create or update a function to match its manifest; if nothing differs, nothing changes");
        return api;
    }

    /// <param name="Topics">As namespace/topic, in this tenant: one for a source, up to 20 for a sink. They can't be changed later.</param>
    /// <param name="CreateTopic">true creates the topic that a source writes to if there is none.</param>
    /// <param name="Subscription">Of a sink; named after the connector by default.</param>
    /// <param name="Position">Where a sink's subscription starts; latest by default.</param>
    /// <param name="Guarantee">at-least-once by default.</param>
    /// <param name="Instances">1 by default; of a connector that exists, its present number.</param>
    /// <param name="Configuration">All settings by name. A secret that is left out is kept; a setting that is null is removed.</param>
    /// <param name="Secrets">Names of the settings that must be stored as secrets. An export names them without their values.</param>
    /// <param name="Wanted">running by default; of a connector that exists, what it is meant to do at the moment.</param>
    /// <param name="StartAt">Of a sink: reads messages from this time on, in place of position.</param>
    /// <param name="MaxRetries">Of a sink: how often a message that failed is tried again before it goes to the dead letter topic.</param>
    /// <param name="DeadLetterTopic">Of a sink, as namespace/topic, in this tenant.</param>
    /// <param name="CreateDeadLetterTopic">true creates the dead letter topic if there is none.</param>
    public sealed record ConnectorManifestBody(
        [Needed, OneOf("source", "sink")] string? Kind,
        [Needed] string? Type,
        [Needed] IReadOnlyList<string>? Topics,
        bool? CreateTopic,
        string? Subscription,
        [OneOf("earliest", "latest")] string? Position,
        [OneOf("at-least-once", "at-most-once", "effectively-once")] string? Guarantee,
        int? Instances,
        JsonElement? Configuration,
        IReadOnlyList<string>? Secrets,
        [OneOf("running", "stopped")] string? Wanted,
        DateTimeOffset? StartAt = null,
        int? MaxRetries = null,
        string? DeadLetterTopic = null,
        bool? CreateDeadLetterTopic = null
    );

    /// <param name="Inputs">Topics that it reads, as namespace/topic, in this tenant: 1 to 20. They can't be changed later.</param>
    /// <param name="Output">The topic that it writes to, as namespace/topic, in this tenant.</param>
    /// <param name="CreateOutput">true creates the output topic if there is none.</param>
    /// <param name="Subscription">Named after the function by default.</param>
    /// <param name="Position">Where its subscription starts; latest by default.</param>
    /// <param name="Guarantee">at-least-once by default.</param>
    /// <param name="Instances">1 by default; of a function that exists, its present number.</param>
    /// <param name="Configuration">All settings by name. A secret that is left out is kept; a setting that is null is removed.</param>
    /// <param name="Secrets">Names of the settings that must be stored as secrets. An export names them without their values.</param>
    /// <param name="Wanted">running by default; of a function that exists, what it is meant to do at the moment.</param>
    /// <param name="StartAt">Reads messages from this time on, in place of position.</param>
    /// <param name="PackageVersion">Of a package; the newest by default.</param>
    /// <param name="ClassName">Of a package: needed where it has several classes.</param>
    public sealed record FunctionManifestBody(
        [Needed] string? Type,
        [Needed] IReadOnlyList<string>? Inputs,
        [Needed] string? Output,
        bool? CreateOutput,
        string? Subscription,
        [OneOf("earliest", "latest")] string? Position,
        [OneOf("at-least-once", "at-most-once", "effectively-once")] string? Guarantee,
        int? Instances,
        JsonElement? Configuration,
        IReadOnlyList<string>? Secrets,
        [OneOf("running", "stopped")] string? Wanted,
        DateTimeOffset? StartAt = null,
        string? PackageVersion = null,
        string? ClassName = null
    );

    /// <param name="Result">unchanged: it was so already, and nothing restarted.</param>
    public sealed record AppliedConnectorBody(
        [OneOf("created", "updated", "unchanged")] string Result,
        ConnectorsEndpoints.ConnectorBody Connector
    );

    /// <param name="Result">unchanged: it was so already, and nothing restarted.</param>
    public sealed record AppliedFunctionBody(
        [OneOf("created", "updated", "unchanged")] string Result,
        FunctionsEndpoints.FunctionBody Function
    );

    private static async Task<Answer<ConnectorManifestBody>> ExportAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        GetConnector get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Connectors, cancellationToken))
            .Map(ConnectorManifest.Of)
            .ToOk(manifest => new ConnectorManifestBody(
                manifest.Kind.Text(),
                manifest.Type,
                manifest.Topics,
                null,
                manifest.Subscription,
                ConnectorManifest.PositionText(manifest.FromEarliest),
                manifest.Guarantee?.Text(),
                manifest.Instances,
                JsonSerializer.SerializeToElement(manifest.Configuration),
                manifest.Secrets,
                manifest.Wish?.Text(),
                manifest.StartAt,
                manifest.MaxRetries,
                manifest.DeadLetterTopic
            ));

    private static async Task<Answer<FunctionManifestBody>> ExportFunctionAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        GetConnector get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Functions, cancellationToken))
            .Map(ConnectorManifest.Of)
            .ToOk(manifest => new FunctionManifestBody(
                manifest.Type,
                manifest.Topics,
                manifest.Output,
                null,
                manifest.Subscription,
                ConnectorManifest.PositionText(manifest.FromEarliest),
                manifest.Guarantee?.Text(),
                manifest.Instances,
                JsonSerializer.SerializeToElement(manifest.Configuration),
                manifest.Secrets,
                manifest.Wish?.Text(),
                manifest.StartAt,
                manifest.PackageVersion,
                manifest.ClassName
            ));

    private static async Task<Answer<AppliedConnectorBody>> ApplyAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ConnectorManifestBody body,
        ApiContext context,
        ApplyConnector apply,
        CancellationToken cancellationToken
    )
    {
        // Without a kind there is no type either: the use case refuses that once it knows who asks.
        var known = ConnectorsEndpoints.TryKind(body.Kind, out var kind);
        var manifest = Read(kind, known ? body.Type : null, body.Topics, body.Position, body.Guarantee, body.Configuration, body.Wanted);
        manifest = manifest with
        {
            CreateOutput = body.CreateTopic ?? false,
            Subscription = body.Subscription,
            Instances = body.Instances,
            Secrets = body.Secrets ?? [],
            StartAt = body.StartAt,
            MaxRetries = body.MaxRetries,
            DeadLetterTopic = body.DeadLetterTopic,
            CreateDeadLetterTopic = body.CreateDeadLetterTopic ?? false,
            Unreadable = body.Kind is not null && !known ? ConnectorsEndpoints.UnknownKind : manifest.Unreadable,
        };
        return (
            await apply.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Connectors, manifest, cancellationToken)
        ).ToOk(applied => new AppliedConnectorBody(Text(applied.Application), ConnectorsEndpoints.Body(applied.Connector)));
    }

    private static async Task<Answer<AppliedFunctionBody>> ApplyFunctionAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        FunctionManifestBody body,
        ApiContext context,
        ApplyConnector apply,
        CancellationToken cancellationToken
    )
    {
        var manifest = Read(ConnectorKind.Function, body.Type, body.Inputs, body.Position, body.Guarantee, body.Configuration, body.Wanted);
        manifest = manifest with
        {
            Output = body.Output,
            CreateOutput = body.CreateOutput ?? false,
            Subscription = body.Subscription,
            Instances = body.Instances,
            Secrets = body.Secrets ?? [],
            StartAt = body.StartAt,
            PackageVersion = body.PackageVersion,
            ClassName = body.ClassName,
            Unreadable = FunctionsEndpoints.NoObject(body.Configuration) ?? manifest.Unreadable,
        };
        return FunctionsEndpoints
            .InputsNamed(
                await apply.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Functions, manifest, cancellationToken)
            )
            .ToOk(applied => new AppliedFunctionBody(Text(applied.Application), FunctionsEndpoints.Body(applied.Connector)));
    }

    /// <summary>What is written the same way in both documents.</summary>
    private static ConnectorManifest Read(
        ConnectorKind kind,
        string? type,
        IReadOnlyList<string>? topics,
        string? position,
        string? guarantee,
        JsonElement? configuration,
        string? wanted
    )
    {
        Problem.Invalid? unreadable = null;
        if (!ConnectorManifest.TryWish(wanted, out var wish))
            unreadable = new Problem.Invalid("wanted-unknown", "wanted is running or stopped.", "wanted");
        if (!ConnectorWords.TryGuarantee(guarantee, out var known))
            unreadable = ConnectorsEndpoints.UnknownGuarantee;
        if (!ConnectorManifest.TryPosition(position, out var fromEarliest))
            unreadable = ConnectorsEndpoints.UnknownPosition;
        return new ConnectorManifest(
            kind,
            type,
            topics ?? [],
            null,
            false,
            null,
            fromEarliest,
            guarantee is null ? null : known,
            null,
            configuration is { } sent ? ConnectorsEndpoints.ObjectOf(sent) : [],
            [],
            wish
        )
        {
            Unreadable = unreadable,
        };
    }

    private static string Text(Application application) =>
        application switch
        {
            Application.Created => "created",
            Application.Updated => "updated",
            Application.Unchanged => "unchanged",
        };
}
