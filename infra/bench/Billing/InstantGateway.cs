using System.Collections.Concurrent;
using System.Diagnostics;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Bench.Billing;

/// <summary>Stripe without the way there: answers at once what a close asks, and knows how long that took.</summary>
internal sealed class InstantGateway : IPaymentGateway
{
    private readonly ConcurrentDictionary<string, GatewayInvoice> _invoices = [];
    private long _calls;
    private long _ticks;

    public long Calls => _calls;

    public TimeSpan Took => TimeSpan.FromTicks(_ticks * TimeSpan.TicksPerSecond / Stopwatch.Frequency);

    public Task<Outcome<string>> EnsureCustomerAsync(GatewayCustomer customer, CancellationToken cancellationToken) =>
        Answer(() => $"cus_{customer.Slug}");

    public Task<Outcome<string>> EnsureDraftAsync(string customerId, InvoiceDraft invoice, CancellationToken cancellationToken) =>
        Answer(() =>
        {
            var id = $"in_{invoice.Id}";
            _invoices.TryAdd(
                id,
                new(
                    id,
                    invoice.Number,
                    customerId,
                    InvoiceStatus.Draft,
                    invoice.CurrencyCode,
                    0,
                    0,
                    0,
                    0,
                    0,
                    new Dictionary<Guid, long>(),
                    0,
                    null,
                    null
                )
            );
            return id;
        });

    public Task<Outcome<string>> EnsureItemAsync(
        string customerId,
        string stripeInvoiceId,
        InvoiceDraft invoice,
        GatewayLine line,
        CancellationToken cancellationToken
    ) =>
        Answer(() =>
        {
            var draft = _invoices[stripeInvoiceId];
            var lines = new Dictionary<Guid, long>(draft.LineAmounts) { [line.LineId] = line.AmountMinor };
            var total = lines.Values.Sum();
            _invoices[stripeInvoiceId] = draft with { LineAmounts = lines, SubtotalMinor = total, TotalMinor = total, DueMinor = total };
            return $"ii_{line.LineId}";
        });

    public Task<Outcome<GatewayInvoice>> ReadInvoiceAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        Answer(() => _invoices[stripeInvoiceId]);

    public Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        Answer(() => _invoices[stripeInvoiceId] = _invoices[stripeInvoiceId] with { Status = InvoiceStatus.Open });

    public Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<Uri>> StartCheckoutAsync(
        string customerId,
        OrganizationId organization,
        Uri returnUrl,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<Outcome<string?>> AdoptCardAsync(string customerId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<IReadOnlyList<PaymentMethod>>> ListCardsAsync(string customerId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<Done>> SetTaxDetailsAsync(string customerId, GatewayTaxDetails details, CancellationToken cancellationToken) =>
        Answer(() => default(Done));

    public Task<Outcome<string>> EnsureTaxRateAsync(GatewayTaxRate rate, string? knownId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<Done>> SetStripeTaxAsync(string stripeInvoiceId, bool isOn, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<Done>> EnsureBalanceAsync(
        string customerId,
        InvoiceDraft invoice,
        long amountMinor,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<Outcome<GatewayCreditNote>> EnsureCreditNoteAsync(CreditNoteRequest note, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<IReadOnlyList<SeenCorrection>>> ListCorrectionsAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<GatewayTaxId>> EnsureTaxIdAsync(
        string customerId,
        string type,
        string value,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<Outcome<Done>> RemoveTaxIdAsync(string customerId, string type, string value, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<string?>> FindInvoiceAsync(string type, string objectId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<IReadOnlyList<DisputedInvoice>>> ListDisputedAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Outcome<GatewayEvent> ReadEvent(string body, string signatureHeader) => throw new NotSupportedException();

    private Task<Outcome<T>> Answer<T>(Func<T> answer)
    {
        var began = Stopwatch.GetTimestamp();
        var value = answer();
        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - began);
        Interlocked.Increment(ref _calls);
        return Task.FromResult(Outcome.Of(value));
    }
}
