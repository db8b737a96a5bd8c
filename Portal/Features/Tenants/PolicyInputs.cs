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
    public string Deduplication { get; set; } =
        wishes.Deduplication switch
        {
            true => On,
            false => Off,
            null => "",
        };

    /// <summary>Pulsar's word; empty for the cluster's own setting.</summary>
    public string Compatibility { get; set; } = wishes.SchemaCompatibility?.Text() ?? "";

    public bool SchemaValidation { get; set; } = wishes.SchemaValidation ?? false;

    /// <summary>The wishes that the fields hold; of one that holds no number, none.</summary>
    public NamespaceWishes Read() =>
        new(Time(Number(RetentionTime), TimeSpan.TicksPerMinute), Number(RetentionSize))
        {
            MessageTtl = Time(Number(MessageTtl), TimeSpan.TicksPerSecond),
            BacklogQuotaBytes = Number(BacklogQuota),
            WhenBacklogFull = PolicyWords.BacklogFullOf(WhenFull),
            PublishRate = Rate(Number(PublishMessages), Number(PublishBytes)),
            DispatchRate = Rate(Number(DispatchMessages), Number(DispatchBytes)),
            Deduplication = Deduplication switch
            {
                On => true,
                Off => false,
                _ => null,
            },
            SchemaCompatibility = PolicyWords.SchemaCompatibilityOf(Compatibility),
            SchemaValidation = SchemaValidation ? true : null,
        };

    /// <summary>What is wrong with each field, by the field; whether they fit together is only asked of numbers that are right.</summary>
    public Dictionary<TypedAmount, string> Problems()
    {
        var found = new Dictionary<TypedAmount, string>();
        void Look(TypedAmount amount, Func<long?, NamespaceWishes> alone)
        {
            if (!amount.TryRead(out var number))
                found[amount] = "Enter a number, or leave the field empty.";
            else if (alone(number).Refusal is { } refusal)
                found[amount] = refusal.Message;
        }
        Look(RetentionTime, number => new(Time(number, TimeSpan.TicksPerMinute)));
        Look(RetentionSize, number => new(null, number));
        Look(MessageTtl, number => new() { MessageTtl = Time(number, TimeSpan.TicksPerSecond) });
        Look(BacklogQuota, number => new() { BacklogQuotaBytes = number });
        Look(PublishMessages, number => new() { PublishRate = Rate(number, null) });
        Look(PublishBytes, number => new() { PublishRate = Rate(null, number) });
        Look(DispatchMessages, number => new() { DispatchRate = Rate(number, null) });
        Look(DispatchBytes, number => new() { DispatchRate = Rate(null, number) });
        if (found.Count == 0 && Read().Refusal is { } together)
            found[BacklogQuota] = together.Message;
        return found;
    }

    private static long? Number(TypedAmount amount) => amount.TryRead(out var number) ? number : null;

    // What no TimeSpan holds is out of range for the use case too.
    private static TimeSpan? Time(long? amount, long ticks) =>
        amount is { } number ? TimeSpan.FromTicks(Math.Clamp(number, -1, TimeSpan.MaxValue.Ticks / ticks) * ticks) : null;

    private static RateLimit? Rate(long? messages, long? bytes) =>
        messages is null && bytes is null
            ? null
            : new(messages is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null, bytes);
}
