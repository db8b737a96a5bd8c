using System.Globalization;
using System.Text;

namespace LocalPulsar.Topics;

/// <summary>Which bundle of its namespace a topic belongs to: CRC-32 of its full name between two boundaries.</summary>
internal static class NamespaceBundles
{
    private static readonly uint[] _table =
    [
        .. Enumerable
            .Range(0, 256)
            .Select(i =>
            {
                var c = (uint)i;
                for (var bit = 0; bit < 8; bit++)
                    c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
                return c;
            }),
    ];

    public static string Of(string topic, IReadOnlyList<string> boundaries)
    {
        var hash = Crc32(topic);
        for (var i = 1; i < boundaries.Count; i++)
        {
            var last = i == boundaries.Count - 1;
            if (last || hash < uint.Parse(boundaries[i].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                return $"{boundaries[i - 1]}_{boundaries[i]}";
        }
        return $"{boundaries[0]}_{boundaries[^1]}";
    }

    /// <summary>The boundaries of a number of equal bundles, as Pulsar writes them.</summary>
    public static IReadOnlyList<string> Split(int bundles)
    {
        var segment = 0xffffffffL / bundles;
        if (0xffffffffL % bundles == bundles - 1)
            segment++;
        return [.. Enumerable.Range(0, bundles).Select(i => Hex(i * segment)), Hex(0xffffffffL)];
    }

    private static string Hex(long value) => "0x" + value.ToString("x8", CultureInfo.InvariantCulture);

    private static uint Crc32(string text)
    {
        var crc = 0xffffffffu;
        foreach (var b in Encoding.UTF8.GetBytes(text))
            crc = _table[(crc ^ b) & 0xff] ^ (crc >> 8);
        return ~crc;
    }
}
