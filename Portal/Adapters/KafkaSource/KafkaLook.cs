using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <inheritdoc cref="IKafkaLook"/>
internal sealed class KafkaLook(KafkaSession session, bool ownsSession = true) : IKafkaLook
{
    /// <summary>More partitions than that are asked in several calls.</summary>
    private const int PartitionsAtOnce = 5000;

    private readonly KafkaSampler _sampler = new(session.Reach, session.Connection);

    public async Task<Outcome<IReadOnlyList<string>>> TopicNamesAsync(CancellationToken cancellationToken) =>
        (await session.AskBlockingAsync("list topics", admin => admin.GetMetadata(KafkaSession.CallLimit), cancellationToken)).Map<
            IReadOnlyList<string>
        >(metadata =>
            [
                .. metadata
                    .Topics.Where(topic => topic.Error.Code != ErrorCode.UnknownTopicOrPart)
                    .Select(topic => topic.Topic)
                    .Order(StringComparer.Ordinal),
            ]
        );

    public async Task<Outcome<IReadOnlyDictionary<string, TopicFacts>>> DescribeAsync(
        IReadOnlyList<string> names,
        CancellationToken cancellationToken
    )
    {
        if (
            !(await session.AskAsync("see topics", admin => DescribeTopicsAsync(admin, names), cancellationToken)).TryGet(
                out var described,
                out var problem
            )
        )
            return problem;
        var there = described.Where(topic => topic.Error.Code is not (ErrorCode.UnknownTopicOrPart or ErrorCode.UnknownTopicId)).ToList();
        var open = there.Where(topic => !topic.Error.IsError && topic.Partitions.Count > 0).ToList();
        if (
            !(await ConfigurationsAsync([.. open.Select(topic => topic.Name)], cancellationToken)).TryGet(
                out var configurations,
                out problem
            )
        )
            return problem;
        var partitions = open.SelectMany(topic =>
                topic.Partitions.Where(one => one.Leader is { Id: >= 0 }).Select(one => new TopicPartition(topic.Name, one.Partition))
            )
            .ToList();
        if (!(await OffsetsAsync(partitions, OffsetSpec.Earliest(), cancellationToken)).TryGet(out var begins, out problem))
            return problem;
        if (!(await OffsetsAsync(partitions, OffsetSpec.Latest(), cancellationToken)).TryGet(out var ends, out problem))
            return problem;
        var readable = open.Where(topic => topic.AuthorizedOperations?.Contains(AclOperation.Read) ?? true)
            .Select(topic => topic.Name)
            .ToHashSet(StringComparer.Ordinal);
        var filled = partitions
            .Where(one =>
                readable.Contains(one.Topic)
                && ends.TryGetValue(one, out var end)
                && begins.TryGetValue(one, out var begin)
                && end.Offset > begin.Offset
            )
            .ToList();
        // What Kafka keeps for itself has formats of its own, and nobody moves it.
        var own = open.Where(topic => topic.IsInternal).Select(topic => topic.Name).ToHashSet(StringComparer.Ordinal);
        // Brokers before 3.0 do not know the time of the last message.
        var last = (await OffsetsAsync(filled, OffsetSpec.MaxTimestamp(), cancellationToken)) is { IsOk: true } times ? times.Value : [];
        var samples = await _sampler.SampleAsync(
            [.. filled.Where(one => !own.Contains(one.Topic)).Select(one => (one, begins[one].Offset, ends[one].Offset))],
            cancellationToken
        );

        var facts = new Dictionary<string, TopicFacts>(StringComparer.Ordinal);
        foreach (var topic in there)
        {
            if (topic.Error.IsError)
            {
                facts[topic.Name] = Unseen(topic);
                continue;
            }
            var parts = topic.Partitions.Select(one => new TopicPartition(topic.Name, one.Partition)).ToList();
            var messages = parts.Sum(one =>
                ends.TryGetValue(one, out var end) && begins.TryGetValue(one, out var begin) ? Math.Max(0, end.Offset - begin.Offset) : 0
            );
            var latest = parts.Max(one => last.TryGetValue(one, out var at) ? at.Timestamp : -1);
            facts[topic.Name] = new(
                topic.Partitions.Count,
                topic.Partitions.Max(one => one.Replicas.Count),
                topic.IsInternal,
                messages,
                parts.Sum(one => ends.TryGetValue(one, out var end) ? end.Offset : 0),
                configurations.GetValueOrDefault(topic.Name) ?? []
            )
            {
                MayRead = readable.Contains(topic.Name),
                LastWrittenAt = latest > 0 ? At(latest) : null,
                Sample = samples.GetValueOrDefault(topic.Name),
                Problem = parts.All(ends.ContainsKey)
                    ? null
                    : "Some of its partitions have no leader, so they can't be read. "
                        + "Check the brokers that hold them, then take the inventory again.",
            };
        }
        return facts;
    }

