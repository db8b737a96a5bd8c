using Portal.Domain.Access;
using Portal.Features.Audit;

namespace Portal.Features.Home;

/// <summary>One or several entries of the audit log in a row that say the same.</summary>
/// <param name="At">Of the newest.</param>
/// <param name="IsDenied">It was tried and refused.</param>
public sealed record Act(string What, string Who, DateTimeOffset At, bool IsDenied, int Times)
{
    /// <summary>So many entries are read, so that many of one kind do not hide what else happened.</summary>
    public const int Entries = 200;

    private const int Shown = 6;

    /// <param name="records">Newest first.</param>
    public static IReadOnlyList<Act> Of(IEnumerable<AuditRecord> records)
    {
        var acts = new List<Act>();
        foreach (var record in records)
        {
            var act = new Act(AuditWords.Of(record), AuditWords.Who(record), record.At, record.Outcome == AuditOutcome.Refused, 1);
            if (acts.Count > 0 && acts[^1] is var last && (last.What, last.Who, last.IsDenied) == (act.What, act.Who, act.IsDenied))
                acts[^1] = last with { Times = last.Times + 1 };
            else if (acts.Count < Shown)
                acts.Add(act);
            else
                break;
        }
        return acts;
    }
}
