using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>What stands in a copy's way, as sentences.</summary>
internal static class CopyProblems
{
    /// <summary>With the engine's growing pauses about a minute: longer than a broker that starts knows less than it should.</summary>
    internal const int LooksAtTheSource = 6;

    /// <summary>
    /// A broker that has just started may not know its topics yet, or only a part of a partition. What would end a copy for
    /// good is believed when Kafka says it again after that many failures; until then it is said and looked at again.
    /// </summary>
    public static StepResult Doubted(StepResult result, WorkTurn turn) =>
        result is StepResult.Refused { Problem: Problem.Conflict { Code: "kafka-topic-missing" or "kafka-topic-replaced" } said }
        && (turn.Failures < LooksAtTheSource || turn.LastProblem != said.Code)
            ? new StepResult.Later(said)
            : result;

    public static Problem NoSource { get; } =
        new Problem.Conflict(
            "kafka-connection-missing",
            "The connection to Kafka is gone or can't be decrypted. Enter it again, then resume the copy."
        );

    public static Problem TargetMissing(string address) =>
        new Problem.Conflict("copy-target-missing", $"The topic {address} is gone. Create it again and start the copy anew.");

    public static Problem TargetNotReady(string address) =>
        new Problem.Conflict("copy-target-not-ready", $"The topic {address} is still being created.");

    public static Problem NotCopied(string topic) => new Problem.NotFound("copy-not-found", $"The topic {topic} isn't being copied.");

    public static Problem Suspended { get; } =
        new Problem.Conflict("organization-suspended", "The organization is suspended. The copy goes on when the suspension ends.");

    public static Problem PublishingBlocked(Organization organization) =>
        new Problem.Conflict(
            "publishing-blocked",
            organization.Arrears >= Arrears.PublishingBlocked
                ? "Publishing is blocked because an invoice is overdue. The copy goes on when it is paid."
                : "Publishing is blocked: your organization has reached the hard cap of its budget. "
                    + "The copy goes on when the budget is raised, or with the new month."
        );

    /// <summary>Offsets beyond the end: it is not the topic that the copy began with.</summary>
    public static Problem SourceReplaced(KafkaPartition partition, long next, long end) =>
        new Problem.Conflict(
            "kafka-topic-replaced",
            $"Partition {partition.Number} of the Kafka topic {partition.Topic} ends at offset {end}, but offset {next} was to be "
                + "copied next. The topic was deleted and created again, or Kafka lost records. Start the copy of this topic anew."
        );

    public static Problem TooLarge(KafkaPartition partition, long offset, Problem why) =>
        new Problem.Conflict(
            "record-too-large",
            $"Partition {partition.Number} of {partition.Topic}, offset {offset}: "
                + $"{why.Message} Raise the limit, or choose to skip such records, then resume the copy."
        );

    public static string SkippedText(Problem why) => $"Left out: {why.Message}";

    public static string GoneText(long from, long until) =>
        $"Kafka had deleted the records before offset {until} by its retention when the copy reached offset {from}. "
        + "What was still there between them is not in Pulsar.";
}
