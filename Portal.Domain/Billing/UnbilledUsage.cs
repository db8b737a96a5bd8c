using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>What an organization used and no closed period holds yet.</summary>
internal static class UnbilledUsage
{
    /// <summary>What would have to be invoiced now; null when it is nothing, or less than can be charged.</summary>
    public static async Task<Money?> OfAsync(
        IPortalDatabase database,
        Usage.IUsageLedger ledger,
        Organization organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await SumAsync(database, ledger, organization, now, cancellationToken) is var owed
        && owed.Minor < SmallestCharge.Of(owed.Currency).Minor
            ? null
            : owed;

    /// <summary>
    /// What it comes to in the currency that holds at its end, a carried balance included and less what a promotion code takes off.
    /// </summary>
    /// <param name="until">Exclusive; a month that ends here has its minimums made up.</param>
    public static async Task<Money> SumAsync(
        IPortalDatabase database,
        Usage.IUsageLedger ledger,
        Organization organization,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        var months = await database.ReadAsync(
            async session =>
            {
                var last = await session.Invoices.LastClosedAsync(organization.Id, cancellationToken);
                var open = new List<MonthRecords>();
                for (var month = Month.Of(last?.To ?? organization.CreatedAt); month <= Month.Of(until.AddTicks(-1)); month = month.Next)
                    open.Add(await MonthRecords.LoadAsync(session, organization, month, until, cancellationToken));
                return open;
            },
            cancellationToken
        );
        var currency = months[^1].Tariff.CurrencyAt(until.AddTicks(-1));
        var owed = Money.Zero(currency);
        foreach (var month in months)
        {
            var rated = await month.RateAsync(new MonthRating(ledger), organization.Id, cancellationToken);
            foreach (var (index, period) in rated.Index().Skip(month.ClosedCount))
            {
                foreach (var line in period.Lines.Where(line => line.Amount.Currency == currency))
                    owed += line.Amount;
                owed -= new Money(month.DiscountOf(rated, index, currency), currency);
            }
        }
        if (organization.CarriedCurrencyCode == currency.Code)
            owed += new Money(organization.CarriedMinor, currency);
        return owed;
    }
}
