using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>What a function made of one message. Unfinished: the function was not done with it in time.</summary>
public enum PreviewFate { Passed, Filtered, Failed, Unfinished }

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
/// the same namespace, the cluster runs the function from there into another one, and <see cref="SweepPreview"/> takes all of
/// it away again, whether or not who asked is still there. The customer's topic is only read. Nothing of it is charged.
/// </summary>
public sealed class PreviewFunction(
    AccessGuard guard, IPortalDatabase database, IConnectorAdmin connectors, ConnectorGuides guides, ITopicAdmin topics, ISubscriptionAdmin subscriptions, IMessageClient messages, TimeProvider clock)
{
    /// <summary>Messages that are tried.</summary>
    public const int Most = 20;

    /// <summary>How long the function may take: people wait for it, and proxies give up after 30 to 60 seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    private static readonly Problem.Conflict Busy = new("preview-running", "Another preview of your organization is still running. Try again in a moment.");

    /// <summary>
    /// Conflict <c>preview-empty</c> for a topic that stores no messages, <c>preview-running</c> while there is another one in
    /// the organization on this cluster, <c>publishing-blocked</c> by a hard cap or an overdue invoice; else the problems of creating a function.
    /// </summary>
    public async Task<Outcome<FunctionPreview>> RunAsync(Actor actor, string organization, string tenant, NewPreview wanted, CancellationToken cancellationToken)
    {
        var scope = new Scope(tenant, wanted.Namespace ?? "");
        var operation = new Operation(
            Permission.ManageResources, "function.preview", $"{tenant}/{wanted.Namespace}",
            new Dictionary<string, string> { ["type"] = Operation.Brief(wanted.Type ?? ""), ["topic"] = Operation.Brief(wanted.Topic ?? "") }, scope);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        // Messages are read and shown, which not everybody may who may make functions.
        if (access.Foresee(Permission.ReadMessages, scope).Problem is { } unread) return unread;
        if (wanted.Unreadable is { } unreadable) return unreadable;
        if (access.Organization.Publishing == Publishing.Blocked)
            return OrganizationProblems.PublishingBlocked(access.Organization);
        var cluster = await database.ReadAsync(session => CatalogReading.ClusterOfAsync(session, access.Organization.Id, tenant, cancellationToken), cancellationToken);
        if (!cluster.TryGet(out var registered, out problem)) return problem;
        if (!(await connectors.DefinitionAsync(guides, registered, ConnectorKind.Function, wanted.Type, cancellationToken)).TryGet(out var definition, out problem)) return problem;
        if (ConnectorConfiguration.Check(definition, wanted.Configuration, []) is [var first, ..]) return first;
        var read = await database.ReadAsync(session => FindAsync(session, access, tenant, wanted, cancellationToken), cancellationToken);
        if (!read.TryGet(out var place, out problem)) return problem;
        if (!place.Topic.Persistent) return Empty(wanted.Topic);

        var sweep = SweepPreviewWork.New(place.Home, clock);
        var begun = await database.WriteAsync(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Work.FindOpenAsync(SweepPreviewWork.Place(place.Home).Line, SweepPreviewWork.Kind, cancellationToken) is not null) return Busy;
            sweep.Arm(session, place.Home, clock);
            return Outcome.Done;
        }, cancellationToken);
        if (!begun.IsOk) return begun.Problem;
        try
        {
            return await TryOutAsync(place, definition, wanted, sweep, cancellationToken);
        }
        finally
        {
            // Also for who went away meanwhile. Should this not come through, the sweep begins by itself.
            await database.UpdateAsync(null, access.Organization.Id, async session =>
            {
                (await session.Work.FindOpenAsync(SweepPreviewWork.Place(place.Home).Line, SweepPreviewWork.Kind, CancellationToken.None))?.TryNow(clock.Now());
                return true;
            }, CancellationToken.None);
        }
    }

    private async Task<Outcome<FunctionPreview>> TryOutAsync(
        PreviewPlace place, ConnectorDefinition definition, NewPreview wanted, SweepPreviewWork sweep, CancellationToken cancellationToken)
    {
        var @namespace = place.Home;
        if (!(await LastAsync(place.Namespace, place.Topic, cancellationToken)).TryGet(out var last, out var problem)) return problem;
        if (last.Count == 0) return Empty(wanted.Topic);
        var (input, output) = (Scratch(@namespace, sweep.Input), Scratch(@namespace, sweep.Output));
        var subscription = SubscriptionName.Create("preview").Value;
        problem = (await topics.EnsureAsync(input.OnCluster, cancellationToken)).Problem ?? (await topics.EnsureAsync(output.OnCluster, cancellationToken)).Problem
            ?? (await topics.CreateSubscriptionAsync(input.OnCluster, subscription, fromEarliest: true, cancellationToken)).Problem;
        if (problem is not null) return problem;
        var ensured = await connectors.EnsureAsync(
            new(sweep.Function(@namespace), definition.Type.Name, [input.Address], subscription.Value, Guarantee.AtLeastOnce, 1, wanted.Configuration, output.Address), cancellationToken);
        if (!ensured.IsOk) return ensured.Problem;
        // A worker gives the topic the schema that the function reads, but only while nothing was sent.
        var until = clock.GetUtcNow() + Patience;
        // It says that it runs before it is connected.
        await WaitAsync(sweep.Function(@namespace), until, async status => status.Running == 1
            && (await subscriptions.LookAsync(input.OnCluster, subscription, cancellationToken)).TryGet(out var look, out _) && look.Consumers.Count > 0, cancellationToken);
        var sent = new List<(Message Before, MessagePlace Copy)>();
        foreach (var message in last)
        {
            var copied = (await messages.SendAsync(@namespace, input, new(message.Payload, message.Key, message.Properties), cancellationToken)).Then(messages.Locate);
            if (!copied.TryGet(out var copy, out problem)) return problem;
            sent.Add((message, copy));
        }

        var (plain, secrets) = ConnectorConfiguration.Split(definition, wanted.Configuration);
        // A message is acknowledged once what was made of it is written, and one that failed is not.
        var trouble = await WaitAsync(sweep.Function(@namespace), until + Patience, async status => status.Instances is [var one, ..] && one.Delivered + one.Failures >= last.Count
            && (await subscriptions.LookAsync(input.OnCluster, subscription, cancellationToken)).TryGet(out var look, out _) && look.Figures.Backlog <= one.Failures, cancellationToken);
        if (!(await messages.ReadAsync(@namespace, output, new ReadQuery("earliest"), PageRequest.MaxLimit, cancellationToken)).TryGet(out var written, out problem)) return problem;
        // What failed was not acknowledged. It is asked for after the rest, so that nothing counts as failed that was written meanwhile.
        if (!(await subscriptions.PeekAsync(input.OnCluster, subscription, null, Most, cancellationToken)).TryGet(out var left, out problem)) return problem;
        var after = written.Items.ToLookup(message => Origin(message));
        var waiting = left.Select(message => messages.Locate(message.MessageId)).Where(one => one.IsOk).Select(one => one.Value.Position).ToHashSet();
        return new FunctionPreview(
            [.. sent.Select(one => new PreviewedMessage(
                one.Before, [.. after[one.Copy.Position]],
                after.Contains(one.Copy.Position) ? PreviewFate.Passed : !waiting.Contains(one.Copy.Position) ? PreviewFate.Filtered : trouble is null ? PreviewFate.Unfinished : PreviewFate.Failed))],
            guides.Explain(ConnectorKind.Function, definition.Type.Name, plain, trouble, secrets)?.Says);
    }

    /// <summary>Until it is so, the function does not run, or the time is over. Its last exception; null for none.</summary>
    private async Task<string?> WaitAsync(ConnectorAddress function, DateTimeOffset until, Func<ConnectorStatus, Task<bool>> isSo, CancellationToken cancellationToken)
    {
        string? trouble = null;
        while (clock.GetUtcNow() < until)
        {
            if ((await connectors.StatusAsync(function, cancellationToken)).TryGet(out var status, out _))
            {
                trouble = status.Instances.Select(one => one.Exception).FirstOrDefault();
                if (status.IsFailing || await isSo(status)) break;
            }
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        }
        return trouble;
    }

    /// <summary>The last messages of a topic, oldest first: read from a time that has as many entries behind it, and not many more.</summary>
    private async Task<Outcome<IReadOnlyList<Message>>> LastAsync(Namespace @namespace, Topic topic, CancellationToken cancellationToken)
    {
        const int Enough = 10 * Most, MostLooks = 16;
        // Longer and longer ago, until there are as many; then between the two last times, until there are not too many.
        var (since, recent, found) = (topic.CreatedAt, clock.GetUtcNow(), 0L);
        for (var span = TimeSpan.FromSeconds(1); found < Most && recent > topic.CreatedAt; span *= 8)
        {
            var at = clock.GetUtcNow() - span > topic.CreatedAt ? clock.GetUtcNow() - span : topic.CreatedAt;
            if (!(await subscriptions.CountSinceAsync(topic.OnCluster, at, cancellationToken)).TryGet(out var count, out var problem)) return problem;
            found = count.Entries;
            if (found < Most) recent = at;
            else since = at;
        }
        for (var look = 0; look < MostLooks && found > Enough; look++)
        {
            var middle = since + (recent - since) / 2;
            if (!(await subscriptions.CountSinceAsync(topic.OnCluster, middle, cancellationToken)).TryGet(out var count, out var problem)) return problem;
            if (count.Entries < Most) recent = middle;
            else (since, found) = (middle, count.Entries);
        }
        var query = found < Most ? new ReadQuery("earliest") : new ReadQuery(Since: since);
        return (await messages.ReadAsync(@namespace, topic, query, PageRequest.MaxLimit, cancellationToken)).Map<IReadOnlyList<Message>>(read => [.. read.Items.TakeLast(Most)]);
    }

    private static async Task<Outcome<PreviewPlace>> FindAsync(IPortalSession session, OrganizationAccess access, string tenant, NewPreview wanted, CancellationToken cancellationToken)
    {
        if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner) return TenantProblems.NoTenant;
        if (await session.Tenants.FindNamespaceAsync(owner.Id, wanted.Namespace ?? "", cancellationToken) is not { } home) return TenantProblems.NoNamespace;
        if (home.State == ResourceState.Deleting) return TenantProblems.Deleting("namespace");
        if (!(await session.FindTopicOfAsync(owner, wanted.Topic, "topic", cancellationToken)).TryGet(out var topic, out var problem)) return problem;
        // A role for one namespace opens no other one by way of a preview.
        if (!access.Allows(Permission.ReadMessages, new(tenant, topic.NamespaceName))) return ConnectorLookup.NoTopic(wanted.Topic!, "topic");
        return (await session.FindWithNamespaceAsync(access.Organization.Id, tenant, topic.NamespaceName, topic.Name, cancellationToken))
            .Map(found => new PreviewPlace(home, found.Namespace, found.Topic));
    }

    /// <param name="Home">Where the function is to live.</param>
    /// <param name="Namespace">Of the topic.</param>
    private sealed record PreviewPlace(Namespace Home, Namespace Namespace, Topic Topic);

    /// <summary>Where the message lay that this one was made of, as the cluster writes it beside.</summary>
    private MessagePosition? Origin(Message message) =>
        message.Properties.TryGetValue("__pfn_input_msg_id__", out var id) && messages.Locate(id).TryGet(out var place, out _) ? place.Position : null;

    private Topic Scratch(Namespace @namespace, string name) => new(new(clock.NewUuid()), @namespace, TopicName.OfPreview(name), persistent: true, partitions: 0, clock.Now());

    private static Problem.Conflict Empty(string? topic) =>
        new("preview-empty", $"Topic {Operation.Brief(topic ?? "")} doesn't store any messages, so there is nothing to try the function on. Send it some first.");
}
