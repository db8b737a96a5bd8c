using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Features.Operator;

public partial class TaxSettingsDialog
{
    private readonly List<Row> _rows = [];
    private string _mode = "none";
    private string _seller = "";
    private string _unknown = "wait";
    private string _starts = "";
    private bool _busy;
    private Problem? _problem;

    [Inject]
    public required PublishTaxSettings Publish { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>The settings to begin from; null for none.</summary>
    [Parameter]
    public TaxBook? Start { get; set; }

    protected override void OnInitialized()
    {
        if (Start is { } book)
        {
            (_mode, _seller, _unknown) = (book.Mode.Text(), book.SellerCountry ?? "", book.WhenUnknown.Text());
            _rows.AddRange(
                book.Rates.Select(rate => new Row
                {
                    Country = rate.Country,
                    State = rate.State ?? "",
                    Name = rate.Name,
                    Percent = rate.PercentText.TrimEnd('%'),
                    IsInclusive = rate.IsInclusive,
                })
            );
        }
        if (_rows.Count == 0)
            _rows.Add(new());
    }

    private async Task PublishAsync()
    {
        DateTimeOffset? starts = null;
        if (!string.IsNullOrWhiteSpace(_starts))
        {
            if (!DateOnly.TryParseExact(_starts, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                _problem = new Problem.Invalid("starts-malformed", "Enter a date, or leave it empty.", "startsAt");
                return;
            }
            starts = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        }
        _busy = true;
        var rates =
            _mode == "rates"
                ? _rows
                    .Where(row => !row.IsEmpty)
                    .Select(row => new TaxRateWish(row.Country, row.State, row.Name, PercentOf(row.Percent), row.IsInclusive))
                    .ToList()
                : null;
        var published = await Publish.RunAsync(Actor, new(_mode, _seller, _unknown, starts, rates), Leaving);
        (_busy, _problem) = (false, published.Problem);
        if (published.IsOk)
            Dialog.Close(true);
    }

    /// <summary>Null, which the rules refuse, for what is no number.</summary>
    private static decimal? PercentOf(string text) =>
        decimal.TryParse(text.Trim().TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            ? percent
            : null;

    private string? ErrorOf(string field) => _problem is Problem.Invalid invalid && invalid.Field == field ? invalid.Message : null;

    /// <summary>A rate as it is typed.</summary>
    private sealed class Row
    {
        public string Country { get; set; } = "";
        public string State { get; set; } = "";
        public string Name { get; set; } = "";
        public string Percent { get; set; } = "";
        public bool IsInclusive { get; set; }

        public bool IsEmpty => string.IsNullOrWhiteSpace(Country + State + Name + Percent);
    }
}
