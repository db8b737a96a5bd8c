using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Topics;

/// <summary>How many partitions the traffic that somebody expects needs, and why.</summary>
/// <param name="Partitions">0 for a topic without partitions.</param>
/// <param name="Enough">False where even the most that the plan allows is too few.</param>
public sealed record PartitionAdvice(int Partitions, bool Enough, string Sentence)
{
    /// <summary>
    /// What one partition carries with room to spare where nothing limits it: a partition lives on one broker, and an
    /// Exclusive or Failover consumer reads all of it alone.
    /// </summary>
    public static readonly RateLimit Comfortable = new(20_000, 20 * ByteSize.MiB);

    /// <param name="perPartition">What the namespace allows a partition to take; null for no limit.</param>
    /// <param name="most">Partitions that the plan allows; null for no limit.</param>
    public static PartitionAdvice Of(decimal messagesPerSecond, decimal bytesPerMessage, RateLimit? perPartition, int? most)
    {
        var bytesPerSecond = messagesPerSecond * bytesPerMessage;
        var messages = Smaller(Comfortable.MessagesPerSecond!.Value, perPartition?.MessagesPerSecond);
        var bytes = Smaller(Comfortable.BytesPerSecond!.Value, perPartition?.BytesPerSecond);
        var needed = (long)
            Math.Min(Math.Max(decimal.Ceiling(messagesPerSecond / messages), decimal.Ceiling(bytesPerSecond / bytes)), 1_000_000m);
        var traffic =
            $"{messagesPerSecond.ToString("#,##0.##", CultureInfo.InvariantCulture)} msg/s of "
            + $"{ByteSize.Text((long)bytesPerMessage)} is {ByteSize.Text((long)bytesPerSecond)}/s.";
        var limited = messages < Comfortable.MessagesPerSecond || bytes < Comfortable.BytesPerSecond;
        var carries = limited
            ? $"Your namespace allows {perPartition!.Text()} per partition"
            : $"One partition comfortably carries {messages.ToString("N0", CultureInfo.InvariantCulture)} msg/s or "
                + $"{ByteSize.Text((long)bytes)}/s";
        if (needed <= 1)
            return new(0, true, $"{traffic} {carries}, so you don't need partitions.");
        return most is { } limit && needed > limit
            ? new(
                limit,
                false,
                $"{traffic} {carries}, so it would take {needed.ToString("N0", CultureInfo.InvariantCulture)} partitions. "
                    + $"Your plan allows {limit}."
            )
            : new((int)needed, true, $"{traffic} {carries}, so use {needed.ToString("N0", CultureInfo.InvariantCulture)} partitions.");
    }

    private static decimal Smaller(decimal comfortable, decimal? allowed) =>
        allowed is { } limit && limit < comfortable ? Math.Max(1, limit) : comfortable;
}
