using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>What a new connector is to be.</summary>
/// <param name="Topics">As <c>namespace/topic</c>: one for a source, 1 to 20 for a sink.</param>
/// <param name="Subscription">A sink's; null for one called as the connector.</param>
/// <param name="Configuration">Fields by name, secrets among them.</param>
/// <param name="Stopped">Made without being started.</param>
public sealed record NewConnector(
    string? Namespace, string? Name, ConnectorKind Kind, string? Type, IReadOnlyList<string> Topics, string? Subscription, bool FromEarliest, Guarantee Guarantee, int Instances,
    JsonObject Configuration, bool Stopped);

/// <summary>Makes a connector; the cluster follows.</summary>
public sealed class CreateConnector(AccessGuard guard, IPortalDatabase database, IConnectorAdmin connectors, ISecretSeal seal, TimeProvider clock)
{
    public const int MostTopics = 20;

    /// <summary>Instances of one connector: more are the cluster's to run out of.</summary>
    public const int MostInstances = 32;

    public async Task<Outcome<Connector>> RunAsync(Actor actor, string organization, string tenant, NewConnector wanted, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageResources, "connector.create", $"{tenant}/{wanted.Namespace}/{wanted.Name}", new Dictionary<string, string>
        {
            ["type"] = Operation.Brief($"{wanted.Kind.Text()}:{wanted.Type}"), ["topics"] = Operation.Brief(string.Join(", ", wanted.Topics)), ["instances"] = $"{wanted.Instances}",
        }, new(tenant, wanted.Namespace ?? ""));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        if (!ConnectorName.Create(wanted.Name).TryGet(out var name, out problem)) return problem;
        if (CheckShape(wanted) is { } wrong) return wrong;
        if (wanted is { Kind: ConnectorKind.Sink, Subscription: { Length: > 0 } asked } && SubscriptionName.Create(asked).Problem is { } badSubscription)
            return new Problem.Invalid(badSubscription.Code, badSubscription.Message, "subscription");

        var cluster = await database.ReadAsync(session => CatalogReading.ClusterOfAsync(session, access.Organization.Id, tenant, cancellationToken), cancellationToken);
        if (!cluster.TryGet(out var registered, out problem)) return problem;
        if (!(await connectors.DefinitionAsync(registered, wanted.Kind, wanted.Type, cancellationToken)).TryGet(out var definition, out problem)) return problem;
        if (ConnectorConfiguration.Check(definition, wanted.Configuration, []) is [var first, ..]) return first;
        // Sealed before the transaction begins: the key ring may have to write a new key first.
        var id = new ConnectorId(clock.NewUuid());
        var setup = Sealing.Setup(seal, id, definition, wanted.Guarantee, wanted.Instances, wanted.Configuration);

        return await database.WriteAsync<Connector>(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner) return TenantProblems.NoTenant;
            if (await session.Tenants.FindNamespaceAsync(owner.Id, wanted.Namespace!, cancellationToken) is not { } inside) return TenantProblems.NoNamespace;
            if (inside.State == ResourceState.Deleting) return TenantProblems.Deleting("namespace");
            if (await session.Connectors.FindAsync(inside.Id, name.Value, cancellationToken) is { } existing)
                return new Problem.Conflict("connector-exists", existing.State == ResourceState.Deleting
                    ? $"Connector '{name}' is still being deleted. Try again in a moment." : $"Namespace '{inside.Path}' already has a connector named '{name}'.", "name");
            var topics = new List<string>();
            foreach (var topic in wanted.Topics)
            {
                if (!(await session.FindTopicOfAsync(owner, topic, cancellationToken)).TryGet(out var found, out var missing)) return missing;
                // A role for one namespace opens no other one by way of a connector.
                if (!access.Allows(Permission.ManageResources, new(tenant, found.NamespaceName))) return ConnectorLookup.NoTopic(topic);
                if (wanted.Kind == ConnectorKind.Sink && !found.Persistent)
                    return new Problem.Invalid("connector-topic-keeps-nothing", $"A sink needs a persistent topic, and {found.Name} doesn't store its messages. Choose another one.", "topics");
                if (!topics.Contains(found.Address, StringComparer.Ordinal)) topics.Add(found.Address);
            }
            if (await RefuseInstancesAsync(session, access.Organization.Id, wanted.Instances, cancellationToken) is { } over) return over;

