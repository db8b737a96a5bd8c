using Portal.Domain.Common;
using Portal.Domain.Sample;

namespace Portal.Tests.Support.Fakes;

/// <summary>A gateway at which every test card is fine, or one that is live.</summary>
public sealed class TestPayments : ITestPayments
{
    public bool IsLive { get; set; }

    public Task<Outcome<Done>> UseCardAsync(string customerId, TestCard card, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Done);

    public Task<Outcome<Done>> DeleteCustomerAsync(string customerId, CancellationToken cancellationToken) => Task.FromResult(Outcome.Done);
}
