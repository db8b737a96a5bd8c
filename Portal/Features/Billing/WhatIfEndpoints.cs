using System.ComponentModel;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;
using Portal.Features.Api;
using Portal.Features.Usage;

namespace Portal.Features.Billing;

public static class WhatIfEndpoints
{
    public static IEndpointRouteBuilder MapWhatIf(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/organizations/{org}/billing/what-if", GetAsync)
            .WithName("GetWhatIf")
            .WithTags("Billing")
            .WithSummary("Show what a stretch of usage would cost on another plan, at other prices, or with more or less of it");
        api.MapGet("/api/v1/operator/organizations/{org}/what-if", OfCustomerAsync)
            .WithName("GetCustomerWhatIf")
            .WithTags("Operator")
            .WithSummary(
                "Show what an organization's usage would cost on another plan, at any published prices, or with more or less of it"
            );
        return api;
    }

    /// <param name="QuantityBefore">As it was used.</param>
    /// <param name="QuantityAfter">With the percentages applied.</param>
    /// <param name="AmountBefore">On the present plan, at the present prices, in minor units; null where nothing is charged.</param>
    /// <param name="AmountAfter">In minor units; null where nothing would be charged.</param>
    /// <param name="Explanation">How the amount would come about.</param>
    public sealed record WhatIfLineBody(
        [OneOf<MeterWords>] string Meter,
        [OneOf<UnitWords>] string Unit,
        decimal QuantityBefore,
        decimal QuantityAfter,
        long? AmountBefore,
        long? AmountAfter,
        string? Explanation
    );

    /// <param name="Limit">The limit's name.</param>
    /// <param name="Used">What there is, or would be.</param>
    public sealed record PassedLimitBody(string Limit, long Most, long Used, string Where);

    /// <param name="PriceList">Whose prices would apply; null where nothing would be charged.</param>
    /// <param name="Before">As it is, in minor units.</param>
    /// <param name="After">In minor units.</param>
    /// <param name="Difference">Null where the two are in different currencies.</param>
    /// <param name="TaxApplies">Taxes come on top of the amounts.</param>
    /// <param name="LimitsPassed">Limits of the plan that what there is would go over.</param>
    /// <param name="PriceLists">Versions that can be asked for, newest first.</param>
    public sealed record WhatIfBody(
        DateTimeOffset From,
        DateTimeOffset To,
        [OneOf<PlanWords>] string PresentPlan,
        [OneOf<PlanWords>] string Plan,
        string? PriceList,
        string CurrencyBefore,
        string Currency,
        IReadOnlyList<WhatIfLineBody> Lines,
        long Before,
        long After,
        long? Difference,
        bool TaxApplies,
        IReadOnlyList<PassedLimitBody> LimitsPassed,
        IReadOnlyList<string> PriceLists
    );

    private const string Percentage = "A whole percentage of what was used, 0 to 10000; 100 unless given.";

    private static async Task<Answer<WhatIfBody>> GetAsync(
        string org,
        [Description("A month, yyyy-MM; the last 30 days unless given.")] string? month,
        [OneOf<PlanWords>] string? plan,
        [Description("A price list's version; the one in effect unless given.")] string? priceList,
        [Description(Percentage)] string? traffic,
        [Description(Percentage)] string? storage,
        [Description(Percentage)] string? partitions,
        ApiContext context,
        GetWhatIf get,
        CancellationToken cancellationToken
    ) =>
        WhatIfWish.Create(month, plan, priceList, traffic, storage, partitions).TryGet(out var wish, out var problem)
            ? (await get.RunAsync(context.Actor, org, wish, cancellationToken)).ToOk(Body)
            : problem;

    private static async Task<Answer<WhatIfBody>> OfCustomerAsync(
        string org,
        [Description("A month, yyyy-MM; the last 30 days unless given.")] string? month,
        [OneOf<PlanWords>] string? plan,
        [Description("A price list's version; the one in effect unless given.")] string? priceList,
        [Description(Percentage)] string? traffic,
        [Description(Percentage)] string? storage,
        [Description(Percentage)] string? partitions,
        ApiContext context,
        GetCustomerWhatIf get,
        CancellationToken cancellationToken
    ) =>
        WhatIfWish.Create(month, plan, priceList, traffic, storage, partitions).TryGet(out var wish, out var problem)
            ? (await get.RunAsync(context.Actor, org, wish, cancellationToken)).ToOk(Body)
            : problem;

    private static WhatIfBody Body(WhatIfResult found) =>
        new(
            found.From,
            found.To,
            Plan.Text(found.Present.Code),
            Plan.Text(found.Plan.Code),
            found.Book?.Version,
            found.Before.Currency.Code,
            found.After.Currency.Code,
            [
                .. found.Lines.Select(line => new WhatIfLineBody(
                    line.Meter.Text(),
                    line.Meter.Unit(),
                    Numbers.Trim(line.QuantityBefore),
                    Numbers.Trim(line.QuantityAfter),
                    line.Before?.Amount.Minor,
                    line.After?.Amount.Minor,
                    line.After?.Explanation
                )),
            ],
            found.Before.Minor,
            found.After.Minor,
            found.Difference?.Minor,
            found.IsTaxed,
            [.. found.Passed.Select(passed => new PassedLimitBody(passed.Kind.Text(), passed.Limit, passed.Used, passed.Where))],
            found.PriceLists
        );
}
