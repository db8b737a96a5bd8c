using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// Written <c>pending</c> until Stripe has it, <c>issued</c>, <c>refused</c> when Stripe would not, <c>void</c> when it was voided there.
/// </summary>
public enum CreditNoteState
{
    Pending,
    Issued,
    Refused,
    Void,
}

/// <summary>
/// What becomes of the part that was paid already: written <c>refund</c> (to the card), <c>credit</c> (of the customer's, for
/// invoices to come), <c>refunded</c> (somebody refunded it in Stripe before).
/// </summary>
public enum CreditNoteWay
{
    Refund,
    Credit,
    Refunded,
}

/// <summary>
/// Written <c>none</c>, <c>pending</c>, <c>succeeded</c>, <c>failed</c>. What failed is back in the operator's balance at Stripe.
/// </summary>
public enum RefundState
{
    None,
    Pending,
    Succeeded,
    Failed,
}

/// <summary>
/// A correction of an issued invoice, which itself never changes. It first makes what is still open less; what was paid goes
/// back to the customer. Its lines add up to its amount.
/// </summary>
public sealed class CreditNote
{
    private readonly List<CreditNoteLine> _lines = [];

    private CreditNote() { }

    private CreditNote(
        CreditNoteId id,
        Invoice invoice,
        long amountMinor,
        string reason,
        CreditNoteWay way,
        string by,
        DateTimeOffset at,
        IEnumerable<CreditNoteLine> lines
    )
    {
        (Id, InvoiceId, OrganizationId, InvoiceNumber, CurrencyCode) = (
            id,
            invoice.Id,
            invoice.OrganizationId,
            invoice.Number,
            invoice.CurrencyCode
        );
        (AmountMinor, Reason, Way, By, CreatedAt) = (amountMinor, reason, way, by, at);
        _lines.AddRange(lines);
    }

    /// <summary>Wanted by an operator; Stripe is told by work of its own.</summary>
    internal CreditNote(CreditNoteId id, CreditNotePlan plan, string reason, string by, DateTimeOffset at)
        : this(id, plan.Invoice, plan.Amount.Minor, reason, plan.Way, by, at, plan.Lines) =>
        (OpenMinor, TaxMinor) = (plan.TakenOff.Minor, plan.Tax.Minor);

    public CreditNoteId Id { get; private set; }
    public InvoiceId InvoiceId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string InvoiceNumber { get; private set; } = "";

    /// <summary>Stripe's, as it stands on the document; null until there is one.</summary>
    public string? Number { get; private set; }

    public string CurrencyCode { get; private set; } = "";

    /// <summary>In all, with its tax.</summary>
    public long AmountMinor { get; private set; }

    /// <summary>Of the amount, the tax in it; as expected until Stripe has issued it.</summary>
    public long TaxMinor { get; private set; }

    /// <summary>Of the amount, what makes less what was still open. As expected until it is issued.</summary>
    public long OpenMinor { get; private set; }

    /// <summary>Of the amount, what goes to the card by refunds.</summary>
    public long RefundMinor { get; private set; }

    /// <summary>Of the amount, what is given back outside Stripe: here as a credit, where it was issued by Portal.</summary>
    public long OutsideMinor { get; private set; }

    /// <summary>Of the amount, what somebody put into the customer's balance at Stripe, which Portal does not use.</summary>
    public long StripeBalanceMinor { get; private set; }

    public CreditNoteState State { get; private set; }
    public RefundState RefundState { get; private set; }
    public CreditNoteWay Way { get; private set; }

    /// <summary>The customer reads it.</summary>
    public string Reason { get; private set; } = "";

    public IReadOnlyList<CreditNoteLine> Lines => _lines;

    public string? StripeCreditNoteId { get; private set; }
    public string? PdfUrl { get; private set; }

    /// <summary>Why Stripe refused it.</summary>
    public string? ProblemMessage { get; private set; }

