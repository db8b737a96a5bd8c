using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Tests.Support;

/// <summary>
/// Stripe in memory, idempotent by our ids as the port demands; can be cut off after it acted, decline cards and alter drafts.
/// </summary>
public sealed class MemoryGateway : IPaymentGateway
{
    private static readonly Problem CustomerGone = new Problem.Conflict(GatewayProblems.CustomerGone, "The customer was deleted.");
    private static readonly Problem DraftGone = new Problem.Conflict(GatewayProblems.DraftGone, "The draft was deleted.");
    private readonly Dictionary<string, GatewayInvoice> _invoices = [];
    private readonly HashSet<string> _deleted = [];
    private readonly Dictionary<string, List<GatewayLine>> _taxed = [];

    /// <summary>By id.</summary>
    public Dictionary<string, GatewayTaxRate> TaxRates { get; } = [];

    /// <summary>What Stripe knows of a customer's taxes.</summary>
    public Dictionary<string, GatewayTaxDetails> TaxDetails { get; } = [];

    /// <summary>What credits put into a customer's balance, by the invoice that uses it.</summary>
    public Dictionary<InvoiceId, long> Balances { get; } = [];

    /// <summary>The percentage of Stripe Tax, for customers with an address; null where it is off.</summary>
    public decimal StripeTaxPercent { get; set; } = 10;

    public Task<Outcome<Done>> SetTaxDetailsAsync(string customerId, GatewayTaxDetails details, CancellationToken cancellationToken)
    {
        if (_deleted.Contains(customerId))
            return Answer<Done>(CustomerGone);
        TaxDetails[customerId] = details;
        return Answer(default(Done));
    }

    public Task<Outcome<string>> EnsureTaxRateAsync(GatewayTaxRate rate, string? knownId, CancellationToken cancellationToken)
    {
        if (Fail("tax-rate", rate.Key) is { } problem)
            return Answer<string>(problem);
        var id = TaxRates.FirstOrDefault(pair => pair.Value.Key == rate.Key).Key ?? $"txr_{TaxRates.Count}";
        TaxRates[id] = rate;
        return Answer(id);
    }

    public Task<Outcome<Done>> SetStripeTaxAsync(string stripeInvoiceId, bool isOn, CancellationToken cancellationToken)
    {
        if (!_invoices.TryGetValue(stripeInvoiceId, out var draft))
            return Answer<Done>(DraftGone);
        var lacks = isOn && TaxDetails.GetValueOrDefault(draft.CustomerId)?.Address is null;
        var taxable = draft.LineAmounts.Values.Sum();
        var tax = isOn && !lacks ? (long)Math.Floor(taxable * StripeTaxPercent / 100 + 0.5m) : 0;
        _invoices[draft.Id] = draft with
        {
            LacksTaxLocation = lacks,
            TaxMinor = tax,
            TotalMinor = taxable + tax,
            DueMinor = taxable + tax,
            Taxes = isOn && !lacks ? [new("txr_auto", tax, taxable, false, "standard_rated", "VAT", "DE", null, StripeTaxPercent)] : [],
        };
        return Answer(default(Done));
    }

    public Task<Outcome<Done>> EnsureBalanceAsync(
        string customerId,
        InvoiceDraft invoice,
        long amountMinor,
        CancellationToken cancellationToken
    )
    {
        if (Balances.TryAdd(invoice.Id, amountMinor) && _invoices.Values.SingleOrDefault(one => one.Number == invoice.Number) is { } draft)
            _invoices[draft.Id] = draft with { DueMinor = draft.TotalMinor - amountMinor };
        return Answer(default(Done));
    }

