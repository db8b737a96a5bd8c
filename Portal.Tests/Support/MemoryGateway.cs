using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Tests.Support;

/// <summary>Stripe in memory, idempotent by our ids as the port demands; can be cut off after it acted, decline cards and alter drafts.</summary>
public sealed class MemoryGateway : IPaymentGateway
{
    private static readonly Problem CustomerGone = new Problem.Conflict(GatewayProblems.CustomerGone, "The customer was deleted.");
    private static readonly Problem DraftGone = new Problem.Conflict(GatewayProblems.DraftGone, "The draft was deleted.");
    private readonly Dictionary<string, GatewayInvoice> _invoices = [];
    private readonly HashSet<string> _deleted = [];

    public bool HasCard { get; set; } = true;

    /// <summary>The id of the default card, when there is one.</summary>
    public string Card { get; set; } = "pm_1";

    public bool Declines { get; set; }

    /// <summary>The answers to the calls that are still lost: Stripe acts, we do not hear of it.</summary>
    public int LoseAnswerOfCall { get; set; } = -1;

    /// <summary>What goes wrong at a call about a customer's or an invoice's number; null for nothing. It may throw.</summary>
    public Func<string, string, Problem?> Fail { get; set; } = (_, _) => null;

    public int Calls { get; private set; }
    public int Payments { get; private set; }
    public Func<GatewayInvoice, GatewayInvoice> Alter { get; set; } = invoice => invoice;
    public IReadOnlyCollection<GatewayInvoice> Invoices => _invoices.Values;

    public Task<Outcome<string>> EnsureCustomerAsync(GatewayCustomer customer, CancellationToken cancellationToken) =>
        Fail("customer", customer.Slug) is { } problem ? Answer<string>(problem) : Answer(customer.KnownId is { } gone && _deleted.Contains(gone) ? $"{gone}_again" : customer.KnownId ?? $"cus_{customer.Slug}");

    /// <summary>As somebody does it in Stripe's dashboard: drafts go with the customer.</summary>
    public void DeleteCustomer(string id)
    {
        _deleted.Add(id);
        HasCard = false;
        foreach (var draft in _invoices.Values.Where(invoice => invoice.CustomerId == id && invoice.Status == InvoiceStatus.Draft).ToList()) _invoices.Remove(draft.Id);
    }

    public Task<Outcome<Uri>> StartCheckoutAsync(string customerId, OrganizationId organization, Uri returnUrl, CancellationToken cancellationToken) =>
        _deleted.Contains(customerId) ? Answer<Uri>(CustomerGone) : Answer(new Uri("http://stripe.test/checkout"));

    /// <summary>What happens elsewhere while Stripe is asked for a card.</summary>
    public Func<Task> Meanwhile { get; set; } = () => Task.CompletedTask;

    public async Task<Outcome<string?>> AdoptCardAsync(string customerId, CancellationToken cancellationToken)
    {
        await Meanwhile();
        return await Answer(HasCard ? Card : null);
    }

    public Task<Outcome<IReadOnlyList<PaymentMethod>>> ListCardsAsync(string customerId, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<PaymentMethod>>(HasCard ? [new PaymentMethod("pm_1", "visa", "4242", 12, 2030, true)] : []);

    public Task<Outcome<string>> EnsureDraftAsync(string customerId, InvoiceDraft invoice, CancellationToken cancellationToken)
    {
        if (Fail("draft", invoice.Number) is { } problem) return Answer<string>(problem);
        if (_deleted.Contains(customerId) && !_invoices.ContainsKey($"in_{invoice.Id}")) return Answer<string>(CustomerGone);
        _invoices.TryAdd($"in_{invoice.Id}", new($"in_{invoice.Id}", invoice.Number, customerId, InvoiceStatus.Draft, invoice.CurrencyCode, 0, 0, 0, 0, 0, new Dictionary<Guid, long>(), 0, null, null));
        return Answer($"in_{invoice.Id}");
    }

    public Task<Outcome<string>> EnsureItemAsync(
        string customerId, string stripeInvoiceId, InvoiceDraft invoice, GatewayLine line, CancellationToken cancellationToken)
    {
        if (!_invoices.TryGetValue(stripeInvoiceId, out var draft)) return Answer<string>(DraftGone);
        Assert.Equal(InvoiceStatus.Draft, draft.Status);
        var lines = new Dictionary<Guid, long>(draft.LineAmounts);
        lines.TryAdd(line.LineId, line.AmountMinor);
        _invoices[draft.Id] = draft with { LineAmounts = lines, SubtotalMinor = lines.Values.Sum(), TotalMinor = lines.Values.Sum(), DueMinor = lines.Values.Sum() };
        return Answer($"ii_{line.LineId}");
    }

    public Task<Outcome<GatewayInvoice>> ReadInvoiceAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        _invoices.TryGetValue(stripeInvoiceId, out var invoice) ? Answer(Alter(invoice)) : Answer<GatewayInvoice>(DraftGone);

    public Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken)
    {
        if (!_invoices.TryGetValue(stripeInvoiceId, out var invoice)) return Answer<GatewayInvoice>(DraftGone);
        if (Fail("finalize", invoice.Number ?? "") is { } problem) return Answer<GatewayInvoice>(problem);
        if (invoice.Status == InvoiceStatus.Draft) Set(stripeInvoiceId, InvoiceStatus.Open);
        return Answer(_invoices[stripeInvoiceId]);
    }

    public Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken)
    {
        if (Fail("pay", _invoices[stripeInvoiceId].Number ?? "") is { } problem) return Answer<GatewayInvoice>(problem);
        if (Declines) return Answer<GatewayInvoice>(new Problem.PaymentRequired("card-declined", "The bank declined the card. Use another one."));
        if (!HasCard) return Answer<GatewayInvoice>(new Problem.PaymentRequired("card-missing", "There is no card on file."));
        if (_invoices[stripeInvoiceId].Status == InvoiceStatus.Open)
        {
            Payments++;
            Set(stripeInvoiceId, InvoiceStatus.Paid);
        }
        return Answer(_invoices[stripeInvoiceId]);
    }

    public Task<Outcome<string?>> FindInvoiceAsync(string type, string objectId, CancellationToken cancellationToken) => Answer<string?>(objectId);

    public Task<Outcome<IReadOnlyList<DisputedInvoice>>> ListDisputedAsync(DateTimeOffset since, CancellationToken cancellationToken) => Answer<IReadOnlyList<DisputedInvoice>>(
        [.. _invoices.Values.Select(Alter).Where(invoice => invoice.Dispute is not null).Select(invoice => new DisputedInvoice(invoice.Id, invoice.Dispute!))]);

    public Outcome<GatewayEvent> ReadEvent(string body, string signatureHeader) => throw new NotSupportedException();

    public void Set(string id, InvoiceStatus status) =>
        _invoices[id] = _invoices[id] with { Status = status, PaidMinor = status == InvoiceStatus.Paid ? _invoices[id].TotalMinor : 0 };

    private Task<Outcome<T>> Answer<T>(Outcome<T> answer) =>
        Task.FromResult(Calls++ == LoseAnswerOfCall ? new Problem.Unavailable("stripe-away", "Stripe does not answer.") : answer);

    private Task<Outcome<T>> Answer<T>(T value) => Answer(Outcome.Of(value));
}
