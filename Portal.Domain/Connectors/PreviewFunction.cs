using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Connectors;

/// <summary>What a function made of one message. Unfinished: the function was not done with it in time.</summary>
public enum PreviewFate
{
    Passed,
    Filtered,
    Failed,
    Unfinished,
}

/// <param name="Before">As the topic holds it.</param>
/// <param name="After">What the function wrote for it; empty unless it passed.</param>
public sealed record PreviewedMessage(Message Before, IReadOnlyList<Message> After, PreviewFate Fate);

/// <param name="Trouble">The last exception in plain words; null for none.</param>
public sealed record FunctionPreview(IReadOnlyList<PreviewedMessage> Messages, string? Trouble);

/// <param name="Namespace">Where the function is to live.</param>
/// <param name="Topic">As <c>namespace/topic</c>, whose last messages are tried.</param>
/// <param name="Configuration">Settings by name, secrets among them; never kept.</param>
public sealed record NewPreview(string? Namespace, string? Type, string? Topic, JsonObject Configuration)
{
    /// <summary>What could not be understood of what was sent: told once it is known that the one who asks may.</summary>
    public Problem.Invalid? Unreadable { get; init; }
}

/// <summary>
/// Tries a function on the last messages of a topic, without making it: copies of them go into a topic of the portal's own in
/// the same namespace, and the cluster runs the function from there into another one (<see cref="ScratchRuns"/>).
/// </summary>
public sealed class PreviewFunction(
    AccessGuard guard,
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ConnectorGuides guides,
    ITopicAdmin topics,
    ISubscriptionAdmin subscriptions,
    IMessageClient messages,
    ISecretSeal seal,
    TimeProvider clock
)
{
    /// <summary>Messages that are tried.</summary>
    public const int Most = ScratchRuns.Most;

    private readonly ScratchRuns _scratch = new(database, connectors, subscriptions, messages, clock);

    /// <summary>
    /// Conflict <c>preview-empty</c> for a topic that stores no messages, <c>preview-running</c> while there is another preview or
    /// trial in the organization on this cluster, <c>publishing-blocked</c> by a hard cap or an overdue invoice; else the problems
    /// of creating a function.
    /// </summary>
    public async Task<Outcome<FunctionPreview>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        NewPreview wanted,
        CancellationToken cancellationToken
    )
    {
        var scope = new Scope(tenant, wanted.Namespace ?? "");
        var operation = new Operation(
            Permission.ManageResources,
            "function.preview",
            $"{tenant}/{wanted.Namespace}",
            new Dictionary<string, string>
            {
                ["type"] = Operation.Brief(wanted.Type ?? ""),
                ["topic"] = Operation.Brief(wanted.Topic ?? ""),
            },
            scope
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        // Messages are read and shown, which not everybody may who may make functions.
        if (access.Foresee(Permission.ReadMessages, scope).Problem is { } unread)
            return unread;
        if (wanted.Unreadable is { } unreadable)
            return unreadable;
        if (access.Organization.Publishing == Publishing.Blocked)
            return OrganizationProblems.PublishingBlocked(access.Organization);
        var cluster = await database.ReadAsync(
            session => CatalogReading.ClusterOfAsync(session, access.Organization.Id, tenant, cancellationToken),
            cancellationToken
        );
        if (!cluster.TryGet(out var registered, out problem))
            return problem;
        if (
            !(await connectors.DefinitionAsync(guides, registered, ConnectorKind.Function, wanted.Type, cancellationToken)).TryGet(
                out var definition,
                out problem
            )
        )
            return problem;
        if (ConnectorConfiguration.Check(definition, wanted.Configuration, []) is [var first, ..])
            return first;
        if (PackageUse.NameIn(definition.Type.Name) is not null)
            return new Problem.Invalid(
                "connector-type-unknown",
                "A preview runs built-in functions only. Create the function on a test topic to try your own code.",
                "type"
            );
        var (plain, secrets) = ConnectorConfiguration.Split(definition, wanted.Configuration);
        if (
            !registered
                .Complete(ConnectorKind.Function, definition.Type.Name, wanted.Configuration, secrets, seal)
                .TryGet(out var settings, out problem)
        )
            return problem;
        var read = await database.ReadAsync(
            session => ScratchRuns.FindAsync(session, access, tenant, wanted.Namespace, wanted.Topic, "topic", cancellationToken),
            cancellationToken
        );
        if (!read.TryGet(out var place, out problem))
            return problem;
        var shown = await _scratch.InTurnAsync(
            actor,
            operation,
            place.Home,
            ConnectorKind.Function,
            null,
            turn => TryOutAsync(turn, place, definition, wanted, plain, settings, cancellationToken),
            cancellationToken
        );
        // What a function made of masked fields nobody can tell, so nothing of it is shown.
        return MessageMask.Of(place.Namespace, place.Topic.Name, access) is not { } mask
            ? shown
            : shown.Map(preview =>
                preview with
                {
                    Messages =
                    [
                        .. preview.Messages.Select(one =>
                            one with
                            {
                                Before = mask.Apply(one.Before),
                                After = [.. one.After.Select(MessageMask.HidePayload)],
                            }
                        ),
                    ],
                    Trouble = preview.Trouble is null ? null : "It failed. Its error isn't shown because fields are masked for your role.",
                }
            );
    }

    private async Task<Outcome<FunctionPreview>> TryOutAsync(
        ScratchTurn turn,
        ScratchPlace place,
        ConnectorDefinition definition,
        NewPreview wanted,
        JsonObject plain,
        ClusterSettings settings,
        CancellationToken cancellationToken
    )
    {
        if (!(await _scratch.LastAsync(place, Most, cancellationToken)).TryGet(out var last, out var problem))
            return problem;
        if (last.Count == 0)
            return ScratchRuns.Empty(wanted.Topic);
        var (input, output, subscription) = (_scratch.Input(turn), _scratch.Output(turn), ScratchRuns.Subscription);
        problem =
            (await topics.EnsureAsync(input.OnCluster, cancellationToken)).Problem
            ?? (await topics.EnsureAsync(output.OnCluster, cancellationToken)).Problem
            ?? (await topics.CreateSubscriptionAsync(input.OnCluster, subscription, fromEarliest: true, cancellationToken)).Problem;
        if (problem is not null)
            return problem;
        var ensured = await _scratch.EnsureAsync(
            turn,
            new(
                turn.Address,
                definition.Type.Name,
                [input.Address],
                subscription.Value,
                Guarantee.AtLeastOnce,
                1,
                settings.Whole,
                output.Address
            ),
            settings.Secrets
        );
        if (!ensured.IsOk)
            return ensured.Problem;
        // A worker gives the topic the schema that the function reads, but only while nothing was sent.
        var until = clock.GetUtcNow() + ScratchRuns.Patience;
        await _scratch.ConnectedAsync(turn, until, cancellationToken);
        if (!(await _scratch.CopyAsync(turn, last, cancellationToken)).TryGet(out var copies, out problem))
            return problem;
        var sent = new List<(Message Before, MessagePlace Copy)>();
        foreach (var (message, id) in last.Zip(copies))
        {
            if (!messages.Locate(id).TryGet(out var copy, out problem))
                return problem;
            sent.Add((message, copy));
        }

        // A message is acknowledged once what was made of it is written, and one that failed is not.
        var waited = await _scratch.WaitAsync(
            turn.Address,
            until + ScratchRuns.Patience,
            async status =>
                status.Instances is [var one, ..]
                && one.Delivered + one.Failures >= last.Count
                && (await _scratch.LookAsync(turn, cancellationToken)).TryGet(out var look, out _)
                && look.Figures.Backlog <= one.Failures,
            cancellationToken
        );
        var trouble = waited.TryGet(out var status, out _) ? status.Instances.Select(one => one.Exception).FirstOrDefault() : null;
        if (
            !(await messages.ReadAsync(turn.Home, output, new ReadQuery("earliest"), PageRequest.MaxLimit, cancellationToken)).TryGet(
                out var written,
                out problem
            )
        )
            return problem;
        // What failed was not acknowledged. It is asked for after the rest, so that nothing counts as failed that was written meanwhile.
        if (
            !(await subscriptions.PeekAsync(input.OnCluster, subscription, null, Most, cancellationToken)).TryGet(out var left, out problem)
        )
            return problem;
        var after = written.Items.ToLookup(message => Origin(message));
        var waiting = left.Select(message => messages.Locate(message.MessageId))
            .Where(one => one.IsOk)
            .Select(one => one.Value.Position)
            .ToHashSet();
        return new FunctionPreview(
            [
                .. sent.Select(one => new PreviewedMessage(
                    one.Before,
                    [.. after[one.Copy.Position]],
                    after.Contains(one.Copy.Position) ? PreviewFate.Passed
                        : !waiting.Contains(one.Copy.Position) ? PreviewFate.Filtered
                        : trouble is null ? PreviewFate.Unfinished
                        : PreviewFate.Failed
                )),
            ],
            guides.Explain(ConnectorKind.Function, definition.Type.Name, plain, trouble, settings.Secrets)?.Says
        );
    }

    /// <summary>Where the message lay that this one was made of, as the cluster writes it beside.</summary>
    private MessagePosition? Origin(Message message) =>
        message.Properties.TryGetValue("__pfn_input_msg_id__", out var id) && messages.Locate(id).TryGet(out var place, out _)
            ? place.Position
            : null;
}
