using System.Text.Json;

namespace LocalPulsar.Topics;

/// <summary>
/// How far a subscription has acknowledged: everything up to <see cref="MarkDelete"/>, and single entries beyond it.
/// Offsets are those of the topic's <see cref="LedgerLog"/>.
/// </summary>
internal sealed class Cursor
{
    private readonly LedgerLog _log;
    private readonly SortedSet<long> _beyond = [];
    private long _markDelete;

    public Cursor(LedgerLog log, long markDelete)
    {
        _log = log;
        _markDelete = markDelete;
    }

    /// <summary>Restores what <see cref="Save"/> wrote; entries that are gone meanwhile count as acknowledged.</summary>
    public Cursor(LedgerLog log, CursorDocument saved)
        : this(log, log.Floor(new Position(saved.Ledger, saved.Entry)))
    {
        foreach (var pair in saved.Acked)
            Acknowledge(log.Floor(new Position(pair[0], pair[1])));
    }

    /// <summary>The last offset up to which all is acknowledged. What is trimmed away was acknowledged by all.</summary>
    public long MarkDelete => Math.Max(_markDelete, _log.First - 1);
    public int Beyond => _beyond.Count;
    public long Backlog => _log.End - 1 - MarkDelete - _beyond.Count;
    public Position MarkDeletePosition =>
        MarkDelete >= _log.First ? _log[MarkDelete].Position
        : _log.Count > 0 ? new(_log[_log.First].Position.Ledger, -1)
        : _log.LastPosition;

    /// <summary>What is acknowledged behind the mark, as brokers write it: <c>[(8:2..8:4]]</c>, open below.</summary>
    public string RangesBeyond()
    {
        var ranges = new List<string>();
        foreach (var offset in _beyond)
        {
            if (_beyond.Contains(offset - 1))
                continue;
            var last = offset;
            while (_beyond.Contains(last + 1))
                last++;
            var first = _log[offset].Position;
            ranges.Add($"({first with { EntryId = first.EntryId - 1 }}..{_log[last].Position}]");
        }
        return $"[{string.Join(',', ranges)}]";
    }

    public bool IsAcknowledged(long offset) => offset <= MarkDelete || _beyond.Contains(offset);

    public bool Acknowledge(long offset)
    {
        if (offset < _log.First || offset >= _log.End || IsAcknowledged(offset))
            return false;
        _beyond.Add(offset);
        _markDelete = MarkDelete;
        while (_beyond.Remove(_markDelete + 1))
            _markDelete++;
        return true;
    }

    public void AcknowledgeUpTo(long offset)
    {
        _markDelete = Math.Max(MarkDelete, Math.Min(offset, _log.End - 1));
        _beyond.RemoveWhere(o => o <= _markDelete);
        while (_beyond.Remove(_markDelete + 1))
            _markDelete++;
    }

    public void Reset(long markDelete)
    {
        _beyond.Clear();
        _markDelete = Math.Clamp(markDelete, _log.First - 1, _log.End - 1);
    }

    public string Save(IReadOnlyDictionary<string, string> properties)
    {
        var position =
            MarkDelete >= _log.First ? _log[MarkDelete].Position
            : _log.Count > 0 ? Before(_log[_log.First].Position)
            : _log.LastPosition;
        return JsonSerializer.Serialize(
            new CursorDocument(
                position.Ledger,
                position.EntryId,
                [.. _beyond.Select(o => new[] { _log[o].Position.Ledger, _log[o].Position.EntryId })],
                properties
            )
        );
    }

    private static Position Before(Position position) => position with { EntryId = position.EntryId - 1 };
}

/// <summary>A cursor on disk, by positions.</summary>
internal sealed record CursorDocument(long Ledger, long Entry, IReadOnlyList<long[]> Acked, IReadOnlyDictionary<string, string> Properties);
