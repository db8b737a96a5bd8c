using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// A value in Avro's binary form as JSON for people: a union's value stands as it is, bytes as base64, and of what a logical
/// type means the dates and times. Whatever the bytes are, reading them ends, and takes no more room than a few times theirs.
/// </summary>
public ref struct AvroValue
{
    // A few bytes may say that there are billions of items of no length.
    private const int MostItems = 100_000;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly Utf8JsonWriter _json;
    private readonly int _most;
    private ReadOnlySpan<byte> _rest;
    private int _items;

    private AvroValue(ReadOnlySpan<byte> bytes, Utf8JsonWriter json, int most)
    {
        _rest = bytes;
        (_json, _most) = (json, most);
    }

    /// <summary>Invalid <c>value-malformed</c> with the reason, where the bytes are no value of the type.</summary>
    /// <param name="most">Bytes of JSON that are enough.</param>
    public static Outcome<string> ToJson(AvroType type, ReadOnlySpan<byte> bytes, int most)
    {
        var written = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(
            written,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 500 }
        );
        var reader = new AvroValue(bytes, json, most);
        try
        {
            reader.Read(type, "");
            if (reader._rest.Length > 0)
                throw new OddValueException($"{Counted(reader._rest.Length)} left over after the last field.");
            json.Flush();
            return Encoding.UTF8.GetString(written.WrittenSpan);
        }
        catch (OddValueException odd)
        {
            return new Problem.Invalid("value-malformed", odd.Message);
        }
        catch (InvalidOperationException)
        {
            return new Problem.Invalid("value-malformed", "The value is nested too deeply."); // deeper than the writer goes
        }
    }

    private void Read(AvroType type, string place)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new OddValueException("The value is nested too deeply.");
        if (_json.BytesCommitted + _json.BytesPending > _most)
            throw new OddValueException($"The value takes more than {ByteSize.Text(_most)} as JSON.");
        switch (type)
        {
            case AvroType.Record record:
                _json.WriteStartObject();
                foreach (var field in record.Fields)
                {
                    _json.WritePropertyName(field.Name);
                    Read(
                        field.Type,
                        place.Length == 0 ? field.Name
                            : place.Length > 200 ? place
                            : $"{place}.{field.Name}"
                    );
                }
                _json.WriteEndObject();
                break;
            case AvroType.Union union:
                var branch = Long(place);
                if (branch < 0 || branch >= union.Branches.Count)
                    throw Odd(place, $"has a value of branch {branch}, and the union has {union.Branches.Count}");
                Read(union.Branches[(int)branch], place);
                break;
            case AvroType.Enumeration one:
                var symbol = Long(place);
                if (symbol < 0 || symbol >= one.Symbols.Count)
                    throw Odd(place, $"has the symbol number {symbol}, and the enum has {one.Symbols.Count}");
                _json.WriteStringValue(one.Symbols[(int)symbol]);
                break;
            case AvroType.List list:
                _json.WriteStartArray();
                for (var left = Block(place); left > 0; left = Block(place))
                for (; left > 0; left--)
                    Item(list.Items, place);
                _json.WriteEndArray();
                break;
            case AvroType.Map map:
                _json.WriteStartObject();
                for (var left = Block(place); left > 0; left = Block(place))
                for (; left > 0; left--)
                {
                    _json.WritePropertyName(Text(place));
                    Item(map.Values, place);
                }
                _json.WriteEndObject();
                break;
            case AvroType.Fixed fixedOne:
                _json.WriteBase64StringValue(Take(fixedOne.Size, place));
                break;
            case AvroType.Primitive primitive:
                Plain(primitive, place);
                break;
        }
    }

    private void Item(AvroType type, string place)
    {
        if (++_items > MostItems)
            throw Odd(place, $"has more than {MostItems:N0} items");
        Read(type, place);
    }

    /// <summary>How many items come next; negative counts are followed by the block's length in bytes.</summary>
    private long Block(string place)
    {
        var count = Long(place);
        if (count >= 0)
            return count;
        Long(place);
        return count == long.MinValue ? throw Odd(place, "has a block of an impossible length") : -count;
    }

    private void Plain(AvroType.Primitive type, string place)
    {
        switch (type.Kind)
        {
            case "null":
                _json.WriteNullValue();
                break;
            case "boolean":
                _json.WriteBooleanValue(
                    Take(1, place)[0] switch
                    {
                        0 => false,
                        1 => true,
                        var odd => throw Odd(place, $"has {odd} for a boolean"),
                    }
                );
                break;
            case "int" or "long":
                var number = Long(place);
                if (type.Kind == "int" && number is < int.MinValue or > int.MaxValue)
                    throw Odd(place, "has a number too large for an int");
                Whole(number, type.Logical);
                break;
            case "float":
                var single = BinaryPrimitives.ReadSingleLittleEndian(Take(4, place));
                if (float.IsFinite(single))
                    _json.WriteNumberValue(single); // as few digits as it has
                else
                    Real(single);
                break;
            case "double":
                Real(BinaryPrimitives.ReadDoubleLittleEndian(Take(8, place)));
                break;
            case "string":
                _json.WriteStringValue(Text(place));
                break;
            default:
                _json.WriteBase64StringValue(Take(Long(place), place));
                break;
        }
    }

    private readonly void Whole(long number, string? logical)
    {
        var ticks = logical switch
        {
            "timestamp-millis" => Scaled(number, TimeSpan.TicksPerMillisecond),
            "timestamp-micros" => Scaled(number, TimeSpan.TicksPerMicrosecond),
            "date" => Scaled(number, TimeSpan.TicksPerDay),
            _ => null,
        };
        if (ticks is not { } since)
            _json.WriteNumberValue(number);
        else if (logical == "date")
            _json.WriteStringValue(
                DateTime.UnixEpoch.AddTicks(since).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)
            );
        else
            _json.WriteStringValue(DateTime.UnixEpoch.AddTicks(since));
    }

    /// <summary>Null for a time that no calendar has here: the number stays one.</summary>
    private static long? Scaled(long number, long ticks)
    {
        var all = (Int128)number * ticks;
        return all >= (DateTime.MinValue - DateTime.UnixEpoch).Ticks && all <= (DateTime.MaxValue - DateTime.UnixEpoch).Ticks
            ? (long)all
            : null;
    }

    /// <summary>JSON has no word for what is no number.</summary>
    private readonly void Real(double number)
    {
        if (double.IsFinite(number))
            _json.WriteNumberValue(number);
        else
            _json.WriteStringValue(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private string Text(string place)
    {
        try
        {
            return Strict.GetString(Take(Long(place), place));
        }
        catch (DecoderFallbackException)
        {
            throw Odd(place, "has a text that isn't UTF-8");
        }
    }

    private ReadOnlySpan<byte> Take(long count, string place)
    {
        if (count < 0)
            throw Odd(place, $"has a length of {count} bytes");
        if (count > _rest.Length)
            throw Odd(place, $"ends too early: {Counted(count)} expected, {Counted(_rest.Length)} left");
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    private long Long(string place)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var one = Take(1, place)[0];
            value |= (ulong)(one & 0x7f) << shift;
            if (one < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }
        throw Odd(place, "has a number of more than ten bytes");
    }

    private static OddValueException Odd(string place, string what) =>
        new($"{(place.Length == 0 ? "The value" : $"Field \"{place}\"")} {what}.");

    private static string Counted(long bytes) => bytes == 1 ? "1 byte" : $"{bytes} bytes";

    private sealed class OddValueException(string message) : Exception(message);
}
