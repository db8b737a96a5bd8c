using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Connectors;

/// <summary>Functions, beside connectors: the same life, with topics on both sides.</summary>
public static class FunctionsEndpoints
{
    public static IEndpointRouteBuilder MapFunctions(this IEndpointRouteBuilder api)
    {
        var tenant = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}").WithTags("Functions");
        tenant
            .MapGet("/function-types", TypesAsync)
            .WithName("ListFunctionTypes")
            .WithSummary("List the built-in functions that a tenant can use");
        tenant
            .MapGet("/functions", ListAsync)
            .WithName("ListFunctions")
            .WithSummary("List a tenant's functions by namespace and name")
            .Searchable();
        tenant
            .MapPost("/functions", CreateAsync)
            .WithName("CreateFunction")
            .WithSummary("Create a function that reads topics and writes to a topic");
        var one = tenant.MapGroup("/functions/{namespace}/{name}");
        one.MapGet("", GetAsync).WithName("GetFunction").WithSummary("Get a function");
        one.MapGet("/status", StatusAsync).WithName("GetFunctionStatus").WithSummary("Get the live status of a function's instances");
        one.MapPut("", UpdateAsync).WithName("UpdateFunction").WithSummary("Change a function's settings; it restarts with them");
        one.MapPost("/start", StartAsync).WithName("StartFunction").WithSummary("Start a function");
        one.MapPost("/stop", StopAsync).WithName("StopFunction").WithSummary("Stop a function");
        one.MapPost("/restart", RestartAsync).WithName("RestartFunction").WithSummary("Restart a running function");
        one.MapDelete("", DeleteAsync).WithName("DeleteFunction").WithSummary("Delete a function; its topics stay");
        return api;
    }

    /// <param name="Title">As people call it: Anomaly score.</param>
    public sealed record FunctionTypeBody(string Type, string Title, string? Category, string? Description);

    /// <param name="Namespace">Where the function lives.</param>
    /// <param name="Type">A built-in function of the tenant's cluster, or package: and the name of a package in the namespace.</param>
    /// <param name="Inputs">Topics that it reads, as namespace/topic, in this tenant: 1 to 20.</param>
    /// <param name="Output">The topic that it writes to, as namespace/topic, in this tenant.</param>
    /// <param name="CreateOutput">true creates the output topic if there is none.</param>
    /// <param name="Subscription">Named after the function by default.</param>
    /// <param name="Position">Where its subscription starts; latest by default.</param>
    /// <param name="Guarantee">at-least-once by default. It can't be changed later.</param>
    /// <param name="Instances">1 by default. Each counts toward the plan's connectors.</param>
    /// <param name="Configuration">The function's settings by name. Settings whose names sound like secrets are encrypted.</param>
    /// <param name="Stopped">true creates it without starting it.</param>
    /// <param name="Secrets">Names of further settings to store as secrets. Those named like a password or token always are.</param>
    /// <param name="StartAt">Reads messages from this time on, in place of position.</param>
    /// <param name="PackageVersion">Of a package: the version to run; the newest by default.</param>
    /// <param name="ClassName">Of a package: the class to run; needed where it has several.</param>
    public sealed record CreateFunctionBody(
        [Needed] string? Namespace,
        [Needed] string? Name,
        [Needed] string? Type,
        [Needed] IReadOnlyList<string>? Inputs,
        [Needed] string? Output,
        bool? CreateOutput,
        string? Subscription,
        [OneOf("earliest", "latest")] string? Position,
        [OneOf("at-least-once", "at-most-once", "effectively-once")] string? Guarantee,
        int? Instances,
        JsonElement? Configuration,
        bool? Stopped,
        IReadOnlyList<string>? Secrets = null,
        DateTimeOffset? StartAt = null,
        string? PackageVersion = null,
        string? ClassName = null
    );

    /// <param name="Instances">Leave it out to keep the present number.</param>
    /// <param name="Configuration">Replaces the present settings; leave it out to keep them. A secret that is left out is kept; one that is
    /// null is removed.</param>
    /// <param name="Secrets">Names of further settings to store as secrets. Those named like a password or token always are.</param>
    /// <param name="PackageVersion">Of a package: the version to run from now on. Leave it out to keep the present one.</param>
    /// <param name="ClassName">Of a package: the class to run. Leave it out to keep the present one.</param>
    public sealed record UpdateFunctionBody(
        int? Instances,
        JsonElement? Configuration,
        IReadOnlyList<string>? Secrets = null,
        string? PackageVersion = null,
        string? ClassName = null
    );

    /// <param name="Inputs">As namespace/topic.</param>
    /// <param name="Output">As namespace/topic.</param>
    /// <param name="Configuration">Without secrets.</param>
    /// <param name="Secrets">Names of the settings that are stored as secrets.</param>
    /// <param name="Wanted">What it is meant to do; its status says what it does.</param>
    /// <param name="Changing">true: the latest change hasn't reached the cluster yet.</param>
    /// <param name="StartAt">What was published before it is not read; null where it started at one end of the topic.</param>
    /// <param name="PackageVersion">Of a package; null for a built-in function.</param>
    /// <param name="ClassName">Of a package; null for a built-in function or a Go binary.</param>
    public sealed record FunctionBody(
        string Namespace,
        string Name,
        string Type,
        IReadOnlyList<string> Inputs,
        string Output,
        string Subscription,
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
        string? PackageVersion,
        string? ClassName
    );

    /// <param name="Running">Instances that run.</param>
    /// <param name="Failing">true: an instance doesn't run, or the cluster can't say why.</param>
    /// <param name="FailingMessages">true: it runs, and couldn't process messages in the last few minutes.</param>
    /// <param name="LastMinute">All instances together; null where the cluster doesn't say.</param>
    public sealed record FunctionStatusBody(
        int Running,
        bool Failing,
        bool FailingMessages,
        IReadOnlyList<FunctionInstanceBody> Instances,
        FunctionMinuteBody? LastMinute,
        IReadOnlyList<ConnectorsEndpoints.ConnectorBacklogBody> Waiting
    );

    /// <param name="Received">Messages read since the instance started last.</param>
    /// <param name="Processed">Messages that the function returned from, whether or not it wrote one.</param>
    /// <param name="Failed">Messages that it threw an exception at.</param>
    /// <param name="AverageLatencyMs">Milliseconds for one message in the function itself; null when there was none.</param>
    /// <param name="Trouble">The last exception in plain words; null for none.</param>
    /// <param name="TroubleField">The setting that it is about; null where that is not known.</param>
    public sealed record FunctionInstanceBody(
        int Number,
        bool Running,
        long Restarts,
        long Received,
        long Processed,
        long Failed,
        double? AverageLatencyMs,
        DateTimeOffset? LastMessageAt,
        string? Trouble,
        DateTimeOffset? TroubleAt,
        string? TroubleField
    );

    public sealed record FunctionMinuteBody(long Received, long Processed, long Failed, double? AverageLatencyMs);

    private static Task<ListAnswer<PageOf<FunctionTypeBody>>> TypesAsync(
        string org,
        string tenant,
        ApiContext context,
        ListConnectorTypes list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, org, tenant, ConnectorFamily.Functions, cancellationToken),
            type => type.Key,
            type => new FunctionTypeBody(type.Name, type.Title, type.Guide?.Category, type.Summary)
        );

    private static Task<ListAnswer<PageOf<FunctionBody>>> ListAsync(
        string org,
        string tenant,
        ApiContext context,
        ListConnectors list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, ConnectorFamily.Functions, page, cancellationToken), Body);

    private static async Task<AcceptedAnswer<FunctionBody>> CreateAsync(
        string org,
        string tenant,
        CreateFunctionBody body,
        ApiContext context,
        CreateConnector create,
        CancellationToken cancellationToken
    )
    {
        var guarantee = ConnectorsEndpoints.GuaranteeOf(body.Guarantee);
        var wanted = new NewConnector(
            body.Namespace,
            body.Name,
            ConnectorKind.Function,
            body.Type,
            body.Inputs ?? [],
            body.Subscription,
            body.Position == "earliest",
            guarantee ?? default,
            body.Instances ?? 1,
            body.Configuration is { } sent ? ConnectorsEndpoints.ObjectOf(sent) : [],
            body.Stopped ?? false
        )
        {
            Output = body.Output,
            CreateOutput = body.CreateOutput ?? false,
            Secrets = body.Secrets ?? [],
            StartAt = body.StartAt,
            PackageVersion = body.PackageVersion,
            ClassName = body.ClassName,
            Unreadable =
                !ConnectorManifest.TryPosition(body.Position, out _) ? ConnectorsEndpoints.UnknownPosition
                : guarantee is null ? ConnectorsEndpoints.UnknownGuarantee
                : NoObject(body.Configuration),
        };
        return await context.AcceptedAsync(
            async () => InputsNamed(await create.RunAsync(context.Actor, org, tenant, wanted, cancellationToken)),
            made => Address(org, made),
            Body
        );
    }

    private static async Task<Answer<FunctionBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        GetConnector get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Functions, cancellationToken)).ToOk(Body);

    private static async Task<Answer<FunctionStatusBody>> StatusAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        GetConnectorStatus get,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Functions, cancellationToken)).ToOk(
            status => new FunctionStatusBody(
                status.Running,
                status.IsFailing,
                status.FailsMessages(clock.GetUtcNow()),
                [
                    .. status.Instances.Select(one => new FunctionInstanceBody(
                        one.Number,
                        one.IsRunning,
                        one.Restarts,
                        one.Received,
                        one.Delivered,
                        one.Failures,
                        one.AverageLatency?.TotalMilliseconds,
                        one.LastMessageAt,
                        one.Trouble,
                        one.TroubleAt,
                        one.TroubleField
                    )),
                ],
                status.LastMinute is { } minute
                    ? new(minute.Received, minute.Processed, minute.Failed, minute.AverageLatency?.TotalMilliseconds)
                    : null,
                [.. status.Waiting.Select(one => new ConnectorsEndpoints.ConnectorBacklogBody(one.Topic, one.Entries, one.Bytes))]
            )
        );

    private static async Task<AcceptedAnswer<FunctionBody>> UpdateAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        UpdateFunctionBody body,
        ApiContext context,
        UpdateConnector update,
        CancellationToken cancellationToken
    )
    {
        var change = new ConnectorChange(null, body.Instances, body.Configuration is { } sent ? ConnectorsEndpoints.ObjectOf(sent) : null)
        {
            Secrets = body.Secrets ?? [],
            PackageVersion = body.PackageVersion,
            ClassName = body.ClassName,
            Unreadable = NoObject(body.Configuration),
        };
        return (
            await update.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Functions, change, cancellationToken)
        ).ToAccepted(now => Address(org, now), Body);
    }

    private static Task<AcceptedAnswer<FunctionBody>> StartAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        RunConnector run,
        CancellationToken cancellationToken
    ) => ActAsync(org, tenant, @namespace, name, ConnectorAct.Start, context, run, cancellationToken);

    private static Task<AcceptedAnswer<FunctionBody>> StopAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        RunConnector run,
        CancellationToken cancellationToken
    ) => ActAsync(org, tenant, @namespace, name, ConnectorAct.Stop, context, run, cancellationToken);

    private static Task<AcceptedAnswer<FunctionBody>> RestartAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        RunConnector run,
        CancellationToken cancellationToken
    ) => ActAsync(org, tenant, @namespace, name, ConnectorAct.Restart, context, run, cancellationToken);

    private static Task<AcceptedAnswer<FunctionBody>> ActAsync(
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
            () => run.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Functions, act, cancellationToken),
            now => Address(org, now),
            Body
        );

    private static async Task<AcceptedAnswer<FunctionBody>> DeleteAsync(
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
                ConnectorFamily.Functions,
                withSubscription ?? false,
                cancellationToken
            )
        ).ToAccepted(going => Address(org, going), Body);

    /// <summary>Settings of a function may have any name, so no field could say that these are none.</summary>
    internal static Problem.Invalid? NoObject(JsonElement? configuration) =>
        configuration is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) }
            ? new("connector-configuration-malformed", "Settings must be one JSON object, for example {\"threshold\": 3}.", "configuration")
            : null;

    /// <summary>The rules call what is read topics; this body calls it inputs.</summary>
    internal static Outcome<T> InputsNamed<T>(Outcome<T> made) =>
        made.Problem is Problem.Invalid { Field: "topics" } invalid ? new Problem.Invalid(invalid.Code, invalid.Message, "inputs") : made;

    private static string Address(string org, Connector function) =>
        $"/api/v1/organizations/{org}/tenants/{Uri.EscapeDataString(function.TenantName)}/functions/{Uri.EscapeDataString(function.NamespaceName)}/{Uri.EscapeDataString(function.Name)}";

    internal static FunctionBody Body(Connector function) =>
        new(
            function.NamespaceName,
            function.Name,
            function.Type,
            [.. function.Topics.Select(Connector.ShortTopic)],
            Connector.ShortTopic(function.Output ?? ""),
            function.Subscription ?? "",
            function.Guarantee.Text(),
            function.Instances,
            JsonSerializer.Deserialize<JsonElement>(function.Configuration),
            function.SecretFields,
            function.Wish.Text(),
            function.State.Text(),
            function.IsChanging,
            function.CreatedAt,
            function.ChangedAt,
            function.ProblemMessage is { } message ? new(function.ProblemCode!, message) : null,
            function.StartAt,
            function.Package?.Version,
            function.Package?.Class
        );
}
