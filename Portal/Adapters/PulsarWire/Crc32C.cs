using System.Numerics;
using System.Runtime.InteropServices;

namespace Portal.Adapters.PulsarWire;

/// <summary>The checksum of payloads: CRC-32C (Castagnoli), by the processor's own instruction where it has one.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default) => ~Add(Add(uint.MaxValue, first), second);

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(
                crc,
                BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word)
            );
        foreach (var left in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, left);
        return crc;
    }
}
