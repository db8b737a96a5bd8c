using System.Diagnostics.CodeAnalysis;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>The plans; written <c>free</c>, <c>payg</c>, <c>dedicated</c>.</summary>
public enum PlanCode { Free, Payg, Dedicated }

/// <summary>Rates of one partition, or of one topic without partitions.</summary>
public sealed record RateLimit(int MessagesPerSecond, long BytesPerSecond);

/// <summary>What a plan allows. Null means no limit of the plan's own.</summary>
public sealed record PlanLimits(
    int? Tenants, int? NamespacesPerTenant, int? TopicsPerNamespace, int? PartitionsPerTopic, RateLimit? RatePerPartition,
    int? ProducersPerTopic, int? ConsumersPerTopic, int? SubscriptionsPerTopic,
    TimeSpan? RetentionAtMost, long? RetentionBytes, long? BacklogQuotaBytes, int? Connectors);

/// <summary>A plan: data that the operator edits.</summary>
/// <param name="IsCharged">Free is not; the others follow the price book.</param>
public sealed record Plan(PlanCode Code, string Name, bool IsCharged, PlanLimits Limits)
{
    public static Plan Free { get; } = new(PlanCode.Free, "Free", false, new(
        Tenants: 1, NamespacesPerTenant: 2, TopicsPerNamespace: 5, PartitionsPerTopic: 4, new RateLimit(100, ByteSize.MiB / 2),
        ProducersPerTopic: 5, ConsumersPerTopic: 5, SubscriptionsPerTopic: 5,
        TimeSpan.FromDays(2), RetentionBytes: 512 * ByteSize.MiB, BacklogQuotaBytes: 256 * ByteSize.MiB, Connectors: 1));

    public static Plan Payg { get; } = new(PlanCode.Payg, "Pay as you go", true, new(
        Tenants: 10, NamespacesPerTenant: 20, TopicsPerNamespace: 100, PartitionsPerTopic: 128, new RateLimit(5_000, 25 * ByteSize.MiB),
        ProducersPerTopic: 50, ConsumersPerTopic: 50, SubscriptionsPerTopic: 50,
        TimeSpan.FromDays(30), RetentionBytes: 10 * ByteSize.GiB, BacklogQuotaBytes: 5 * ByteSize.GiB, Connectors: 10));

    public static Plan Dedicated { get; } = new(PlanCode.Dedicated, "Dedicated", true, new(
        Tenants: null, NamespacesPerTenant: null, TopicsPerNamespace: null, PartitionsPerTopic: null, RatePerPartition: null,
        ProducersPerTopic: 500, ConsumersPerTopic: 500, SubscriptionsPerTopic: 500,
        RetentionAtMost: null, RetentionBytes: null, BacklogQuotaBytes: null, Connectors: null));

    public static IReadOnlyList<Plan> All { get; } = [Free, Payg, Dedicated];

    public static Plan Of(PlanCode code) => code switch
    {
        PlanCode.Free => Free,
        PlanCode.Payg => Payg,
        PlanCode.Dedicated => Dedicated,
    };

    /// <summary>The next plan that lifts a limit, for the sentence of a refusal.</summary>
    public static string? LiftedBy(PlanCode code) => code switch
    {
        PlanCode.Free => Payg.Name,
        PlanCode.Payg => Dedicated.Name,
        PlanCode.Dedicated => null,
    };

    /// <summary>The refusal when one more would pass a limit, else null. A limit of null is none.</summary>
    public Problem.OverLimit? Refuse(string code, string what, long? limit, long used) => limit is not { } most || used < most
        ? null
        : new(code, $"The {Name} plan allows {most} {what}; {used} {(used == 1 ? "is" : "are")} in use. "
            + (LiftedBy(Code) is { } next ? $"{next} allows more, or delete one first." : "Delete one first."), most, used, LiftedBy(Code));

    public static string Text(PlanCode code) => code switch { PlanCode.Free => "free", PlanCode.Payg => "payg", PlanCode.Dedicated => "dedicated" };

    public static bool TryParse([NotNullWhen(true)] string? text, out PlanCode code)
    {
        PlanCode? found = text switch { "free" => PlanCode.Free, "payg" => PlanCode.Payg, "dedicated" => PlanCode.Dedicated, _ => null };
        code = found ?? PlanCode.Free;
        return found is not null;
    }
}
