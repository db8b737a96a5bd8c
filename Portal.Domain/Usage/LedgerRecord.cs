namespace Portal.Domain.Usage;

/// <summary>
/// What the managed ledger of a partition says of itself (<c>internalStats</c>). A topic opens a new ledger with every load
/// and closes the last one of the load before it; what a closed ledger holds doesn't change any more. Trimming takes whole
/// ledgers away, the oldest first.
/// </summary>
/// <param name="EntriesAdded">Entries that were stored since the topic was loaded.</param>
/// <param name="Ledgers">Those that are kept, oldest first; the last one is open and holds what the record's head says.</param>
public sealed record LedgerRecord(long EntriesAdded, IReadOnlyList<KeptLedger> Ledgers)
{
    /// <summary>False when it contradicts itself: nothing is concluded from it then.</summary>
    public bool IsWhole =>
        Ledgers.Count > 0
        && EntriesAdded >= 0
        && (EntriesAdded > 0 || Ledgers[^1].Entries == 0)
        && Ledgers.All(ledger => ledger is { Id: >= 0, Entries: >= 0, Bytes: >= 0 and <= 1L << 50 });

    /// <summary>
    /// A ledger that was certainly opened by the present load or later: the oldest of the fewest that hold all that was added since.
    /// </summary>
    public long CertainlyOfThisLoad
    {
        get
        {
            var (entries, index) = (0L, Ledgers.Count);
            do entries += Ledgers[--index].Entries;
            while (entries < EntriesAdded && index > 0);
            return Ledgers[index].Id;
        }
    }

    /// <summary>
    /// The oldest ledger that may be of the present load, by a counter that was read after this record: all that the load
    /// has stored arrived in it, so its ledgers together hold no more than the counter says. Null when not even the last
    /// one fits: what is stored isn't what arrived.
    /// </summary>
    public long? PerhapsOfThisLoad(in TopicCounters later)
    {
        long? oldest = null;
        var (entries, bytes) = (0L, 0L);
        for (var index = Ledgers.Count - 1; index >= 0; index--)
        {
            (entries, bytes) = (entries + Ledgers[index].Entries, bytes + Ledgers[index].Bytes);
            if (entries > later.MessagesIn || bytes > later.BytesIn)
                break;
            oldest = Ledgers[index].Id;
        }
        return oldest;
    }

    /// <summary>Bytes in ledgers from one on to before another.</summary>
    public long BytesBetween(long from, long before) =>
        Ledgers.Where(ledger => ledger.Id >= from && ledger.Id < before).Sum(ledger => ledger.Bytes);
}

public readonly record struct KeptLedger(long Id, long Entries, long Bytes);

/// <summary>Up to where the bytes written to a partition are settled: by its ledgers, and by what was billed.</summary>
/// <param name="Ledger">All that is stored from this ledger on arrived in the load that opened it, or in a later one.</param>
/// <param name="Billed">What was billed for everything that arrived before that load; never more than arrived.</param>
public sealed record RecordMark(long Ledger, long Billed)
{
    /// <summary>Of a topic that was metered from its beginning.</summary>
    public static RecordMark Beginning { get; } = new(0, 0);
}
