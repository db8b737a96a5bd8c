using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Connectors;

/// <summary>
/// Runs a source or sink for a short time with a configuration, without making it: a sink on copies of a topic's last
/// messages, a source into a topic of the portal's own (<see cref="ScratchRuns"/>). What a sink writes on the other side is real.
/// </summary>
public sealed class TryConnector(
    AccessGuard guard,
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ConnectorGuides guides,
    ITopicAdmin topics,
    ISchemaAdmin schemas,
    ISubscriptionAdmin subscriptions,
    IMessageClient messages,
    ISecretSeal seal,
    TimeProvider clock
)
{
    /// <summary>Messages that a sink is given, and that are shown of a source.</summary>
    public const int Most = ScratchRuns.Most;

    private readonly ScratchRuns _scratch = new(database, connectors, subscriptions, messages, clock);

    /// <summary>
    /// Conflict <c>preview-empty</c> for a topic that stores no messages, <c>preview-running</c> while there is another preview or
    /// trial in the organization on this cluster, <c>trial-schema</c> for a topic whose schema can't be copied, <c>publishing-blocked</c>
    /// by a hard cap or an overdue invoice; else the problems of creating a connector.
    /// </summary>
    public async Task<Outcome<ConnectorTrial>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        NewTrial wanted,
        CancellationToken cancellationToken
    )
    {
        var scope = new Scope(tenant, wanted.Namespace ?? "");
        var operation = new Operation(
            Permission.ManageResources,
            "connector.try",
            $"{tenant}/{wanted.Namespace}",
            new Dictionary<string, string>
            {
                ["type"] = Operation.Brief($"{wanted.Kind.Text()}:{wanted.Type}"),
                ["topic"] = Operation.Brief(wanted.Topic ?? ""),
                ["messages"] = $"{wanted.Messages}",
            },
            scope
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        // A source's messages are shown, and a sink carries those of a topic away.
        if (access.Foresee(Permission.ReadMessages, scope).Problem is { } unread)
            return unread;
        if (access.Organization.Publishing == Publishing.Blocked)
            return OrganizationProblems.PublishingBlocked(access.Organization);
        if (wanted.Kind == ConnectorKind.Function)
            return ConnectorProblems.UnknownType(ConnectorKind.Sink, wanted.Type);
        if (wanted.Messages is < 1 or > Most)
            return new Problem.Invalid("trial-messages-range", $"A trial takes 1 to {Most} messages.", "messages");
        var cluster = await database.ReadAsync(
            session => CatalogReading.ClusterOfAsync(session, access.Organization.Id, tenant, cancellationToken),
            cancellationToken
        );
        if (!cluster.TryGet(out var registered, out problem))
            return problem;
        if (
            !(await connectors.DefinitionAsync(guides, registered, wanted.Kind, wanted.Type, cancellationToken)).TryGet(
                out var definition,
                out problem
            )
        )
            return problem;
        if (!(await WithKeptAsync(access, tenant, wanted, definition, cancellationToken)).TryGet(out wanted!, out problem))
            return problem;

        var (plain, secrets) = ConnectorConfiguration.Split(definition, wanted.Configuration);
        if (
            !registered
                .Complete(wanted.Kind, definition.Type.Name, wanted.Configuration, secrets, seal)
                .TryGet(out var settings, out problem)
        )
            return problem;
        var trial = new Trial(definition, wanted, plain, settings);

        // New settings of a connector that counts already need no room of their own: one trial runs at a time.
        Task<Problem?> RefuseAsync(IPortalSession session) =>
            wanted.Of is not null
                ? Task.FromResult<Problem?>(null)
                : CreateConnector.RefuseInstancesAsync(session, access.Organization.Id, 1, cancellationToken);
        if (wanted.Kind == ConnectorKind.Source)
        {
            var read = await database.ReadAsync(
                session => ScratchRuns.HomeAsync(session, access, tenant, wanted.Namespace, cancellationToken),
                cancellationToken
            );
            if (!read.TryGet(out var home, out problem))
                return problem;
            return await _scratch.InTurnAsync(
                actor,
                operation,
                home,
                wanted.Kind,
                RefuseAsync,
                turn => TrySourceAsync(turn, trial, cancellationToken),
                cancellationToken
            );
        }
        if (string.IsNullOrEmpty(wanted.Topic))
            return new Problem.Invalid("connector-topic-missing", "Choose the topic whose messages the sink is tried on.", "topic");
        var found = await database.ReadAsync(
            session => ScratchRuns.FindAsync(session, access, tenant, wanted.Namespace, wanted.Topic, "topic", cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var place, out problem))
            return problem;
        if (!access.Allows(Permission.ManageResources, new(tenant, place.Topic.NamespaceName)))
            return ConnectorLookup.NoTopic(wanted.Topic, "topic");
        return Shown(
            await _scratch.InTurnAsync(
                actor,
                operation,
                place.Home,
                wanted.Kind,
                RefuseAsync,
                turn => TrySinkAsync(turn, place, trial, cancellationToken),
                cancellationToken
            ),
            place.Namespace,
            place.Topic.Name,
            access
        );
    }

    /// <summary>
    /// The settings, checked, with the secrets of the connector that they are of. These go nowhere that they wouldn't go when it is
    /// changed.
    /// </summary>
    private async Task<Outcome<NewTrial>> WithKeptAsync(
        OrganizationAccess access,
        string tenant,
        NewTrial wanted,
        ConnectorDefinition definition,
        CancellationToken cancellationToken
    )
    {
        if (wanted.Of is not { } name)
            return ConnectorConfiguration.Check(definition, wanted.Configuration, []) is [var wrong, ..] ? wrong : wanted;
        var found = await database.ReadAsync(
            session =>
                session.FindConnectorAsync(
                    access.Organization.Id,
                    tenant,
                    wanted.Namespace ?? "",
                    name,
                    ConnectorFamily.Connectors,
                    cancellationToken
                ),
            cancellationToken
        );
        if (!found.TryGet(out var connector, out var problem))
            return problem;
        if (connector.Kind != wanted.Kind || connector.Type != definition.Type.Name)
            return ConnectorProblems.UnknownType(wanted.Kind, wanted.Type);
        if (connector.OpenSecrets(seal) is not { } stored)
            return ConnectorProblems.SecretsUnreadable(connector.Kind);
        var secrets = definition.Terms.Without(stored);
        List<string> kept = [.. secrets.Select(pair => pair.Key)];
        if (ConnectorConfiguration.Check(definition, wanted.Configuration, kept) is [var first, ..])
            return first;
        if (
            KeptSecrets.Refuse(
                definition,
                definition.Terms.Without((JsonObject)ForeignJson.ParseNode(connector.Configuration)!),
                wanted.Configuration,
                kept
            ) is
            { } needed
        )
            return needed;
        var whole = new JsonObject();
        foreach (var (field, value) in wanted.Configuration)
            if (value is not null)
                whole[field] = value.DeepClone();
        foreach (var (field, value) in secrets)
            if (!wanted.Configuration.ContainsKey(field))
                whole[field] = value?.DeepClone();
        return wanted with { Configuration = whole };
    }

    private async Task<Outcome<ConnectorTrial>> TrySinkAsync(
        ScratchTurn turn,
        ScratchPlace place,
        Trial trial,
        CancellationToken cancellationToken
    )
    {
        var (definition, wanted, plain, settings) = trial;
        if (!(await _scratch.LastAsync(place, wanted.Messages, cancellationToken)).TryGet(out var last, out var problem))
            return problem;
        if (last.Count == 0)
            return ScratchRuns.Empty(wanted.Topic);
        var (input, subscription) = (_scratch.Input(turn), ScratchRuns.Subscription);
        problem =
            (await topics.EnsureAsync(input.OnCluster, cancellationToken)).Problem
            ?? (await CopySchemaAsync(place.Topic, input, cancellationToken)).Problem
            ?? (await topics.CreateSubscriptionAsync(input.OnCluster, subscription, fromEarliest: true, cancellationToken)).Problem;
        if (problem is not null)
            return problem;
        var ensured = await _scratch.EnsureAsync(
            turn,
            new(turn.Address, definition.Type.Name, [input.Address], subscription.Value, Guarantee.AtLeastOnce, 1, settings.Whole),
            settings.Secrets
        );
        if (!ensured.IsOk)
            return ensured.Problem;
        var until = clock.GetUtcNow() + ScratchRuns.Patience;
        if (!(await _scratch.ConnectedAsync(turn, until, cancellationToken)).TryGet(out var status, out problem))
            return problem;
        var sent = 0;
        if (!status.IsFailing)
        {
            if (!(await _scratch.CopyAsync(turn, last, cancellationToken)).TryGet(out var copies, out problem))
                return problem;
            sent = copies.Count;
            var waited = await _scratch.WaitAsync(
                turn.Address,
                until + ScratchRuns.Patience,
                // Looked at before the last acknowledgment, an instance has not counted the last message.
                async now =>
                    now.Instances is [var one, ..] && Math.Min(one.Received, one.Delivered) >= sent && await LeftAsync() == 0,
                cancellationToken
            );
            if (!waited.TryGet(out status, out problem))
                return problem;
        }
        // It restarts what failed, and would write the same messages again and again until the sweep comes.
        await connectors.StopAsync(turn.Address, cancellationToken);
        var left = sent == 0 ? 0 : Math.Min(sent, await LeftAsync() ?? sent);
        return Told(
            definition,
            status,
            sent,
            sent - (int)left,
            [],
            status.IsFailing ? TrialEnd.Failing
                : sent > 0 && left == 0 ? TrialEnd.Finished
                : TrialEnd.Unfinished,
            plain,
            settings.Secrets
        );

        async Task<long?> LeftAsync() =>
            (await _scratch.LookAsync(turn, cancellationToken)).TryGet(out var look, out _) ? look.Figures.Backlog : null;
    }

    /// <summary>What is tried.</summary>
    /// <param name="Plain">The customer's settings without secrets.</param>
    private sealed record Trial(ConnectorDefinition Definition, NewTrial Wanted, JsonObject Plain, ClusterSettings Settings);

    private async Task<Outcome<ConnectorTrial>> TrySourceAsync(ScratchTurn turn, Trial trial, CancellationToken cancellationToken)
    {
        var (definition, wanted, plain, settings) = trial;
        var output = _scratch.Output(turn);
        if ((await topics.EnsureAsync(output.OnCluster, cancellationToken)).Problem is { } problem)
            return problem;
        var ensured = await _scratch.EnsureAsync(
            turn,
            new(
                turn.Address,
                definition.Type.Name,
                [output.Address],
                null,
                Guarantee.AtLeastOnce,
                1,
                OfItsOwn(turn, definition, settings.Whole)
            ),
            settings.Secrets
        );
        if (!ensured.IsOk)
            return ensured.Problem;
        var waited = await _scratch.WaitAsync(
            turn.Address,
            clock.GetUtcNow() + ScratchRuns.Patience,
            now => Task.FromResult(now.Instances is [var one, ..] && one.Delivered >= wanted.Messages),
            cancellationToken
        );
        if (!waited.TryGet(out var status, out problem))
            return problem;
        await connectors.StopAsync(turn.Address, cancellationToken);
        if (
            !(await messages.ReadAsync(turn.Home, output, new ReadQuery("earliest"), wanted.Messages, cancellationToken)).TryGet(
                out var brought,
                out problem
            )
        )
            return problem;
        return Told(
            definition,
            status,
            0,
            0,
            brought.Items,
            status.IsFailing ? TrialEnd.Failing
                : brought.Items.Count > 0 ? TrialEnd.Finished
                : TrialEnd.Unfinished,
            plain,
            settings.Secrets
        );
    }

    /// <summary>The place of what is to be made later is not moved by a trial of it.</summary>
    private static JsonObject OfItsOwn(ScratchTurn turn, ConnectorDefinition definition, JsonObject configuration)
    {
        var own = (JsonObject)configuration.DeepClone();
        foreach (var field in definition.Fields.Where(field => field.Guide is { KeepsPlace: true }))
        {
            if (ConnectorConfiguration.Shown(own[field.Name]) is { Length: > 0 } place)
                own[field.Name] = $"{place}-portal-trial-{turn.Sweep.Token}";
        }
        return own;
    }

    /// <summary>Sinks read messages by the schema of their topic, so the copies lie under the same one.</summary>
    private async Task<Outcome<Done>> CopySchemaAsync(Topic from, Topic to, CancellationToken cancellationToken)
    {
        if (!(await schemas.GetAsync(from.OnCluster, null, cancellationToken)).TryGet(out var schema, out var problem))
            return problem;
        if (schema is null)
            return Outcome.Done;
        var copied =
            SchemaDefinition.Create(schema.Type, schema.Definition).TryGet(out var definition, out _)
            && (await schemas.UploadAsync(to.OnCluster, definition, cancellationToken)).TryGet(out var answer, out _)
            && answer.Fits;
        return copied
            ? Outcome.Done
            : new Problem.Conflict(
                "trial-schema",
                $"The topic's schema ({schema.Type}) can't be copied, so a trial wouldn't show what the sink does with its "
                    + "messages. Create the sink to see it."
            );
    }

    /// <summary>What stands in a sink's errors of its messages is for those who see these whole.</summary>
    private static Outcome<ConnectorTrial> Shown(
        Outcome<ConnectorTrial> trial,
        Namespace @namespace,
        string? topic,
        OrganizationAccess access
    ) =>
        topic is null || MessageMask.Of(@namespace, topic, access) is null
            ? trial
            : trial.Map(one =>
                one with
                {
                    Instances =
                    [
                        .. one.Instances.Select(instance => instance.HasTrouble ? instance.Explained(new(Hidden, null)) : instance),
                    ],
                }
            );

    private const string Hidden = "It failed. Its error isn't shown because fields of these messages are masked for your role.";

    private ConnectorTrial Told(
        ConnectorDefinition definition,
        ConnectorStatus status,
        int sent,
        int acknowledged,
        IReadOnlyList<Message> brought,
        TrialEnd end,
        JsonObject plain,
        JsonObject secrets
    )
    {
        var type = definition.Type;
        IReadOnlyList<ConnectorInstance> instances = status.IsObscure
            ? [new ConnectorInstance(0, false, 0, 0, 0, 0, null, null, null).Explained(new(LookAtConnectors.Obscure, null))]
            : [.. status.Instances.Select(one => one.Explained(guides.Explain(type.Kind, type.Name, plain, one.Exception, secrets)))];
        return new(
            end,
            sent,
            acknowledged,
            instances,
            brought,
            instances
                .Select(one => guides.Remedy(type.Kind, type.Name, plain, one.TroubleField))
                .FirstOrDefault(remedy => remedy is not null)
        );
    }
}
