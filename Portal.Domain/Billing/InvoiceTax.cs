using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// How an invoice is taxed. While <see cref="LocationMissing"/> or <see cref="AtStripe"/> it is not known yet; the others
/// are for good once it is issued.
/// </summary>
public enum InvoiceTaxState
{
    Off,
    Taxed,
    ReverseCharge,
    Exempt,
    NotCollected,
    LocationMissing,
    AtStripe,
}

/// <summary>A tax on an invoice: a line of its own, after everything that is used and taken off.</summary>
public sealed class InvoiceTax
{
    private InvoiceTax() { }

    public InvoiceTax(
        Guid id,
        int position,
        string name,
        string? country,
        string? state,
        decimal percent,
        bool isInclusive,
        long baseMinor,
        long amountMinor
    ) =>
        (Id, Position, Name, Country, State, Percent, IsInclusive, BaseMinor, AmountMinor) = (
            id,
            position,
            name,
            country,
            state,
            percent,
            isInclusive,
            baseMinor,
            amountMinor
        );

    public Guid Id { get; private set; }
    public InvoiceId InvoiceId { get; private set; }
    public int Position { get; private set; }
    public string Name { get; private set; } = "";

    /// <summary>Null where Stripe does not say.</summary>
    public string? Country { get; private set; }

    public string? State { get; private set; }
    public decimal Percent { get; private set; }

    /// <summary>The amounts of the lines contain it; else it comes on top.</summary>
    public bool IsInclusive { get; private set; }

    /// <summary>What it is a part of, without it.</summary>
    public long BaseMinor { get; private set; }

    public long AmountMinor { get; private set; }

    /// <summary>Of the rate that it was charged by there; null until it is, and where Stripe works out taxes.</summary>
    public string? StripeRateId { get; private set; }

    /// <summary>For its reader: <c>VAT Germany, 19%</c>.</summary>
    public string Title =>
        $"{Name}{(Country is null ? "" : $" {Countries.NameOf(Country)}{(State is null ? "" : $" ({State})")}")}, "
        + $"{TaxRate.PercentOf(Percent)}";

    internal void ChargedBy(string stripeRateId) => StripeRateId = stripeRateId;

    internal void GoneAtStripe() => StripeRateId = null;
}

/// <summary>
/// Taxes of an invoice as Stripe computes them: of each line by itself, rounded half up to what can be charged, then added
/// (docs/adr/0045). Pure.
/// </summary>
internal static class TaxMath
{
    /// <summary>
    /// What each line leaves to tax: its amount less its part of the discount. The parts add up to the discount, in amounts that can be
    /// charged.
    /// </summary>
    /// <param name="amounts">Of the lines, in their order.</param>
    /// <param name="discount">Not below zero, and not more than the lines.</param>
    public static IReadOnlyList<long> Less(IReadOnlyList<long> amounts, long discount, int step)
    {
        var sum = amounts.Aggregate(Int128.Zero, (total, amount) => total + amount);
        if (discount == 0 || sum <= 0)
            return amounts;
        var left = new long[amounts.Count];
        var (before, taken) = (Int128.Zero, 0L);
        for (var index = 0; index < amounts.Count; index++)
        {
            // From the running sum, so that what rounding leaves is placed with the next line and the last one ends it exactly.
            before += amounts[index];
            var upTo = before == sum ? discount : (long)(discount * before / sum) / step * step;
            left[index] = amounts[index] - (upTo - taken);
            taken = upTo;
        }
        return left;
    }

    /// <param name="amounts">Of the lines, none below zero.</param>
    /// <param name="rates">Of one place: several that come on top, or one that prices contain.</param>
    public static IReadOnlyList<InvoiceTax> Of(
        IReadOnlyList<long> amounts,
        IReadOnlyList<TaxRate> rates,
        Currency currency,
        Func<Guid> newId
    ) =>
        [
            .. rates.Select(
                (rate, position) =>
                {
                    var tax = amounts.Sum(amount => OfLine(amount, rate.Percent, rate.IsInclusive, currency));
                    return new InvoiceTax(
                        newId(),
                        position,
                        rate.Name,
                        rate.Country,
                        rate.State,
                        rate.Percent,
                        rate.IsInclusive,
                        amounts.Sum() - (rate.IsInclusive ? tax : 0),
                        tax
                    );
                }
            ),
        ];

    public static long OfLine(long amount, decimal percent, bool isInclusive, Currency currency)
    {
        var exact = isInclusive ? amount * percent / (100 + percent) : amount * percent / 100;
        return checked((long)decimal.Round(exact / currency.Step, 0, MidpointRounding.AwayFromZero) * currency.Step);
    }

    /// <summary>
    /// The tax in a part of an invoice, by what was taken back before: parts up to the whole come to exactly the whole tax,
    /// however they are cut.
    /// </summary>
    /// <param name="total">Of the invoice, with its tax.</param>
    /// <param name="before">Taken back already.</param>
    public static long OfPart(long tax, long total, long before, long part)
    {
        return total <= 0 ? 0 : UpTo(before + part) - UpTo(before);

        long UpTo(long amount) =>
            amount >= total ? tax : (long)decimal.Round((decimal)tax * amount / total, 0, MidpointRounding.AwayFromZero);
    }
}
