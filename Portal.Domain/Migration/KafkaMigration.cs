using System.Text.Json;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Migration;

/// <summary>How far a migration has come; written <c>connected</c>, <c>looking</c>, <c>planned</c>.</summary>
public enum MigrationStage
{
    /// <summary>The connection works; nothing was looked at yet.</summary>
    Connected,

    /// <summary>The inventory is being taken.</summary>
    Looking,

    /// <summary>There is an inventory, and every topic of it maps to something or stays.</summary>
    Planned,
}

/// <summary>How a cut-over stands: the last records come, everything is proven once more, following stops.</summary>
public enum CutOverStage
{
    None,
    Catching,
    Proving,
    Stopping,
    Done,
    Failed,
}

/// <summary>A customer's move from one Kafka cluster into a tenant.</summary>
public sealed class KafkaMigration
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private KafkaMigration() { }

    public KafkaMigration(
        MigrationId id,
        Tenant tenant,
        string name,
        KafkaConnection connection,
        string sealedConnection,
        ConnectionTest test,
        string createdBy,
        DateTimeOffset at
    )
    {
        (Id, OrganizationId, TenantId, TenantName, Cluster, Name) = (
            id,
            tenant.OrganizationId,
            tenant.Id,
            tenant.Name,
            tenant.Cluster,
            name
        );
        (CreatedBy, CreatedAt) = (createdBy, at);
        RulesJson = Write([MappingRule.Everything(NamespaceName.Default.Value)]);
        Connect(connection, sealedConnection, test, at);
    }

    public MigrationId Id { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>Where its topics go unless a rule says otherwise; its scope is what people may see of it.</summary>
    public TenantId TenantId { get; private set; }

    public string TenantName { get; private set; } = "";

    /// <summary>The Pulsar cluster of the tenant.</summary>
    public string Cluster { get; private set; } = "";

    public string Name { get; private set; } = "";

    public string BootstrapServers { get; private set; } = "";
    public KafkaSecurity Security { get; private set; }
    public string? UserName { get; private set; }

    /// <summary>The whole connection with its password; null once the credentials are deleted.</summary>
    public string? SealedConnection { get; private set; }

    /// <summary>Kafka's own id of the cluster.</summary>
    public string? KafkaClusterId { get; private set; }

    public int Brokers { get; private set; }
    public MigrationStage Stage { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When the connection was last given.</summary>
    public DateTimeOffset ConnectedAt { get; private set; }

    /// <summary>When the last inventory was begun, and when it was complete; null for none.</summary>
    public DateTimeOffset? LookedAt { get; private set; }

    public DateTimeOffset? LookedWholeAt { get; private set; }

    /// <summary>How far the inventory is: <c>topics</c>, <c>groups</c>, …; null while none is being taken.</summary>
    public string? Phase { get; private set; }

    public long Done { get; private set; }
    public long Total { get; private set; }

    /// <summary>Why the inventory does not go on; null when it does.</summary>
    public string? ProblemCode { get; private set; }

    public string? ProblemMessage { get; private set; }

    public string RulesJson { get; private set; } = "[]";

    /// <summary>Of the rules; counts up with each change.</summary>
    public int RulesRevision { get; private set; } = 1;

    /// <summary>Of the rules that the topics were mapped by last.</summary>
    public int MappedRevision { get; private set; }

    /// <summary>Access rules of the cluster as JSON; null when they could not be listed.</summary>
    public string? AclsJson { get; private set; }

    public CutOverStage CutOver { get; private set; }
    public string? CutOverBy { get; private set; }

    /// <summary>When it was asked for, and when following had stopped.</summary>
    public DateTimeOffset? CutOverAt { get; private set; }

    public DateTimeOffset? CutOverDoneAt { get; private set; }

    /// <summary>Why the cut-over waits, or has failed.</summary>
    public string? CutOverProblem { get; private set; }

    /// <summary>What was not settled when somebody cut over all the same, one a line.</summary>
    public string CutOverOpen { get; private set; } = "";

    /// <summary>When it was declared over: the credentials are gone, and the record is kept.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    public string? FinishedBy { get; private set; }

    public bool IsCuttingOver => CutOver is CutOverStage.Catching or CutOverStage.Proving or CutOverStage.Stopping;

    public IReadOnlyList<MappingRule> Rules => JsonSerializer.Deserialize<IReadOnlyList<MappingRule>>(RulesJson, Json)!;

    public IReadOnlyList<KafkaAcl>? Acls => AclsJson is null ? null : JsonSerializer.Deserialize<IReadOnlyList<KafkaAcl>>(AclsJson, Json);

    /// <summary>The topics are being mapped by rules that were just changed.</summary>
    public bool IsMapping => Stage == MigrationStage.Planned && MappedRevision != RulesRevision;

    public Scope Scope => new(TenantName);

    /// <summary>What its connection is sealed for: nothing else opens it.</summary>
    public static string SealPurpose(MigrationId id) => $"migration:{id}:connection";

    public void Connect(KafkaConnection connection, string sealedConnection, ConnectionTest test, DateTimeOffset at)
    {
        (BootstrapServers, Security, UserName, SealedConnection) = (
            connection.BootstrapServers,
            connection.Security,
            connection.User,
            sealedConnection
        );
        (KafkaClusterId, Brokers, ConnectedAt) = (test.ClusterId, test.Brokers, at);
    }

    public void BeginLook(DateTimeOffset at) =>
        (Stage, LookedAt, Phase, Done, Total, ProblemCode, ProblemMessage) = (MigrationStage.Looking, at, "topics", 0, 0, null, null);

    internal void GoOn(string phase, long done, long total) =>
        (Phase, Done, Total, ProblemCode, ProblemMessage) = (phase, done, total, null, null);

    internal void SeenAcls(IReadOnlyList<KafkaAcl>? acls) => AclsJson = acls is null ? null : JsonSerializer.Serialize(acls, Json);

    internal void Looked(DateTimeOffset at) =>
        (Stage, LookedWholeAt, Phase, ProblemCode, ProblemMessage, MappedRevision) = (MigrationStage.Planned, at, null, null, null, 0);

    internal void Wait(Problem problem) => (ProblemCode, ProblemMessage) = (problem.Code, problem.Message);

    /// <summary>The inventory was given up; what was known before stands.</summary>
    internal void Fail(Problem problem)
    {
        Wait(problem);
        (Stage, Phase) = (LookedWholeAt is null ? MigrationStage.Connected : MigrationStage.Planned, null);
    }

    internal void Rule(IReadOnlyList<MappingRule> rules) => (RulesJson, RulesRevision) = (Write(rules), RulesRevision + 1);

    internal void Mapped(int revision) => MappedRevision = revision;

    internal void BeginCutOver(string by, IEnumerable<string> open, DateTimeOffset at) =>
        (CutOver, CutOverBy, CutOverAt, CutOverDoneAt, CutOverProblem, CutOverOpen) = (
            CutOverStage.Catching,
            by,
            at,
            null,
            null,
            string.Join('\n', open)
        );

    internal void GoOnCutOver(CutOverStage stage) => (CutOver, CutOverProblem) = (stage, null);

    internal void DoneCutOver(DateTimeOffset at) => (CutOver, CutOverDoneAt, CutOverProblem) = (CutOverStage.Done, at, null);

    internal void WaitCutOver(Problem problem) => CutOverProblem = problem.Message;

    /// <summary>Following goes on.</summary>
    internal void FailCutOver(Problem problem) => (CutOver, CutOverProblem) = (CutOverStage.Failed, problem.Message);

    internal void Finish(string by, DateTimeOffset at) => (SealedConnection, FinishedBy, FinishedAt) = (null, by, at);

    private static string Write(IReadOnlyList<MappingRule> rules) => JsonSerializer.Serialize(rules, Json);
}
