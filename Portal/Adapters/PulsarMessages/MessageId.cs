using System.Globalization;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// A message's place as Pulsar writes it for clients: base64 of the protobuf <c>MessageIdData</c> (ledger 1, entry 2,
/// partition 3, batch index 4, batch size 6; all varints). The text stays as the broker gave it.
/// </summary>
/// <param name="Partition">-1 where the topic has none.</param>
/// <param name="BatchIndex">-1 outside a batch.</param>
/// <param name="BatchSize">0 outside a batch, or where whoever gave the id did not say.</param>
internal readonly record struct MessageId(string Text, long Ledger, long Entry, int Partition, int BatchIndex, int BatchSize)
{
    /// <summary>How many messages of its entry a reader that begins after it is sent and passes over.</summary>
    public int Passed => BatchIndex + 1 is > 0 and var passed ? passed : 1;

    /// <summary>After which the next message is; a whole entry where it was the entry's last.</summary>
    public MessagePosition Place => new(Ledger, Entry, BatchSize > 0 && BatchIndex >= BatchSize - 1 ? -1 : BatchIndex);

    /// <summary>Whether nothing can come after it up to the last message.</summary>
    public bool Reaches(MessagePosition last)
    {
        var order = (Ledger, Entry).CompareTo((last.Ledger, last.Entry));
        if (order != 0 || BatchIndex < 0)
            return order >= 0;
        // Of an encrypted batch a broker cannot say how many messages it holds; the id of each of them can.
        return last.BatchIndex >= 0 ? BatchIndex >= last.BatchIndex : BatchSize == 0 || BatchIndex >= BatchSize - 1;
    }

    /// <summary>After this a reader begins with the entry.</summary>
    /// <param name="partition">-1 for a topic without.</param>
    public static MessageId Before(MessagePosition entry, int partition) => At(new(entry.Ledger, entry.Entry - 1, -1), partition);

    /// <summary>After this a reader begins with what follows the message.</summary>
    /// <param name="partition">-1 for a topic without.</param>
    /// <param name="batchSize">Null for a place; an id that brokers' clients write down has one, 0 outside a batch.</param>
    public static MessageId At(MessagePosition message, int partition, int? batchSize = null)
    {
        var bytes = new List<byte>(24);
        Field(1, message.Ledger);
        Field(2, message.Entry);
        if (partition >= 0)
            Field(3, partition);
        // Without it a client would give the whole batch again.
        if (message.BatchIndex >= 0)
            Field(4, message.BatchIndex);
        if (batchSize is { } size)
            Field(6, size);
        return new(Convert.ToBase64String([.. bytes]), message.Ledger, message.Entry, partition, message.BatchIndex, batchSize ?? 0);

        void Field(int number, long value)
        {
            bytes.Add((byte)(number << 3));
            var rest = unchecked((ulong)value);
            for (; rest >= 0x80; rest >>= 7)
                bytes.Add((byte)(rest & 0x7f | 0x80));
            bytes.Add((byte)rest);
        }
    }

    public static bool TryParse(string text, out MessageId id)
    {
        id = default;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return false;
        long ledger = -1,
            entry = long.MinValue,
            partition = -1,
            batchIndex = -1,
            batchSize = 0;
        var rest = bytes.AsSpan(0, length);
        while (!rest.IsEmpty)
        {
            // Fields of another wire type (the acknowledgement set) are not in an id that a reader was given.
            if (!TryVarint(ref rest, out var tag) || (tag & 7) != 0 || !TryVarint(ref rest, out var value))
                return false;
            switch (tag >> 3)
            {
                case 1:
                    ledger = unchecked((long)value);
                    break;
                case 2:
                    entry = unchecked((long)value);
                    break;
                case 3:
                    partition = unchecked((int)value);
                    break;
                case 4:
                    batchIndex = unchecked((int)value);
                    break;
                case 6:
                    batchSize = unchecked((int)value);
                    break;
            }
        }
        if (ledger < 0 || entry < -1)
            return false; // -1 is before the first of a ledger
        id = new(text, ledger, entry, unchecked((int)partition), unchecked((int)batchIndex), unchecked((int)batchSize));
        return true;
    }

    /// <summary>
    /// As <see cref="TryParse"/>, or <c>ledger:entry[:partition[:batch index]]</c> as Pulsar's tools write it. Of a message, not of the
    /// place before the first.
    /// </summary>
    public static bool TryRead(string text, out MessageId id)
    {
        if (!text.Contains(':', StringComparison.Ordinal))
            return TryParse(text, out id) && id.Entry >= 0;
        id = default;
        var numbers = new long[] { -1, -1, -1, -1 };
        var parts = text.Split(':');
        if (parts.Length > numbers.Length)
            return false;
        for (var part = 0; part < parts.Length; part++)
            if (!long.TryParse(parts[part], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[part]))
                return false;
        if (numbers[0] < 0 || numbers[1] < 0 || numbers[2] is < -1 or > int.MaxValue || numbers[3] is < -1 or > int.MaxValue)
            return false;
        id = new(text, numbers[0], numbers[1], (int)numbers[2], (int)numbers[3], 0);
        return true;
    }

    private static bool TryVarint(ref Span<byte> bytes, out ulong value)
    {
        value = 0;
        for (var (index, shift) = (0, 0); index < bytes.Length && shift < 64; index++, shift += 7)
        {
            value |= (ulong)(bytes[index] & 0x7f) << shift;
            if ((bytes[index] & 0x80) != 0)
                continue;
            bytes = bytes[(index + 1)..];
            return true;
        }
        return false;
    }
}
