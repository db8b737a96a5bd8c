using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>As Stripe's: written <c>draft</c>, <c>open</c>, <c>paid</c>, <c>uncollectible</c>, <c>void</c>.</summary>
public enum InvoiceStatus
{
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

/// <summary>How far the close of an invoice has come; each step is idempotent and resumes after a crash.</summary>
public enum InvoiceStage
{
    Rated,
    Drafted,
    ItemsAdded,
    Compared,
    Finalized,
    Settled,
    Mismatch,
}

/// <summary>An invoice of one organization over a half-open period inside one month. Once finalised it never changes.</summary>
public sealed class Invoice
{
    private readonly List<InvoiceLine> _lines = [];
    private readonly List<InvoiceAdjustment> _adjustments = [];
    private readonly List<InvoiceTax> _taxes = [];

    private Invoice() { }

    /// <param name="adjustments">They are what the lines leave to pay, so they are given when the invoice is made and stay.</param>
    /// <param name="tax">How it is taxed; null where the operator charges no taxes.</param>
    /// <param name="taxes">Those that are known already.</param>
    public Invoice(
        InvoiceId id,
        OrganizationId organizationId,
        string number,
        Month month,
        DateTimeOffset from,
        DateTimeOffset to,
        Currency currency,
        PayBy payBy,
        IEnumerable<InvoiceLine> lines,
        long carriedInMinor,
        DateTimeOffset createdAt,
        IEnumerable<InvoiceAdjustment>? adjustments = null,
        TaxDecision? tax = null,
        IEnumerable<InvoiceTax>? taxes = null
    )
    {
        (Id, OrganizationId, Number, MonthText, From, To, CurrencyCode, PayBy, CarriedInMinor, CreatedAt) = (
            id,
            organizationId,
            number,
            month.ToString(),
            from,
            to,
            currency.Code,
            payBy,
            carriedInMinor,
            createdAt
        );
        _lines.AddRange(lines);
        _adjustments.AddRange(adjustments ?? []);
        _taxes.AddRange(taxes ?? []);
        if (tax is not null)
            (TaxState, TaxNote, TaxByStripe) = (tax.State, tax.Note, tax.ByStripe);
        TotalMinor = Sum();
        if (TotalMinor < 0)
            throw new ArgumentOutOfRangeException(nameof(adjustments), TotalMinor, "An invoice is never below zero.");
        (Status, Stage) = (InvoiceStatus.Draft, InvoiceStage.Rated);
    }

