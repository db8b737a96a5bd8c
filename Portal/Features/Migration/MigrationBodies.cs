using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Features.Api;

namespace Portal.Features.Migration;

/// <summary>The kinds of security by name.</summary>
internal sealed class KafkaSecurityWords : IWords
{
    public static string[] All { get; } = [.. KafkaWords.Securities.Select(KafkaWords.Text)];
}

/// <param name="BootstrapServers">As host:port, separated by commas.</param>
/// <param name="Security">plaintext by default.</param>
/// <param name="User">With a kind of security that signs in.</param>
/// <param name="Password">Encrypted at rest and never returned. Leave it out to keep the present one, for the same user and
/// servers.</param>
/// <param name="CertificateAuthority">PEM; leave it out where the brokers' certificates are publicly trusted.</param>
public sealed record KafkaConnectionBody(
    [Needed] string? BootstrapServers,
    [OneOf<KafkaSecurityWords>] string? Security,
    string? User,
    string? Password,
    string? CertificateAuthority
);

/// <param name="Tenant">Where the migration would lead.</param>
/// <param name="Migration">Use the password of this migration, for the same user and servers.</param>
public sealed record TestConnectionBody(
    [Needed] string? Tenant,
    [Needed] string? BootstrapServers,
    [OneOf<KafkaSecurityWords>] string? Security,
    string? User,
    string? Password,
    string? CertificateAuthority,
    string? Migration
);

/// <param name="Tenant">Topics move here unless a rule says otherwise.</param>
/// <param name="BootstrapServers">As host:port, separated by commas.</param>
/// <param name="Security">plaintext by default.</param>
/// <param name="Password">Encrypted at rest and never returned.</param>
/// <param name="CertificateAuthority">PEM; leave it out where the brokers' certificates are publicly trusted.</param>
public sealed record CreateMigrationBody(
    [Needed] string? Name,
    [Needed] string? Tenant,
    [Needed] string? BootstrapServers,
    [OneOf<KafkaSecurityWords>] string? Security,
    string? User,
    string? Password,
    string? CertificateAuthority
);

/// <param name="Works">true: a migration can be created with this connection.</param>
/// <param name="ClusterId">Kafka's own ID of the cluster; null when it wasn't reached.</param>
public sealed record ConnectionTestBody(bool Works, string? ClusterId, int Brokers, IReadOnlyList<ConnectionCheckBody> Steps);

/// <param name="Code">Of a warning or failure.</param>
/// <param name="Paste">What to copy: a certificate, or commands for the Kafka administrator.</param>
public sealed record ConnectionCheckBody(
    [OneOf("name", "port", "tls", "kafka", "sign-in", "brokers", "permissions")] string Step,
    [OneOf("passed", "warning", "failed", "not-reached")] string State,
    string? Code,
    string Message,
    string? Paste
);

/// <param name="Tenant">Topics move here unless a rule says otherwise.</param>
/// <param name="Cluster">The Pulsar cluster of the tenant.</param>
/// <param name="HasCredentials">false: the credentials were deleted.</param>
/// <param name="Progress">Of an inventory that is being taken.</param>
/// <param name="Mapping">true: the topics are being mapped by changed rules.</param>
/// <param name="InventoriedAt">When the last complete inventory was done.</param>
/// <param name="Move">How far data has come; null in answers to changes.</param>
/// <param name="FinishedAt">When it was finished: its credentials are deleted, and its record is kept.</param>
/// <param name="Totals">Not part of lists.</param>
public sealed record MigrationBody(
    Guid Id,
    string Name,
    string Tenant,
    string Cluster,
    string BootstrapServers,
    [OneOf<KafkaSecurityWords>] string Security,
    string? User,
    bool HasCredentials,
    string? KafkaClusterId,
    int Brokers,
    [OneOf("connected", "looking", "planned")] string Stage,
    MigrationProgressBody? Progress,
    bool Mapping,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset ConnectedAt,
    DateTimeOffset? InventoriedAt,
    [OneOf("not-started", "copying", "following", "paused", "stopped", "failed", "cutting-over", "cut-over", "finished")] string? Move,
    DateTimeOffset? FinishedAt,
    StateProblemBody? Problem,
    MigrationTotalsBody? Totals
);