    public string By { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? IssuedAt { get; private set; }

    public Money Amount => new(AmountMinor, Currency.TryParse(CurrencyCode, out var currency) ? currency : Currency.Usd);

    /// <summary>Counts against what the invoice still holds.</summary>
    public bool IsLive => State is CreditNoteState.Pending or CreditNoteState.Issued;

    /// <summary>Somebody issued it in Stripe.</summary>
    internal static CreditNote Absorbed(CreditNoteId id, Invoice invoice, GatewayCreditNote found, TimeProvider clock)
    {
        var way = found.RefundMinor > 0 ? CreditNoteWay.Refund : CreditNoteWay.Credit;
        var lines = found.Lines.Select(
            (line, position) => new CreditNoteLine(clock.NewUuid(), position, line.InvoiceLine, line.Description, line.AmountMinor)
        );
        var note = new CreditNote(
            id,
            invoice,
            found.TotalMinor,
            string.IsNullOrWhiteSpace(found.Memo) ? "Issued in Stripe" : found.Memo.Trim(),
            way,
            "Stripe",
            clock.Now(),
            lines
        );
        note.Issued(found);
        return note;
    }

    /// <summary>Stripe has it.</summary>
    internal void Issued(GatewayCreditNote found)
    {
        (State, StripeCreditNoteId, Number, PdfUrl, ProblemMessage) = (CreditNoteState.Issued, found.Id, found.Number, found.PdfUrl, null);
        IssuedAt ??= found.CreatedAt;
        Observe(found);
    }

    /// <summary>What Stripe says of it now.</summary>
    internal void Observe(GatewayCreditNote found)
    {
        (OpenMinor, RefundMinor, OutsideMinor, StripeBalanceMinor, RefundState) = (
            found.OpenMinor,
            found.RefundMinor,
            found.OutsideMinor,
            found.BalanceMinor,
            found.RefundState
        );
        if (found.TaxMinor is { } tax)
            TaxMinor = tax;
        if (found.IsVoid)
            State = CreditNoteState.Void;
    }

    internal void Refused(string why) => (State, ProblemMessage) = (CreditNoteState.Refused, why);

    /// <summary>It is there although it was given up: the work that notes it is written once more.</summary>
    internal void Found() => (State, ProblemMessage) = (CreditNoteState.Pending, null);
}

/// <summary>What a credit note takes back.</summary>
public sealed class CreditNoteLine
{
    private CreditNoteLine() { }

    public CreditNoteLine(Guid id, int position, Guid? invoiceLine, string description, long amountMinor) =>
        (Id, Position, InvoiceLine, Description, AmountMinor) = (id, position, invoiceLine, description, amountMinor);

    public Guid Id { get; private set; }
    public CreditNoteId CreditNoteId { get; private set; }
    public int Position { get; private set; }

    /// <summary>The line of the invoice that it takes back, whole or in part; null where it is an amount.</summary>
    public Guid? InvoiceLine { get; private set; }

    public string Description { get; private set; } = "";
    public long AmountMinor { get; private set; }
}

/// <summary>Money of an invoice that went back to a card, by a credit note or by somebody in Stripe.</summary>
public sealed class InvoiceRefund
{
    private InvoiceRefund() { }

    internal InvoiceRefund(Invoice invoice, GatewayRefund refund, CreditNoteId? note)
    {
        (StripeRefundId, InvoiceId, OrganizationId, CurrencyCode, At) = (
            refund.Id,
            invoice.Id,
            invoice.OrganizationId,
            invoice.CurrencyCode,
            refund.CreatedAt
        );
        Observe(refund, note);
    }

    public string StripeRefundId { get; private set; } = "";
    public InvoiceId InvoiceId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string CurrencyCode { get; private set; } = "";
    public long AmountMinor { get; private set; }
    public RefundState State { get; private set; }

    /// <summary>Whose part it is; null for one that stands alone.</summary>
    public CreditNoteId? CreditNoteId { get; private set; }

    public DateTimeOffset At { get; private set; }

    internal void Observe(GatewayRefund refund, CreditNoteId? note) =>
        (AmountMinor, State, CreditNoteId) = (refund.AmountMinor, refund.State, note ?? CreditNoteId);
}

public interface ICreditNoteStore
{
    Task<CreditNote?> FindAsync(CreditNoteId id, CancellationToken cancellationToken);

    /// <summary>One that was issued, by its number.</summary>
    Task<CreditNote?> FindAsync(OrganizationId organization, string number, CancellationToken cancellationToken);

    Task<CreditNote?> FindByStripeIdAsync(string stripeCreditNoteId, CancellationToken cancellationToken);

    /// <summary>All of an invoice, oldest first, at most 1,000.</summary>
    Task<IReadOnlyList<CreditNote>> OfInvoiceAsync(InvoiceId invoice, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    /// <param name="organization">Null for all.</param>
    /// <param name="invoice">By its number; null for all.</param>
    /// <param name="issuedOnly">Without those that Stripe does not have.</param>
    Task<PageOf<CreditNote>> ListAsync(
        OrganizationId? organization,
        string? invoice,
        bool issuedOnly,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>Of an invoice, oldest first, at most 1,000.</summary>
    Task<IReadOnlyList<InvoiceRefund>> RefundsAsync(InvoiceId invoice, CancellationToken cancellationToken);

    Task<InvoiceRefund?> FindRefundAsync(string stripeRefundId, CancellationToken cancellationToken);

    void Add(CreditNote note);

    void Add(InvoiceRefund refund);
}

/// <summary>In the words of the API.</summary>
public static class CreditNoteTexts
{
    public static string Text(this CreditNoteState state) => state.ToString().ToLowerInvariant();

    public static string Text(this CreditNoteWay way) => way.ToString().ToLowerInvariant();

    public static string Text(this RefundState state) => state.ToString().ToLowerInvariant();

    /// <param name="text">Null is a refund.</param>
    internal static bool TryWay(string? text, out CreditNoteWay way)
    {
        way = text switch
        {
            "credit" => CreditNoteWay.Credit,
            "refunded" => CreditNoteWay.Refunded,
            _ => CreditNoteWay.Refund,
        };
        return text is null or "" or "refund" or "credit" or "refunded";
    }
}
