using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>Makes the cluster's connector what it is wanted to be, whatever that is by then.</summary>
/// <param name="Restart">Its instances begin anew.</param>
public sealed record ApplyConnectorWork(ConnectorId Connector, bool Restart) : IWorkPayload
{
    public static string Kind => "connector.apply";
}

/// <param name="WithSubscription">The subscription of what reads topics goes too.</param>
public sealed record DeleteConnectorWork(ConnectorId Connector, bool WithSubscription) : IWorkPayload
{
    public static string Kind => "connector.delete";
}

internal static class ConnectorWork
{
    /// <summary>A line of its own: functions workers that are down hold up connectors, and no topic.</summary>
    internal static WorkPlace Place(this Connector connector) =>
        new(
            Lanes.Cluster(connector.Cluster),
            $"connector:{connector.Id}",
            connector.OrganizationId,
            connector.FullName,
            WorkPriority.Waiting
        );

    internal static async Task StartDeletingAsync(
        this Connector connector,
        IPortalSession session,
        bool withSubscription,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (connector.State == ResourceState.Deleting)
            return;
        connector.Delete(clock.Now());
        await session.EndRunAsync(connector, clock.Now(), cancellationToken);
        session.Work.Add(clock, new DeleteConnectorWork(connector.Id, withSubscription), connector.Place());
    }
}

