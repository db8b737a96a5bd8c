namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>How many processes of Kafka clients there may be, and how large each.</summary>
/// <param name="Most">At once, of this portal.</param>
/// <param name="MemoryBytes">Resident. A process that takes more is ended.</param>
/// <param name="IdleFor">How long a process stays that nobody needs.</param>
public sealed record KafkaChildSettings(int Most, long MemoryBytes, TimeSpan IdleFor)
{
    public static KafkaChildSettings Default { get; } = new(16, 512L * 1024 * 1024, TimeSpan.FromMinutes(1));

    /// <summary>One organization leaves the others room.</summary>
    internal int MostOfOne => Math.Max(1, Most / 2);
}
