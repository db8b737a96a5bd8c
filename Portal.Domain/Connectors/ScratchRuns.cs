using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>Where something is tried.</summary>
/// <param name="Home">Where it is to live.</param>
/// <param name="Namespace">Of the topic.</param>
internal sealed record ScratchPlace(Namespace Home, Namespace Namespace, Topic Topic);

/// <summary>One run that is under way, and what takes it away.</summary>
internal sealed class ScratchTurn(Namespace home, SweepPreviewWork sweep, DateTimeOffset until)
{
    internal Namespace Home => home;
    internal SweepPreviewWork Sweep => sweep;

    /// <summary>What is not made by then is not made: the sweep would come before it.</summary>
    internal DateTimeOffset Until => until;

    /// <summary>A worker was told to make something and did not answer: it may still do so.</summary>
    internal bool MayLand { get; set; }

    internal ConnectorAddress Address => sweep.Connector(home);
}

/// <summary>
/// What previews of functions and trials of connectors share: copies of a topic's last messages in topics of the portal's own,
/// something built in that runs there, and <see cref="SweepPreview"/> that takes all of it away again, whether or not who
/// asked is still there. The customer's topic is only read. Nothing of it is charged.
/// </summary>
internal sealed class ScratchRuns(
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ISubscriptionAdmin subscriptions,
    IMessageClient messages,
    TimeProvider clock
)
{
    /// <summary>Messages that are tried.</summary>
    internal const int Most = 20;

    /// <summary>
    /// How long it may take to start, and again to be done: people wait for it, and proxies give up after 30 to 60 seconds.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>With the time that a worker has for an answer, shorter than the sweep waits.</summary>
    private static readonly TimeSpan ToBegin = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    private static readonly Problem.Conflict Busy = new(
        "preview-running",
        "Another preview or trial of your organization is still running. Try again in a moment."
    );

    private static readonly Problem.Unavailable Slow = new(
        "preview-slow",
        "The cluster took too long to prepare this. Nothing was run. Try again in a few minutes."
    );

    internal static SubscriptionName Subscription { get; } = SubscriptionName.Create("preview").Value;

    /// <summary>Does something with a sweep armed before anything is made, and due as soon as it is over.</summary>
    /// <param name="also">Refuses in the same transaction; null for nothing.</param>
    internal async Task<Outcome<T>> InTurnAsync<T>(
        Actor actor,
        Operation operation,
        Namespace home,
        ConnectorKind kind,
        Func<IPortalSession, Task<Problem?>>? also,
        Func<ScratchTurn, Task<Outcome<T>>> run,
        CancellationToken cancellationToken
    )
    {
        var turn = new ScratchTurn(home, SweepPreviewWork.New(home, kind, clock), clock.GetUtcNow() + ToBegin);
        var begun = await database.WriteAsync(
            actor,
            home.OrganizationId,
            operation,
            async session =>
            {
                if (also is not null && await also(session) is { } refused)
                    return refused;
                if (
                    await session.Work.FindOpenAsync(SweepPreviewWork.Place(home).Line, SweepPreviewWork.Kind, cancellationToken)
                    is not null
                )
                    return Busy;
                turn.Sweep.Arm(session, home, clock);
                return Outcome.Done;
            },
            cancellationToken
        );
        if (!begun.IsOk)
            return begun.Problem;
        try
        {
            return await run(turn);
        }
        finally
        {
            // Also for who went away meanwhile. Should this not come through, the sweep begins by itself; so it does where a worker may be
            // late.
            if (!turn.MayLand)
                await SweepNowAsync(home);
        }
    }

    /// <summary>The namespace where something is to live.</summary>
    internal static async Task<Outcome<Namespace>> HomeAsync(
        IPortalSession session,
        OrganizationAccess access,
        string tenant,
        string? @namespace,
        CancellationToken cancellationToken
    )
    {
        if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
            return TenantProblems.NoTenant;
        if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace ?? "", cancellationToken) is not { } home)
            return TenantProblems.NoNamespace;
        return home.State == ResourceState.Deleting ? TenantProblems.Deleting("namespace") : home;
    }

    /// <summary>Conflict <c>preview-empty</c> for a topic that stores no messages.</summary>
    /// <param name="field">Where the topic was named.</param>
    internal static async Task<Outcome<ScratchPlace>> FindAsync(
        IPortalSession session,
        OrganizationAccess access,
        string tenant,
        string? @namespace,
        string? topicPath,
        string field,
        CancellationToken cancellationToken
    )
    {
        if (!(await HomeAsync(session, access, tenant, @namespace, cancellationToken)).TryGet(out var home, out var problem))
            return problem;
        if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
            return TenantProblems.NoTenant;
        if (!(await session.FindTopicOfAsync(owner, topicPath, field, cancellationToken)).TryGet(out var topic, out problem))
            return problem;
        // A role for one namespace opens no other one by way of a preview.
        if (!access.Allows(Permission.ReadMessages, new(tenant, topic.NamespaceName)))
            return ConnectorLookup.NoTopic(topicPath!, field);
        if (!topic.Persistent)
            return Empty(topicPath);
        return (
            await session.FindWithNamespaceAsync(access.Organization.Id, tenant, topic.NamespaceName, topic.Name, cancellationToken)
        ).Map(found => new ScratchPlace(home, found.Namespace, found.Topic));
    }

    internal static Problem.Conflict Empty(string? topic) =>
        new(
            "preview-empty",
            $"Topic {Operation.Brief(topic ?? "")} doesn't store any messages, so there is nothing to try this on. Send it some first."
        );

    internal Topic Input(ScratchTurn turn) => Scratch(turn, turn.Sweep.Input);

    internal Topic Output(ScratchTurn turn) => Scratch(turn, turn.Sweep.Output);

    /// <summary>What the worker refuses is said without the secrets that it quotes.</summary>
    internal async Task<Outcome<Done>> EnsureAsync(ScratchTurn turn, WantedConnector wanted, JsonObject secrets)
    {
        if (clock.GetUtcNow() > turn.Until)
            return Slow;
        turn.MayLand = true;
        // Whoever leaves now must not leave a question open: a worker that makes it later would make it for ever.
        var ensured = await connectors.EnsureAsync(wanted, CancellationToken.None);
        turn.MayLand = ensured.Problem is Problem.Unavailable;
        return ensured.Problem is { } problem ? problem with { Message = SecretWords.Without(problem.Message, secrets) } : ensured;
    }

    /// <summary>It says that it runs before it is connected.</summary>
    internal Task<Outcome<ConnectorStatus>> ConnectedAsync(ScratchTurn turn, DateTimeOffset until, CancellationToken cancellationToken) =>
        WaitAsync(
            turn.Address,
            until,
            async status =>
                status.Running == 1 && (await LookAsync(turn, cancellationToken)).TryGet(out var look, out _) && look.Consumers.Count > 0,
            cancellationToken
        );

    internal Task<Outcome<SubscriptionDetail>> LookAsync(ScratchTurn turn, CancellationToken cancellationToken) =>
        subscriptions.LookAsync(Input(turn).OnCluster, Subscription, cancellationToken);

    /// <summary>Until it is so, it fails, or the time is over. The status as it was last; Unavailable where there never was one.</summary>
    internal async Task<Outcome<ConnectorStatus>> WaitAsync(
        ConnectorAddress address,
        DateTimeOffset until,
        Func<ConnectorStatus, Task<bool>> isSo,
        CancellationToken cancellationToken
    )
    {
        Outcome<ConnectorStatus> last = new ConnectorStatus([]);
        while (clock.GetUtcNow() < until)
        {
            var asked = await connectors.StatusAsync(address, cancellationToken);
            if (asked.IsOk || !last.IsOk || last.Value.Instances.Count == 0)
                last = asked;
            if (asked.TryGet(out var status, out _) && (status.IsFailing || await isSo(status)))
                break;
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        }
        return last;
    }

    /// <summary>Copies in the order of the originals; the id of each.</summary>
    internal async Task<Outcome<IReadOnlyList<string>>> CopyAsync(
        ScratchTurn turn,
        IReadOnlyList<Message> originals,
        CancellationToken cancellationToken
    )
    {
        var (input, sent) = (Input(turn), new List<string>());
        foreach (var message in originals)
        {
            if (
                !(
                    await messages.SendAsync(turn.Home, input, new(message.Payload, message.Key, message.Properties), cancellationToken)
                ).TryGet(out var id, out var problem)
            )
                return problem;
            sent.Add(id);
        }
        return sent;
    }

    /// <summary>
    /// The last messages of a topic, oldest first: read from a time that has as many entries behind it, and not many more.
    /// </summary>
    internal async Task<Outcome<IReadOnlyList<Message>>> LastAsync(ScratchPlace place, int most, CancellationToken cancellationToken)
    {
        const int Enough = 10 * Most,
            MostLooks = 16;
        var (@namespace, topic) = (place.Namespace, place.Topic);
        // Longer and longer ago, until there are as many; then between the two last times, until there are not too many.
        var (since, recent, found) = (topic.CreatedAt, clock.GetUtcNow(), 0L);
        for (var span = TimeSpan.FromSeconds(1); found < Most && recent > topic.CreatedAt; span *= 8)
        {
            var at = clock.GetUtcNow() - span > topic.CreatedAt ? clock.GetUtcNow() - span : topic.CreatedAt;
            if (!(await subscriptions.CountSinceAsync(topic.OnCluster, at, cancellationToken)).TryGet(out var count, out var problem))
                return problem;
            found = count.Entries;
            if (found < Most)
                recent = at;
            else
                since = at;
        }
        for (var look = 0; look < MostLooks && found > Enough; look++)
        {
            var middle = since + (recent - since) / 2;
            if (!(await subscriptions.CountSinceAsync(topic.OnCluster, middle, cancellationToken)).TryGet(out var count, out var problem))
                return problem;
            if (count.Entries < Most)
                recent = middle;
            else
                (since, found) = (middle, count.Entries);
        }
        var query = found < Most ? new ReadQuery("earliest") : new ReadQuery(Since: since);
        return (await messages.ReadAsync(@namespace, topic, query, PageRequest.MaxLimit, cancellationToken)).Map<IReadOnlyList<Message>>(
            read => [.. read.Items.TakeLast(most)]
        );
    }

    private Topic Scratch(ScratchTurn turn, string name) =>
        new(new(clock.NewUuid()), turn.Home, TopicName.OfPreview(name), persistent: true, partitions: 0, clock.Now());

    private Task<bool> SweepNowAsync(Namespace home) =>
        database.UpdateAsync(
            null,
            home.OrganizationId,
            async session =>
            {
                (
                    await session.Work.FindOpenAsync(SweepPreviewWork.Place(home).Line, SweepPreviewWork.Kind, CancellationToken.None)
                )?.TryNow(clock.Now());
                return true;
            },
            CancellationToken.None
        );
}