/// <param name="Total">0 while unknown.</param>
public sealed record MigrationProgressBody(string Phase, long Done, long Total);

/// <param name="Messages">Of topics that move.</param>
/// <param name="Bytes">Of topics that move, estimated.</param>
/// <param name="Unsized">Topics that move whose size isn't known.</param>
public sealed record MigrationTotalsBody(
    int Topics,
    int Moving,
    int Staying,
    int Blocked,
    int Internal,
    long Messages,
    long Bytes,
    int Unsized
);

/// <param name="Messages">From the first to the last offset.</param>
/// <param name="EstimatedBytes">From sampled messages and offsets; null when not known.</param>
/// <param name="MessagesPerSecond">Between two looks; null before the second.</param>
/// <param name="ConsumerGroups">Groups with a position in the topic.</param>
/// <param name="Unused">true: no group reads it, and nothing was written for a week.</param>
/// <param name="Configuration">Settings of the topic itself.</param>
public sealed record MigrationTopicBody(
    string Name,
    int Partitions,
    int Replication,
    bool Internal,
    long Messages,
    long? EstimatedBytes,
    double? MessagesPerSecond,
    DateTimeOffset? LastWrittenAt,
    int ConsumerGroups,
    bool Unused,
    IReadOnlyDictionary<string, string> Configuration,
    MigrationSampleBody? Sample,
    TopicMappingBody Mapping
);

/// <param name="Messages">How many were looked at. They aren't stored.</param>
/// <param name="SchemaIds">Of a schema registry.</param>
public sealed record MigrationSampleBody(
    int Messages,
    long LargestBytes,
    [OneOf("unknown", "empty", "json", "avro", "text", "binary")] string Keys,
    [OneOf("unknown", "empty", "json", "avro", "text", "binary")] string Values,
    IReadOnlyList<int> SchemaIds,
    int NullKeys,
    int Tombstones,
    int WithHeaders
);

/// <param name="ChosenBy">Who decided: the rules, or a person for this topic.</param>
/// <param name="StaysBecause">null for a topic that moves.</param>
public sealed record TopicMappingBody(
    bool Moves,
    [OneOf("rules", "person")] string ChosenBy,
    [OneOf("rule", "choice", "internal", "rule-too-slow")] string? StaysBecause,
    string? Tenant,
    string? Namespace,
    string? Name,
    bool Blocked,
    IReadOnlyList<ClashBody> Clashes
);

/// <param name="Code">Such as name-refused, maps-alike, or tombstones.</param>
public sealed record ClashBody(string Code, [OneOf("blocks", "changes", "note")] string Weight, string Message);

/// <param name="Choice">rules lets the rules decide again.</param>
/// <param name="Tenant">The migration's own by default.</param>
/// <param name="Namespace">Needed to move.</param>
/// <param name="Name">The topic's own by default.</param>
public sealed record TopicChoiceBody(
    [Needed, OneOf("move", "stay", "rules")] string? Choice,
    string? Tenant,
    string? Namespace,
    string? Name
);

/// <param name="KafkaState">Kafka's own word, such as Stable or Empty.</param>
/// <param name="Lag">Messages behind; null when the positions can't be read.</param>
/// <param name="Moving">Whether it read something between two looks; null before the second.</param>
/// <param name="Topics">The first hundred that it has a position in.</param>
public sealed record MigrationGroupBody(
    string Name,
    string KafkaState,
    int Members,
    long? Lag,
    bool? Moving,
    DateTimeOffset? LastActivityAt,
    int TopicCount,
    IReadOnlyList<string> Topics,
    string? Problem
);

public sealed record MigrationAclBody(string Principal, string Resource, string Operation, string Permission, string Host);

/// <param name="Applied">false: topics are still being mapped by these rules.</param>
public sealed record MappingBody(IReadOnlyList<MappingRuleBody> Rules, int Revision, bool Applied);

public sealed record SetMappingBody([Needed] IReadOnlyList<MappingRuleBody>? Rules);

