using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>The ledgers that a topic keeps, oldest first, each with its entries and bytes.</summary>
internal sealed class KeptLedgers
{
    private readonly IReadOnlyList<LedgerDocument> _ledgers;

    private KeptLedgers(IReadOnlyList<LedgerDocument> ledgers) => _ledgers = ledgers;

    /// <summary>The last ledger is open: its own line says 0 until it is closed, and the document's head says what is in it.</summary>
    public static KeptLedgers Of(InternalStatsDocument stats)
    {
        var ledgers = (stats.Ledgers ?? []).OrderBy(one => one.LedgerId).ToList();
        if (ledgers is [.., { Entries: 0 } open])
            ledgers[^1] = open with { Entries = stats.CurrentLedgerEntries, Size = stats.CurrentLedgerSize };
        return new(ledgers);
    }

    public IReadOnlyList<KeptLedger> All => [.. _ledgers.Select(one => new KeptLedger(one.LedgerId, one.Entries, one.Size))];

    public bool Keeps(long ledger, long entry) => entry >= 0 && _ledgers.Any(one => one.LedgerId == ledger && entry < one.Entries);

    /// <summary>The first entry that is kept at a place or behind it; null past the end.</summary>
    public (long Ledger, long Entry)? At(long ledger, long entry)
    {
        foreach (var one in _ledgers.Where(one => one.LedgerId >= ledger))
        {
            var first = one.LedgerId == ledger ? Math.Max(entry, 0) : 0;
            if (first < one.Entries)
                return (one.LedgerId, first);
        }
        return null;
    }

    /// <summary>From an entry to the end. A place before the first is all; bytes of a part of a ledger are its average.</summary>
    public EntryCount From(long ledger, long entry)
    {
        long entries = 0,
            bytes = 0;
        foreach (var one in _ledgers.Where(one => one.LedgerId >= ledger))
        {
            var passed = one.LedgerId == ledger ? Math.Clamp(entry, 0, one.Entries) : 0;
            entries += one.Entries - passed;
            bytes += one.Entries == 0 ? 0 : (long)(one.Size * ((double)(one.Entries - passed) / one.Entries));
        }
        return new(entries, bytes);
    }
}
