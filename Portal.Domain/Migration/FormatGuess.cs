using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Portal.Domain.Migration;

/// <summary>What the bytes of some messages look like. It keeps the guess and none of the bytes.</summary>
public sealed class FormatGuess
{
    private const int MostIds = 10;
    private const int LongestJson = 256 * 1024;

    private readonly SortedSet<int> _ids = [];
    private DataFormat? _format;

    /// <summary>What all that was seen has in common: text that is not all JSON is text, different kinds are binary.</summary>
    public DataFormat Format => _format ?? DataFormat.Unknown;

    /// <summary>Of a schema registry, at most ten.</summary>
    public IReadOnlyList<int> SchemaIds => Format == DataFormat.Avro ? [.. _ids] : [];

    public void See(ReadOnlySpan<byte> bytes)
    {
        var seen = Of(bytes);
        if (seen == DataFormat.Avro && _ids.Count < MostIds)
            _ids.Add(BinaryPrimitives.ReadInt32BigEndian(bytes[1..]));
        _format = (_format, seen) switch
        {
            (null or DataFormat.Empty, _) => seen,
            ({ } before, DataFormat.Empty) => before,
            ({ } before, _) when before == seen => before,
            (DataFormat.Json or DataFormat.Text, DataFormat.Json or DataFormat.Text) => DataFormat.Text,
            _ => DataFormat.Binary,
        };
    }

    private static DataFormat Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return DataFormat.Empty;
        // A registry's serializers put a zero and the schema's id in front.
        if (bytes.Length > 5 && bytes[0] == 0 && BinaryPrimitives.ReadInt32BigEndian(bytes[1..]) > 0)
            return DataFormat.Avro;
        if (!Utf8.IsValid(bytes) || bytes.ContainsAnyInRange((byte)0, (byte)8))
            return DataFormat.Binary;
        return bytes.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] && bytes.Length <= LongestJson && IsJson(bytes)
            ? DataFormat.Json
            : DataFormat.Text;
    }

    private static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        try
        {
            while (reader.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
