using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Billing;
using Portal.Ui;

namespace Portal.Features.Operator;

public sealed partial class CreditNoteDialog
{
    private readonly Dictionary<Guid, string> _lines = [];
    private string _what = "whole";
    private string _amount = "";
    private string _way = "refund";
    private string _reason = "";
    private bool _busy;
    private Problem? _problem;
    private CreditNotePlan? _plan;
    private (long? Amount, IReadOnlyList<CreditNotePart>? Lines) _wish;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    [Inject]
    public required PreviewCreditNote Preview { get; init; }

    [Inject]
    public required CreateCreditNote Create { get; init; }

    /// <summary>The organization's name.</summary>
    [Parameter, EditorRequired]
    public required string Customer { get; set; }

    [Parameter, EditorRequired]
    public required Invoice Invoice { get; set; }

    /// <summary>At first what somebody refunded in Stripe is to be written down, where there is such a thing.</summary>
    protected override void OnInitialized()
    {
        if (Invoice.LooseRefundMinor <= 0)
            return;
        (_what, _way) = ("amount", "refunded");
        _amount = InvoiceWords.Money(Invoice, Invoice.LooseRefundMinor).Major.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private IReadOnlyList<InvoiceLine> Lines =>
        [.. Invoice.Lines.Where(line => line.AmountMinor > 0).OrderBy(line => line.Meter).ThenBy(line => line.From)];

    private bool IsAtField =>
        _problem is Problem.Invalid { Field: "way" or "reason" } || _problem is Problem.Invalid { Field: "amount" } && _what == "amount";

    private string? ErrorOf(string field) => _problem is Problem.Invalid invalid && invalid.Field == field ? invalid.Message : null;

    private static string WayTitle(CreditNoteWay way) =>
        way switch
        {
            CreditNoteWay.Refund => "Refunded to the card",
            CreditNoteWay.Credit => "Kept as credit for the next invoices",
            _ => "Already refunded in Stripe",
        };

    private async Task ReviewAsync()
    {
        (_plan, _problem) = (null, null);
        if (!TryWish(out _wish))
            return;
        _busy = true;
        var planned = await Preview.RunAsync(Actor, Invoice.Number, _wish.Amount, _wish.Lines, _way, Leaving);
        (_busy, _problem) = (false, planned.Problem);
        if (planned.IsOk && string.IsNullOrWhiteSpace(_reason))
            _problem = new Problem.Invalid("credit-note-reason-length", "Give a reason. The customer reads it.", "reason");
        else if (planned.IsOk)
            _plan = planned.Value;
    }

    private async Task IssueAsync()
    {
        _busy = true;
        var issued = await Create.RunAsync(Actor, Invoice.Number, _wish.Amount, _wish.Lines, _way, _reason, Leaving);
        (_busy, _problem) = (false, issued.Problem);
        if (issued.IsOk)
            Dialog.Close(true);
    }

    private void Back() => (_plan, _problem) = (null, null);

    private bool TryWish(out (long? Amount, IReadOnlyList<CreditNotePart>? Lines) wish)
    {
        wish = (null, null);
        var currency = InvoiceWords.Money(Invoice, 0).Currency;
        if (_what == "whole")
            return true;
        if (_what == "amount")
        {
            wish = (TypedMoney.Minor(_amount, currency), null);
            if (wish.Amount is null)
                _problem = new Problem.Invalid("credit-note-amount", "Enter an amount such as 50 or 1,200.50.", "amount");
            return wish.Amount is not null;
        }
        var parts = new List<CreditNotePart>();
        foreach (var line in Lines)
        {
            if (_lines.GetValueOrDefault(line.Id) is not { } text || string.IsNullOrWhiteSpace(text))
                continue;
            if (TypedMoney.Minor(text, currency) is not { } minor)
            {
                _problem = new Problem.Invalid(
                    "credit-note-line-amount",
                    $"Enter an amount for {PriceWords.Title(line.Meter)} such as 50 or 1,200.50.",
                    "lines"
                );
                return false;
            }
            parts.Add(new(line.Id, minor));
        }
        if (parts.Count == 0)
            _problem = new Problem.Invalid("credit-note-no-lines", "Enter an amount for at least one line.", "lines");
        wish = (null, parts);
        return parts.Count > 0;
    }
}
