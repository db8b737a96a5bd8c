using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class PromotionStore(PortalDbContext context) : IPromotionStore
{
    public Task<PromotionCode?> FindAsync(string code, CancellationToken cancellationToken) =>
        context.PromotionCodes.SingleOrDefaultAsync(promotion => promotion.Code == code, cancellationToken);

    public Task<PageOf<PromotionCode>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        context.PromotionCodes.PageAsync(
            page,
            "promotion-codes",
            promotion => promotion.CreatedAt,
            promotion => promotion.Id,
            newestFirst: true,
            cancellationToken
        );

    public Task<PromotionRedemption?> FindRedemptionAsync(
        PromotionCodeId promotion,
        OrganizationId organization,
        CancellationToken cancellationToken
    ) =>
        context.PromotionRedemptions.SingleOrDefaultAsync(
            redemption => redemption.PromotionCodeId == promotion && redemption.OrganizationId == organization,
            cancellationToken
        );

    public Task<PageOf<PromotionRedemption>> RedemptionsAsync(
        OrganizationId organization,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        context
            .PromotionRedemptions.Where(redemption => redemption.OrganizationId == organization)
            .PageAsync(
                page,
                "redemptions",
                redemption => redemption.RedeemedAt,
                redemption => redemption.PromotionCodeId,
                newestFirst: true,
                cancellationToken
            );

    public Task<PromotionRedemption?> ShareAsync(OrganizationId organization, Month month, CancellationToken cancellationToken)
    {
        var text = month.ToString();
        return context
            .PromotionRedemptions.Where(redemption =>
                redemption.OrganizationId == organization && redemption.PercentOff != null && string.Compare(redemption.ToMonth, text) > 0
            )
            .OrderBy(redemption => redemption.RedeemedAt)
            .FirstOrDefaultAsync(cancellationToken);
    }

    // In the database and not in memory: organizations' writes run side by side on PostgreSQL.
    public async Task<bool> TakeAsync(PromotionCodeId promotion, CancellationToken cancellationToken) =>
        await context
            .PromotionCodes.Where(one => one.Id == promotion && (one.MostRedemptions == null || one.Redemptions < one.MostRedemptions))
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Redemptions, one => one.Redemptions + 1), cancellationToken) == 1;

    public void Add(PromotionCode promotion) => context.Add(promotion);

    public void Add(PromotionRedemption redemption) => context.Add(redemption);
}
