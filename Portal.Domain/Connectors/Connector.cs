using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Connectors;

/// <summary>What its owner wants of a connector that is there.</summary>
public enum ConnectorWish
{
    Run,
    Stop,
}

/// <summary>How often a message may arrive.</summary>
public enum Guarantee
{
    AtLeastOnce,
    AtMostOnce,
    EffectivelyOnce,
}

/// <summary>What of a connector can be changed while it lives.</summary>
/// <param name="Configuration">Without secrets.</param>
/// <param name="SealedSecrets">The secrets as a sealed JSON object; null for none.</param>
/// <param name="SecretFields">Which fields those are.</param>
public sealed record ConnectorSetup(
    Guarantee Guarantee,
    int Instances,
    JsonObject Configuration,
    string? SealedSecrets,
    IReadOnlyList<string> SecretFields
);

/// <summary>A built-in source, sink or function that runs on the functions workers of a cluster.</summary>
public sealed class Connector : ClusterResource
{
    private Connector() { }

    /// <param name="topics">Full names: one that a source writes to, or those that a sink or function reads.</param>
    /// <param name="subscription">Of what reads topics; null for a source.</param>
    /// <param name="output">Full name of the topic that a function writes to; null for a source or sink.</param>
    public Connector(
        ConnectorId id,
        Namespace @namespace,
        ConnectorName name,
        ConnectorType type,
        IReadOnlyList<string> topics,
        string? subscription,
        bool fromEarliest,
        ConnectorSetup setup,
        ConnectorWish wish,
        DateTimeOffset createdAt,
        string? output = null
    )
    {
        (Id, NamespaceId, TenantId, OrganizationId, Cluster, TenantName, NamespaceName, Name, CreatedAt, State) = (
            id,
            @namespace.Id,
            @namespace.TenantId,
            @namespace.OrganizationId,
            @namespace.Cluster,
            @namespace.TenantName,
            @namespace.Name,
            name.Value,
            createdAt,
            ResourceState.Creating
        );
        (Path, Kind, Type, TopicNames, Output, Subscription, FromEarliest, Wish, ChangedAt) = (
            $"{@namespace.Name}/{name}",
            type.Kind,
            type.Name,
            string.Join('\n', topics),
            output,
            subscription,
            fromEarliest,
            wish,
            createdAt
        );
        Set(setup);
    }

    public ConnectorId Id { get; private set; }
    public NamespaceId NamespaceId { get; private set; }
    public TenantId TenantId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string Cluster { get; private set; } = "";
    public string TenantName { get; private set; } = "";
    public string NamespaceName { get; private set; } = "";
    public string Name { get; private set; } = "";

    /// <summary><c>namespace/name</c>, by which lists sort.</summary>
    public string Path { get; private set; } = "";

    public ConnectorKind Kind { get; private set; }

    /// <summary>The cluster's name of the built-in connector.</summary>
    public string Type { get; private set; } = "";

    /// <summary>Full names of topics, one a line.</summary>
    public string TopicNames { get; private set; } = "";

    /// <summary>Full name of the topic that a function writes to.</summary>
    public string? Output { get; private set; }

    public string? Subscription { get; private set; }
    public bool FromEarliest { get; private set; }

    /// <summary>What was published before it is not read; null where its subscription starts at one end of the topic.</summary>
    public DateTimeOffset? StartAt { get; private set; }

    /// <summary>Of a sink: how often a message that failed is tried again before it is put aside; null for ever.</summary>
    public int? MaxRetries { get; private set; }

    /// <summary>Full name of the topic in which a sink puts messages aside.</summary>
    public string? DeadLetterTopic { get; private set; }

    /// <summary>What of a package it runs; null for what is built in.</summary>
    public string? PackageText { get; private set; }
    public Guarantee Guarantee { get; private set; }
    public int Instances { get; private set; }

    /// <summary>JSON, without secrets.</summary>
    public string Configuration { get; private set; } = "{}";

    public string? SealedSecrets { get; private set; }

    /// <summary>Names, one a line; empty for none.</summary>
    public string SecretFieldNames { get; private set; } = "";

    public ConnectorWish Wish { get; private set; }

    /// <summary>Of what is wanted; counts up with each change.</summary>
    public int Revision { get; private set; }

    /// <summary>Of what the cluster was told last.</summary>
    public int AppliedRevision { get; private set; }

