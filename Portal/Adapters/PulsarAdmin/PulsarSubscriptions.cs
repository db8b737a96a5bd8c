using System.Globalization;
using System.Net;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// The position of subscriptions. Of a partitioned topic each partition is asked by itself, also where a broker would pass
/// a call on: some it refuses there (a number to skip, a message, an analysis), one partition's refusal is the whole topic's
/// for others, and names such as <c>..</c> it folds away.
/// </summary>
internal sealed class PulsarSubscriptions(ClusterConnections clusters) : ISubscriptionAdmin
{
    private const int SideBySide = 8;

    public Task<Outcome<SubscriptionDetail>> LookAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken) =>
        clusters.OnAsync<SubscriptionDetail>(
            topic.Cluster,
            async cluster =>
            {
                var partitioned = PulsarTopics.PartitionsOnCluster(topic) > 0;
                var path = partitioned
                    ? $"{PulsarPath.Topic(topic, "partitioned-stats")}?perPartition=true&"
                    : $"{PulsarPath.Topic(topic, "stats")}?";
                var read = await cluster.GetAsync(
                    $"{path}getPreciseBacklog=false&subscriptionBacklogSize=true&getEarliestTimeInBacklog=true&excludePublishers=true",
                    PulsarJson.Default.StatsDocument,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<StatsDocument>
                );
                if (!read.TryGet(out var stats, out var problem))
                    return problem;
                if (stats is null)
                    return PulsarProblems.TopicMissing(topic.FullName);
                return LiveFigures.Of(stats, topic, name.Value) is { } detail ? detail : PulsarProblems.SubscriptionMissing(name.Value);
            }
        );

    public Task<Outcome<EntryCount>> CountSinceAsync(TopicAddress topic, DateTimeOffset since, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            topic.Cluster,
            cluster =>
                SumAsync(
                    cluster,
                    topic,
                    async (part, token) =>
                    {
                        var asked = await cluster.GetAsync(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{PulsarPath.Topic(part)}/messageid/{since.ToUnixTimeMilliseconds()}"
                            ),
                            PulsarJson.Default.MessageIdDocument,
                            token,
                            PulsarAnswer.NotFoundIsNull<MessageIdDocument>
                        );
                        if (!asked.TryGet(out var first, out var problem))
                            return problem;
                        if (first is null)
                            return PulsarProblems.TopicMissing(topic.FullName);
                        return (await LedgersAsync(cluster, part, token)).Map(ledgers => ledgers.From(first.LedgerId, first.EntryId));
                    },
                    cancellationToken
                )
        );

    public Task<Outcome<EntryCount>> CountFromAsync(TopicAddress topic, MessagePlace message, CancellationToken cancellationToken) =>
        clusters.OnAsync<EntryCount>(
            topic.Cluster,
            async cluster =>
            {
                var read = await LedgersAsync(cluster, PartOf(topic, message.Partition), cancellationToken);
                if (!read.TryGet(out var ledgers, out var problem))
                    return problem;
                return ledgers.Keeps(message.Position.Ledger, message.Position.Entry)
                    ? ledgers.From(message.Position.Ledger, message.Position.Entry)
                    : PulsarProblems.MessageGone();
            }
        );

    public Task<Outcome<IReadOnlyList<Message>>> PeekAsync(
        TopicAddress topic,
        SubscriptionName name,
        int? partition,
        int entries,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<IReadOnlyList<Message>>(
            topic.Cluster,
            async cluster =>
            {
                List<Message> found = [];
                for (var (number, bytes) = (1, 0L); number <= entries && bytes < MessagesRead.LargestPage; number++)
                {
                    var path = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{PulsarPath.Subscription(PartOf(topic, partition), name.Value)}/position/{number}"
                    );
                    if (!(await cluster.GetAsync(path, cancellationToken)).TryGet(out var answer, out var problem))
                        return problem;
                    if (answer.Status == HttpStatusCode.NotFound)
                        break; // the end of the backlog
                    if (!answer.IsSuccess)
                        return PulsarProblems.Of(cluster.Name, answer);
                    if (PeekedEntry.Read(answer, partition) is not { } messages)
                        return PulsarProblems.Unreadable(cluster.Name);
                    found.AddRange(messages);
                    bytes += answer.Body.Length;
                }
                return found;
            }
        );

    public Task<Outcome<Done>> SkipAsync(
        TopicAddress topic,
        SubscriptionName name,
        int? partition,
        long entries,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync(
            topic.Cluster,
            async cluster =>
            {
                var path = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{PulsarPath.Subscription(PartOf(topic, partition), name.Value)}/skip/{entries}"
                );
                if (
                    !(
                        await cluster.SendOnceAsync(HttpMethod.Post, path, PulsarProblems.SkipUncertain(cluster.Name), cancellationToken)
                    ).TryGet(out var answer, out var problem)
                )
                    return problem;
                return answer.Status == HttpStatusCode.NotFound ? PulsarProblems.SubscriptionMissing(name.Value) : cluster.Done(answer);
            }
        );

    public Task<Outcome<Done>> ClearAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken) =>
        EachAsync(topic, name, "skip_all", null, _ => null, cancellationToken);

    public Task<Outcome<Done>> RewindAsync(
        TopicAddress topic,
        SubscriptionName name,
        DateTimeOffset to,
        CancellationToken cancellationToken
    ) =>
        EachAsync(
            topic,
            name,
            string.Create(CultureInfo.InvariantCulture, $"resetcursor/{Math.Max(to.ToUnixTimeMilliseconds(), 0)}"),
            null,
            Busy(name),
            cancellationToken
        );

    public Task<Outcome<Done>> RewindAsync(
        TopicAddress topic,
        SubscriptionName name,
        MessagePlace to,
        CancellationToken cancellationToken
    ) => ResetAsync(topic, name, to, behind: false, cancellationToken);

    public Task<Outcome<Done>> RewindBehindAsync(
        TopicAddress topic,
        SubscriptionName name,
        MessagePlace last,
        CancellationToken cancellationToken
    ) => ResetAsync(topic, name, last, behind: true, cancellationToken);

    private Task<Outcome<Done>> ResetAsync(
        TopicAddress topic,
        SubscriptionName name,
        MessagePlace to,
        bool behind,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync(
            topic.Cluster,
            async cluster =>
            {
                var body = PulsarJson.Bytes(
                    new ResetCursorDocument(to.Position.Ledger, to.Position.Entry, to.Partition ?? -1, to.Position.BatchIndex)
                    {
                        IsExcluded = behind,
                    }
                );
                return (
                    await AskAsync(cluster, PartOf(topic, to.Partition), name, "resetcursor", body, Busy(name), cancellationToken)
                ).Then(found => Known(found, name));
            }
        );

    public Task<Outcome<Done>> ExpireAsync(
        TopicAddress topic,
        SubscriptionName name,
        TimeSpan olderThan,
        CancellationToken cancellationToken
    ) =>
        EachAsync(
            topic,
            name,
            string.Create(CultureInfo.InvariantCulture, $"expireMessages/{(long)olderThan.TotalSeconds}"),
            null,
            // Nothing is so old, or it is at it already: in either case what was asked for.
            answer => answer.Status == HttpStatusCode.Conflict ? Outcome.Of(true) : null,
            cancellationToken
        );

    public Task<Outcome<BacklogAnalysis>> AnalyzeAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken) =>
        clusters.OnAsync<BacklogAnalysis>(
            topic.Cluster,
            async cluster =>
            {
                if (!(await PartsAsync(cluster, topic, cancellationToken)).TryGet(out var parts, out var problem))
                    return problem;
                var sum = new BacklogAnalysis(0, 0, null, true, null, null);
                var found = false;
                // One after another: an analysis costs a broker as much as delivering all of it.
                foreach (var (part, partition) in parts)
                {
                    var path = $"{PulsarPath.Subscription(part, name.Value)}/analyzeBacklog";
                    if (!(await cluster.SendAsync(HttpMethod.Post, path, null, cancellationToken)).TryGet(out var answer, out problem))
                        return problem;
                    if (answer.Status == HttpStatusCode.NotFound)
                        continue;
                    if (!cluster.Read(answer, PulsarJson.Default.AnalysisDocument).TryGet(out var counted, out problem))
                        return problem;
                    found = true;
                    sum = Add(sum, counted, partition);
                }
                return found ? sum : PulsarProblems.SubscriptionMissing(name.Value);
            }
        );

    private static BacklogAnalysis Add(BacklogAnalysis sum, AnalysisDocument part, int? partition) =>
        new(
            sum.Entries + part.Entries,
            sum.Messages + part.Messages,
            part.MarkerMessages is { } markers ? (sum.Markers ?? 0) + markers : sum.Markers,
            sum.IsComplete && !part.Aborted,
            sum.First ?? At(part.FirstMessageId, partition),
            At(part.LastMessageId, partition) ?? sum.Last
        );

    private static string? At(string? position, int? partition) =>
        string.IsNullOrEmpty(position) ? null
        : partition is { } number ? string.Create(CultureInfo.InvariantCulture, $"{position}:{number}")
        : position;

    private static Func<PulsarAnswer, Outcome<bool>?> Busy(SubscriptionName name) =>
        answer =>
            answer.Status is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict
                ? Outcome.Refused<bool>(PulsarProblems.SubscriptionBusy(name.Value))
                : null;

    /// <summary>The same of every partition. One that lacks the subscription has nothing to do; when all lack it, there is none.</summary>
    private Task<Outcome<Done>> EachAsync(
        TopicAddress topic,
        SubscriptionName name,
        string action,
        byte[]? body,
        Func<PulsarAnswer, Outcome<bool>?> otherwise,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<Done>(
            topic.Cluster,
            async cluster =>
            {
                if (!(await PartsAsync(cluster, topic, cancellationToken)).TryGet(out var parts, out var problem))
                    return problem;
                var asked = await AllAsync(
                    parts,
                    (part, token) => AskAsync(cluster, part, name, action, body, otherwise, token),
                    cancellationToken
                );
                if (!asked.TryGet(out var found, out problem))
                    return problem;
                return Known(found.Any(one => one), name);
            }
        );

    private static Outcome<Done> Known(bool found, SubscriptionName name) =>
        found ? Outcome.Done : PulsarProblems.SubscriptionMissing(name.Value);

    /// <summary>False where the subscription is not there.</summary>
    /// <param name="otherwise">What a status means that is neither success nor 404; null leaves it to the rest.</param>
    private static async Task<Outcome<bool>> AskAsync(
        ClusterConnection cluster,
        TopicAddress part,
        SubscriptionName name,
        string action,
        byte[]? body,
        Func<PulsarAnswer, Outcome<bool>?> otherwise,
        CancellationToken cancellationToken
    )
    {
        var sent = await cluster.SendAsync(
            HttpMethod.Post,
            $"{PulsarPath.Subscription(part, name.Value)}/{action}",
            body,
            cancellationToken
        );
        if (!sent.TryGet(out var answer, out var problem))
            return problem;
        if (answer.Status == HttpStatusCode.NotFound)
            return false;
        if (answer.IsSuccess)
            return true;
        return otherwise(answer) ?? Outcome.Refused<bool>(PulsarProblems.Of(cluster.Name, answer));
    }

    private static async Task<Outcome<EntryCount>> SumAsync(
        ClusterConnection cluster,
        TopicAddress topic,
        Func<TopicAddress, CancellationToken, Task<Outcome<EntryCount>>> count,
        CancellationToken cancellationToken
    )
    {
        if (!(await PartsAsync(cluster, topic, cancellationToken)).TryGet(out var parts, out var problem))
            return problem;
        return (await AllAsync(parts, count, cancellationToken)).Map(counts => new EntryCount(
            counts.Sum(one => one.Entries),
            counts.Sum(one => one.Bytes)
        ));
    }

    private static async Task<Outcome<IReadOnlyList<T>>> AllAsync<T>(
        IReadOnlyList<(TopicAddress Part, int? Partition)> parts,
        Func<TopicAddress, CancellationToken, Task<Outcome<T>>> ask,
        CancellationToken cancellationToken
    )
    {
        var answers = new Outcome<T>[parts.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, parts.Count),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (index, token) => answers[index] = await ask(parts[index].Part, token)
        );
        return answers.FirstOrDefault(one => !one.IsOk) is { Problem: { } refused }
            ? refused
            : Outcome.Of<IReadOnlyList<T>>([.. answers.Select(one => one.Value)]);
    }

    /// <summary>Each partition that the cluster has now, or the topic without partitions itself.</summary>
    private static async Task<Outcome<IReadOnlyList<(TopicAddress Part, int? Partition)>>> PartsAsync(
        ClusterConnection cluster,
        TopicAddress topic,
        CancellationToken cancellationToken
    )
    {
        if (topic.Partitions == 0)
            return Outcome.Of<IReadOnlyList<(TopicAddress, int?)>>([(topic, null)]);
        if (!(await PulsarTopics.ReadPartitionsAsync(cluster, topic, cancellationToken)).TryGet(out var there, out var problem))
            return problem;
        if (there is null)
            return PulsarProblems.TopicMissing(topic.FullName);
        return Outcome.Of<IReadOnlyList<(TopicAddress, int?)>>([
            .. Enumerable.Range(0, there.Partitions).Select(number => (PartOf(topic, number), (int?)number)),
        ]);
    }

    private static TopicAddress PartOf(TopicAddress topic, int? partition) =>
        partition is { } number ? topic with { Name = PulsarPath.Partition(topic, number) } : topic;

    private static async Task<Outcome<KeptLedgers>> LedgersAsync(
        ClusterConnection cluster,
        TopicAddress part,
        CancellationToken cancellationToken
    )
    {
        var read = await cluster.GetAsync(
            $"{PulsarPath.Topic(part)}/internalStats",
            PulsarJson.Default.InternalStatsDocument,
            cancellationToken,
            PulsarAnswer.NotFoundIsNull<InternalStatsDocument>
        );
        if (!read.TryGet(out var kept, out var problem))
            return problem;
        return kept is null ? PulsarProblems.TopicMissing(part.FullName) : KeptLedgers.Of(kept);
    }
}