            var subscription = wanted.Kind == ConnectorKind.Source ? null : string.IsNullOrEmpty(wanted.Subscription) ? name.Value : SubscriptionName.Create(wanted.Subscription).Value.Value;
            var connector = new Connector(
                id, inside, name, definition.Type, topics, subscription, wanted.FromEarliest, setup, wanted.Stopped ? ConnectorWish.Stop : ConnectorWish.Run, clock.Now());
            session.Connectors.Add(connector);
            session.Work.Add(clock, new ApplyConnectorWork(id, false), connector.Place());
            return connector;
        }, cancellationToken);
    }

    /// <summary>The plan's connectors are counted in instances: each is paid for and takes a thread of the cluster.</summary>
    internal static async Task<Problem?> RefuseInstancesAsync(IPortalSession session, OrganizationId organization, int more, CancellationToken cancellationToken)
    {
        var plan = await session.PlanOfAsync(organization, cancellationToken);
        var used = await session.Connectors.CountInstancesAsync(organization, cancellationToken);
        return more == 1
            ? plan.RefuseOneMore(LimitKind.Connectors, "connectors-limit", "connector instance", null, used)
            : plan.RefuseMore(LimitKind.Connectors, "connectors-limit", "connector instances", used + more);
    }

    internal static Problem.Invalid? CheckInstances(int instances) => instances is >= 1 and <= MostInstances ? null
        : new Problem.Invalid("connector-instances-range", $"A connector runs 1 to {MostInstances} instances.", "instances");

    private static Problem.Invalid? CheckShape(NewConnector wanted)
    {
        if (string.IsNullOrEmpty(wanted.Namespace)) return new Problem.Invalid("connector-namespace-missing", "Choose the namespace that the connector belongs to.", "namespace");
        if (CheckInstances(wanted.Instances) is { } wrong) return wrong;
        if (wanted.Topics.Count == 0) return new Problem.Invalid("connector-topic-missing", wanted.Kind == ConnectorKind.Source ? "Choose the topic that the source writes to." : "Choose at least one topic for the sink to read.", "topics");
        if (wanted.Kind == ConnectorKind.Source && wanted.Topics.Count > 1) return new Problem.Invalid("connector-topics-many", "A source writes to one topic. Choose one.", "topics");
        return wanted.Topics.Count > MostTopics ? new Problem.Invalid("connector-topics-many", $"A sink reads at most {MostTopics} topics.", "topics") : null;
    }
}

/// <summary>Secrets of connectors, in and out of the seal.</summary>
internal static class Sealing
{
    internal static ConnectorSetup Setup(ISecretSeal seal, ConnectorId id, ConnectorDefinition definition, Guarantee guarantee, int instances, JsonObject given, JsonObject? kept = null)
    {
        var (plain, secrets) = ConnectorConfiguration.Split(definition, given);
        // A secret that is sent as null is taken away, one that is left out stays.
        foreach (var (name, value) in kept ?? [])
        {
            if (!given.ContainsKey(name)) secrets[name] = value?.DeepClone();
        }
        return new(guarantee, instances, plain, secrets.Count == 0 ? null : seal.Seal(Connector.SealPurpose(id), secrets.ToJsonString()), [.. secrets.Select(pair => pair.Key)]);
    }

    /// <summary>The secrets in the clear; null when they cannot be opened.</summary>
    internal static JsonObject? OpenSecrets(this Connector connector, ISecretSeal seal) =>
        connector.SealedSecrets is not { } closed ? [] : seal.Open(Connector.SealPurpose(connector.Id), closed) is { } open ? ForeignJson.ParseNode(open) as JsonObject : null;
}
