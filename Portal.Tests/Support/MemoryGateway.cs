using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Tests.Support;

/// <summary>Stripe in memory, idempotent by our ids as the port demands; can be cut off after it acted, decline cards and alter drafts.</summary>
public sealed class MemoryGateway : IPaymentGateway
{
    private readonly Dictionary<string, GatewayInvoice> _invoices = [];

    public bool HasCard { get; set; } = true;
    public bool Declines { get; set; }

    /// <summary>The answers to the calls that are still lost: Stripe acts, we do not hear of it.</summary>
    public int LoseAnswerOfCall { get; set; } = -1;

    public int Calls { get; private set; }
    public int Payments { get; private set; }
    public Func<GatewayInvoice, GatewayInvoice> Alter { get; set; } = invoice => invoice;
    public IReadOnlyCollection<GatewayInvoice> Invoices => _invoices.Values;
    public bool IsStandIn => true;

    public Task<Outcome<string>> EnsureCustomerAsync(OrganizationId organization, string slug, string name, string? email, CancellationToken cancellationToken) =>
        Answer($"cus_{slug}");

    public Task<Outcome<Uri>> StartCheckoutAsync(string customerId, OrganizationId organization, Uri returnUrl, CancellationToken cancellationToken) =>
        Answer(new Uri("http://stripe.test/checkout"));

    public Task<Outcome<bool>> AdoptCardAsync(string customerId, CancellationToken cancellationToken) => Answer(HasCard);

    public Task<Outcome<IReadOnlyList<PaymentMethod>>> ListCardsAsync(string customerId, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<PaymentMethod>>(HasCard ? [new PaymentMethod("pm_1", "visa", "4242", 12, 2030, true)] : []);

    public Task<Outcome<string>> EnsureDraftAsync(string customerId, Invoice invoice, int daysUntilDue, CancellationToken cancellationToken)
    {
        _invoices.TryAdd($"in_{invoice.Id}", new($"in_{invoice.Id}", invoice.Number, customerId, InvoiceStatus.Draft, invoice.CurrencyCode, 0, 0, 0, 0, 0, new Dictionary<Guid, long>(), 0, null, null));
        return Answer($"in_{invoice.Id}");
    }

    public Task<Outcome<string>> EnsureItemAsync(string customerId, Invoice invoice, GatewayLine line, CancellationToken cancellationToken)
    {
        var draft = _invoices[invoice.StripeInvoiceId!];
        Assert.Equal(InvoiceStatus.Draft, draft.Status);
        var lines = new Dictionary<Guid, long>(draft.LineAmounts);
        lines.TryAdd(line.LineId, line.AmountMinor);
        _invoices[draft.Id] = draft with { LineAmounts = lines, SubtotalMinor = lines.Values.Sum(), TotalMinor = lines.Values.Sum(), DueMinor = lines.Values.Sum() };
        return Answer($"ii_{line.LineId}");
    }

    public Task<Outcome<GatewayInvoice>> ReadInvoiceAsync(string stripeInvoiceId, CancellationToken cancellationToken) => Answer(Alter(_invoices[stripeInvoiceId]));

    public Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken)
    {
        if (_invoices[stripeInvoiceId].Status == InvoiceStatus.Draft) Set(stripeInvoiceId, InvoiceStatus.Open);
        return Answer(_invoices[stripeInvoiceId]);
    }

    public Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken)
    {
        if (Declines) return Answer<GatewayInvoice>(new Problem.PaymentRequired("card-declined", "The bank declined the card. Use another one."));
        if (_invoices[stripeInvoiceId].Status == InvoiceStatus.Open)
        {
            Payments++;
            Set(stripeInvoiceId, InvoiceStatus.Paid);
        }
        return Answer(_invoices[stripeInvoiceId]);
    }

    public Outcome<GatewayEvent> ReadEvent(string body, string signatureHeader) => throw new NotSupportedException();

    public void Set(string id, InvoiceStatus status) =>
        _invoices[id] = _invoices[id] with { Status = status, PaidMinor = status == InvoiceStatus.Paid ? _invoices[id].TotalMinor : 0 };

    private Task<Outcome<T>> Answer<T>(Outcome<T> answer) =>
        Task.FromResult(Calls++ == LoseAnswerOfCall ? new Problem.Unavailable("stripe-away", "Stripe does not answer.") : answer);

    private Task<Outcome<T>> Answer<T>(T value) => Answer(Outcome.Of(value));
}
