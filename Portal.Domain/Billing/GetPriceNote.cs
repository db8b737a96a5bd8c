using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>What is to be said of taxes beside prices; for everybody, as prices are.</summary>
public sealed class GetPriceNote(IPortalDatabase database, TimeProvider clock)
{
    /// <summary>Null where no taxes are charged.</summary>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var book = TaxBook.At(
            await database.ReadAsync(session => session.Taxes.BooksAsync(cancellationToken), cancellationToken),
            clock.Now().AddTicks(1)
        );
        return book switch
        {
            null or { Mode: TaxMode.None } => null,
            { Mode: TaxMode.Stripe } => "Prices don't include tax.",
            _ when book.Rates.All(rate => !rate.IsInclusive) => "Prices don't include tax.",
            _ when book.Rates.All(rate => rate.IsInclusive) => "Prices include tax where it is charged.",
            _ => "Whether prices include tax depends on your billing address.",
        };
    }
}
