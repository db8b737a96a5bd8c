using Portal.Domain.Billing;

namespace Portal.Features.Usage;

/// <summary>The time of a report cut into equal slots, for what is drawn: an hour or a day each.</summary>
public static class UsageSlots
{
    public static int Count(UsageReport report, TimeSpan step) => (int)Math.Ceiling((report.To - report.From) / step);

    /// <summary>
    /// A value for each slot; null where nothing is metered yet. The slot in which the organization was created is zero only
    /// if it saw all of it: a zero for its first minute would draw a climb that nobody made.
    /// </summary>
    public static double?[] Values(UsageReport report, IEnumerable<UsageItem> items, TimeSpan step, Func<UsageItem, decimal> valueOf)
    {
        var values = new double?[Count(report, step)];
        for (var slot = 0; slot < values.Length; slot++)
            if (report.CompleteTo > report.From + slot * step && report.From + slot * step >= report.Since)
                values[slot] = 0;
        foreach (var item in items)
            if ((int)((item.Slice.From - report.From) / step) is var slot and >= 0 && slot < values.Length)
                values[slot] = (values[slot] ?? 0) + (double)valueOf(item);
        return values;
    }

    /// <summary>The first slot that is not metered to its end; null when all are.</summary>
    public static int? OpenFrom(UsageReport report, TimeSpan step) =>
        report.CompleteTo is { } completeTo && completeTo < report.To
            ? Math.Max(0, (int)Math.Floor((completeTo - report.From) / step))
            : null;
}
