using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Ui;

namespace Portal.Features.Tenants;

/// <summary>What is typed for the policies of a namespace. What is left empty is left to the plan or the cluster.</summary>
public sealed class PolicyInputs(NamespaceWishes wishes)
{
    public const string On = "on";
    public const string Off = "off";

    /// <summary>What stood in the fields before anything was typed.</summary>
    public NamespaceWishes Began => wishes;

    public TypedAmount RetentionTime { get; } = new(TypedAmount.Minutes, (long?)wishes.RetentionTime?.TotalMinutes, usual: 2);

    public TypedAmount RetentionSize { get; } = new(TypedAmount.Bytes, wishes.RetentionBytes);

    public TypedAmount MessageTtl { get; } = new(TypedAmount.Seconds, (long?)wishes.MessageTtl?.TotalSeconds, usual: 3);

    public TypedAmount BacklogQuota { get; } = new(TypedAmount.Bytes, wishes.BacklogQuotaBytes);

    public TypedAmount PublishMessages { get; } = new(TypedAmount.Rate, wishes.PublishRate?.MessagesPerSecond);

    public TypedAmount PublishBytes { get; } = new(TypedAmount.Throughput, wishes.PublishRate?.BytesPerSecond, usual: 1);

    public TypedAmount DispatchMessages { get; } = new(TypedAmount.Rate, wishes.DispatchRate?.MessagesPerSecond);

    public TypedAmount DispatchBytes { get; } = new(TypedAmount.Throughput, wishes.DispatchRate?.BytesPerSecond, usual: 1);

    /// <summary>Pulsar's word; empty leaves it as it comes.</summary>
    public string WhenFull { get; set; } = wishes.WhenBacklogFull?.Text() ?? "";

    /// <summary><see cref="On"/>, <see cref="Off"/>, or empty for the cluster's own setting.</summary>
    public string Deduplication { get; set; } = wishes.Deduplication switch { true => On, false => Off, null => "" };

    /// <summary>Pulsar's word; empty for the cluster's own setting.</summary>
    public string Compatibility { get; set; } = wishes.SchemaCompatibility?.Text() ?? "";

    public bool SchemaValidation { get; set; } = wishes.SchemaValidation ?? false;

    /// <summary>The wishes, or the first field that holds no number: fields are named as the use case names them.</summary>
    public Outcome<NamespaceWishes> Read()
    {
        if (!RetentionTime.TryRead(out var minutes)) return NoNumber("timeMinutes");
        if (!RetentionSize.TryRead(out var kept)) return NoNumber("sizeBytes");
        if (!MessageTtl.TryRead(out var seconds)) return NoNumber("messageTtlSeconds");
        if (!BacklogQuota.TryRead(out var quota)) return NoNumber("backlogQuota");
        if (!PublishMessages.TryRead(out var publishMessages) || !PublishBytes.TryRead(out var publishBytes)) return NoNumber("publishRate");
        if (!DispatchMessages.TryRead(out var dispatchMessages) || !DispatchBytes.TryRead(out var dispatchBytes)) return NoNumber("dispatchRate");
        return new NamespaceWishes(Time(minutes, TimeSpan.TicksPerMinute), kept)
        {
            MessageTtl = Time(seconds, TimeSpan.TicksPerSecond),
            BacklogQuotaBytes = quota,
            WhenBacklogFull = PolicyWords.BacklogFullOf(WhenFull),
            PublishRate = Rate(publishMessages, publishBytes),
            DispatchRate = Rate(dispatchMessages, dispatchBytes),
            Deduplication = Deduplication switch { On => true, Off => false, _ => null },
            SchemaCompatibility = PolicyWords.SchemaCompatibilityOf(Compatibility),
            SchemaValidation = SchemaValidation ? true : null,
        };
    }

    // What no TimeSpan holds is out of range for the use case too.
    private static TimeSpan? Time(long? amount, long ticks) => amount is { } number ? TimeSpan.FromTicks(Math.Clamp(number, -1, TimeSpan.MaxValue.Ticks / ticks) * ticks) : null;

    private static RateLimit? Rate(long? messages, long? bytes) =>
        messages is null && bytes is null ? null : new(messages is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null, bytes);

    private static Problem.Invalid NoNumber(string field) => new("amount-malformed", "Enter a number, or leave the field empty.", field);
}
