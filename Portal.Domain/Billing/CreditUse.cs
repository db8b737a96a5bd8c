using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>A part of a credit that reduces an invoice.</summary>
/// <param name="Minor">More than nothing.</param>
internal sealed record CreditPart(Credit Credit, long Minor);

/// <summary>Which credits an invoice uses, and how much of each: a function of what is owed and what is there.</summary>
internal static class CreditUse
{
    /// <summary>Lines of one invoice; what is left of further credits reduces the next.</summary>
    internal const int MostParts = 100;

    /// <summary>
    /// The first to end first, and of those that end together the promised ones. What remains to pay is nothing, or enough
    /// to be charged: a credit that would leave less keeps the difference instead.
    /// </summary>
    /// <param name="owed">Usage and what was carried over.</param>
    /// <param name="periodEnd">Exclusive: credits that end before it can't be used.</param>
    public static IReadOnlyList<CreditPart> Plan(Money owed, IEnumerable<Credit> credits, DateTimeOffset periodEnd)
    {
        var smallest = SmallestCharge.Of(owed.Currency).Minor;
        if (owed.Minor < smallest)
            return [];
        var usable = credits
            .Where(credit => credit.LeftMinor > 0 && credit.CurrencyCode == owed.Currency.Code && !(credit.ExpiresAt < periodEnd))
            .OrderBy(credit => credit.ExpiresAt ?? DateTimeOffset.MaxValue)
            .ThenBy(credit => credit.Kind)
            .ThenBy(credit => credit.GrantedAt)
            .ThenBy(credit => credit.Id.Value)
            .Take(MostParts)
            .ToList();
        var there = usable.Aggregate(Int128.Zero, (sum, credit) => sum + credit.LeftMinor);
        var left = there >= owed.Minor ? owed.Minor : Math.Min((long)there, owed.Minor - smallest);
        var parts = new List<CreditPart>();
        foreach (var credit in usable)
        {
            if (left == 0)
                break;
            var minor = Math.Min(left, credit.LeftMinor);
            parts.Add(new(credit, minor));
            left -= minor;
        }
        return parts;
    }

    public static long Sum(this IEnumerable<CreditPart> parts) => parts.Sum(part => part.Minor);

    /// <summary>With the close of a period: what its invoice uses is taken, what can't be used from now on expires.</summary>
    internal static void Book(
        IPortalSession session,
        IReadOnlyList<Credit> credits,
        IReadOnlyList<CreditPart> parts,
        Invoice? invoice,
        DateTimeOffset periodEnd,
        string by,
        TimeProvider clock
    )
    {
        foreach (var part in parts)
            session.Credits.Add(part.Credit.Take(CreditMove.Use, part.Minor, invoice, by, clock));
        foreach (var over in credits.Where(credit => credit.LeftMinor > 0 && credit.ExpiresAt < periodEnd))
            session.Credits.Add(over.Take(CreditMove.Expire, over.LeftMinor, null, by, clock));
    }
}
