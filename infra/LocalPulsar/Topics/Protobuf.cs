using System.Buffers;
using System.Text;

namespace LocalPulsar.Topics;

/// <summary>Writes protobuf fields: the wire types that Pulsar's message metadata and ids need.</summary>
internal sealed class ProtobufWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ProtobufWriter Varint(int field, long value)
    {
        Raw((ulong)field << 3);
        Raw(unchecked((ulong)value));
        return this;
    }

    public ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Raw(((ulong)field << 3) | 2);
        Raw((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public ProtobufWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private void Raw(ulong value)
    {
        while (value >= 0x80)
        {
            Raw((byte)((value & 0x7f) | 0x80));
            value >>= 7;
        }
        Raw((byte)value);
    }

    private void Raw(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}

/// <summary>Reads protobuf fields one after another. A truncated or unknown encoding is a <see cref="FormatException"/>.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public int Field { get; private set; }
    public long Number { get; private set; }
    public ReadOnlySpan<byte> Value { get; private set; }
    public readonly string Text => Encoding.UTF8.GetString(Value);

    public bool Read()
    {
        if (_rest.IsEmpty)
            return false;
        var tag = Raw();
        Field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                Number = unchecked((long)Raw());
                return true;
            case 2:
                var length = Raw();
                if (length > (ulong)_rest.Length)
                    throw new FormatException("A field is longer than what is left.");
                Value = _rest[..(int)length];
                _rest = _rest[(int)length..];
                return true;
            default:
                throw new FormatException("Unknown wire type.");
        }
    }

    private ulong Raw()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty)
                throw new FormatException("A number is cut off.");
            var part = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
        throw new FormatException("A number is too long.");
    }
}
