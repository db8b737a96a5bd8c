using System.Diagnostics.CodeAnalysis;

namespace LocalPulsar.Topics;

/// <summary>MessageIdData as the WebSocket API shows it: base64 of the protobuf. Partition is -1 for a topic without partitions.</summary>
internal readonly record struct MessageId(Position Position, int Partition)
{
    public string Encode()
    {
        var writer = new ProtobufWriter().Varint(1, Position.Ledger).Varint(2, Position.EntryId);
        if (Partition >= 0)
            writer.Varint(3, Partition);
        return Convert.ToBase64String(writer.Varint(6, 0).ToArray());
    }

    public static bool TryDecode(string? text, [NotNullWhen(true)] out MessageId? id)
    {
        id = null;
        var bytes = new byte[text?.Length ?? 0];
        if (string.IsNullOrEmpty(text) || !Convert.TryFromBase64String(text, bytes, out var length))
            return false;
        long? ledger = null,
            entry = null;
        var partition = -1;
        try
        {
            var reader = new ProtobufReader(bytes.AsSpan(0, length));
            while (reader.Read())
            {
                switch (reader.Field)
                {
                    case 1:
                        ledger = reader.Number;
                        break;
                    case 2:
                        entry = reader.Number;
                        break;
                    case 3:
                        partition = unchecked((int)reader.Number);
                        break;
                }
            }
        }
        catch (FormatException)
        {
            return false;
        }
        if (ledger is null || entry is null)
            return false;
        id = new MessageId(new Position(ledger.Value, entry.Value), partition);
        return true;
    }
}
