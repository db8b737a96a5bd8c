using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Promotion codes that an operator makes.</summary>
public static class PromotionCodesEndpoints
{
    internal static void MapPromotionCodes(this RouteGroupBuilder group)
    {
        group.MapGet("/promotion-codes", ListAsync).WithName("ListPromotionCodes").WithSummary("List promotion codes, newest first");
        group
            .MapPost("/promotion-codes", CreateAsync)
            .WithName("CreatePromotionCode")
            .WithSummary("Create a promotion code: a percentage off usage for some months, or a credit");
        group
            .MapDelete("/promotion-codes/{code}", WithdrawAsync)
            .WithName("WithdrawPromotionCode")
            .WithSummary("Withdraw a promotion code; what was redeemed stays");
    }

    /// <param name="Code">3 to 40 letters, digits, and dashes; capitals don't matter.</param>
    /// <param name="PercentOff">1 to 100; or give an amount.</param>
    /// <param name="Amount">Of a credit, in minor units; or give a percentage.</param>
    /// <param name="Currency">Of the amount.</param>
    /// <param name="Months">Calendar months from the redemption on, its own included; a credit without months doesn't end.</param>
    /// <param name="MostRedemptions">How many organizations can redeem it; leave it out for no limit.</param>
    /// <param name="EndsAt">It can be redeemed before then; leave it out for no end.</param>
    public sealed record CreatePromotionCodeBody(
        [Needed] string? Code,
        int? PercentOff,
        long? Amount,
        string? Currency,
        int? Months,
        int? MostRedemptions,
        DateTimeOffset? EndsAt
    );

    /// <param name="Amount">In minor units; null for a percentage.</param>
    /// <param name="Active">It can be redeemed now.</param>
    public sealed record PromotionCodeBody(
        string Code,
        int? PercentOff,
        long? Amount,
        string? Currency,
        int? Months,
        int? MostRedemptions,
        int Redemptions,
        DateTimeOffset? EndsAt,
        bool Active,
        DateTimeOffset CreatedAt,
        string CreatedBy
    );

    private static Task<ListAnswer<PageOf<PromotionCodeBody>>> ListAsync(
        ApiContext context,
        ListPromotionCodes list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), promotion => Body(promotion, clock));

    private static async Task<CreatedAnswer<PromotionCodeBody>> CreateAsync(
        CreatePromotionCodeBody body,
        ApiContext context,
        CreatePromotionCode create,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () =>
                create.RunAsync(
                    context.Actor,
                    new(body.Code, body.PercentOff, body.Amount, body.Currency, body.Months, body.MostRedemptions, body.EndsAt),
                    cancellationToken
                ),
            _ => "/api/v1/operator/promotion-codes",
            promotion => Body(promotion, clock)
        );

    private static async Task<EmptyAnswer> WithdrawAsync(
        string code,
        ApiContext context,
        WithdrawPromotionCode withdraw,
        CancellationToken cancellationToken
    ) => (await withdraw.RunAsync(context.Actor, code, cancellationToken)).ToNoContent();

    private static PromotionCodeBody Body(PromotionCode promotion, TimeProvider clock) =>
        new(
            promotion.Code,
            promotion.PercentOff,
            promotion.AmountMinor,
            promotion.CurrencyCode,
            promotion.Months,
            promotion.MostRedemptions,
            promotion.Redemptions,
            promotion.EndsAt,
            !promotion.IsOver(clock.Now()) && !promotion.IsUsedUp,
            promotion.CreatedAt,
            promotion.CreatedBy
        );
}
