using Microsoft.AspNetCore.Components;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Features.Usage;

public partial class UsagePage
{
    private static readonly (string Key, string Text)[] Groups = [("meter", "Meter"), ("tenant", "Tenant"), ("topic", "Topic")];

    private Loading<UsageView> _usage = new Loading<UsageView>.Pending();
    private UsageRange _range = UsageRange.Of(null);
    private string _group = "meter";
    private PriceBook? _prices;

    [Parameter]
    public string Org { get; set; } = "";

    [SupplyParameterFromQuery]
    public string? Range { get; set; }

    [SupplyParameterFromQuery]
    public string? Group { get; set; }

    /// <summary>One topic alone, by its id.</summary>
    [SupplyParameterFromQuery]
    public Guid? Topic { get; set; }

    [SupplyParameterFromQuery]
    public string? After { get; set; }

    [Inject]
    public required GetUsage GetUsage { get; init; }

    [Inject]
    public required GetPrices GetPrices { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private string CsvHref
    {
        get
        {
            var (from, to) = _range.Bounds(Clock.Now());
            return $"{Links.Organization(Org)}/usage.csv"
                + $"?from={Uri.EscapeDataString(from.ToString("O"))}&to={Uri.EscapeDataString(to.ToString("O"))}"
                + $"&groupBy=meter,tenant,namespace,topic&interval={(_range.Hourly ? "hour" : "day")}"
                + (Topic is { } one ? $"&topic={one}" : "");
        }
    }

    protected override Task OnParametersSetAsync()
    {
        _range = UsageRange.Of(Range);
        _group =
            Topic is not null ? "topic"
            : Groups.Any(group => group.Key == Group) ? Group!
            : "meter";
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        _prices ??= await GetPrices.RunAsync(Leaving);
        _usage = await ReadAsync(Leaving);
    }

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var read = await ReadAsync(cancellationToken);
        _usage = Loading.Refresh(_usage, read);
        StateHasChanged();
        return read.IsOk;
    }

    private async Task<Outcome<UsageView>> ReadAsync(CancellationToken cancellationToken)
    {
        var (from, to) = _range.Bounds(Clock.Now());
        var request = new UsageRequest(
            from,
            to,
            UsageInterval.Total,
            _group != "meter",
            _group == "topic",
            _group == "topic",
            Topic: Topic is { } one ? new TopicId(one) : null
        );
        var report = await GetUsage.RunAsync(Actor, Org, request, PageRequest.OfPage(100, After), cancellationToken);
        if (!report.TryGet(out var total, out var problem))
            return problem;

        var traffic = new Dictionary<Meter, IReadOnlyList<UsageItem>>();
        foreach (var meter in new[] { Meter.Write, Meter.Read })
        {
            var cut = request with
            {
                Interval = _range.Hourly ? UsageInterval.Hour : UsageInterval.Day,
                ByTenant = false,
                ByNamespace = false,
                ByTopic = false,
                Meter = meter,
            };
            var read = await GetUsage.RunAsync(Actor, Org, cut, new PageRequest(PageRequest.MaxLimit), cancellationToken);
            if (!read.TryGet(out var found, out problem))
                return problem;
            traffic[meter] = found.Items.Items;
        }
        var (earlier, until) = _range.Before(Clock.Now());
        // Of topics only those that are shown: the others of a large organization are compared on their own page.
        var shown = total.Items.Items.Select(item => item.Slice.TopicId).ToList();
        var compare = request with
        {
            From = earlier,
            To = until,
            Topics = _group == "topic" && shown.TrueForAll(topic => topic is not null) ? [.. shown.OfType<TopicId>().Distinct()] : null,
        };
        var before = await GetUsage.RunAsync(Actor, Org, compare, new PageRequest(PageRequest.MaxLimit), cancellationToken);
        if (!before.TryGet(out var compared, out problem))
            return problem;
        return new UsageView(
            total,
            TrafficChart.Of(_range, total, traffic, ViewerZone.Utc),
            GapWords.Merge(total.Gaps),
            RecoveryWords.Merge(total.Recovered),
            compared.Items.Items.ToDictionary(item => KeyOf(item.Slice), item => item.Quantity),
            $"compared with {UsageRange.Words(earlier, until)}"
        );
    }

    private static (Meter, TenantId?, TopicId?, ConnectorId?) KeyOf(UsageSlice slice) =>
        (slice.Meter, slice.TenantId, slice.TopicId, slice.ConnectorId);

    /// <summary>More or less than in the stretch before: <c>+12 %</c>; without one a dash.</summary>
    private static string Change(UsageView view, UsageItem item)
    {
        var before = view.Before.GetValueOrDefault(KeyOf(item.Slice));
        if (before <= 0)
            return "—";
        var change = (item.Quantity / before - 1) * 100;
        return change switch
        {
            > 999 => "×" + decimal.Round(item.Quantity / before).ToString("N0", System.Globalization.CultureInfo.InvariantCulture),
            _ => change.ToString("+0;−0;0", System.Globalization.CultureInfo.InvariantCulture) + " %",
        };
    }

    private string PriceOf(Meter meter) =>
        _prices?.Meters.TryGetValue(meter, out var price) == true ? PriceWords.Of(price, _prices.Currency) : "not charged";

    private sealed record UsageView(
        UsageReport Report,
        TrafficChart Chart,
        IReadOnlyList<MergedGap> Gaps,
        IReadOnlyList<MergedRecovery> Recovered,
        IReadOnlyDictionary<(Meter, TenantId?, TopicId?, ConnectorId?), decimal> Before,
        string Comparison
    )
    {
        /// <summary>Rounded by meter, as the lines of a bill are.</summary>
        public Money Total =>
            Report
                .Items.Items.GroupBy(item => item.Slice.Meter)
                .Aggregate(Money.Zero(Report.Currency), (sum, meter) => sum + Money.Round(meter.Sum(item => item.Amount), Report.Currency));
    }
}
