using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Billing;

/// <summary>Promotion codes that an organization redeems.</summary>
public static class PromotionsEndpoints
{
    public static IEndpointRouteBuilder MapPromotions(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/billing/promotion-codes").WithTags("Billing");
        group.MapGet("", ListAsync).WithName("ListRedemptions").WithSummary("List promotion codes that were redeemed, newest first");
        group
            .MapPost("", RedeemAsync)
            .WithName("RedeemPromotionCode")
            .WithSummary("Redeem a promotion code; each works once for an organization");
        return api;
    }

    public sealed record RedeemPromotionCodeBody([Needed] string? Code);

    /// <param name="PercentOff">Off usage, until the end of <paramref name="LastMonth"/>; null for a code that gave a credit.</param>
    /// <param name="LastMonth"><c>yyyy-MM</c>; null for a credit.</param>
    /// <param name="Credit">The id of the credit that it gave; null for a percentage.</param>
    public sealed record RedemptionBody(
        string Code,
        int? PercentOff,
        string? LastMonth,
        string? Credit,
        DateTimeOffset RedeemedAt,
        string RedeemedBy
    );

    private static Task<ListAnswer<PageOf<RedemptionBody>>> ListAsync(
        string org,
        ApiContext context,
        ListRedemptions list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static async Task<Answer<RedemptionBody>> RedeemAsync(
        string org,
        RedeemPromotionCodeBody body,
        ApiContext context,
        RedeemPromotionCode redeem,
        CancellationToken cancellationToken
    ) => await context.OkAsync(() => redeem.RunAsync(context.Actor, org, body.Code, cancellationToken), Body);

    private static RedemptionBody Body(PromotionRedemption redemption) =>
        new(
            redemption.Code,
            redemption.PercentOff,
            redemption.LastMonth?.ToString(),
            redemption.CreditId?.ToString(),
            redemption.RedeemedAt,
            redemption.RedeemedBy
        );
}
