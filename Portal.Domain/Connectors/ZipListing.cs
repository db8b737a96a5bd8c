using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>One file of an archive.</summary>
/// <param name="Start">Where its own header begins.</param>
internal sealed record ZipEntry(string Name, bool IsDeflated, long Packed, long Unpacked, long Start)
{
    public bool IsFolder => Name.EndsWith('/');
}

/// <summary>
/// The table of contents of an archive that a stranger sent. The framework's reader holds as many entries as an archive
/// says it has and believes the sizes; here each number is bounded before it is followed, and nothing is written anywhere.
/// </summary>
internal sealed class ZipListing
{
    private const int EndLength = 22,
        CentralLength = 46,
        LocalLength = 30,
        LongestComment = 65_535,
        LongestName = 1_000;
    internal const int MostEntries = 30_000;
    private const long MostTable = 8 * ByteSize.MiB;

    /// <summary>All files together, unpacked.</summary>
    internal const long MostUnpacked = 512 * ByteSize.MiB;

    private readonly Stream _file;

    private ZipListing(Stream file, IReadOnlyList<ZipEntry> entries) => (_file, Entries) = (file, entries);

    public IReadOnlyList<ZipEntry> Entries { get; }

    public static Outcome<ZipListing> Read(Stream file)
    {
        var tail = Bytes(
            file,
            Math.Max(0, file.Length - EndLength - LongestComment),
            (int)Math.Min(file.Length, EndLength + LongestComment)
        );
        var end = -1;
        for (var at = tail.Length - EndLength; at >= 0 && end < 0; at--)
        {
            if (Number(tail, at) == 0x06054b50 && at + EndLength + Short(tail, at + 20) == tail.Length)
                end = at;
        }
        if (end < 0)
            return Broken("its end is missing");
        var (count, size, start) = (Short(tail, end + 10), (long)Number(tail, end + 12), (long)Number(tail, end + 16));
        if (count > MostEntries || size > MostTable || count == ushort.MaxValue || start == uint.MaxValue)
            return new Problem.Invalid(
                "package-archive-large",
                $"The archive has too many files. It can have at most {MostEntries:N0}.",
                "file"
            );
        if (Short(tail, end + 4) != 0 || Short(tail, end + 8) != count || start + size > file.Length)
            return Broken("its table of contents is damaged");

        var table = Bytes(file, start, (int)size);
        var entries = new List<ZipEntry>(count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var (place, unpacked, packed) = (0, 0L, 0L);
        for (var index = 0; index < count; index++)
        {
            if (place + CentralLength > table.Length || Number(table, place) != 0x02014b50)
                return Broken("its table of contents is damaged");
            var (flags, method, length) = (Short(table, place + 8), Short(table, place + 10), Short(table, place + 28));
            var next = place + CentralLength + length + Short(table, place + 30) + Short(table, place + 32);
            if (next > table.Length)
                return Broken("its table of contents is damaged");
            var entry = new ZipEntry(
                Encoding.UTF8.GetString(table, place + CentralLength, length),
                method == 8,
                Number(table, place + 20),
                Number(table, place + 24),
                Number(table, place + 42)
            );
            if (IsUnsafe(entry.Name))
                return new Problem.Invalid(
                    "package-archive-path",
                    $"The archive holds a file whose name leads out of it: '{Access.Operation.Brief(entry.Name)}'. "
                        + "Build the archive again without it.",
                    "file"
                );
            if (!names.Add(entry.Name))
                return Broken($"it holds '{Access.Operation.Brief(entry.Name)}' twice");
            if ((flags & 1) != 0 || method is not (0 or 8))
                return Broken("files in it are encrypted, or packed in a way that Java doesn't read");
            (unpacked, packed) = (unpacked + entry.Unpacked, packed + entry.Packed);
            if (unpacked > MostUnpacked)
                return Bomb();
            entries.Add(entry);
            place = next;
        }
        // Files that lie over each other are how a small archive becomes a very large one.
        return place != table.Length ? Broken("its table of contents is damaged")
            : packed > file.Length ? Bomb()
            : new ZipListing(file, entries);
    }

    /// <summary>Unpacks a file to its end, as it must be unpacked to be known: what an archive says of sizes may be a lie.</summary>
    /// <param name="keep">The bytes are wanted; else they are only counted.</param>
    public Outcome<byte[]?> Unpack(ZipEntry entry, bool keep, CancellationToken cancellationToken)
    {
        if (entry.Start + LocalLength > _file.Length)
            return Broken("its table of contents is damaged");
        var header = Bytes(_file, entry.Start, LocalLength);
        var name = Bytes(_file, entry.Start + LocalLength, Short(header, 26));
        if (Number(header, 0) != 0x04034b50 || Encoding.UTF8.GetString(name) != entry.Name)
            return Broken("its files are named otherwise than its table of contents says");
        var start = entry.Start + LocalLength + Short(header, 26) + Short(header, 28);
        if (start + entry.Packed > _file.Length || !entry.IsDeflated && entry.Packed != entry.Unpacked)
            return Broken("its table of contents is damaged");
        _file.Position = start;
        using var part = new Part(_file, entry.Packed);
        using Stream stream = entry.IsDeflated ? new DeflateStream(part, CompressionMode.Decompress, leaveOpen: true) : part;
        using var kept = keep ? new MemoryStream() : null;
        var buffer = new byte[32 * 1024];
        var total = 0L;
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0; )
            {
                cancellationToken.ThrowIfCancellationRequested();
                total += read;
                if (total > entry.Unpacked)
                    return Bomb();
                kept?.Write(buffer, 0, read);
            }
        }
        catch (InvalidDataException)
        {
            return Broken($"'{Access.Operation.Brief(entry.Name)}' can't be unpacked");
        }
        return total != entry.Unpacked ? Broken($"'{Access.Operation.Brief(entry.Name)}' can't be unpacked") : kept?.ToArray();
    }

    private static bool IsUnsafe(string name) =>
        name.Length is 0 or > LongestName
        || name.StartsWith('/')
        || name.Contains('\\', StringComparison.Ordinal)
        || name.Contains(':', StringComparison.Ordinal)
        || name.Any(char.IsControl)
        || name.Split('/').Any(part => part is ".." or ".");

    private static Problem.Invalid Broken(string why) =>
        new("package-archive-broken", $"We can't read this archive: {why}. Build it again.", "file");

    private static Problem.Invalid Bomb() =>
        new(
            "package-archive-large",
            $"The archive unpacks to more than it says, or to more than {ByteSize.Text(MostUnpacked)}. "
                + "Leave out what the function doesn't need.",
            "file"
        );

    private static byte[] Bytes(Stream file, long start, int length)
    {
        if (start < 0 || length < 0 || start + length > file.Length)
            return [];
        var bytes = new byte[length];
        file.Position = start;
        file.ReadExactly(bytes);
        return bytes;
    }

    private static ushort Short(byte[] bytes, int at) =>
        at + 2 <= bytes.Length ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)) : (ushort)0;

    private static uint Number(byte[] bytes, int at) =>
        at + 4 <= bytes.Length ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) : 0;

    /// <summary>A stretch of a file, for reading once.</summary>
    private sealed class Part(Stream file, long left) : Stream
    {
        private long _left = left;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = file.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
