using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Billing;

public static class BudgetEndpoints
{
    private const string Monthly = "monthly";

    public static IEndpointRouteBuilder MapBudgets(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/budgets").WithTags("Billing");
        group
            .MapGet("", ListAsync)
            .WithName("ListBudgets")
            .WithSummary("List budgets with what this month has cost so far: the monthly one, or none");
        group
            .MapPut($"/{Monthly}", SetAsync)
            .WithName("SetMonthlyBudget")
            .WithSummary("Set the monthly budget and when to be alerted by email");
        group.MapDelete($"/{Monthly}", RemoveAsync).WithName("RemoveMonthlyBudget").WithSummary("Remove the monthly budget");
        return api;
    }

    /// <param name="Amount">For a calendar month (UTC), in minor units of the currency that you're charged in.</param>
    /// <param name="Alerts">Percentages of the amount at which an email is sent; leave it out for 50, 80 and 100.</param>
    /// <param name="AlertOnForecast">Also when the month is on track to exceed the budget; leave it out for true.</param>
    /// <param name="HardCap">Publishing is blocked at all of the amount, until the budget is raised or the month ends; leave it out for
    /// false. Consumers are never affected.</param>
    /// <param name="SlowAtPercent">With a hard cap: the percentage of the amount from which on topics accept a tenth of their publish rate;
    /// leave it out for 90, or give 100 for not slowing down.</param>
    public sealed record SetBudgetBody(
        [Needed] long? Amount,
        IReadOnlyList<int>? Alerts,
        bool? AlertOnForecast,
        bool? HardCap,
        int? SlowAtPercent
    );

    /// <param name="Amount">In minor units.</param>
    /// <param name="Alerts">Percentages of the amount.</param>
    /// <param name="SlowAtPercent">Null without a hard cap.</param>
    public sealed record SetBudgetAnswer(
        string Id,
        long Amount,
        string Currency,
        IReadOnlyList<int> Alerts,
        bool AlertOnForecast,
        bool HardCap,
        int? SlowAtPercent,
        DateTimeOffset ChangedAt,
        string ChangedBy
    );

    /// <param name="Amount">In minor units.</param>
    /// <param name="Alerts">Percentages of the amount.</param>
    /// <param name="Month">The running month.</param>
    /// <param name="Spent">In the month so far, in minor units of its own currency.</param>
    /// <param name="SpentCurrency">Another one than the budget's when the price list changed its currency: set the budget again.</param>
    /// <param name="Percent">Of the amount, rounded down.</param>
    /// <param name="OnTrackToExceed">At its recent pace, the month ends over the budget.</param>
    /// <param name="SlowAtPercent">Null without a hard cap.</param>
    /// <param name="Publishing">What the hard cap has come to: open, slowed or blocked.</param>
    public sealed record BudgetBody(
        string Id,
        long Amount,
        string Currency,
        IReadOnlyList<int> Alerts,
        bool AlertOnForecast,
        bool HardCap,
        int? SlowAtPercent,
        [OneOf<PublishingWords>] string Publishing,
        string Month,
        long Spent,
        string SpentCurrency,
        int Percent,
        bool OnTrackToExceed,
        DateTimeOffset ChangedAt,
        string ChangedBy
    );

    private static Task<ListAnswer<PageOf<BudgetBody>>> ListAsync(
        string org,
        ApiContext context,
        GetBudget get,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            async () =>
                (await get.RunAsync(context.Actor, org, null, cancellationToken)).Map<IReadOnlyList<BudgetView>>(found =>
                    found is null ? [] : [found]
                ),
            _ => Monthly,
            view => new BudgetBody(
                Monthly,
                view.Budget.AmountMinor,
                view.Budget.CurrencyCode,
                view.Budget.Alerts,
                view.Budget.AlertsOnForecast,
                view.Budget.SlowsAtPercent is not null,
                view.Budget.SlowsAtPercent,
                PublishingWords.Of(view.Publishing),
                view.Month.ToString(),
                view.Spent.Minor,
                view.Spent.Currency.Code,
                view.Percent,
                view.IsHeadingOver,
                view.Budget.ChangedAt,
                view.Budget.ChangedBy
            )
        );

    private static async Task<Answer<SetBudgetAnswer>> SetAsync(
        string org,
        SetBudgetBody body,
        ApiContext context,
        SetBudget set,
        CancellationToken cancellationToken
    ) =>
        (
            await set.RunAsync(
                context.Actor,
                org,
                body.Amount,
                body.Alerts,
                body.AlertOnForecast ?? true,
                body.HardCap == true ? body.SlowAtPercent ?? Budget.SlowsAtUnlessSaid : null,
                cancellationToken
            )
        ).ToOk(budget => new SetBudgetAnswer(
            Monthly,
            budget.AmountMinor,
            budget.CurrencyCode,
            budget.Alerts,
            budget.AlertsOnForecast,
            budget.SlowsAtPercent is not null,
            budget.SlowsAtPercent,
            budget.ChangedAt,
            budget.ChangedBy
        ));

    private static async Task<EmptyAnswer> RemoveAsync(
        string org,
        ApiContext context,
        RemoveBudget remove,
        CancellationToken cancellationToken
    ) => (await remove.RunAsync(context.Actor, org, cancellationToken)).ToNoContent();
}

internal sealed class PublishingWords : IWords
{
    public static string[] All => [.. Enum.GetValues<Publishing>().Select(Of)];

    public static string Of(Publishing publishing) => publishing.ToString().ToLowerInvariant();
}
