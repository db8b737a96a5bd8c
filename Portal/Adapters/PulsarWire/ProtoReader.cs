using System.Text;

namespace Portal.Adapters.PulsarWire;

/// <summary>What came over the connection is not what the protocol allows.</summary>
internal sealed class WireFormatException(string message) : Exception(message);

/// <summary>Reads one protobuf message field by field; what nobody asks for is passed over.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;
    private int _type;
    private ulong _number;
    private ReadOnlySpan<byte> _bytes;

    public int Field { get; private set; }

    /// <exception cref="WireFormatException">This is no protobuf.</exception>
    public bool Next()
    {
        if (_left.IsEmpty)
            return false;
        var tag = Varint();
        (Field, _type) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
        switch (_type)
        {
            case 0:
                _number = Varint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                var length = Varint();
                if (length > (ulong)_left.Length)
                    throw new WireFormatException("A field is longer than its message.");
                _bytes = Take((int)length);
                break;
            case 5:
                Take(4);
                break;
            default:
                throw new WireFormatException($"There is no wire type {_type}.");
        }
        return true;
    }

    public readonly ulong Number => _type == 0 ? _number : throw new WireFormatException($"Field {Field} is not a number.");

    /// <summary>As the protocol writes signed numbers: -1 is the largest unsigned one.</summary>
    public readonly long Signed => unchecked((long)Number);

    /// <summary>At most what an <see cref="int"/> holds.</summary>
    public readonly int Small => (int)Math.Min(Number, int.MaxValue);

    public readonly bool Flag => Number != 0;

    public readonly ReadOnlySpan<byte> Bytes => _type == 2 ? _bytes : throw new WireFormatException($"Field {Field} has no length.");

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _left.Length)
            throw new WireFormatException("A message ends early.");
        var taken = _left[..length];
        _left = _left[length..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_left.IsEmpty)
                throw new WireFormatException("A message ends early.");
            var next = _left[0];
            _left = _left[1..];
            value |= unchecked((ulong)(next & 0x7f) << shift);
            if (next < 0x80)
                return value;
        }
        throw new WireFormatException("A number has more than ten bytes.");
    }
}
