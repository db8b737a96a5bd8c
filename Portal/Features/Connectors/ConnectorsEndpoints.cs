using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Connectors;

public static class ConnectorsEndpoints
{
    public static IEndpointRouteBuilder MapConnectors(this IEndpointRouteBuilder api)
    {
        var tenant = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}").WithTags("Connectors");
        tenant
            .MapGet("/connectors", ListAsync)
            .WithName("ListConnectors")
            .WithSummary("List a tenant's connectors by namespace and name")
            .Searchable();
        tenant.MapPost("/connectors", CreateAsync).WithName("CreateConnector").WithSummary("Create a connector");
        var one = tenant.MapGroup("/connectors/{namespace}/{name}");
        one.MapGet("", GetAsync).WithName("GetConnector").WithSummary("Get a connector");
        one.MapGet("/status", StatusAsync).WithName("GetConnectorStatus").WithSummary("Get the live status of a connector's instances");
        one.MapPut("", UpdateAsync).WithName("UpdateConnector").WithSummary("Change a connector's settings; it restarts with them");
        one.MapPost("/start", StartAsync).WithName("StartConnector").WithSummary("Start a connector");
        one.MapPost("/stop", StopAsync).WithName("StopConnector").WithSummary("Stop a connector");
        one.MapPost("/restart", RestartAsync).WithName("RestartConnector").WithSummary("Restart a running connector");
        one.MapDelete("", DeleteAsync).WithName("DeleteConnector").WithSummary("Delete a connector; its topics stay");
        return api;
    }

    /// <param name="Namespace">Where the connector lives.</param>
    /// <param name="Type">A built-in connector of the tenant's cluster.</param>
    /// <param name="Topics">As namespace/topic, in this tenant: one for a source, up to 20 for a sink.</param>
    /// <param name="CreateTopic">true creates the topic that a source writes to if there is none.</param>
    /// <param name="Subscription">Of a sink; named after the connector by default.</param>
    /// <param name="Position">Where a sink's subscription starts; latest by default.</param>
    /// <param name="Guarantee">at-least-once by default.</param>
    /// <param name="Instances">1 by default.</param>
    /// <param name="Configuration">The connector's settings by name, secrets included.</param>
    /// <param name="Stopped">true creates it without starting it.</param>
    /// <param name="Secrets">Names of further settings to store as secrets. Those that the connector marks or that are named like a
    /// password or token always are.</param>
    /// <param name="StartAt">Of a sink: reads messages from this time on, in place of position.</param>
    /// <param name="MaxRetries">Of a sink: how often a message that failed is tried again before it goes to the dead letter topic, 1 to
    /// 1,000. Without it, it is tried again forever.</param>
    /// <param name="DeadLetterTopic">Of a sink: where those messages go, as namespace/topic, in this tenant.</param>
    /// <param name="CreateDeadLetterTopic">true creates the dead letter topic if there is none.</param>
    public sealed record CreateConnectorBody(
        [Needed] string? Namespace,
        [Needed] string? Name,
        [Needed, OneOf("source", "sink")] string? Kind,
        [Needed] string? Type,
        [Needed] IReadOnlyList<string>? Topics,
        bool? CreateTopic,
        string? Subscription,
        [OneOf("earliest", "latest")] string? Position,
        [OneOf("at-least-once", "at-most-once", "effectively-once")] string? Guarantee,
        int? Instances,
        JsonElement? Configuration,
        bool? Stopped,
        IReadOnlyList<string>? Secrets = null,
        DateTimeOffset? StartAt = null,
        int? MaxRetries = null,
        string? DeadLetterTopic = null,
        bool? CreateDeadLetterTopic = null
    );

    /// <param name="Guarantee">Leave it out to keep the present one.</param>
    /// <param name="Instances">Leave it out to keep the present number.</param>
    /// <param name="Configuration">Replaces the present settings; leave it out to keep them. A secret that is left out is kept; one that is
    /// null is removed.</param>
    /// <param name="Secrets">Names of further settings to store as secrets. Those that the connector marks or that are named like a
    /// password or token always are.</param>
    public sealed record UpdateConnectorBody(
        [OneOf("at-least-once", "at-most-once", "effectively-once")] string? Guarantee,
        int? Instances,
        JsonElement? Configuration,
        IReadOnlyList<string>? Secrets = null
    );

    /// <param name="Topics">As namespace/topic.</param>
    /// <param name="Configuration">Without secrets.</param>
    /// <param name="Secrets">Names of the settings that are stored as secrets.</param>
    /// <param name="Wanted">What it is meant to do; its status says what it does.</param>
    /// <param name="Changing">true: the latest change hasn't reached the cluster yet.</param>
    /// <param name="StartAt">Of a sink: what was published before it is not read; null where it started at one end of the topic.</param>
    /// <param name="MaxRetries">Of a sink; null for forever.</param>
    /// <param name="DeadLetterTopic">Of a sink, as namespace/topic; null for none.</param>
    public sealed record ConnectorBody(
        string Namespace,
        string Name,
        [OneOf("source", "sink")] string Kind,
        string Type,
        IReadOnlyList<string> Topics,
        string? Subscription,
        [OneOf("at-least-once", "at-most-once", "effectively-once")] string Guarantee,
        int Instances,
        JsonElement Configuration,
        IReadOnlyList<string> Secrets,
        [OneOf("running", "stopped")] string Wanted,
        [OneOf<StateWords>] string State,
        bool Changing,
        DateTimeOffset CreatedAt,
        DateTimeOffset ChangedAt,
        StateProblemBody? Problem,
        DateTimeOffset? StartAt,
        int? MaxRetries,
        string? DeadLetterTopic
    );

    /// <param name="Running">Instances that run.</param>
    /// <param name="Failing">true: an instance failed, or the cluster can't say why it doesn't run.</param>
    public sealed record ConnectorStatusBody(
        int Running,
        bool Failing,
        IReadOnlyList<ConnectorInstanceBody> Instances,
        IReadOnlyList<ConnectorBacklogBody> Waiting
    );

    /// <param name="Topic">As namespace/topic; the first five of a sink.</param>
    /// <param name="Entries">Not yet acknowledged by the connector. A batch counts as one.</param>
    public sealed record ConnectorBacklogBody(string Topic, long Entries, long Bytes);

    /// <param name="Received">Messages taken in since the instance started last.</param>
    /// <param name="Delivered">Messages handed on since then.</param>
    /// <param name="Trouble">The last exception in plain words; null for none.</param>
    /// <param name="TroubleField">The setting that it is about; null where that is not known.</param>
    public sealed record ConnectorInstanceBody(
        int Number,
        bool Running,
        long Restarts,
        long Received,
        long Delivered,
        long Failures,
        DateTimeOffset? LastMessageAt,
        string? Trouble,
        DateTimeOffset? TroubleAt,
        string? TroubleField
    );

    private static Task<ListAnswer<PageOf<ConnectorBody>>> ListAsync(
        string org,
        string tenant,
        ApiContext context,
        ListConnectors list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, ConnectorFamily.Connectors, page, cancellationToken), Body);

    private static Task<AcceptedAnswer<ConnectorBody>> CreateAsync(
        string org,
        string tenant,
        CreateConnectorBody body,
        ApiContext context,
        CreateConnector create,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () => create.RunAsync(context.Actor, org, tenant, Wanted(body), cancellationToken),
            made => Address(org, made),
            Body
        );

    private static async Task<Answer<ConnectorBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        GetConnector get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Connectors, cancellationToken)).ToOk(Body);

    private static async Task<Answer<ConnectorStatusBody>> StatusAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        GetConnectorStatus get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Connectors, cancellationToken)).ToOk(
            status => new ConnectorStatusBody(
                status.Running,
                status.IsFailing,
                [.. status.Instances.Select(Body)],
                [.. status.Waiting.Select(one => new ConnectorBacklogBody(one.Topic, one.Entries, one.Bytes))]
            )
        );

    private static async Task<AcceptedAnswer<ConnectorBody>> UpdateAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        UpdateConnectorBody body,
        ApiContext context,
        UpdateConnector update,
        CancellationToken cancellationToken
    )
    {
        var guarantee = body.Guarantee is null ? null : GuaranteeOf(body.Guarantee);
        var change = new ConnectorChange(guarantee, body.Instances, body.Configuration is { } sent ? ObjectOf(sent) : null)
        {
            Secrets = body.Secrets ?? [],
            Unreadable = body.Guarantee is not null && guarantee is null ? UnknownGuarantee : null,
        };
        return (
            await update.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Connectors, change, cancellationToken)
        ).ToAccepted(now => Address(org, now), Body);
    }

    private static Task<AcceptedAnswer<ConnectorBody>> StartAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        RunConnector run,
        CancellationToken cancellationToken
    ) => ActAsync(org, tenant, @namespace, name, ConnectorAct.Start, context, run, cancellationToken);

    private static Task<AcceptedAnswer<ConnectorBody>> StopAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        RunConnector run,
        CancellationToken cancellationToken
    ) => ActAsync(org, tenant, @namespace, name, ConnectorAct.Stop, context, run, cancellationToken);

    private static Task<AcceptedAnswer<ConnectorBody>> RestartAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        RunConnector run,
        CancellationToken cancellationToken
    ) => ActAsync(org, tenant, @namespace, name, ConnectorAct.Restart, context, run, cancellationToken);

    private static Task<AcceptedAnswer<ConnectorBody>> ActAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ConnectorAct act,
        ApiContext context,
        RunConnector run,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () => run.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Connectors, act, cancellationToken),
            now => Address(org, now),
            Body
        );

    private static async Task<AcceptedAnswer<ConnectorBody>> DeleteAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        bool? withSubscription,
        ApiContext context,
        DeleteConnector delete,
        CancellationToken cancellationToken
    ) =>
        (
            await delete.RunAsync(
                context.Actor,
                org,
                tenant,
                @namespace,
                name,
                ConnectorFamily.Connectors,
                withSubscription ?? false,
                cancellationToken
            )
        ).ToAccepted(going => Address(org, going), Body);

    private static NewConnector Wanted(CreateConnectorBody body)
    {
        // Without a kind there is no type of the catalog either.
        var known = TryKind(body.Kind, out var kind);
        return new(
            body.Namespace,
            body.Name,
            kind,
            known ? body.Type : null,
            body.Topics ?? [],
            body.Subscription,
            body.Position == "earliest",
            GuaranteeOf(body.Guarantee) ?? default,
            body.Instances ?? 1,
            body.Configuration is { } sent ? ObjectOf(sent) : [],
            body.Stopped ?? false
        )
        {
            CreateOutput = body.CreateTopic ?? false,
            Secrets = body.Secrets ?? [],
            StartAt = body.StartAt,
            MaxRetries = body.MaxRetries,
            DeadLetterTopic = body.DeadLetterTopic,
            CreateDeadLetterTopic = body.CreateDeadLetterTopic ?? false,
            Unreadable =
                body.Kind is not null && !known ? UnknownKind
                : !ConnectorManifest.TryPosition(body.Position, out _) ? UnknownPosition
                : GuaranteeOf(body.Guarantee) is null ? UnknownGuarantee
                : null,
        };
    }

    /// <summary>Functions have addresses of their own.</summary>
    internal static bool TryKind(string? text, out ConnectorKind kind) =>
        ConnectorWords.TryKind(text, out kind) && kind != ConnectorKind.Function;

    internal static readonly Problem.Invalid UnknownKind = new("connector-kind-unknown", "kind is source or sink.", "kind");

    internal static readonly Problem.Invalid UnknownPosition = new(
        "position-unknown",
        "A subscription starts at earliest or latest.",
        "position"
    );

    internal static readonly Problem.Invalid UnknownGuarantee = new(
        "guarantee-unknown",
        "guarantee is at-least-once, at-most-once or effectively-once.",
        "guarantee"
    );

    internal static Guarantee? GuaranteeOf(string? text) => ConnectorWords.TryGuarantee(text, out var guarantee) ? guarantee : null;

    /// <summary>What is no object has a field that no connector knows, so that the use case refuses it.</summary>
    internal static JsonObject ObjectOf(JsonElement sent) =>
        sent.ValueKind switch
        {
            JsonValueKind.Object => JsonObject.Create(sent)!,
            JsonValueKind.Null or JsonValueKind.Undefined => [],
            _ => new JsonObject { ["configuration"] = "must be an object" },
        };

    private static string Address(string org, Connector connector) =>
        $"/api/v1/organizations/{org}/tenants/{Uri.EscapeDataString(connector.TenantName)}/connectors/{Uri.EscapeDataString(connector.NamespaceName)}/{Uri.EscapeDataString(connector.Name)}";

    internal static ConnectorInstanceBody Body(ConnectorInstance one) =>
        new(
            one.Number,
            one.IsRunning,
            one.Restarts,
            one.Received,
            one.Delivered,
            one.Failures,
            one.LastMessageAt,
            one.Trouble,
            one.TroubleAt,
            one.TroubleField
        );

    internal static ConnectorBody Body(Connector connector) =>
        new(
            connector.NamespaceName,
            connector.Name,
            connector.Kind.Text(),
            connector.Type,
            [.. connector.Topics.Select(Connector.ShortTopic)],
            connector.Subscription,
            connector.Guarantee.Text(),
            connector.Instances,
            JsonSerializer.Deserialize<JsonElement>(connector.Configuration),
            connector.SecretFields,
            connector.Wish.Text(),
            connector.State.Text(),
            connector.IsChanging,
            connector.CreatedAt,
            connector.ChangedAt,
            connector.ProblemMessage is { } message ? new(connector.ProblemCode!, message) : null,
            connector.StartAt,
            connector.MaxRetries,
            connector.DeadLetterTopic is { } letters ? Connector.ShortTopic(letters) : null
        );
}