    /// <summary>As Stripe works out rates: for each line, rounded half up.</summary>
    private GatewayInvoice Taxed(GatewayInvoice draft)
    {
        var step = Currency.TryParse(draft.Currency, out var currency) ? currency.Step : 1;
        var taxes = _taxed[draft.Id]
            .SelectMany(line => (line.TaxRates ?? []).Select(id => (Id: id, Rate: TaxRates[id], line.AmountMinor)))
            .GroupBy(one => one.Id)
            .Select(ofRate =>
            {
                long Of(decimal amount, GatewayTaxRate rate) =>
                    (long)
                        Math.Floor(
                            (rate.IsInclusive ? amount * rate.Percent / (100 + rate.Percent) : amount * rate.Percent / 100) / step + 0.5m
                        ) * step;
                var rate = ofRate.First().Rate;
                var tax = ofRate.Sum(one => Of(one.AmountMinor, rate));
                return new GatewayTax(
                    ofRate.Key,
                    tax,
                    ofRate.Sum(one => one.AmountMinor) - (rate.IsInclusive ? tax : 0),
                    rate.IsInclusive,
                    "standard_rated"
                );
            })
            .ToList();
        var subtotal = draft.LineAmounts.Values.Sum();
        var total = subtotal + taxes.Where(tax => !tax.IsInclusive).Sum(tax => tax.AmountMinor);
        return draft with
        {
            SubtotalMinor = subtotal,
            TotalMinor = total,
            DueMinor = total,
            TaxMinor = taxes.Sum(tax => tax.AmountMinor),
            Taxes = taxes,
        };
    }

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
        Fail("customer", customer.Slug) is { } problem
            ? Answer<string>(problem)
            : Answer(
                customer.KnownId is { } gone && _deleted.Contains(gone) ? $"{gone}_again" : customer.KnownId ?? $"cus_{customer.Slug}"
            );

    /// <summary>As somebody does it in Stripe's dashboard: drafts go with the customer.</summary>
    public void DeleteCustomer(string id)
    {
        _deleted.Add(id);
        HasCard = false;
        foreach (var draft in _invoices.Values.Where(invoice => invoice.CustomerId == id && invoice.Status == InvoiceStatus.Draft).ToList())
            _invoices.Remove(draft.Id);
    }

    public Task<Outcome<Uri>> StartCheckoutAsync(
        string customerId,
        OrganizationId organization,
        Uri returnUrl,
        CancellationToken cancellationToken
    ) => _deleted.Contains(customerId) ? Answer<Uri>(CustomerGone) : Answer(new Uri("http://stripe.test/checkout"));

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
        if (Fail("draft", invoice.Number) is { } problem)
            return Answer<string>(problem);
        if (_deleted.Contains(customerId) && !_invoices.ContainsKey($"in_{invoice.Id}"))
            return Answer<string>(CustomerGone);
        _invoices.TryAdd(
            $"in_{invoice.Id}",
            new(
                $"in_{invoice.Id}",
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
        return Answer($"in_{invoice.Id}");
    }

    public Task<Outcome<string>> EnsureItemAsync(
        string customerId,
        string stripeInvoiceId,
        InvoiceDraft invoice,
        GatewayLine line,
        CancellationToken cancellationToken
    )
    {
        if (!_invoices.TryGetValue(stripeInvoiceId, out var draft))
            return Answer<string>(DraftGone);
        Assert.Equal(InvoiceStatus.Draft, draft.Status);
        var lines = new Dictionary<Guid, long>(draft.LineAmounts);
        if (lines.TryAdd(line.LineId, line.AmountMinor))
            (_taxed.TryGetValue(draft.Id, out var taxed) ? taxed : _taxed[draft.Id] = []).Add(line);
        _invoices[draft.Id] = Taxed(draft with { LineAmounts = lines });
        return Answer($"ii_{line.LineId}");
    }

    public Task<Outcome<GatewayInvoice>> ReadInvoiceAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        _invoices.TryGetValue(stripeInvoiceId, out var invoice) ? Answer(Alter(Corrected(invoice))) : Answer<GatewayInvoice>(DraftGone);

    public Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken)
    {
        if (!_invoices.TryGetValue(stripeInvoiceId, out var invoice))
            return Answer<GatewayInvoice>(DraftGone);
        if (Fail("finalize", invoice.Number ?? "") is { } problem)
            return Answer<GatewayInvoice>(problem);
        if (invoice.Status == InvoiceStatus.Draft)
            Set(stripeInvoiceId, InvoiceStatus.Open);
        return Answer(_invoices[stripeInvoiceId]);
    }

