using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>A limit that a change of plan moves; null is no limit.</summary>
public sealed record LimitMove(LimitKind Kind, long? Before, long? After)
{
    public bool IsLower => After is { } after && (Before is not { } before || after < before);
}

/// <summary>What changing the plan would do.</summary>
/// <param name="LimitsFrom">When the other limits apply; null while a card is missing.</param>
/// <param name="ChargesChange">From when usage is charged, or not charged any more: the start of a UTC hour. Null while a card is
/// missing.</param>
/// <param name="NeedsCard">It starts once Checkout has saved a card.</param>
/// <param name="Obstacles">What has to be deleted first; while there is any the change is not made.</param>
/// <param name="Unbilled">Used and charged, and on no invoice yet: it is invoiced when its billing period closes.</param>
/// <param name="TooSmallToCharge">The unbilled amount is below the smallest charge, and is carried over.</param>
/// <param name="HasMinimum">The price list has monthly minimums, which count for the month that has begun.</param>
/// <param name="IsTaxed">Taxes are charged: the amounts here are before them.</param>
/// <param name="Prices">What is charged on the plan; null where nothing is.</param>
public sealed record PlanChangePreview(
    EffectivePlan From,
    EffectivePlan To,
    PayBy PayBy,
    DateTimeOffset? LimitsFrom,
    DateTimeOffset? ChargesChange,
    bool NeedsCard,
    IReadOnlyList<LimitMove> Limits,
    IReadOnlyList<Problem> Obstacles,
    Month Month,
    Money Unbilled,
    bool TooSmallToCharge,
    bool HasMinimum,
    PriceBook? Prices,
    bool IsTaxed = false
)
{
    /// <summary>What there is already and will be charged for just being there; null where nothing is charged on the plan.</summary>
    public PresentTopics? Present { get; init; }
}

/// <param name="Partitions">As the meter counts them: a topic without partitions is one.</param>
/// <param name="Monthly">What they cost in a month of 730 hours, before traffic and storage.</param>
public sealed record PresentTopics(int Topics, int Partitions, Money Monthly);

/// <summary>Shows what changing between Free and Pay as you go would do, before it is done. It changes nothing, at Stripe either.</summary>
public sealed class PreviewPlanChange(
    AccessGuard guard,
    IPortalDatabase database,
    IPaymentGateway gateway,
    IUsageLedger ledger,
    PlanFit fit,
    TimeProvider clock
)
{
    /// <param name="wanted"><c>free</c> or <c>payg</c>.</param>
    public async Task<Outcome<PlanChangePreview>> RunAsync(
        Actor actor,
        string organization,
        string? wanted,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "plan.preview-change", Operation.Brief(wanted)),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!Plan.TryParse(wanted, out var plan))
            return new Problem.Invalid("plan-unknown", "Choose one of the plans free, payg or dedicated.", "plan");
        var current = access.Organization;
        if (ChangePlan.ByOperatorOnly(current.Plan, plan) is { } refusal)
            return refusal;

        var hasMeans = true;
        if (plan.IsCharged() && current is { PayBy: PayBy.Card, StripeCustomerId: var customer })
        {
            IReadOnlyList<PaymentMethod> cards = [];
            if (customer is not null && !(await gateway.ListCardsAsync(customer, cancellationToken)).TryGet(out cards!, out problem))
                return problem;
            hasMeans = cards.Count > 0;
        }
        var obstacles = plan < current.Plan ? await fit.ObstaclesAsync(current, plan, cancellationToken) : [];
        var now = clock.Now();
        var (from, to, tariff, taxing, topics, partitions) = await database.ReadAsync(
            async session =>
                (
                    await session.PlanOfAsync(current.Id, current.Plan, cancellationToken),
                    await session.PlanOfAsync(current.Id, plan, cancellationToken),
                    await Tariff.LoadAsync(session, current.Id, now, now.AddHours(1), cancellationToken),
                    await session.TaxOfAsync(current.Id, now.AddHours(1), cancellationToken),
                    await session.Topics.CountOfOrganizationAsync(current.Id, Scope.Whole, cancellationToken),
                    await session.Topics.CountPartitionsAsync(current.Id, cancellationToken)
                ),
            cancellationToken
        );
        var book = tariff.BookAt(now)?.Prices;
        var unbilled = await UnbilledUsage.SumAsync(database, ledger, current, now, cancellationToken);
        return new PlanChangePreview(
            from,
            to,
            current.PayBy,
            hasMeans ? now : null,
            hasMeans ? PlanChange.ChargedFrom(current.Plan, plan, now) : null,
            !hasMeans,
            [
                .. LimitKinds
                    .All.Where(kind => from.Limits[kind] != to.Limits[kind])
                    .Select(kind => new LimitMove(kind, from.Limits[kind], to.Limits[kind])),
            ],
            obstacles,
            Month.Of(now),
            unbilled,
            unbilled.Minor < SmallestCharge.Of(unbilled.Currency).Minor,
            book?.Meters.Values.Any(price => price.Minimum > 0) ?? false,
            plan.IsCharged() ? book : null,
            taxing.State != InvoiceTaxState.Off
        )
        {
            Present = plan.IsCharged() && book is not null ? Present(book, topics, partitions) : null,
        };
    }

    private static PresentTopics Present(PriceBook book, int topics, int partitions) =>
        new(
            topics,
            partitions,
            TopicCost.Rate(book, new Dictionary<Meter, decimal> { [Meter.Partitions] = (decimal)partitions * TopicCost.HoursOfMonth }).Total
        );
}
