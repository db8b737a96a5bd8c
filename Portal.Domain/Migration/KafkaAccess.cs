namespace Portal.Domain.Migration;

/// <summary>
/// What the portal asks of a customer's Kafka cluster, and what it has to be allowed for that. Nothing of it writes, but for the way back.
/// </summary>
public static class KafkaAccess
{
    /// <param name="Call">As Kafka's protocol names it.</param>
    /// <param name="Needs">The ACL operation; null for none.</param>
    public sealed record Call(string Name, string What, string? Needs);

    /// <summary>All calls that are made before a copy begins.</summary>
    public static IReadOnlyList<Call> Calls { get; } =
    [
        new("ApiVersions, SaslHandshake, SaslAuthenticate", "Sign in", null),
        new("Metadata, DescribeCluster", "List brokers and topics", "Describe on topics"),
        new("Metadata with authorized operations", "Read partitions, replicas, and what Portal is allowed to do", "Describe on topics"),
        new("DescribeConfigs", "Read topic settings", "DescribeConfigs on topics"),
        new("ListOffsets", "Read the first and last offset of each partition", "Describe on topics"),
        new("Fetch", "Read a few messages of each topic to recognize their format. They aren't stored", "Read on topics"),
        new("ListGroups, DescribeGroups", "List consumer groups and their state", "Describe on groups"),
        new("OffsetFetch", "Read the positions of consumer groups", "Describe on groups"),
        new("DescribeAcls", "List access rules, where allowed", "Describe on the cluster"),
    ];

    /// <summary>Commands for the cluster's administrator: what is needed, and last what is of use.</summary>
    /// <param name="user">Who signs in; null where nobody does.</param>
    public static string Commands(string bootstrapServers, string? user)
    {
        var start = $"kafka-acls.sh --bootstrap-server {bootstrapServers} --add --allow-principal {Quoted($"User:{user ?? "ANONYMOUS"}")}";
        return string.Join(
            '\n',
            $"{start} --operation Describe --operation DescribeConfigs --operation Read --topic '*'",
            $"{start} --operation Describe --group '*'",
            $"{start} --operation Describe --cluster"
        );
    }

    /// <summary>What copying back to one topic needs; nothing else ever writes.</summary>
    public static string WriteCommand(string bootstrapServers, string? user, string topic) =>
        $"kafka-acls.sh --bootstrap-server {bootstrapServers} --add --allow-principal {Quoted($"User:{user ?? "ANONYMOUS"}")} "
        + $"--operation Write --operation Describe --topic {Quoted(topic)}";

    /// <summary>What setting a group's positions needs beside reading its topics.</summary>
    public static string CommitCommand(string bootstrapServers, string? user, string group) =>
        $"kafka-acls.sh --bootstrap-server {bootstrapServers} --add --allow-principal {Quoted($"User:{user ?? "ANONYMOUS"}")} "
        + $"--operation Read --operation Describe --group {Quoted(group)}";

    /// <summary>For a shell; a name may hold anything.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
