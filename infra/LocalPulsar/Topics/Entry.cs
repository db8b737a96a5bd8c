namespace LocalPulsar.Topics;

/// <summary>Where an entry lies: the n-th of a ledger. A message id is this and, for a partition, its number.</summary>
internal readonly record struct Position(long Ledger, long EntryId) : IComparable<Position>
{
    public static readonly Position Earliest = new(-1, -1);
    public static readonly Position Latest = new(long.MaxValue, long.MaxValue);

    public int CompareTo(Position other) => Ledger != other.Ledger ? Ledger.CompareTo(other.Ledger) : EntryId.CompareTo(other.EntryId);

    public static bool operator <(Position left, Position right) => left.CompareTo(right) < 0;

    public static bool operator >(Position left, Position right) => left.CompareTo(right) > 0;

    public static bool operator <=(Position left, Position right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Position left, Position right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Ledger}:{EntryId}";
}

/// <summary>What is kept in memory of every entry. Size is what a broker stores and counts; times are Unix milliseconds.</summary>
internal readonly record struct EntryIndex(Position Position, int Size, long PublishTime);

/// <summary>A stored message: its metadata as the protobuf a broker stores, and its payload.</summary>
internal sealed record Entry(Position Position, byte[] Metadata, byte[] Payload)
{
    /// <summary>Magic number (2), checksum (4) and length of the metadata (4) precede metadata and payload.</summary>
    private const int FrameSize = 10;

    private MessageMetadata? _decoded;

    public MessageMetadata Decoded => _decoded ??= MessageMetadata.Decode(Metadata);

    public EntryIndex Index => new(Position, FrameSize + Metadata.Length + Payload.Length, Decoded.PublishTime);
}