    public async Task<Outcome<IReadOnlyDictionary<string, long>>> EndsAsync(
        IReadOnlyDictionary<string, int> partitions,
        CancellationToken cancellationToken
    )
    {
        var all = partitions
            .SelectMany(topic => Enumerable.Range(0, topic.Value).Select(number => new TopicPartition(topic.Key, number)))
            .ToList();
        if (!(await OffsetsAsync(all, OffsetSpec.Latest(), cancellationToken)).TryGet(out var ends, out var problem))
            return problem;
        return Outcome.Of<IReadOnlyDictionary<string, long>>(
            ends.GroupBy(end => end.Key.Topic)
                .Where(topic => topic.Count() == partitions[topic.Key])
                .ToDictionary(topic => topic.Key, topic => topic.Sum(end => end.Value.Offset), StringComparer.Ordinal)
        );
    }

    public async Task<Outcome<IReadOnlyList<string>>> GroupNamesAsync(CancellationToken cancellationToken) =>
        (await session.AskAsync("list consumer groups", ListGroupsAsync, cancellationToken)).Map<IReadOnlyList<string>>(groups =>
            [.. groups.Distinct().Order(StringComparer.Ordinal)]
        );

    public async Task<Outcome<IReadOnlyList<GroupFacts>>> GroupsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (
            !(await session.AskAsync("see consumer groups", admin => DescribeGroupsAsync(admin, names), cancellationToken)).TryGet(
                out var described,
                out var problem
            )
        )
            return problem;
        var groups = new List<GroupFacts>();
        foreach (var group in described)
        {
            if (group.Error.Code == ErrorCode.GroupIdNotFound)
                continue;
            var asked = await session.AskAsync("see a group's positions", admin => PositionsAsync(admin, group.GroupId), cancellationToken);
            if (!asked.TryGet(out var positions, out problem))
            {
                if (problem is not Problem.Forbidden)
                    return problem;
                groups.Add(new(group.GroupId, $"{group.State}", group.Members?.Count ?? 0, null, 0, null, [], problem.Message));
                continue;
            }
            if (!(await OffsetsAsync([.. positions.Keys], OffsetSpec.Latest(), cancellationToken)).TryGet(out var ends, out problem))
                return problem;
            var lag = positions.Where(one => ends.ContainsKey(one.Key)).Sum(one => Math.Max(0, ends[one.Key].Offset - one.Value));
            var upTo = await _sampler.TimeBeforeAsync(
                positions,
                ends.ToDictionary(end => end.Key, end => end.Value.Offset),
                cancellationToken
            );
            groups.Add(
                new(
                    group.GroupId,
                    $"{group.State}",
                    group.Members?.Count ?? 0,
                    positions.Count > 0 && ends.Count == 0 ? null : lag,
                    positions.Values.Sum(),
                    upTo,
                    [.. positions.Keys.Select(one => one.Topic).Distinct().Order(StringComparer.Ordinal)],
                    null
                )
            );
        }
        return groups;
    }

    public async Task<Outcome<GroupCommits>> CommitsAsync(string group, CancellationToken cancellationToken)
    {
        if (
            !(await session.AskAsync("see consumer groups", admin => DescribeGroupsAsync(admin, [group]), cancellationToken)).TryGet(
                out var described,
                out var problem
            )
        )
            return problem;
        if (described is not [var one] || one.Error.Code == ErrorCode.GroupIdNotFound)
            return new GroupCommits("Dead", 0, new Dictionary<KafkaPartition, long>());
        if (one.Error.IsError)
            return session.Trouble.Of(one.Error, "see consumer groups");
        return (await session.AskAsync("see a group's positions", admin => PositionsAsync(admin, group), cancellationToken)).Map(
            positions => new GroupCommits(
                $"{one.State}",
                one.Members?.Count ?? 0,
                positions.ToDictionary(
                    position => new KafkaPartition(position.Key.Topic, position.Key.Partition.Value),
                    position => position.Value
                )
            )
        );
    }

    public async Task<Outcome<IReadOnlyList<KafkaAcl>>> AclsAsync(int atMost, CancellationToken cancellationToken)
    {
        var every = new AclBindingFilter
        {
            PatternFilter = new() { Type = ResourceType.Any, ResourcePatternType = ResourcePatternType.Any },
            EntryFilter = new() { Operation = AclOperation.Any, PermissionType = AclPermissionType.Any },
        };
        var asked = await session.AskAsync(
            "list access rules",
            admin => admin.DescribeAclsAsync(every, new() { RequestTimeout = KafkaSession.CallLimit }),
            cancellationToken
        );
        return asked.Map<IReadOnlyList<KafkaAcl>>(found =>
            [
                .. found
                    .AclBindings.Select(one => new KafkaAcl(
                        one.Entry.Principal,
                        $"{one.Pattern.Type} {one.Pattern.Name}{(one.Pattern.ResourcePatternType == ResourcePatternType.Prefixed ? "*" : "")}".ToLowerInvariant()
                            is var text
                            ? text[..text.IndexOf(' ', StringComparison.Ordinal)]
                                + " "
                                + one.Pattern.Name
                                + (one.Pattern.ResourcePatternType == ResourcePatternType.Prefixed ? "*" : "")
                            : "",
                        $"{one.Entry.Operation}",
                        $"{one.Entry.PermissionType}",
                        one.Entry.Host
                    ))
                    .OrderBy(one => one.Resource, StringComparer.Ordinal)
                    .ThenBy(one => one.Principal, StringComparer.Ordinal)
                    .Take(atMost),
            ]
        );
    }

    public ValueTask DisposeAsync() => ownsSession ? session.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Also those that cannot be described, each with its error.</summary>
    internal static async Task<IReadOnlyList<TopicDescription>> DescribeTopicsAsync(IAdminClient admin, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return [];
        try
        {
            return (
                await admin.DescribeTopicsAsync(
                    TopicCollection.OfTopicNames(names),
                    new() { RequestTimeout = KafkaSession.CallLimit, IncludeAuthorizedOperations = true }
                )
            ).TopicDescriptions;
        }
        catch (DescribeTopicsException partly)
        {
            return partly.Results.TopicDescriptions;
        }
    }

    internal static async Task<IReadOnlyList<ConsumerGroupDescription>> DescribeGroupsAsync(IAdminClient admin, IReadOnlyList<string> names)
    {
        try
        {
            return (
                await admin.DescribeConsumerGroupsAsync(names, new() { RequestTimeout = KafkaSession.CallLimit })
            ).ConsumerGroupDescriptions;
        }
        catch (DescribeConsumerGroupsException partly)
        {
            return partly.Results.ConsumerGroupDescriptions;
        }
    }

    private static async Task<IEnumerable<string>> ListGroupsAsync(IAdminClient admin)
    {
        try
        {
            return (await admin.ListConsumerGroupsAsync(new() { RequestTimeout = KafkaSession.CallLimit })).Valid.Select(group =>
                group.GroupId
            );
        }
        catch (ListConsumerGroupsException partly) when (partly.Results.Valid.Count > 0)
        {
            return partly.Results.Valid.Select(group => group.GroupId);
        }
    }

    private static async Task<Dictionary<TopicPartition, long>> PositionsAsync(IAdminClient admin, string group)
    {
        var found = await admin.ListConsumerGroupOffsetsAsync(
            [new ConsumerGroupTopicPartitions(group, null)],
            new() { RequestTimeout = KafkaSession.CallLimit }
        );
        return found[0]
            .Partitions.Where(one => !one.Error.IsError && one.Offset >= 0)
            .ToDictionary(one => one.TopicPartition, one => one.Offset.Value);
    }

    /// <summary>What was set on each topic itself; topics whose settings may not be read are left out.</summary>
    private async Task<Outcome<Dictionary<string, Dictionary<string, string>>>> ConfigurationsAsync(
        IReadOnlyList<string> names,
        CancellationToken cancellationToken
    )
    {
        if (names.Count == 0)
            return new Dictionary<string, Dictionary<string, string>>();
        var asked = await session.AskAsync(
            "read topic settings",
            async admin =>
            {
                try
                {
                    var found = await admin.DescribeConfigsAsync(
                        names.Select(name => new ConfigResource { Type = ResourceType.Topic, Name = name }),
                        new() { RequestTimeout = KafkaSession.CallLimit }
                    );
                    return found.Select(one => (one.ConfigResource.Name, one.Entries)).ToList();
                }
                catch (DescribeConfigsException partly)
                {
                    return [.. partly.Results.Where(one => !one.Error.IsError).Select(one => (one.ConfigResource.Name, one.Entries))];
                }
            },
            cancellationToken
        );
        return asked.Map(found =>
            found.ToDictionary(
                one => one.Name,
                // Retention is wanted wherever it comes from: a cluster's default may be for ever.
                one =>
                    one.Entries.Values.Where(entry =>
                            entry is { IsSensitive: false, Value: not null }
                            && (entry.Source == ConfigSource.DynamicTopicConfig || entry.Name is "retention.ms" or "retention.bytes")
                        )
                        .ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal),
                StringComparer.Ordinal
            )
        );
    }

    private async Task<Outcome<Dictionary<TopicPartition, (long Offset, long Timestamp)>>> OffsetsAsync(
        IReadOnlyList<TopicPartition> partitions,
        OffsetSpec spec,
        CancellationToken cancellationToken
    )
    {
        var offsets = new Dictionary<TopicPartition, (long, long)>();
        foreach (var part in partitions.Chunk(PartitionsAtOnce))
        {
            var asked = await session.AskAsync(
                "see where topics end",
                async admin =>
                {
                    try
                    {
                        return (
                            await admin.ListOffsetsAsync(
                                part.Select(one => new TopicPartitionOffsetSpec { TopicPartition = one, OffsetSpec = spec }),
                                new() { RequestTimeout = KafkaSession.CallLimit }
                            )
                        ).ResultInfos;
                    }
                    catch (ListOffsetsException partly)
                    {
                        return partly.Result.ResultInfos;
                    }
                },
                cancellationToken
            );
            if (!asked.TryGet(out var found, out var problem))
                return problem;
            foreach (var one in found.Where(one => !one.TopicPartitionOffsetError.Error.IsError))
                offsets[one.TopicPartitionOffsetError.TopicPartition] = (one.TopicPartitionOffsetError.Offset.Value, one.Timestamp);
        }
        return offsets;
    }

    private static TopicFacts Unseen(TopicDescription topic) =>
        new(0, 0, topic.IsInternal, 0, 0, new Dictionary<string, string>())
        {
            MayRead = false,
            Problem =
                topic.Error.Code == ErrorCode.TopicAuthorizationFailed
                    ? "The Kafka user may not see this topic. Run the commands on the connection tab, then take the inventory again."
                    : $"Kafka can't describe this topic ({topic.Error.Code}). Check its brokers, then take the inventory again.",
        };

    private static DateTimeOffset At(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
}
