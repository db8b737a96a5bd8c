using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>What the use cases of schemas share.</summary>
internal static class SchemaActs
{
    internal static readonly Problem.NotFound NoSchema = new(
        "schema-not-found",
        "This topic has no schema. Clients register one when they first connect with it."
    );

    internal static Problem.NotFound NoVersion(long version) =>
        new("schema-version-not-found", $"The topic's schema has no version {version}. It may have been deleted.");

    internal static Operation Of(Permission permission, string name, string tenant, string @namespace, string topic) =>
        new(permission, name, $"{tenant}/{@namespace}/{topic}", Within: new(tenant, @namespace));

    /// <summary>The topic's address on its cluster, once it is there.</summary>
    internal static async Task<Outcome<TopicAddress>> AddressAsync(
        this IPortalDatabase database,
        OrganizationId organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var found = await database.ReadAsync(
            session => session.FindTopicAsync(organization, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        return found.Then<TopicAddress>(one => one.State == ResourceState.Ready ? one.OnCluster : TopicLookup.NotReady);
    }

    internal static async Task<Outcome<SchemaVersion>> VersionAsync(
        this ISchemaAdmin schemas,
        TopicAddress topic,
        long version,
        CancellationToken cancellationToken
    ) =>
        (await schemas.GetAsync(topic, version, cancellationToken)).Then<SchemaVersion>(found =>
            found is null ? NoVersion(version) : found
        );
}
