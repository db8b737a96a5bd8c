using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>The last step of a test: what the user is allowed to see.</summary>
internal static class KafkaPermissions
{
    /// <summary>Topics that are asked one by one; the inventory asks them all.</summary>
    private const int Asked = 50;

    internal static async Task<(ConnectionCheck Check, string? ClusterId)> CheckAsync(
        KafkaSession session,
        CancellationToken cancellationToken
    )
    {
        var described = await session.AskAsync(
            "describe the cluster",
            admin => admin.DescribeClusterAsync(new() { RequestTimeout = KafkaSession.CallLimit }),
            cancellationToken
        );
        if (described.Problem is { } away)
            return (new(ConnectionStep.Permissions, CheckState.Failed, away.Code, away.Message), null);
        var cluster = described.Value.ClusterId;
        var commands = KafkaAccess.Commands(session.Connection.BootstrapServers, session.Connection.User);
        await using var look = new KafkaLook(session, ownsSession: false);
        var listed = await look.TopicNamesAsync(cancellationToken);
        if (listed.Problem is { } problem)
            return (new(ConnectionStep.Permissions, CheckState.Failed, problem.Code, problem.Message, commands), cluster);
        var names = listed.Value.Where(name => !name.StartsWith("__", StringComparison.Ordinal)).ToList();
        if (names.Count == 0)
        {
            return (
                new(
                    ConnectionStep.Permissions,
                    CheckState.Warning,
                    "kafka-no-topics",
                    "This user sees no topics. If the cluster has some, allow Portal to read them with these commands.",
                    commands
                ),
                cluster
            );
        }
        var found = await AllowedAsync(session, names.Take(Asked).ToList(), cancellationToken);
        if (found is null)
            return (
                new(
                    ConnectionStep.Permissions,
                    CheckState.Failed,
                    "kafka-silent",
                    "Kafka didn't say what this user may do. Try again.",
                    commands
                ),
                cluster
            );
        var missing = new List<string>();
        Missing("read", AclOperation.Read);
        Missing("read the settings of", AclOperation.DescribeConfigs);
        var groups = await look.GroupNamesAsync(cancellationToken);
        if (groups.Problem is { } unseen)
            missing.Add(unseen.Code == "kafka-permission-missing" ? "list consumer groups" : "list consumer groups now");
        else if (
            groups.Value.Count > 0
            && session.Connection.User is not null
            && await DeniedAsync(session, groups.Value[0], cancellationToken)
        )
            missing.Add("see consumer groups");
        if (missing.Count > 0)
        {
            return (
                new(
                    ConnectionStep.Permissions,
                    CheckState.Warning,
                    "kafka-permission-missing",
                    $"This user can't {string.Join(", nor ", missing)}. Portal works with what it sees. "
                        + "To let it see everything, run these commands.",
                    commands
                ),
                cluster
            );
        }
        return (
            new(
                ConnectionStep.Permissions,
                CheckState.Passed,
                null,
                $"This user sees {(names.Count == 1 ? "1 topic" : $"{names.Count:N0} topics")}{(names.Count > Asked ? $"; {Asked} of them were checked" : "")}."
            ),
            cluster
        );

        void Missing(string what, AclOperation operation)
        {
            var without = found
                .Where(one => one.Value is { } allowed && !allowed.Contains(operation))
                .Select(one => one.Key)
                .Order(StringComparer.Ordinal)
                .ToList();
            if (without.Count > 0)
                missing.Add(
                    $"{what} {(without.Count == found.Count ? "any topic" : $"{without.Count} of {found.Count} topics, such as {without[0]}")}"
                );
        }
    }

    /// <summary>What is allowed on each; null where the broker is too old to say.</summary>
    private static async Task<Dictionary<string, List<AclOperation>?>?> AllowedAsync(
        KafkaSession session,
        List<string> names,
        CancellationToken cancellationToken
    )
    {
        var asked = await session.AskAsync("see topics", admin => KafkaLook.DescribeTopicsAsync(admin, names), cancellationToken);
        return asked.IsOk
            ? asked
                .Value.Where(topic => !topic.Error.IsError)
                .ToDictionary(topic => topic.Name, topic => (List<AclOperation>?)topic.AuthorizedOperations, StringComparer.Ordinal)
            : null;
    }

    private static async Task<bool> DeniedAsync(KafkaSession session, string group, CancellationToken cancellationToken)
    {
        var asked = await session.AskAsync(
            "see consumer groups",
            admin => KafkaLook.DescribeGroupsAsync(admin, [group]),
            cancellationToken
        );
        return asked.IsOk && asked.Value.Any(one => one.Error.Code == ErrorCode.GroupAuthorizationFailed);
    }
}
