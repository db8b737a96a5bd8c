using System.Buffers.Binary;
using System.Text;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>Writes a frame. Records go as they are, without a detour over text: a copy is thousands of them a second.</summary>
internal sealed class KafkaPacker
{
    private byte[] _bytes;
    private int _length = KafkaFrame.Head;

    public KafkaPacker(int call, KafkaVerb verb, int expected)
    {
        _bytes = KafkaFrame.Room(KafkaFrame.Head + expected);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(4), call);
        _bytes[8] = (byte)verb;
    }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Int(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Null is not the same as empty.</summary>
    public void Bytes(byte[]? bytes)
    {
        Int(bytes?.Length ?? -1);
        if (bytes is not null)
            Raw(bytes);
    }

    public void Batch(KafkaBatch batch)
    {
        Long(batch.Next);
        Byte(batch.AtEnd ? (byte)1 : (byte)0);
        Long(batch.End);
        Int(batch.Records.Count);
        foreach (var record in batch.Records)
        {
            Long(record.Offset);
            Long(record.Timestamp);
            Bytes(record.Key);
            Bytes(record.Value);
            Headers(record.Headers);
        }
    }

    public void Records(IReadOnlyList<BackRecord> records)
    {
        Int(records.Count);
        foreach (var record in records)
        {
            Bytes(record.Key);
            Bytes(record.Value);
            Long(record.Timestamp);
            Headers(record.Headers);
        }
    }

    /// <summary>What was written, and nothing is written afterwards.</summary>
    public ReadOnlyMemory<byte> ToFrame()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, _length - KafkaFrame.Head);
        return _bytes.AsMemory(0, _length);
    }

    private void Headers(IReadOnlyList<KafkaHeader> headers)
    {
        Int(headers.Count);
        foreach (var header in headers)
        {
            var length = Encoding.UTF8.GetByteCount(header.Name);
            Int(length);
            Encoding.UTF8.GetBytes(header.Name, Take(length));
            Bytes(header.Value);
        }
    }

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - _length < count)
        {
            var larger = KafkaFrame.Room(Math.Max(_length + count, (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            KafkaFrame.GiveBack(_bytes);
            _bytes = larger;
        }
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}

/// <summary>Reads what <see cref="KafkaPacker"/> wrote, and believes none of it.</summary>
/// <remarks>Whatever is not as it should be ends in <see cref="InvalidDataException"/>.</remarks>
internal ref struct KafkaUnpacker(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public readonly ReadOnlySpan<byte> Left => _left;

    public byte Byte() => Take(1)[0];

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public byte[]? Bytes()
    {
        var length = Int();
        return length < 0 ? null : Take(length).ToArray();
    }

    public KafkaBatch Batch()
    {
        var (next, atEnd, end) = (Long(), Byte() == 1, Long());
        var records = new KafkaRecord[Count(28)];
        for (var i = 0; i < records.Length; i++)
            records[i] = new(Long(), Long(), Bytes(), Bytes(), Headers());
        return new(records, next, atEnd, end);
    }

    public BackRecord[] Records()
    {
        var records = new BackRecord[Count(20)];
        for (var i = 0; i < records.Length; i++)
        {
            var (key, value, timestamp) = (Bytes(), Bytes(), Long());
            // Where it came from stands in a header already; the portal keeps the rest.
            records[i] = new(key, value, timestamp, Headers(), new MessagePosition(0, 0, -1));
        }
        return records;
    }

    private KafkaHeader[] Headers()
    {
        var count = Count(8);
        if (count == 0)
            return [];
        var headers = new KafkaHeader[count];
        for (var i = 0; i < count; i++)
            headers[i] = new(Encoding.UTF8.GetString(Take(Int())), Bytes());
        return headers;
    }

    /// <param name="least">Bytes that each of them has at least: no array is made for more than can be there.</param>
    private int Count(int least)
    {
        var count = Int();
        return count >= 0 && count <= _left.Length / least ? count : throw new InvalidDataException();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _left.Length)
            throw new InvalidDataException();
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
