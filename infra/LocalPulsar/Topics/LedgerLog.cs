using LocalPulsar.Storage;

namespace LocalPulsar.Topics;

/// <summary>
/// The entries of one topic, kept in ledgers as a managed ledger keeps them: one is open, the closed ones before it are
/// removed whole once they are consumed and past their retention. Entries are numbered by offset, in order, from the
/// first ever loaded; offsets mean nothing after the topic is unloaded. Not thread-safe: the topic's lock guards it.
/// </summary>
internal sealed class LedgerLog
{
    private const int LargestLedger = 50_000;
    private const long LargestLedgerBytes = 2048L << 20;
    private const int ReadAhead = 50;
    private const int TailEntries = 1000;
    private const long TailBytes = 1 << 20;
    private static readonly TimeSpan YoungestRollover = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan OldestRollover = TimeSpan.FromMinutes(240);

    private readonly string _topic;
    private readonly Journal _journal;
    private readonly Archive _archive;
    private readonly TimeProvider _clock;
    private readonly Func<long> _newLedger;
    private readonly List<EntryIndex> _index;
    private readonly List<Ledger> _ledgers = [];
    private readonly Dictionary<long, Entry> _tail = [];
    private Dictionary<Position, Entry> _ahead = [];
    private long _tailFrom;
    private long _tailBytes;

    public LedgerLog(string topic, Journal journal, Archive archive, TimeProvider clock, Func<long> newLedger)
    {
        (_topic, _journal, _archive, _clock, _newLedger) = (topic, journal, archive, clock, newLedger);
        _index = archive.Index(topic);
        _tailFrom = _index.Count;
        foreach (var (id, closed) in archive.Ledgers(topic))
        {
            var ledger = new Ledger(id, Now) { Closed = closed };
            _ledgers.Add(ledger);
            if (closed is null)
                Close(ledger);
        }
        foreach (var entry in _index)
        {
            var ledger = _ledgers.Find(l => l.Id == entry.Position.Ledger)!;
            ledger.Entries++;
            ledger.Size += entry.Size;
        }
        _ledgers.Add(new Ledger(_newLedger(), Now));
    }

    /// <summary>One ledger. Times are Unix milliseconds.</summary>
    internal sealed class Ledger(long id, long opened)
    {
        public long Id { get; } = id;
        public long Opened { get; } = opened;
        public long? Closed { get; set; }
        public long Assigned { get; set; }
        public long AssignedBytes { get; set; }
        public long Entries { get; set; }
        public long Size { get; set; }
    }

    public IReadOnlyList<Ledger> Ledgers => _ledgers;
    public Ledger Current => _ledgers[^1];

    /// <summary>Offset of the first entry kept.</summary>
    public long First { get; private set; }

    /// <summary>Offset after the last entry.</summary>
    public long End => First + _index.Count;
    public long Count => _index.Count;
    public long Size => _ledgers.Sum(l => l.Size);
    public Position LastPosition => _index.Count > 0 ? _index[^1].Position : new Position(Current.Id, -1);
    public long Added { get; private set; }
    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    public EntryIndex this[long offset] => _index[checked((int)(offset - First))];

    /// <summary>The place of the next entry, in a new ledger where the current one is full or old.</summary>
    public Position Assign(int size)
    {
        var current = Current;
        var age = TimeSpan.FromMilliseconds(Now - current.Opened);
        var full = current.Assigned >= LargestLedger || current.AssignedBytes >= LargestLedgerBytes;
        if (current.Assigned > 0 && ((full && age >= YoungestRollover) || age >= OldestRollover))
            RollOver();
        Current.AssignedBytes += size;
        return new Position(Current.Id, Current.Assigned++);
    }

    public void RollOver()
    {
        Close(Current);
        _ledgers.Add(new Ledger(_newLedger(), Now));
    }