    public Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken)
    {
        if (Fail("pay", _invoices[stripeInvoiceId].Number ?? "") is { } problem)
            return Answer<GatewayInvoice>(problem);
        if (Declines)
            return Answer<GatewayInvoice>(new Problem.PaymentRequired("card-declined", "The bank declined the card. Use another one."));
        if (!HasCard)
            return Answer<GatewayInvoice>(new Problem.PaymentRequired("card-missing", "There is no card on file."));
        if (_invoices[stripeInvoiceId].Status == InvoiceStatus.Open)
        {
            Payments++;
            Set(stripeInvoiceId, InvoiceStatus.Paid);
        }
        return Answer(_invoices[stripeInvoiceId]);
    }

    private readonly Dictionary<string, List<GatewayCreditNote>> _notes = [];
    private readonly Dictionary<string, List<GatewayRefund>> _refunds = [];

    /// <summary>How refunds go from now on.</summary>
    public RefundState Refunds { get; set; } = RefundState.Succeeded;

    public IReadOnlyList<GatewayCreditNote> NotesOf(string invoice) => _notes.GetValueOrDefault(invoice) ?? [];

    public Task<Outcome<GatewayCreditNote>> EnsureCreditNoteAsync(CreditNoteRequest note, CancellationToken cancellationToken)
    {
        var invoice = _invoices[note.StripeInvoiceId];
        if (NotesOf(invoice.Id).FirstOrDefault(known => known.OurId == note.Id.Value) is { } known)
            return Answer(known);
        if (Fail("credit-note", invoice.Number ?? "") is { } problem)
            return Answer<GatewayCreditNote>(problem);
        var open = invoice.Status == InvoiceStatus.Open ? Math.Min(note.AmountMinor, invoice.DueMinor) : 0;
        var back = note.AmountMinor - open;
        List<string> refunds =
            note.Way == CreditNoteWay.Refunded ? [.. LooseOf(invoice.Id).Select(refund => refund.Id)]
            : note.Way == CreditNoteWay.Refund && back > 0 ? [RefundOutside(invoice.Id, back)]
            : [];
        return Answer(
            Note(invoice.Id, note.Id.Value, note.AmountMinor, open, refunds, note.Way == CreditNoteWay.Credit ? back : 0, note.Reason)
        );
    }

    /// <summary>As somebody refunds in Stripe's dashboard. The refund's id.</summary>
    public string RefundOutside(string invoice, long minor)
    {
        var refunds = _refunds.TryGetValue(invoice, out var there) ? there : _refunds[invoice] = [];
        refunds.Add(new($"re_{invoice}_{refunds.Count}", minor, Refunds, DateTimeOffset.UnixEpoch.AddYears(57).AddSeconds(refunds.Count)));
        return refunds[^1].Id;
    }

    public void SetRefund(string invoice, RefundState state)
    {
        _refunds[invoice] = [.. _refunds[invoice].Select(refund => refund with { State = state })];
        _notes[invoice] = [.. NotesOf(invoice).Select(note => note.RefundIds.Count > 0 ? note with { RefundState = state } : note)];
    }

    /// <summary>As somebody issues it in Stripe's dashboard.</summary>
    public GatewayCreditNote NoteOutside(string invoice, long minor) =>
        Note(invoice, null, minor, _invoices[invoice].Status == InvoiceStatus.Open ? minor : 0, [], 0, "Agreed on the phone");

    private IEnumerable<GatewayRefund> LooseOf(string invoice) =>
        (_refunds.GetValueOrDefault(invoice) ?? []).Where(refund =>
            refund.State != RefundState.Failed && !NotesOf(invoice).Any(note => note.RefundIds.Contains(refund.Id))
        );

    private GatewayCreditNote Note(string id, Guid? ours, long minor, long open, List<string> refunds, long outside, string memo)
    {
        var invoice = _invoices[id];
        var notes = _notes.TryGetValue(id, out var there) ? there : _notes[id] = [];
        var refunded = (_refunds.GetValueOrDefault(id) ?? []).Where(refund => refunds.Contains(refund.Id)).ToList();
        notes.Add(
            new(
                $"cn_{invoice.Number}_{notes.Count}",
                ours,
                $"{invoice.Number}-CN-{notes.Count + 1:00}",
                false,
                minor,
                open,
                refunded.Sum(refund => refund.AmountMinor),
                outside,
                minor - open - outside - refunded.Sum(refund => refund.AmountMinor),
                refunded.Count == 0 ? RefundState.None : Refunds,
                refunds,
                memo,
                [new(null, "Credit", minor)],
                $"http://stripe.test/{invoice.Number}.pdf",
                DateTimeOffset.UnixEpoch.AddYears(57)
            )
        );
        _invoices[id] = invoice with
        {
            DueMinor = invoice.DueMinor - open,
            Status = open > 0 && invoice.DueMinor == open ? InvoiceStatus.Paid : invoice.Status,
        };
        return notes[^1];
    }

    private GatewayInvoice Corrected(GatewayInvoice invoice) =>
        invoice.Status == InvoiceStatus.Draft
            ? invoice
            : invoice with
            {
                Corrections = new(NotesOf(invoice.Id), [.. _refunds.GetValueOrDefault(invoice.Id) ?? []]),
            };

    public Task<Outcome<IReadOnlyList<SeenCorrection>>> ListCorrectionsAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<SeenCorrection>>([
            .. _notes.SelectMany(of => of.Value.Select(note => new SeenCorrection(note.Id, of.Key, note.IsVoid, null, note.CreatedAt))),
            .. _refunds.Values.SelectMany(of => of).Select(refund => new SeenCorrection(refund.Id, null, false, refund, refund.CreatedAt)),
        ]);

    /// <summary>By customer, type and value.</summary>
    public Dictionary<(string Customer, string Type, string Value), GatewayTaxId> TaxIds { get; } = [];

    public TaxIdVerification Verifies { get; set; } = TaxIdVerification.Verified;

    public Task<Outcome<GatewayTaxId>> EnsureTaxIdAsync(string customerId, string type, string value, CancellationToken cancellationToken)
    {
        if (Fail("tax-id", value) is { } problem)
            return Answer<GatewayTaxId>(problem);
        if (_deleted.Contains(customerId))
            return Answer<GatewayTaxId>(CustomerGone);
        TaxIds[(customerId, type, value)] = new($"txi_{value}", Verifies, Verifies == TaxIdVerification.Verified ? "Northwind GmbH" : null);
        return Answer(TaxIds[(customerId, type, value)]);
    }

    public Task<Outcome<Done>> RemoveTaxIdAsync(string customerId, string type, string value, CancellationToken cancellationToken)
    {
        TaxIds.Remove((customerId, type, value));
        return Answer(default(Done));
    }

    public Task<Outcome<string?>> FindInvoiceAsync(string type, string objectId, CancellationToken cancellationToken) =>
        Answer<string?>(
            type.StartsWith("refund.", StringComparison.Ordinal)
                ? _refunds.FirstOrDefault(of => of.Value.Any(refund => refund.Id == objectId)).Key
                : objectId
        );

    public Task<Outcome<IReadOnlyList<DisputedInvoice>>> ListDisputedAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<DisputedInvoice>>([
            .. _invoices
                .Values.Select(Alter)
                .Where(invoice => invoice.Dispute is not null)
                .Select(invoice => new DisputedInvoice(invoice.Id, invoice.Dispute!)),
        ]);

    public Outcome<GatewayEvent> ReadEvent(string body, string signatureHeader) => throw new NotSupportedException();

    public void Set(string id, InvoiceStatus status) =>
        _invoices[id] = _invoices[id] with
        {
            Status = status,
            PaidMinor = status == InvoiceStatus.Paid ? _invoices[id].DueMinor : 0,
            DueMinor = status == InvoiceStatus.Paid ? 0 : _invoices[id].DueMinor,
        };

    private Task<Outcome<T>> Answer<T>(Outcome<T> answer) =>
        Task.FromResult(Calls++ == LoseAnswerOfCall ? new Problem.Unavailable("stripe-away", "Stripe does not answer.") : answer);

    private Task<Outcome<T>> Answer<T>(T value) => Answer(Outcome.Of(value));
}
