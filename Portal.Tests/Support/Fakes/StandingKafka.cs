using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Tests.Support.Fakes;

/// <summary>A customer's Kafka cluster that stands still: what it holds is set by the test.</summary>
public sealed class StandingKafka : IKafkaCluster, IKafkaLook
{
    /// <summary>What a test of a connection comes to.</summary>
    public ConnectionTest Test { get; set; } =
        new(
            [.. Enum.GetValues<ConnectionStep>().Select(step => new ConnectionCheck(step, CheckState.Passed, null, "Fine."))],
            "cluster-1",
            3
        );

    /// <summary>Why it cannot be looked at; null when it can.</summary>
    public Problem? Away { get; set; }

    public Dictionary<string, TopicFacts> Topics { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, GroupFacts> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>Messages that came to a topic between the two looks.</summary>
    public Dictionary<string, long> Written { get; } = new(StringComparer.Ordinal);

    public Outcome<IReadOnlyList<KafkaAcl>> Acls { get; set; } =
        new Problem.Forbidden("kafka-no-acls", "The Kafka cluster has no access rules.");

    /// <summary>Connections that were tried or opened.</summary>
    public List<KafkaConnection> Asked { get; } = [];

    /// <summary>How many topics were described at once, each time.</summary>
    public List<int> Described { get; } = [];

    public Task<ConnectionTest> TestAsync(KafkaConnection connection, CancellationToken cancellationToken)
    {
        Asked.Add(connection);
        return Task.FromResult(Test);
    }

    public Task<Outcome<IKafkaLook>> OpenAsync(KafkaConnection connection, CancellationToken cancellationToken)
    {
        Asked.Add(connection);
        return Task.FromResult(Away is { } away ? away : Outcome.Of<IKafkaLook>(this));
    }

    public Task<Outcome<IReadOnlyList<string>>> TopicNamesAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Of<IReadOnlyList<string>>([.. Topics.Keys.Order(StringComparer.Ordinal)]));

    public Task<Outcome<IReadOnlyDictionary<string, TopicFacts>>> DescribeAsync(
        IReadOnlyList<string> names,
        CancellationToken cancellationToken
    )
    {
        Described.Add(names.Count);
        return Task.FromResult(
            Outcome.Of<IReadOnlyDictionary<string, TopicFacts>>(
                names.Where(Topics.ContainsKey).ToDictionary(name => name, name => Topics[name])
            )
        );
    }

    public Task<Outcome<IReadOnlyDictionary<string, long>>> EndsAsync(
        IReadOnlyDictionary<string, int> partitions,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            Outcome.Of<IReadOnlyDictionary<string, long>>(
                partitions
                    .Keys.Where(Topics.ContainsKey)
                    .ToDictionary(name => name, name => Topics[name].Ends + Written.GetValueOrDefault(name))
            )
        );

    public Task<Outcome<IReadOnlyList<string>>> GroupNamesAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Of<IReadOnlyList<string>>([.. Groups.Keys.Order(StringComparer.Ordinal)]));

    public Task<Outcome<IReadOnlyList<GroupFacts>>> GroupsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Of<IReadOnlyList<GroupFacts>>([.. names.Select(name => Groups[name])]));

    /// <summary>Committed offsets, by group; the rest of a group is as in <see cref="Groups"/>.</summary>
    public Dictionary<string, Dictionary<KafkaPartition, long>> Commits { get; } = new(StringComparer.Ordinal);

    public Task<Outcome<GroupCommits>> CommitsAsync(string group, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<GroupCommits>>(
            new GroupCommits(
                Groups.GetValueOrDefault(group)?.State ?? "Dead",
                Groups.GetValueOrDefault(group)?.Members ?? 0,
                Commits.GetValueOrDefault(group) ?? []
            )
        );

    public Task<Outcome<IReadOnlyList<KafkaAcl>>> AclsAsync(int atMost, CancellationToken cancellationToken) => Task.FromResult(Acls);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
