using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>What a frame is for. The first are calls of the portal, the last what the Kafka client's process says to them.</summary>
internal enum KafkaVerb : byte
{
    /// <summary>The first frame: the connection, with its secrets, and what limits the process has.</summary>
    Hello = 1,

    /// <summary>Nobody waits any more for the call of this number.</summary>
    Cancel,

    /// <summary>What the call of that number opened is no longer needed.</summary>
    Close,
    Test,
    OpenLook,
    TopicNames,
    Describe,
    Ends,
    GroupNames,
    Groups,
    Commits,
    Acls,
    Offsets,
    IsCompacted,
    OpenReader,
    Read,
    MayWrite,
    OpenWriter,
    Write,
    Commit,

    /// <summary>The value of a call.</summary>
    Value = 100,

    /// <summary>The problem that a call ended with.</summary>
    Refused,

    /// <summary>A call was given up because it was asked to be.</summary>
    Cancelled,

    /// <summary>A call met what nobody expected; the payload names the exception's type.</summary>
    Failed,

    /// <summary>A step of a call that goes on.</summary>
    Progress,
}

/// <summary>
/// What goes between the portal and the process of a Kafka client: length, number of the call, verb, payload. Numbers are
/// the caller's; calls overlap, and answers come in any order.
/// </summary>
internal readonly record struct KafkaFrame(int Call, KafkaVerb Verb, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Length, number, verb.</summary>
    internal const int Head = 9;

    /// <summary>More than the largest message that Pulsar takes and that Kafka is given: what claims to be longer isn't read.</summary>
    internal const int Longest = 80 * 1024 * 1024;

    /// <summary>From here on room is lent: a copy would else leave a megabyte behind with each of its batches.</summary>
    private const int Large = 64 * 1024;

    /// <summary>The next frame; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">What came is no frame.</exception>
    public static KafkaFrame? Read(Stream stream)
    {
        Span<byte> head = stackalloc byte[Head];
        if (stream.ReadAtLeast(head, Head, throwOnEndOfStream: false) < Head)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length is < 0 or > Longest)
            throw new InvalidDataException($"A frame can't have {length} bytes.");
        var payload = Room(length);
        if (stream.ReadAtLeast(payload.AsSpan(0, length), length, throwOnEndOfStream: false) < length)
            return null;
        return new(BinaryPrimitives.ReadInt32LittleEndian(head[4..]), (KafkaVerb)head[8], payload.AsMemory(0, length));
    }

    /// <summary>A frame as it goes over the wire.</summary>
    public static ReadOnlyMemory<byte> Of(int call, KafkaVerb verb, ReadOnlySpan<byte> payload)
    {
        var packer = new KafkaPacker(call, verb, payload.Length);
        packer.Raw(payload);
        return packer.ToFrame();
    }

    /// <summary>At least so long; a large one is to be given back with <see cref="GiveBack"/> once nobody looks into it.</summary>
    internal static byte[] Room(int length) =>
        length < Large ? GC.AllocateUninitializedArray<byte>(length) : ArrayPool<byte>.Shared.Rent(length);

    internal static void GiveBack(ReadOnlyMemory<byte> bytes)
    {
        if (MemoryMarshal.TryGetArray(bytes, out var room) && room.Array!.Length >= Large)
            ArrayPool<byte>.Shared.Return(room.Array);
    }
}
