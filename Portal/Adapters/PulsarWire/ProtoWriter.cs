using System.Buffers.Binary;
using System.Text;

namespace Portal.Adapters.PulsarWire;

/// <summary>
/// Writes the few forms of protobuf that Pulsar's commands need, and the lengths around them. It may be reset and used again.
/// </summary>
internal sealed class ProtoWriter(int room = 256)
{
    private const int Varint = 0;
    private const int Delimited = 2;
    private byte[] _bytes = new byte[room];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public ProtoWriter Reset()
    {
        Length = 0;
        return this;
    }

    public ProtoWriter Number(int field, ulong value)
    {
        Tag(field, Varint);
        Plain(value);
        return this;
    }

    /// <summary>Absent means false.</summary>
    public ProtoWriter Flag(int field, bool value) => value ? Number(field, 1) : this;

    /// <summary>Null is absent.</summary>
    public ProtoWriter Text(int field, string? value)
    {
        if (value is null)
            return this;
        Tag(field, Delimited);
        Plain(value);
        return this;
    }

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Delimited);
        Plain((ulong)value.Length);
        Raw(value);
        return this;
    }

    public ProtoWriter Message(int field, ProtoWriter inner) => Bytes(field, inner.Written.Span);

    /// <summary>A message with a text in field 1 and another one in field 2.</summary>
    public ProtoWriter Pair(int field, string key, string value)
    {
        var (keyBytes, valueBytes) = (Encoding.UTF8.GetByteCount(key), Encoding.UTF8.GetByteCount(value));
        Tag(field, Delimited);
        Plain((ulong)(2 + SizeOf(keyBytes) + keyBytes + SizeOf(valueBytes) + valueBytes));
        Text(1, key);
        return Text(2, value);
    }

    /// <summary>Leaves room for a length of four bytes, to be said with <see cref="Fill"/>. Where it is.</summary>
    public int Leave()
    {
        Room(4);
        Length += 4;
        return Length - 4;
    }

    public void Fill(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(at), value);

    public ProtoWriter Raw(ReadOnlySpan<byte> bytes)
    {
        Room(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
        return this;
    }

    private static int SizeOf(int length)
    {
        var size = 1;
        for (; length >= 0x80; length >>= 7)
            size++;
        return size;
    }

    private void Tag(int field, int type) => Plain((ulong)((field << 3) | type));

    private void Plain(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        Plain((ulong)bytes);
        Room(bytes);
        Length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(Length));
    }

    private void Plain(ulong value)
    {
        Room(10);
        for (; value >= 0x80; value >>= 7)
            _bytes[Length++] = (byte)((value & 0x7f) | 0x80);
        _bytes[Length++] = (byte)value;
    }

    private void Room(int more)
    {
        if (_bytes.Length - Length < more)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + more));
    }
}