/// <summary>Connectors and functions on the cluster.</summary>
public sealed class ConnectorSteps(
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ITopicAdmin topics,
    ISchemaAdmin schemas,
    ISubscriptionAdmin subscriptions,
    ISecretSeal seal,
    TimeProvider clock
) : IWorkStep<ApplyConnectorWork>, IWorkStep<DeleteConnectorWork>
{
    private const int TriesForSubscription = 10;

    public async Task<StepResult> RunAsync(ApplyConnectorWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (connector, found, halted, cluster) = await ReadAsync(payload.Connector, cancellationToken);
        if (connector is not { IsWanted: true })
            return StepResult.Finished;
        if (found.FirstOrDefault(one => one.Topic is null).Address is { } gone)
            return new StepResult.Refused(
                new Problem.Conflict(
                    "connector-topic-missing",
                    $"The topic {gone} is gone. Create it again, or delete this {connector.Kind.Noun()}."
                )
            );
        if (found.FirstOrDefault(one => one.Topic is { State: ResourceState.Creating }).Topic is { } early)
            return new StepResult.Later(
                new Problem.Conflict("connector-topic-not-ready", $"The topic {early.NamespaceName}/{early.Name} is still being created."),
                TimeSpan.FromMilliseconds(300)
            );
        if (connector.OpenSecrets(seal) is not { } secrets)
            return new StepResult.Refused(ConnectorProblems.SecretsUnreadable(connector.Kind));

        // The worker only knows the latest message as a beginning, so the subscription is there before it.
        if (connector is { ReadyAt: null, Subscription: { } subscription })
        {
            foreach (var topic in Read(connector, found))
            {
                var made = await topics.CreateSubscriptionAsync(
                    topic.OnCluster,
                    SubscriptionName.Create(subscription).Value,
                    connector.FromEarliest || connector.StartAt is not null,
                    cancellationToken
                );
                if (!made.IsOk)
                    return StepResult.Of(made.Problem);
                if (connector.StartAt is not { } start)
                    continue;
                var moved = await subscriptions.RewindAsync(
                    topic.OnCluster,
                    SubscriptionName.Create(subscription).Value,
                    start,
                    cancellationToken
                );
                if (!moved.IsOk)
                    return StepResult.Of(moved.Problem);
            }
        }
        if (connector is { ReadyAt: null, Kind: ConnectorKind.Function, Package: null })
        {
            foreach (var topic in Read(connector, found))
            {
                var declared = await DeclareTextAsync(topic.OnCluster, cancellationToken);
                if (!declared.IsOk)
                    return StepResult.Of(declared.Problem);
            }
        }
        var terms = cluster.TermsOf(connector.Kind, connector.Type);
        var own = (JsonObject)ForeignJson.ParseNode(connector.Configuration)!;
        foreach (var (name, value) in secrets)
            own[name] = value?.DeepClone();
        if (!cluster.Complete(connector.Kind, connector.Type, own, secrets, seal).TryGet(out var settings, out var unreadable))
            return StepResult.Of(unreadable);
        var ensured = await connectors.EnsureAsync(
            new(
                connector.OnCluster,
                connector.Type,
                connector.Topics,
                connector.Subscription,
                connector.Guarantee,
                connector.Instances,
                settings.Whole,
                connector.Output
            )
            {
                Package = connector.Package,
                MaxRetries = connector.MaxRetries,
                DeadLetterTopic = connector.DeadLetterTopic,
            },
            cancellationToken
        );
        if (!ensured.IsOk)
            return StepResult.Of(Plain(ensured.Problem, settings.Secrets));
        var runs = connector.Wish == ConnectorWish.Run && !halted;
        var acted =
            !runs ? await connectors.StopAsync(connector.OnCluster, cancellationToken)
            : payload.Restart ? await connectors.RestartAsync(connector.OnCluster, cancellationToken)
            : await connectors.StartAsync(connector.OnCluster, cancellationToken);
        if (!acted.IsOk)
            return StepResult.Of(acted.Problem);
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Connectors.FindAsync(payload.Connector, token) is not { IsWanted: true } now)
                    return;
                now.Applied(connector.Revision, terms.Revision, clock.Now());
                if (!runs)
                    await session.EndRunAsync(now, clock.Now(), token);
                // Somebody who stopped it meanwhile does not pay for what is about to end.
                else if (now.Revision == connector.Revision)
                    await session.RunsAsync(now, clock.Now(), token);
            }
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        ApplyConnectorWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Connectors.FindAsync(payload.Connector, cancellationToken))?.NotApplied(problem);

    public async Task RefusedAsync(IPortalSession session, ApplyConnectorWork payload, Problem problem, CancellationToken cancellationToken)
    {
        var connector = await session.Connectors.FindAsync(payload.Connector, cancellationToken);
        if (connector is { State: ResourceState.Creating })
            connector.Fail(problem);
        else
            connector?.NotApplied(problem);
    }

    public async Task<StepResult> RunAsync(DeleteConnectorWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (connector, found, _, _) = await ReadAsync(payload.Connector, cancellationToken);
        if (connector is not { State: ResourceState.Deleting })
            return StepResult.Finished;
        var deleted = await connectors.DeleteAsync(connector.OnCluster, cancellationToken);
        // A cluster that runs no connectors any more runs this one neither.
        if (!deleted.IsOk && deleted.Problem.Code != "connectors-off")
            return StepResult.Of(deleted.Problem);
        if (payload.WithSubscription && connector.Subscription is { } subscription)
        {
            foreach (var topic in Read(connector, found))
            {
                var gone = await topics.DeleteSubscriptionAsync(
                    topic.OnCluster,
                    SubscriptionName.Create(subscription).Value,
                    force: false,
                    cancellationToken
                );
                if (gone.IsOk || gone.Problem is Problem.NotFound)
                    continue;
                // The connector's own consumers take a moment to leave. Those that stay are other clients', who still need it.
                if (gone.Problem is not Problem.Conflict)
                    return StepResult.Of(gone.Problem);
                if (turn.Failures < TriesForSubscription)
                    return new StepResult.Later(gone.Problem, TimeSpan.FromMilliseconds(500));
            }
        }
        return new StepResult.Done(
            async (session, token) => (await session.Connectors.FindAsync(payload.Connector, token))?.Deleted(clock.Now())
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        DeleteConnectorWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Connectors.FindAsync(payload.Connector, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        DeleteConnectorWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Connectors.FindAsync(payload.Connector, cancellationToken))?.Keep(problem);

    private Task<(Connector? Connector, List<(string Address, Topic? Topic)> Topics, bool Halted, RegisteredCluster? Cluster)> ReadAsync(
        ConnectorId id,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<(Connector?, List<(string, Topic?)>, bool, RegisteredCluster?)>(
            async session =>
            {
                var connector = await session.Connectors.FindAsync(id, cancellationToken);
                var found = new List<(string, Topic?)>();
                foreach (
                    var address in (connector?.Topics ?? []).Append(connector?.Output).Append(connector?.DeadLetterTopic).OfType<string>()
                )
                    found.Add((address, await session.FindByAddressAsync(connector!.TenantId, address, cancellationToken)));
                var owner = connector is null ? null : await session.Organizations.FindAsync(connector.OrganizationId, cancellationToken);
                // Workers publish with their own rights: what writes to a topic stops where its organization's keys may not produce.
                return (
                    connector,
                    found,
                    owner?.State == OrganizationState.Suspended
                        || owner?.Publishing == Publishing.Blocked && connector!.WrittenTopic is not null,
                    connector is null ? null : await session.Clusters.FindAsync(connector.Cluster, cancellationToken)
                );
            },
            cancellationToken
        );

    /// <summary>
    /// A worker gives a topic without a schema the one that its function reads, but only where nothing was ever sent: else
    /// the function does not start. What built-in functions read is text.
    /// </summary>
    private async Task<Outcome<Done>> DeclareTextAsync(TopicAddress topic, CancellationToken cancellationToken)
    {
        if (!(await topics.SchemaAsync(topic, cancellationToken)).TryGet(out var schema, out var problem))
            return problem;
        if (schema is not null)
            return Outcome.Done;
        if (!(await topics.StatsAsync(topic, cancellationToken)).TryGet(out var stats, out problem))
            return problem;
        if (stats is { Producers: 0, StorageBytes: 0 })
            return Outcome.Done;
        return (await schemas.UploadAsync(topic, SchemaDefinition.OfText, cancellationToken)).Map(_ => default(Done));
    }

    /// <summary>Topics that are there and that it reads.</summary>
    private static IEnumerable<Topic> Read(Connector connector, List<(string Address, Topic? Topic)> found) =>
        found.Where(one => connector.ReadTopics.Contains(one.Address, StringComparer.Ordinal)).Select(one => one.Topic).OfType<Topic>();

    /// <summary>Clusters quote what they refuse.</summary>
    private static Problem Plain(Problem problem, JsonObject secrets) =>
        problem with
        {
            Message = SecretWords.Without(problem.Message, secrets),
        };
}