    /// <summary>Of the operator's settings (<see cref="ConnectorTerms"/>) that the cluster has.</summary>
    public int TermsRevision { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>Why it does not do its work, when the cluster was last asked; null when it does, or is not meant to.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Since when it has had some trouble, whatever that was.</summary>
    public DateTimeOffset? TroubleSince { get; private set; }

    /// <summary>What of a package it runs; null for what is built in.</summary>
    public PackageUse? Package => PackageUse.Read(PackageText);

    public IReadOnlyList<string> Topics => TopicNames.Split('\n');

    /// <summary>Full names of the topics that it reads.</summary>
    public IReadOnlyList<string> ReadTopics => Kind == ConnectorKind.Source ? [] : Topics;

    /// <summary>Full name of the topic that it writes to; null for a sink.</summary>
    public string? WrittenTopic => Kind == ConnectorKind.Source ? Topics[0] : Output;

    public IReadOnlyList<string> SecretFields => SecretFieldNames.Length == 0 ? [] : SecretFieldNames.Split('\n');

    /// <summary>A change is on its way to the cluster.</summary>
    public bool IsChanging => State == ResourceState.Ready && AppliedRevision != Revision;

    /// <summary><c>tenant/namespace/name</c>.</summary>
    public string FullName => $"{TenantName}/{Path}";

    public ConnectorAddress OnCluster => new(Cluster, TenantName, NamespaceName, Name, Kind);

    /// <summary><c>namespace/topic</c> of a full name.</summary>
    public static string ShortTopic(string topic) =>
        topic.Split('/') is [_, _, _, var @namespace, var name] ? $"{@namespace}/{name}" : topic;

    /// <summary>Where its subscription starts and where failures end, said once, when it is made.</summary>
    internal void Begin(DateTimeOffset? startAt, int? maxRetries, string? deadLetterTopic) =>
        (StartAt, MaxRetries, DeadLetterTopic) = (startAt, maxRetries, deadLetterTopic);

    internal void Use(PackageUse package) => PackageText = package.Write();

    /// <summary>What its secrets are sealed for: nothing else opens them.</summary>
    public static string SealPurpose(ConnectorId id) => $"connector:{id}:secrets";

    /// <summary>Whether it helps is seen when it runs with it.</summary>
    public void Change(ConnectorSetup setup, DateTimeOffset at)
    {
        Set(setup);
        (Trouble, TroubleSince) = (null, null);
        Changed(at);
    }

    public void Want(ConnectorWish wish, DateTimeOffset at)
    {
        Wish = wish;
        if (wish == ConnectorWish.Stop)
            (Trouble, TroubleSince) = (null, null);
        Changed(at);
    }

    /// <summary>What the cluster said of one that is meant to run.</summary>
    public void Seen(string? trouble, DateTimeOffset at) =>
        (Trouble, TroubleSince) = (trouble, trouble is null ? null : TroubleSince ?? at);

    public override void Delete(DateTimeOffset at)
    {
        (Trouble, TroubleSince) = (null, null);
        base.Delete(at);
    }

    /// <summary>The cluster has it as it was wanted then.</summary>
    /// <param name="terms">Of the operator's settings that went with it.</param>
    public void Applied(int revision, int terms, DateTimeOffset at)
    {
        (AppliedRevision, TermsRevision) = (revision, terms);
        Ready(at);
    }

    /// <summary>A change of one that is there did not reach the cluster; it goes on as it was.</summary>
    public void NotApplied(Problem problem)
    {
        if (State == ResourceState.Ready)
            (ProblemMessage, ProblemCode) = (problem.Message, problem.Code);
        else
            Wait(problem);
    }

    private void Set(ConnectorSetup setup) =>
        (Guarantee, Instances, Configuration, SealedSecrets, SecretFieldNames) = (
            setup.Guarantee,
            setup.Instances,
            setup.Configuration.ToJsonString(),
            setup.SealedSecrets,
            string.Join('\n', setup.SecretFields)
        );

    private void Changed(DateTimeOffset at) => (Revision, ChangedAt) = (Revision + 1, at);
}

public interface IConnectorStore
{
    /// <summary>A connector that is not deleted.</summary>
    Task<Connector?> FindAsync(NamespaceId @namespace, string name, CancellationToken cancellationToken);

    /// <summary>In any state.</summary>
    Task<Connector?> FindAsync(ConnectorId id, CancellationToken cancellationToken);

    /// <summary>Not deleted, of a tenant, by namespace and name; search in the name.</summary>
    Task<PageOf<Connector>> ListAsync(
        TenantId tenant,
        Scope scope,
        ConnectorFamily family,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>Not deleted, by name.</summary>
    Task<PageOf<Connector>> ListOfNamespaceAsync(NamespaceId @namespace, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Not deleted, of an organization, by namespace and name; search in the name.</summary>
    Task<PageOf<Connector>> ListOfOrganizationAsync(
        OrganizationId organization,
        Scope scope,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>Those that failed to be created, or are in trouble, longest first.</summary>
    Task<IReadOnlyList<Connector>> ListTroubledAsync(
        OrganizationId organization,
        Scope scope,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Those of a cluster that are there and meant to run, by id.</summary>
    Task<IReadOnlyList<Connector>> ListRunningAsync(string cluster, ConnectorId? after, int limit, CancellationToken cancellationToken);

    /// <summary>The run that has not ended; null for none.</summary>
    Task<ConnectorRun?> OpenRunAsync(ConnectorId connector, CancellationToken cancellationToken);

    /// <summary>Instances of all that are not deleted, in the whole organization.</summary>
    Task<int> CountInstancesAsync(OrganizationId organization, CancellationToken cancellationToken);

    void Add(Connector connector);

    void Add(ConnectorRun run);
}

/// <summary>This feature's part of a session.</summary>
public static class ConnectorsSession
{
    extension(IPortalSession session)
    {
        public IConnectorStore Connectors => session.Store<IConnectorStore>();
    }

    internal static IAsyncEnumerable<Connector> AllConnectorsAsync(
        this IPortalSession session,
        OrganizationId organization,
        CancellationToken cancellationToken
    ) =>
        PageWalk.AllAsync(
            page => session.Connectors.ListOfOrganizationAsync(organization, Scope.Whole, page, cancellationToken),
            cancellationToken
        );
}