    /// <summary>Takes in an entry that is on disk.</summary>
    public void Append(Entry entry)
    {
        var index = entry.Index;
        _tail.Add(End, entry);
        _tailBytes += index.Size;
        _index.Add(index);
        Added++;
        var ledger = _ledgers.Find(l => l.Id == index.Position.Ledger)!;
        ledger.Entries++;
        ledger.Size += index.Size;
        while ((_tailBytes > TailBytes || _tail.Count > TailEntries) && _tail.Remove(_tailFrom, out var oldest))
        {
            _tailBytes -= oldest.Index.Size;
            _tailFrom++;
        }
    }

    public Entry Read(long offset)
    {
        if (_tail.TryGetValue(offset, out var entry))
            return entry;
        var position = this[offset].Position;
        if (!_ahead.TryGetValue(position, out entry))
        {
            _ahead = _archive.Entries(position, ReadAhead).ToDictionary(e => e.Position);
            entry = _ahead[position];
        }
        return entry;
    }

    /// <summary>Offset of the last entry at or before a position; one before <see cref="First"/> when there is none.</summary>
    public long Floor(Position position) => First + CountWhile(index => index.Position <= position) - 1;

    /// <summary>Offset of the first entry published at or after a time; <see cref="End"/> when there is none.</summary>
    public long FirstSince(long time)
    {
        for (var i = 0; i < _index.Count; i++)
        {
            if (_index[i].PublishTime >= time)
                return First + i;
        }
        return End;
    }

    /// <summary>Bytes after an offset, estimated as a broker does: whole ledgers exactly, the rest by average entry size.</summary>
    public long BacklogAfter(long offset)
    {
        var consumed = offset - First + 1;
        long bytes = 0;
        foreach (var ledger in _ledgers)
        {
            var inLedger = Math.Clamp(consumed, 0, ledger.Entries);
            bytes += ledger.Entries == 0 || inLedger == ledger.Entries ? 0 : ledger.Size - inLedger * (ledger.Size / ledger.Entries);
            consumed -= inLedger;
        }
        return bytes;
    }

    /// <summary>Removes closed ledgers, oldest first, that are consumed up to <paramref name="consumed"/> and past time or size.</summary>
    public void Trim(long consumed, long retentionMinutes, long retentionMegabytes)
    {
        var size = Size;
        while (_ledgers.Count > 1)
        {
            var ledger = _ledgers[0];
            var expired = retentionMinutes >= 0 && Now - ledger.Closed >= retentionMinutes * 60_000;
            var over = retentionMegabytes >= 0 && size - ledger.Size >= retentionMegabytes << 20;
            if (ledger.Entries < ledger.Assigned || First + ledger.Entries - 1 > consumed || !(expired || over || ledger.Entries == 0))
                return;
            size -= ledger.Size;
            Remove(ledger);
        }
    }

    /// <summary>Removes everything, whatever retention says.</summary>
    public void Truncate()
    {
        RollOver();
        while (_ledgers.Count > 1)
            Remove(_ledgers[0]);
    }

    /// <summary>Closes the current ledger, for an unload.</summary>
    public void CloseCurrent() => Close(Current);

    private void Remove(Ledger ledger)
    {
        var count = checked((int)ledger.Entries);
        for (var i = 0; i < count; i++)
        {
            if (_tail.Remove(First + i, out var entry))
                _tailBytes -= entry.Index.Size;
        }
        _index.RemoveRange(0, count);
        First += count;
        _tailFrom = Math.Max(_tailFrom, First);
        _ledgers.Remove(ledger);
        _journal.Enqueue(tables => tables.DeleteLedger(ledger.Id));
    }

    private void Close(Ledger ledger)
    {
        var closed = Now;
        ledger.Closed = closed;
        _journal.Enqueue(tables => tables.CloseLedger(ledger.Id, closed));
    }

    private int CountWhile(Predicate<EntryIndex> isBefore)
    {
        int low = 0,
            high = _index.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isBefore(_index[middle]))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
