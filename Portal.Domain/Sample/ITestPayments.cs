using Portal.Domain.Common;

namespace Portal.Domain.Sample;

/// <summary>The gateway's test cards by what becomes of their payments.</summary>
public enum TestCard
{
    /// <summary>Every payment goes through.</summary>
    Pays,

    /// <summary>It can be saved, and every payment is declined.</summary>
    Declines,
}

/// <summary>
/// What the sample company does at the payment gateway that no customer can: it pays with test cards, and its customer is deleted.
/// </summary>
public interface ITestPayments
{
    /// <summary>The gateway moves real money. Then there is no sample company.</summary>
    bool IsLive { get; }

    /// <summary>
    /// Makes the card the customer's default one; the same one when it is already. <see cref="Problem.Unavailable"/> when trying again may
    /// help.
    /// </summary>
    Task<Outcome<Done>> UseCardAsync(string customerId, TestCard card, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the customer with cards and drafts; what it has not paid is void. One that is gone, and any while <see cref="IsLive"/>, is
    /// left as it is.
    /// </summary>
    Task<Outcome<Done>> DeleteCustomerAsync(string customerId, CancellationToken cancellationToken);
}
