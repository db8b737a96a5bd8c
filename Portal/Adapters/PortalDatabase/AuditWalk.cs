using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;

namespace Portal.Adapters.PortalDatabase;

/// <summary>A walk over a chain from where it was cut to its head; stops at the first row that does not fit.</summary>
internal sealed class AuditWalk(AuditChainRow head)
{
    private long _sequence = head.CutSequence;
    private string _hash = head.CutHash;
    private long _first;
    private long? _break;
    private bool _cutIsTold = head.CutSequence == 0;

    /// <summary>Takes the next row by sequence; false when the walk is over.</summary>
    public bool Takes(AuditRow row)
    {
        if (_first == 0)
            _first = row.Sequence;
        if (_sequence == head.Sequence || row.Sequence != _sequence + 1 || row.Hash != AuditChain.Hash(_hash, row))
        {
            // Beyond the head, before the cut, out of its place, or altered.
            _break = Math.Min(row.Sequence, _sequence + 1);
            return false;
        }
        _cutIsTold |= AuditChain.SaysCut(row, head);
        (_sequence, _hash) = (row.Sequence, row.Hash);
        return true;
    }

    public AuditCheck End()
    {
        if (_break is null && _sequence < head.Sequence)
            _break = _sequence + 1;
        if (_break is null && _hash != head.Hash)
            _break = head.Sequence;
        // Rows cut off past the portal: the chain does not tell of it.
        if (_break is null && !_cutIsTold)
            _break = head.CutSequence + 1;
        return new(new(head.Sequence, head.Hash), _first == 0 ? head.CutSequence + 1 : _first, _break);
    }
}
