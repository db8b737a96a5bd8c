using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>Makes a connector or function; the cluster follows.</summary>
public sealed class CreateConnector(
    AccessGuard guard,
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ConnectorGuides guides,
    ITopicKeys keys,
    ISecretSeal seal,
    TimeProvider clock
)
{
    public const int MostTopics = 20;

    /// <summary>Instances of one connector: more are the cluster's to run out of.</summary>
    public const int MostInstances = 32;

    public const int MostRetries = 1_000;

    public async Task<Outcome<Connector>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        NewConnector wanted,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            $"{wanted.Kind.Noun()}.create",
            $"{tenant}/{wanted.Namespace}/{wanted.Name}",
            Details(wanted),
            new(tenant, wanted.Namespace ?? "")
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (wanted.Unreadable is { } unreadable)
            return unreadable;
        if (!ConnectorName.Create(wanted.Name, wanted.Kind).TryGet(out var name, out problem))
            return problem;
        if (CheckShape(wanted) is { } wrong)
            return wrong;
        if (
            wanted is { Kind: not ConnectorKind.Source, Subscription: { Length: > 0 } asked }
            && SubscriptionName.Create(asked).Problem is { } badSubscription
        )
            return new Problem.Invalid(badSubscription.Code, badSubscription.Message, "subscription");

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
        if (ConnectorConfiguration.Check(definition, wanted.Configuration, []) is [var first, ..])
            return first;
        if (Sealing.Missing(wanted.Secrets, wanted.Configuration, []) is { } absent)
            return absent;
        // Sealed before the transaction begins: the key ring may have to write a new key first.
        var id = new ConnectorId(clock.NewUuid());
        var setup = Sealing.Setup(seal, id, definition, wanted.Guarantee, wanted.Instances, wanted.Configuration, wanted.Secrets);

        return await database.WriteAsync<Connector>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                if (await session.Tenants.FindNamespaceAsync(owner.Id, wanted.Namespace!, cancellationToken) is not { } inside)
                    return TenantProblems.NoNamespace;
                if (inside.State == ResourceState.Deleting)
                    return TenantProblems.Deleting("namespace");
                if (await session.Connectors.FindAsync(inside.Id, name.Value, cancellationToken) is { } existing)
                    return new Problem.Conflict(
                        "connector-exists",
                        existing.State == ResourceState.Deleting
                            ? $"{Capital(existing.Kind.Noun())} '{name}' is still being deleted. Try again in a moment."
                            : $"Namespace '{inside.Path}' already has a {existing.Kind.Noun()} named '{name}'.",
                        "name"
                    );
                var topics = new List<string>();
                foreach (var topic in wanted.Topics)
                {
                    var written =
                        wanted.Kind == ConnectorKind.Source
                            ? await WrittenAsync(session, owner, access, tenant, topic, wanted.CreateOutput, "topics", cancellationToken)
                            : await session.FindTopicOfAsync(owner, topic, "topics", cancellationToken);
                    if (!written.TryGet(out var found, out var missing))
                        return missing;
                    // A role for one namespace opens no other one by way of a connector.
                    if (!access.Allows(Permission.ManageResources, new(tenant, found.NamespaceName)))
                        return ConnectorLookup.NoTopic(topic, "topics");
                    if (wanted.Kind != ConnectorKind.Source && !found.Persistent)
                        return new Problem.Invalid(
                            "connector-topic-keeps-nothing",
                            $"A {wanted.Kind.Text()} needs a persistent topic, and {found.Name} doesn't store its messages. "
                                + "Choose another one.",
                            "topics"
                        );
                    if (!topics.Contains(found.Address, StringComparer.Ordinal))
                        topics.Add(found.Address);
                }
                if (await RefuseInstancesAsync(session, access.Organization.Id, wanted.Instances, cancellationToken) is { } over)
                    return over;
                PackageUse? package = null;
                if (PackageUse.NameIn(definition.Type.Name) is { } packageName)
                {
                    if (PackageRules.RefuseOn(registered) is { } shared)
                        return shared;
                    var used = await PackageRules.UseAsync(
                        session,
                        inside,
                        packageName,
                        wanted.PackageVersion,
                        wanted.ClassName,
                        cancellationToken
                    );
                    if (!used.TryGet(out package, out var unknown))
                        return unknown;
                }
                string? deadLetters = null;
                if (!string.IsNullOrEmpty(wanted.DeadLetterTopic))
                {
                    var aside = await WrittenAsync(
                        session,
                        owner,
                        access,
                        tenant,
                        wanted.DeadLetterTopic,
                        wanted.CreateDeadLetterTopic,
                        "deadLetterTopic",
                        cancellationToken
                    );
                    if (!aside.TryGet(out var letters, out var badLetters))
                        return badLetters;
                    deadLetters = letters.Address;
                    if (topics.Contains(deadLetters, StringComparer.Ordinal))
                        return new Problem.Invalid(
                            "connector-dead-letters-read",
                            "A sink can't put failed messages into a topic that it reads. "
                                + $"Choose another topic than {wanted.DeadLetterTopic}.",
                            "deadLetterTopic"
                        );
                }
                string? output = null;
                if (wanted.Kind == ConnectorKind.Function)
                {
                    if (
                        !(
                            await WrittenAsync(
                                session,
                                owner,
                                access,
                                tenant,
                                wanted.Output,
                                wanted.CreateOutput,
                                "output",
                                cancellationToken
                            )
                        ).TryGet(out var into, out var badOutput)
                    )
                        return badOutput;
                    output = into.Address;
                    if (topics.Contains(output, StringComparer.Ordinal))
                        return new Problem.Invalid(
                            "function-output-is-input",
                            $"A function can't write to a topic that it reads. Choose another topic than {wanted.Output}.",
                            "output"
                        );
                }

                var subscription =
                    wanted.Kind == ConnectorKind.Source ? null
                    : string.IsNullOrEmpty(wanted.Subscription) ? name.Value
                    : SubscriptionName.Create(wanted.Subscription).Value.Value;
                var connector = new Connector(
                    id,
                    inside,
                    name,
                    definition.Type,
                    topics,
                    subscription,
                    wanted.FromEarliest,
                    setup,
                    wanted.Stopped ? ConnectorWish.Stop : ConnectorWish.Run,
                    clock.Now(),
                    output
                );
                connector.Begin(wanted.Kind == ConnectorKind.Source ? null : wanted.StartAt, wanted.MaxRetries, deadLetters);
                if (package is not null)
                    connector.Use(package);
                session.Connectors.Add(connector);
                session.Work.Add(clock, new ApplyConnectorWork(id, false), connector.Place());
                return connector;
            },
            cancellationToken
        );
    }

    /// <summary>The plan's connectors are counted in instances: each is paid for and takes a thread of the cluster.</summary>
    internal static async Task<Problem?> RefuseInstancesAsync(
        IPortalSession session,
        OrganizationId organization,
        int more,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.PlanOfAsync(organization, cancellationToken);
        var used = await session.Connectors.CountInstancesAsync(organization, cancellationToken);
        return more == 1
            ? plan.RefuseOneMore(LimitKind.Connectors, "connectors-limit", "connector instance", null, used)
            : plan.RefuseMore(LimitKind.Connectors, "connectors-limit", "connector instances", used + more);
    }

    internal static Problem.Invalid? CheckInstances(string noun, int instances) =>
        instances is >= 1 and <= MostInstances
            ? null
            : new Problem.Invalid("connector-instances-range", $"A {noun} runs 1 to {MostInstances} instances.", "instances");

    /// <summary>The topic that a source or function is to write to, new where that is asked for.</summary>
    private async Task<Outcome<Topic>> WrittenAsync(
        IPortalSession session,
        Tenant owner,
        OrganizationAccess access,
        string tenant,
        string? topicPath,
        bool create,
        string field,
        CancellationToken cancellationToken
    )
    {
        var found = await session.FindTopicOfAsync(owner, topicPath, field, cancellationToken);
        if (found.TryGet(out var topic, out var missing))
            return access.Allows(Permission.ManageResources, new(tenant, topic.NamespaceName))
                ? topic
                : ConnectorLookup.NoTopic(topicPath!, field);
        if (!create || topicPath?.Split('/') is not [var @namespace, { Length: > 0 } name] || missing.Code != "connector-topic-unknown")
            return missing;
        if (
            !access.Allows(Permission.ManageResources, new(tenant, @namespace))
            || await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside
        )
            return missing;
        if (!TopicName.Create(name).TryGet(out var topicName, out var malformed))
            return new Problem.Invalid(malformed.Code, malformed.Message, field);
        return await session.AddTopicAsync(
            inside,
            topicName,
            persistent: true,
            partitions: 0,
            start: null,
            aside: 0,
            keys,
            clock,
            cancellationToken
        );
    }

    private static Dictionary<string, string> Details(NewConnector wanted)
    {
        var details = new Dictionary<string, string>
        {
            ["type"] = Operation.Brief($"{wanted.Kind.Text()}:{wanted.Type}"),
            ["topics"] = Operation.Brief(string.Join(", ", wanted.Topics)),
            ["instances"] = $"{wanted.Instances}",
        };
        if (wanted.Kind == ConnectorKind.Function)
            details["output"] = Operation.Brief(wanted.Output ?? "");
        if (wanted.CreateOutput)
            details["createOutput"] = "true";
        if (wanted.PackageVersion is { } version)
            details["version"] = Operation.Brief(version);
        if (wanted.DeadLetterTopic is { } letters)
            details["deadLetterTopic"] = Operation.Brief(letters);
        return details;
    }

    /// <summary>Where failures end, which only sinks are told.</summary>
    private static Problem.Invalid? CheckAside(NewConnector wanted)
    {
        if (wanted.StartAt is not null && wanted.FromEarliest)
            return new("position-unknown", "Leave out position, or startAt: a subscription starts at one of them.", "startAt");
        if (wanted.MaxRetries is null && string.IsNullOrEmpty(wanted.DeadLetterTopic))
            return null;
        if (wanted.Kind != ConnectorKind.Sink)
            return new(
                "connector-retries-kind",
                "Only sinks take a number of retries and a dead letter topic.",
                wanted.MaxRetries is null ? "deadLetterTopic" : "maxRetries"
            );
        if (wanted.MaxRetries is null)
            return new(
                "connector-retries-range",
                "Say with maxRetries how often a message is tried again before it goes to the dead letter topic: "
                    + $"1 to {MostRetries} times.",
                "deadLetterTopic"
            );
        if (wanted.MaxRetries is not (>= 1 and <= MostRetries))
            return new(
                "connector-retries-range",
                $"Say how often a message is tried again before it goes to the dead letter topic: 1 to {MostRetries} times.",
                "maxRetries"
            );
        return string.IsNullOrEmpty(wanted.DeadLetterTopic)
                ? new(
                    "connector-dead-letters-missing",
                    "Choose a dead letter topic. Without one, a message that failed too often would be lost.",
                    "deadLetterTopic"
                )
            : wanted.Guarantee == Guarantee.EffectivelyOnce
                ? new(
                    "connector-retries-kind",
                    "A sink that delivers effectively once can't put failed messages aside. Choose at least once.",
                    "maxRetries"
                )
            : null;
    }

    private static string Capital(string noun) => char.ToUpperInvariant(noun[0]) + noun[1..];

    private static Problem.Invalid? CheckShape(NewConnector wanted)
    {
        if (string.IsNullOrEmpty(wanted.Namespace))
            return new Problem.Invalid(
                "connector-namespace-missing",
                $"Choose the namespace that the {wanted.Kind.Noun()} belongs to.",
                "namespace"
            );
        if (CheckInstances(wanted.Kind.Noun(), wanted.Instances) is { } wrong)
            return wrong;
        if (wanted.Topics.Count == 0)
            return new Problem.Invalid(
                "connector-topic-missing",
                wanted.Kind == ConnectorKind.Source
                    ? "Choose the topic that the source writes to."
                    : $"Choose at least one topic for the {wanted.Kind.Text()} to read.",
                "topics"
            );
        if (wanted.Kind == ConnectorKind.Function && string.IsNullOrEmpty(wanted.Output))
            return new Problem.Invalid("function-output-missing", "Choose the topic that the function writes to.", "output");
        if (CheckAside(wanted) is { } aside)
            return aside;
        if ((wanted.PackageVersion ?? wanted.ClassName) is not null && PackageUse.NameIn(wanted.Type) is null)
            return PackageRules.NotOfPackage(wanted.PackageVersion is null ? "className" : "packageVersion");
        if (wanted.Kind == ConnectorKind.Source && wanted.Topics.Count > 1)
            return new Problem.Invalid("connector-topics-many", "A source writes to one topic. Choose one.", "topics");
        return wanted.Topics.Count > MostTopics
            ? new Problem.Invalid("connector-topics-many", $"A {wanted.Kind.Text()} reads at most {MostTopics} topics.", "topics")
            : null;
    }
}
