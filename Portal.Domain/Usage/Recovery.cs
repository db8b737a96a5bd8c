namespace Portal.Domain.Usage;

/// <summary>
/// Where a counter died unseen, what was written is in the partition's ledgers. Pure. Bills for closed loads what their
/// ledgers hold, and for the present one what its counter says, less what is billed; so 0 ≤ billed ≤ true still holds.
/// </summary>
/// <remarks>
/// All that a load stored arrived in that load, and its ledgers are its own. So what arrived between a mark and the present
/// load is at least what the ledgers between them hold. What was trimmed meanwhile isn't in the record and makes it less;
/// where it can't be told whether a ledger is the present load's, it counts as that. The whole argument: docs/adr/0050.
/// </remarks>
public static class Recovery
{
    /// <param name="frame">Of the live counter: <see cref="PollFrame.Live"/>.</param>
    /// <param name="row">The owner's counter, read after <paramref name="before"/> and before <paramref name="after"/>.</param>
    /// <param name="known">A ledger of the load that was there before all pictures that a broker may still show.</param>
    /// <param name="last">The partition's readings.</param>
    public static PollResult Apply(
        PollFrame frame,
        OwnedRow row,
        long known,
        LedgerRecord before,
        LedgerRecord after,
        IReadOnlyCollection<Reading> last
    )
    {
        // One and the same load from the first look to the last, or a younger one's pictures may be billed beside the record.
        if (!before.IsWhole || !after.IsWhole || known < after.CertainlyOfThisLoad)
            return PollResult.Nothing;
        var compared = Metering.Compare(frame, [row], last);
        // Another reading was faster, or the counter can't be explained: there is a next time.
        if (compared.Readings.FirstOrDefault(reading => reading.Broker == row.Broker) is not { } here)
            return PollResult.Nothing;
        if (row.Topic is not { Suspended: false } topic || here.Billed is null && IsSuspended(last, topic))
            return Settled(compared, last, here with { LostAt = null });

        var there = Others(compared, last, here).Where(reading => reading.Topic == topic.Id).ToList();
        var lostAt = there.Append(here).Select(reading => reading.LostAt).Min();
        var counted = row.Counters.BytesIn;
        var recovered = 0L;
        if (here.Billed is { } billed && there.TrueForAll(reading => reading.Billed is not null))
        {
            var total = billed + there.Sum(reading => reading.Billed!.Value);
            if (before.PerhapsOfThisLoad(row.Counters) is { } oldest && lostAt is { } since)
            {
                var mark =
                    there.Append(here).Select(reading => reading.Mark).OfType<RecordMark>().MaxBy(one => one.Ledger)
                    ?? RecordMark.Beginning;
                var stored = before.BytesBetween(mark.Ledger, oldest);
                var metered = total - mark.Billed - counted;
                // Less than nothing where the present counter itself was billed in part only, since it seemed to go on from an older one.
                recovered = Math.Max(0, stored - metered);
                metered = Math.Max(0, metered);
                if (recovered > 0)
                    compared = compared with
                    {
                        Deltas =
                        [
                            .. compared.Deltas,
                            new(
                                Meter.Write,
                                topic,
                                MeteredDelta.FromLedgers,
                                row.Counters.Partition,
                                since,
                                frame.At,
                                metered,
                                metered + recovered,
                                recovered
                            ),
                        ],
                    };
            }
            var next = new RecordMark(Mark(known, before, after), Math.Max(0, total + recovered - counted));
            return Settled(compared, last, here with { Billed = billed + recovered, Mark = next, LostAt = null });
        }
        // Nobody knows what was billed before; from here on it is known.
        here = here with
        {
            Billed = counted,
            Mark = new(Mark(known, before, after), 0),
            LostAt = null,
        };
        return Settled(compared, last, here);
    }

    /// <summary>The oldest ledger that is certainly this load's: the looks were at one and the same, so each of them may name it.</summary>
    private static long Mark(long known, LedgerRecord before, LedgerRecord after) =>
        Math.Min(known, Math.Min(before.CertainlyOfThisLoad, after.CertainlyOfThisLoad));

    private static bool IsSuspended(IReadOnlyCollection<Reading> last, MeteredTopic topic) =>
        last.Where(reading => reading.Topic == topic.Id).MaxBy(reading => reading.At)?.Suspended == true;

    private static IEnumerable<Reading> Others(PollResult compared, IReadOnlyCollection<Reading> last, Reading here) =>
        last.Where(reading => reading.Broker != here.Broker)
            .Select(reading => compared.Readings.FirstOrDefault(one => one.Broker == reading.Broker) ?? reading);

    /// <summary>
    /// With the reading in place, and no other one of the topic saying that something is lost or that nobody knows what it billed.
    /// </summary>
    private static PollResult Settled(PollResult compared, IReadOnlyCollection<Reading> last, Reading here)
    {
        var others = Others(compared, last, here).ToList();
        var settled = others.ConvertAll(reading =>
            reading.Topic == here.Topic
                ? reading with
                {
                    LostAt = null,
                    Billed = reading.Billed ?? (here.Mark is null ? null : 0),
                }
                : reading
        );
        var changed = settled.Where((reading, index) => reading != others[index] || compared.Readings.Contains(reading));
        return compared with { Readings = [here, .. changed] };
    }
}