    public InvoiceId Id { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary><c>{slug}-{yyyy-MM}-{n}</c>, also at Stripe.</summary>
    public string Number { get; private set; } = "";

    public string MonthText { get; private set; } = "";
    public DateTimeOffset From { get; private set; }
    public DateTimeOffset To { get; private set; }
    public string CurrencyCode { get; private set; } = "";
    public PayBy PayBy { get; private set; }
    public InvoiceStatus Status { get; private set; }
    public InvoiceStage Stage { get; private set; }
    public IReadOnlyList<InvoiceLine> Lines => _lines;

    /// <summary>What is taken off: beside the lines, which say what was used.</summary>
    public IReadOnlyList<InvoiceAdjustment> Adjustments => _adjustments;

    /// <summary>After everything else: each is a line of its own. Empty while they aren't known, and where none is charged.</summary>
    public IReadOnlyList<InvoiceTax> Taxes => _taxes;

    public InvoiceTaxState TaxState { get; private set; }

    /// <summary>Why it is taxed as it is, for the customer; null where there is nothing to say.</summary>
    public string? TaxNote { get; private set; }

    /// <summary>Stripe Tax works its taxes out.</summary>
    public bool TaxByStripe { get; private set; }

    /// <summary>All taxes, those that prices contain included.</summary>
    public long TaxMinor => _taxes.Sum(tax => tax.AmountMinor);

    /// <summary>Taxes that come on top of the lines.</summary>
    public long AddedTaxMinor => _taxes.Where(tax => !tax.IsInclusive).Sum(tax => tax.AmountMinor);

    /// <summary>What credits pay of it, not below zero.</summary>
    public long CreditsMinor => -_adjustments.Where(one => one.Kind == AdjustmentKind.Credit).Sum(one => one.AmountMinor);

    /// <summary>A balance too small to charge that earlier invoices left, in minor units.</summary>
    public long CarriedInMinor { get; private set; }

    public long TotalMinor { get; private set; }
    public long AmountPaidMinor { get; private set; }

    /// <summary>What credit notes took back, in all.</summary>
    public long CreditedMinor { get; private set; }

    /// <summary>Of it, what made less what was open.</summary>
    public long CreditedOpenMinor { get; private set; }

    /// <summary>Of it, what was paid and given back otherwise than to the card.</summary>
    public long CreditedOutsideMinor { get; private set; }

    /// <summary>What went back to the card, by credit notes or without; what failed does not count.</summary>
    public long RefundedMinor { get; private set; }

    /// <summary>What is still to be paid, while it is open.</summary>
    public long OwedMinor => TotalMinor - CreditedOpenMinor - AmountPaidMinor;

    /// <summary>Refunds that no credit note stands for; below zero where a credit note's refund has not reached the card.</summary>
    public long LooseRefundMinor => RefundedMinor - (CreditedMinor - CreditedOpenMinor - CreditedOutsideMinor);

    public string? StripeInvoiceId { get; private set; }
    public string? HostedUrl { get; private set; }
    public string? PdfUrl { get; private set; }

    /// <summary>Why the card was not charged, or what Stripe's draft says otherwise; null when all is well.</summary>
    public string? ProblemMessage { get; private set; }

    /// <summary>Stripe's id of the card that was added last after a payment had failed, and charged for this.</summary>
    public string? TriedCard { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? FinalizedAt { get; private set; }
    public DateTimeOffset? PaidAt { get; private set; }

    /// <summary>
    /// From here on it is overdue: an invoice that is sent from its due date, one that is charged to a card from the first
    /// charge that failed. Null while neither is known.
    /// </summary>
    public DateTimeOffset? DueAt { get; private set; }

    public bool IsOverdue(DateTimeOffset now) => (Status == InvoiceStatus.Open && FinalizedAt is not null || AwaitsAddress) && DueAt <= now;

    /// <summary>
    /// It can't be issued before the customer says where it is. Overdue all the same once <see cref="DueAt"/> is over: whoever says nothing
    /// would never pay.
    /// </summary>
    public bool AwaitsAddress => FinalizedAt is null && ProblemMessage == TaxRules.MissingNote;

    public void Drafted(string stripeInvoiceId) => (StripeInvoiceId, Stage) = (stripeInvoiceId, InvoiceStage.Drafted);

    public void ItemsAdded() => Stage = InvoiceStage.ItemsAdded;

    public void Compared() => (Stage, ProblemMessage) = (InvoiceStage.Compared, null);

    public void Mismatched(string message) => (Stage, ProblemMessage) = (InvoiceStage.Mismatch, message);

    /// <summary>After a mismatch: missing items are added again, then Stripe's draft is compared once more.</summary>
    public void CompareAgain() => Stage = StripeInvoiceId is null ? InvoiceStage.Rated : InvoiceStage.Drafted;

    /// <summary>Stripe's draft is gone before it was issued: it is made again, for the customer there is then.</summary>
    public void DraftAgain()
    {
        (Stage, StripeInvoiceId) = (InvoiceStage.Rated, null);
        foreach (var line in _lines)
            line.GoneAtStripe();
        foreach (var adjustment in _adjustments)
            adjustment.GoneAtStripe();
        foreach (var tax in _taxes)
            tax.GoneAtStripe();
        if (TaxByStripe)
            TakeTaxes(InvoiceTaxState.AtStripe, TaxNote, []);
    }

    /// <summary>
    /// How it is taxed has become known: the billing address was given, or Stripe has worked it out. Not once it is issued.
    /// </summary>
    internal void TakeTaxes(InvoiceTaxState state, string? note, IEnumerable<InvoiceTax> taxes)
    {
        if (FinalizedAt is not null)
            throw new InvalidOperationException($"Invoice {Number} is issued: its taxes never change.");
        (TaxState, TaxNote) = (state, note);
        _taxes.Clear();
        _taxes.AddRange(taxes);
        TotalMinor = Sum();
    }

    /// <summary>It goes on by itself once the customer has done something about it.</summary>
    /// <param name="until">From then on it counts as overdue; null where waiting costs nobody anything.</param>
    internal void Waits(string? why, DateTimeOffset? until = null) => (ProblemMessage, DueAt) = (why, until);

    /// <summary>What is taxed of each line, in the order in which Stripe is sent them; a carried balance comes last.</summary>
    internal IReadOnlyList<long> TaxableMinor()
    {
        var discount = -_adjustments.Where(one => one.Kind == AdjustmentKind.Discount).Sum(one => one.AmountMinor);
        var step = Currency.TryParse(CurrencyCode, out var currency) ? currency.Step : 1;
        var lines = TaxMath.Less(
            [.. _lines.OrderBy(line => line.Meter).ThenBy(line => line.From).Select(line => line.AmountMinor)],
            discount,
            step
        );
        return CarriedInMinor == 0 ? lines : [.. lines, CarriedInMinor];
    }

    /// <param name="daysUntilDue">Of an invoice that is sent.</param>
    public void Finalized(DateTimeOffset at, string? hostedUrl, string? pdfUrl, int daysUntilDue)
    {
        // What it waited for is over: it is due as any other is.
        if (FinalizedAt is null)
            DueAt = null;
        (Stage, Status, FinalizedAt, HostedUrl, PdfUrl) = (
            InvoiceStage.Finalized,
            InvoiceStatus.Open,
            FinalizedAt ?? at,
            hostedUrl,
            pdfUrl
        );
        if (PayBy == PayBy.Invoice)
            DueAt ??= FinalizedAt + TimeSpan.FromDays(daysUntilDue);
    }

    /// <summary>
    /// It was to be charged to a card, was not, and has not been tried with this one since. One that was written off is not charged by
    /// itself.
    /// </summary>
    public bool AwaitsCard(string card) =>
        this is { Stage: InvoiceStage.Settled, Status: InvoiceStatus.Open, PayBy: PayBy.Card, StripeInvoiceId: not null }
        && TriedCard != card;

    public void Tried(string card) => TriedCard = card;

    /// <summary>What its credit notes and refunds come to.</summary>
    internal void Corrected(long creditedMinor, long openMinor, long outsideMinor, long refundedMinor) =>
        (CreditedMinor, CreditedOpenMinor, CreditedOutsideMinor, RefundedMinor) = (creditedMinor, openMinor, outsideMinor, refundedMinor);

    /// <summary>What Stripe says it is now.</summary>
    public void Observe(InvoiceStatus status, long amountPaidMinor, string? problem, DateTimeOffset at)
    {
        (Status, AmountPaidMinor, ProblemMessage) = (status, amountPaidMinor, problem);
        if (status == InvoiceStatus.Paid)
            PaidAt ??= at;
        if (this is { Status: InvoiceStatus.Open, PayBy: PayBy.Card, ProblemMessage: not null })
            DueAt ??= at;
        if (Stage == InvoiceStage.Finalized)
            Stage = InvoiceStage.Settled;
    }

    private long Sum() =>
        checked(
            _lines.Sum(line => line.AmountMinor) + CarriedInMinor + _adjustments.Sum(adjustment => adjustment.AmountMinor) + AddedTaxMinor
        );
}