/// <param name="Match">Which topics the rule is about.</param>
/// <param name="Pattern">The prefix, or the regular expression that matches the whole name.</param>
/// <param name="Tenant">The migration's own by default.</param>
/// <param name="Namespace">null leaves matching topics where they are.</param>
/// <param name="Name">May hold {name}, {rest} after a prefix, or $1 of an expression; keeps the name by default.</param>
public sealed record MappingRuleBody(
    [Needed, OneOf("all", "prefix", "regex")] string? Match,
    string? Pattern,
    string? Tenant,
    string? Namespace,
    string? Name
);

internal static class MigrationBodies
{
    internal static MigrationBody Of(KafkaMigration one, MigrationSums? sums = null, MigrationMove? move = null) =>
        new(
            one.Id.Value,
            one.Name,
            one.TenantName,
            one.Cluster,
            one.BootstrapServers,
            one.Security.Text(),
            one.UserName,
            one.SealedConnection is not null,
            one.KafkaClusterId,
            one.Brokers,
            $"{one.Stage}".ToLowerInvariant(),
            one.Phase is { } phase ? new(phase, one.Done, one.Total) : null,
            one.IsMapping,
            one.CreatedBy,
            one.CreatedAt,
            one.ConnectedAt,
            one.LookedWholeAt,
            move is { } far ? MoveBodies.Text(far) : null,
            one.FinishedAt,
            one.ProblemMessage is { } message ? new(one.ProblemCode!, message) : null,
            sums is null
                ? null
                : new(sums.Topics, sums.Moving, sums.Staying, sums.Blocked, sums.Internal, sums.Messages, sums.Bytes, sums.Unsized)
        );

    internal static ConnectionTestBody Of(ConnectionTest test) =>
        new(
            test.Works,
            test.ClusterId,
            test.Brokers,
            [
                .. test.Checks.Select(check => new ConnectionCheckBody(
                    check.Step.Text(),
                    check.State.Text(),
                    check.Code,
                    check.Message,
                    check.Paste
                )),
            ]
        );

    internal static MigrationTopicBody Of(TopicPlan plan)
    {
        var (topic, facts) = (plan.Topic, plan.Topic.Facts);
        return new(
            topic.Name,
            topic.Partitions,
            facts?.Replication ?? 0,
            topic.IsInternal,
            topic.Messages,
            topic.Bytes,
            topic.MessagesPerSecond,
            facts?.LastWrittenAt,
            topic.Readers,
            topic.IsUnused,
            facts?.Configuration ?? new Dictionary<string, string>(),
            facts?.Sample is { } seen
                ? new(
                    seen.Messages,
                    seen.Largest,
                    Text(seen.Keys),
                    Text(seen.Values),
                    seen.SchemaIds,
                    seen.NullKeys,
                    seen.Tombstones,
                    seen.WithHeaders
                )
                : null,
            new(
                topic.Moves,
                topic.Source == MappingSource.Person ? "person" : "rules",
                topic.Stays switch
                {
                    StayReason.ByRule => "rule",
                    StayReason.ByChoice => "choice",
                    StayReason.Internal => "internal",
                    StayReason.RuleTooSlow => "rule-too-slow",
                    null => null,
                },
                topic.TargetTenant,
                topic.TargetNamespace,
                topic.TargetName,
                topic.IsBlocked || topic.IsAlike,
                [.. plan.Clashes.Select(clash => new ClashBody(clash.Code, clash.Weight.Text(), clash.Message))]
            )
        );
    }

    internal static MigrationGroupBody Of(MigrationGroup group) =>
        new(
            group.Name,
            group.State,
            group.Members,
            group.Lag,
            group.IsMoving,
            group.LastActivityAt,
            group.TopicCount,
            group.Topics,
            group.Problem
        );

    internal static MappingBody Mapping(KafkaMigration migration) =>
        new(
            [.. migration.Rules.Select(rule => new MappingRuleBody(rule.Kind, rule.Pattern, rule.Tenant, rule.Namespace, rule.Name))],
            migration.RulesRevision,
            !migration.IsMapping
        );

    private static string Text(DataFormat format) => $"{format}".ToLowerInvariant();
}
