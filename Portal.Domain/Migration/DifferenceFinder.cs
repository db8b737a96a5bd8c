using System.Security.Cryptography;

namespace Portal.Domain.Migration;

/// <summary>What can be wrong with a copied record.</summary>
public enum RecordFault
{
    Missing,
    Doubled,
    Swapped,
    Changed,
    Extra,
}

/// <param name="Offset">Of the record in Kafka.</param>
/// <param name="Other">Swapped: the offset that it stands behind. Else null.</param>
public sealed record Difference(RecordFault Kind, long Offset, long? Other = null);

/// <summary>
/// Compares what Kafka has with what Pulsar has, both as streams in their own order, and names each difference. Pure, and
/// what it keeps is bounded: <see cref="State"/> can be put down and taken up again.
/// </summary>
public sealed class DifferenceFinder(DifferenceFinder.State state)
{
    /// <summary>As many differences are listed; all are counted.</summary>
    public const int MostListed = 200;

    /// <summary>Records that were passed by and may still come: with more, the oldest count as missing.</summary>
    public const int MostAwaited = 1000;

    /// <summary>Records that changed lately: two that hold each other's content were swapped.</summary>
    private const int MostRecent = 16;

    public State Now => state;

    /// <summary>The next record of Kafka, by growing offsets.</summary>
    public void Source(long offset, byte[] digest)
    {
        state.SourceCount++;
        state.SourceHash = Chain(state.SourceHash, offset, digest);
    }

    /// <summary>A record of Kafka that the target passed by.</summary>
    public void Passed(long offset, byte[] digest)
    {
        state.Awaited.Add(new(offset, Short(digest)));
        if (state.Awaited.Count <= MostAwaited)
            return;
        Add(new(RecordFault.Missing, state.Awaited[0].Offset));
        state.Awaited.RemoveAt(0);
    }

    /// <summary>The target holds the record of this offset, and Kafka too.</summary>
    public void Match(long offset, byte[] source, byte[] target)
    {
        Target(offset, target);
        Compare(offset, Short(source), Short(target));
    }

    /// <summary>The target holds a record whose offset lies behind us, or that Kafka does not have.</summary>
    /// <param name="compacted">Kafka may have taken the record out since it was copied.</param>
    public void Stray(long offset, byte[] digest, bool compacted)
    {
        var highest = state.Highest;
        Target(offset, digest);
        var at = state.Awaited.FindIndex(one => one.Offset == offset);
        if (at >= 0)
        {
            Add(new(RecordFault.Swapped, offset, highest));
            Compare(offset, state.Awaited[at].Digest, Short(digest));
            state.Awaited.RemoveAt(at);
        }
        else if (offset <= highest)
            Add(new(RecordFault.Doubled, offset));
        else if (compacted)
            state.Vanished++;
        else
            Add(new(RecordFault.Extra, offset));
    }

    /// <summary>A message that the copy did not write.</summary>
    public void Foreign() => state.Foreign++;

    /// <summary>Nothing more comes: what is still awaited is missing.</summary>
    public void End()
    {
        foreach (var one in state.Awaited)
            Add(new(RecordFault.Missing, one.Offset));
        state.Awaited.Clear();
    }

    private void Target(long offset, byte[] digest)
    {
        state.TargetCount++;
        state.TargetHash = Chain(state.TargetHash, offset, digest);
        state.Highest = Math.Max(state.Highest, offset);
    }

    private void Compare(long offset, string source, string target)
    {
        if (source == target)
            return;
        var partner = state.Recent.FindIndex(one => one.Source == target && one.Target == source);
        if (partner >= 0)
        {
            // Both were counted as changed, but each holds what belongs to the other.
            var other = state.Recent[partner].Offset;
            state.Listed.RemoveAll(one => one.Kind == RecordFault.Changed && one.Offset == other);
            state.Differences--;
            Add(new(RecordFault.Swapped, other, offset));
            Add(new(RecordFault.Swapped, offset, other));
            state.Recent.RemoveAt(partner);
            return;
        }
        Add(new(RecordFault.Changed, offset));
        state.Recent.Add(new(offset, source, target));
        if (state.Recent.Count > MostRecent)
            state.Recent.RemoveAt(0);
    }

    private void Add(Difference difference)
    {
        state.Differences++;
        if (state.Listed.Count < MostListed)
            state.Listed.Add(difference);
    }

    private static string Short(byte[] digest) => Convert.ToBase64String(digest.AsSpan(0, 12));

    private static string Chain(string before, long offset, byte[] digest)
    {
        Span<byte> link = stackalloc byte[32 + sizeof(long) + 32];
        link.Clear();
        if (before.Length > 0)
            Convert.TryFromBase64String(before, link, out _);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(link[32..], offset);
        digest.CopyTo(link[(32 + sizeof(long))..]);
        return Convert.ToBase64String(SHA256.HashData(link));
    }

    /// <summary>All that is known so far.</summary>
    public sealed class State
    {
        public long SourceCount { get; set; }
        public long TargetCount { get; set; }

        /// <summary>Messages of others in the same partition.</summary>
        public long Foreign { get; set; }

        /// <summary>Records that are there and that compaction has taken out of Kafka since.</summary>
        public long Vanished { get; set; }

        /// <summary>All differences, listed or not.</summary>
        public long Differences { get; set; }

        /// <summary>The highest offset seen in the target; -1 before the first.</summary>
        public long Highest { get; set; } = -1;

        /// <summary>SHA-256 over all records in their order, each with its offset; base64, empty before the first.</summary>
        public string SourceHash { get; set; } = "";

        public string TargetHash { get; set; } = "";
        public List<Difference> Listed { get; set; } = [];
        public List<Awaited> Awaited { get; set; } = [];
        public List<Swapped> Recent { get; set; } = [];
    }

    public sealed record Awaited(long Offset, string Digest);

    public sealed record Swapped(long Offset, string Source, string Target);
}
