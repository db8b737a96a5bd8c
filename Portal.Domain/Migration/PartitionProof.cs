using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>How a proof came out, or that it has not yet.</summary>
public enum ProofState
{
    Running,
    Equal,
    Different,
    Failed,
}

/// <summary>Compares one partition with its copy. The newest is kept; it can be asked for again at any time.</summary>
public sealed class PartitionProof
{
    private PartitionProof() { }

    public PartitionProof(CopiedPartition partition, DateTimeOffset at)
    {
        (PartitionId, MigrationId, OrganizationId) = (partition.Id, partition.MigrationId, partition.OrganizationId);
        Begin(partition.NextOffset, at);
    }

    public CopyId PartitionId { get; private set; }
    public MigrationId MigrationId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public ProofState State { get; private set; }

    /// <summary>Offsets from here are compared: what Kafka still had when it began.</summary>
    public long FromOffset { get; private set; }

    /// <summary>Up to here, not with it: what was copied when it began.</summary>
    public long UntilOffset { get; private set; }

    public long SourceCount { get; private set; }
    public long TargetCount { get; private set; }
    public long ForeignCount { get; private set; }
    public long Differences { get; private set; }

    /// <summary>Stretches were compared, not all of it.</summary>
    public bool IsSampled { get; private set; }

    /// <summary>SHA-256 over all compared records in order, base64.</summary>
    public string SourceHash { get; private set; } = "";

    public string TargetHash { get; private set; } = "";

    /// <summary>Why the numbers are what they are, one sentence a line.</summary>
    public string Notes { get; private set; } = "";

    public string ListedJson { get; private set; } = "[]";
    public string? ProblemMessage { get; private set; }
    public DateTimeOffset StartedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>At most <see cref="DifferenceFinder.MostListed"/>.</summary>
    public IReadOnlyList<Difference> Listed => JsonSerializer.Deserialize<List<Difference>>(ListedJson)!;

    /// <summary>It is asked for again.</summary>
    public void Begin(long until, DateTimeOffset at)
    {
        (State, UntilOffset, StartedAt, EndedAt, ProblemMessage) = (ProofState.Running, until, at, null, null);
        (IsSampled, Notes) = (false, "");
        Look(0, new());
    }

    /// <summary>As far as it has come.</summary>
    public void Look(long from, DifferenceFinder.State state)
    {
        (FromOffset, SourceCount, TargetCount, ForeignCount, Differences) = (
            from,
            state.SourceCount,
            state.TargetCount,
            state.Foreign,
            state.Differences
        );
        (SourceHash, TargetHash, ListedJson, ProblemMessage) = (
            state.SourceHash,
            state.TargetHash,
            JsonSerializer.Serialize(state.Listed),
            null
        );
    }

    public void End(bool isSampled, IEnumerable<string> notes, DateTimeOffset at) =>
        (State, IsSampled, Notes, EndedAt) = (
            Differences == 0 ? ProofState.Equal : ProofState.Different,
            isSampled,
            string.Join('\n', notes),
            at
        );

    /// <summary>It cannot be carried out.</summary>
    public void Fail(Problem problem, DateTimeOffset at) => (State, ProblemMessage, EndedAt) = (ProofState.Failed, problem.Message, at);

    public void Wait(Problem problem) => ProblemMessage = problem.Message;
}
