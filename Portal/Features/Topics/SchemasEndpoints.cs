using System.ComponentModel;
using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Features.Api;

namespace Portal.Features.Topics;

/// <summary>The schema of a topic: what it is, what it was, and what it could become.</summary>
public static class SchemasEndpoints
{
    private const string FromWords = "The version to compare, usually the older one.";
    private const string ToWords = "The version to compare it with.";

    public static IEndpointRouteBuilder MapSchemas(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}/schema")
            .WithTags("Schemas");
        group.MapGet("", GetAsync).WithName("GetTopicSchema").WithSummary("Get the newest version of a topic's schema");
        group
            .MapPost("", UploadAsync)
            .WithName("UploadSchema")
            .WithSummary("Upload a schema; one that the topic already has keeps its version");
        group.MapDelete("", DeleteAsync).WithName("DeleteSchema").WithSummary("Delete a topic's schema with all its versions");
        group
            .MapPost("/check", CheckAsync)
            .WithName("CheckSchema")
            .WithSummary("Check whether a schema could be uploaded, without changing anything");
        group.MapGet("/compare", CompareAsync).WithName("CompareSchemas").WithSummary("Compare two versions of a topic's schema");
        group
            .MapGet("/versions", ListAsync)
            .WithName("ListSchemaVersions")
            .WithSummary("List the versions of a topic's schema, newest first; at most 50 per page");
        group.MapGet("/versions/{version}", VersionAsync).WithName("GetSchemaVersion").WithSummary("Get one version of a topic's schema");
        return api;
    }

    /// <param name="Type">As Pulsar names it, such as AVRO, JSON or STRING.</param>
    /// <param name="Version">From 0. Numbers continue after a deletion.</param>
    /// <param name="Definition">For AVRO, JSON and PROTOBUF, an Avro definition. Empty for primitive types.</param>
    /// <param name="Properties">What clients added to the schema, such as settings of their own.</param>
    public sealed record TopicSchemaBody(
        string Type,
        long Version,
        DateTimeOffset? RegisteredAt,
        string Definition,
        IReadOnlyDictionary<string, string> Properties
    );

    /// <param name="DefinitionBytes">Size of the definition in UTF-8.</param>
    public sealed record SchemaVersionBody(long Version, string Type, DateTimeOffset? RegisteredAt, int DefinitionBytes);

    /// <param name="Type">JSON, AVRO, PROTOBUF, PROTOBUF_NATIVE, or a primitive type such as STRING or INT64.</param>
    /// <param name="Definition">An Avro record for JSON, AVRO and PROTOBUF; Pulsar's descriptor document for PROTOBUF_NATIVE; nothing for
    /// primitive types. At most 256 KiB.</param>
    public sealed record UploadSchemaBody([Needed] string? Type, string? Definition);

    public sealed record UploadedSchemaBody(long Version);

    /// <param name="Rule">The namespace's compatibility rule as Pulsar names it, such as FULL; null if the cluster doesn't tell.</param>
    /// <param name="ClashesWith">The version that the schema isn't compatible with; null if it's compatible, or no single version shows
    /// why.</param>
    /// <param name="Reasons">Sentences that say which changes aren't compatible. Empty if the schema is compatible.</param>
    public sealed record SchemaCheckBody(bool Compatible, string? Rule, long? ClashesWith, IReadOnlyList<string> Reasons);

    /// <param name="Changes">Field by field; null for types whose fields Portal can't read, or if the two types differ.</param>
    /// <param name="Lines">Both definitions line by line; null if they are too long for that.</param>
    public sealed record SchemaComparisonBody(
        long FromVersion,
        long ToVersion,
        string FromType,
        string ToType,
        IReadOnlyList<SchemaChangeBody>? Changes,
        IReadOnlyList<SchemaLineBody>? Lines
    );

    /// <param name="Field">Such as customer.name or lines[].price; empty for the definition itself.</param>
    /// <param name="BreaksNewReaders">true: the second version can't read messages written with the first one.</param>
    /// <param name="BreaksOldReaders">true: the first version can't read messages written with the second one.</param>
    public sealed record SchemaChangeBody(
        [OneOf("added", "removed", "changed")] string Kind,
        string Field,
        string Description,
        bool BreaksNewReaders,
        bool BreaksOldReaders
    );

    public sealed record SchemaLineBody([OneOf("same", "removed", "added")] string Kind, string Text);

    private static async Task<Answer<TopicSchemaBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        GetSchemaVersion get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, topic, null, cancellationToken)).ToOk(Body);

    private static async Task<Answer<TopicSchemaBody>> VersionAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string version,
        ApiContext context,
        GetSchemaVersion get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, topic, Number(version) ?? -1, cancellationToken)).ToOk(Body);

    private static Task<ListAnswer<PageOf<SchemaVersionBody>>> ListAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        ListSchemaVersions list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, tenant, @namespace, topic, page, cancellationToken),
            one => new SchemaVersionBody(one.Version, one.Type, one.RegisteredAt, one.Bytes)
        );

    private static async Task<Answer<SchemaComparisonBody>> CompareAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        [Description(FromWords)] string? from,
        [Description(ToWords)] string? to,
        ApiContext context,
        CompareSchemas compare,
        CancellationToken cancellationToken
    ) =>
        (await compare.RunAsync(context.Actor, org, tenant, @namespace, topic, Number(from), Number(to), cancellationToken)).ToOk(
            found => new SchemaComparisonBody(
                found.From.Version,
                found.To.Version,
                found.From.Type,
                found.To.Type,
                found
                    .Changes?.Select(one => new SchemaChangeBody(
                        Word(one.Kind),
                        one.Place,
                        one.Words,
                        one.BreaksNewReaders,
                        one.BreaksOldReaders
                    ))
                    .ToList(),
                found
                    .Lines?.Select(one => new SchemaLineBody(
                        one.Mark switch
                        {
                            '-' => "removed",
                            '+' => "added",
                            _ => "same",
                        },
                        one.Text
                    ))
                    .ToList()
            )
        );

    private static async Task<Answer<SchemaCheckBody>> CheckAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        UploadSchemaBody body,
        ApiContext context,
        CheckSchema check,
        CancellationToken cancellationToken
    ) =>
        (await check.RunAsync(context.Actor, org, tenant, @namespace, topic, body.Type, body.Definition, cancellationToken)).ToOk(
            found => new SchemaCheckBody(
                found.Clash is null,
                found.Strategy,
                found.Clash?.Against,
                found.Clash is null ? [] : [.. found.Clash.Reasons, found.Clash.Rule]
            )
        );

    private static async Task<CreatedAnswer<UploadedSchemaBody>> UploadAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        UploadSchemaBody body,
        ApiContext context,
        UploadSchema upload,
        CancellationToken cancellationToken
    )
    {
        var made = await upload.RunAsync(context.Actor, org, tenant, @namespace, topic, body.Type, body.Definition, cancellationToken);
        return made.TryGet(out var version, out var problem)
            ? CreatedAnswer<UploadedSchemaBody>.Of(
                $"/api/v1/organizations/{org}/tenants/{Uri.EscapeDataString(tenant)}/namespaces/{Uri.EscapeDataString(@namespace)}/topics/{Uri.EscapeDataString(topic)}/schema/versions/{version}",
                new(version)
            )
            : problem;
    }

    private static async Task<EmptyAnswer> DeleteAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        DeleteSchema delete,
        CancellationToken cancellationToken
    ) => (await delete.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).ToNoContent();

    private static TopicSchemaBody Body(SchemaVersion schema) =>
        new(schema.Type, schema.Version, schema.RegisteredAt, schema.Definition, schema.Properties);

    /// <summary>Null for what is no version.</summary>
    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Word(SchemaChangeKind kind) =>
        kind switch
        {
            SchemaChangeKind.Added => "added",
            SchemaChangeKind.Removed => "removed",
            SchemaChangeKind.Changed => "changed",
        };
}
