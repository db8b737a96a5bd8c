using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>All promotion codes, newest first: the operator's page.</summary>
public sealed class ListPromotionCodes(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<PromotionCode>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "promotion.list", ""), cancellationToken);
        return allowed.IsOk
            ? await database.ReadAsync(session => session.Promotions.ListAsync(page, cancellationToken), cancellationToken)
            : allowed.Problem;
    }
}

/// <summary>What a new code is to be.</summary>
/// <param name="Months">Calendar months, that of the redemption included.</param>
public sealed record NewPromotionCode(
    string? Code,
    int? PercentOff,
    long? AmountMinor,
    string? Currency,
    int? Months,
    int? MostRedemptions,
    DateTimeOffset? EndsAt
);

/// <summary>The operator makes a code that customers redeem by themselves.</summary>
public sealed class CreatePromotionCode(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public const int MostMonths = 60;

    public async Task<Outcome<PromotionCode>> RunAsync(Actor actor, NewPromotionCode wanted, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "promotion.create",
            Operation.Brief(wanted.Code),
            new Dictionary<string, string>
            {
                ["gives"] = wanted.PercentOff is { } percent
                    ? $"{percent.ToString(CultureInfo.InvariantCulture)}%"
                    : $"{wanted.AmountMinor} {Operation.Brief(wanted.Currency)}",
                ["months"] = wanted.Months?.ToString(CultureInfo.InvariantCulture) ?? "",
                ["most"] = wanted.MostRedemptions?.ToString(CultureInfo.InvariantCulture) ?? "",
                ["endsAt"] = wanted.EndsAt is { } end ? Instants.Text(end) : "never",
            }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var now = clock.Now();
        if (PromotionCode.Normal(wanted.Code) is not { } code)
            return new Problem.Invalid("promotion-code-malformed", "Use 3 to 40 letters, digits, and dashes, such as WELCOME-50.", "code");
        if (!TryOffer(wanted).TryGet(out var offer, out var problem))
            return problem;
        if (wanted.MostRedemptions is <= 0)
            return new Problem.Invalid(
                "promotion-redemptions-range",
                "Enter how many organizations can redeem it, at least 1, or leave it empty.",
                "mostRedemptions"
            );
        if (wanted.EndsAt <= now)
            return new Problem.Invalid("promotion-ends-in-past", "Choose a date in the future, or none.", "endsAt");
        return await database.WriteAsync<PromotionCode>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.Promotions.FindAsync(code, cancellationToken) is not null)
                    return new Problem.Conflict(
                        "promotion-code-taken",
                        $"There is a promotion code {code} already. Codes are never used again.",
                        "code"
                    );
                var made = new PromotionCode(
                    new PromotionCodeId(clock.NewUuid()),
                    code,
                    offer,
                    wanted.MostRedemptions,
                    wanted.EndsAt?.ToUniversalTime().TruncateToMicroseconds(),
                    actor.Name,
                    now
                );
                session.Promotions.Add(made);
                return made;
            },
            cancellationToken
        );
    }

    private static Outcome<PromotionOffer> TryOffer(NewPromotionCode wanted)
    {
        if (wanted.Months is < 1 or > MostMonths)
            return new Problem.Invalid("promotion-months-range", $"Enter a number of months from 1 to {MostMonths}.", "months");
        if (wanted is { PercentOff: { } percent, AmountMinor: null })
            return percent is < 1 or > 100
                    ? new Problem.Invalid("promotion-percent-range", "Enter a percentage from 1 to 100.", "percentOff")
                : wanted.Months is null
                    ? new Problem.Invalid("promotion-months-range", $"Enter a number of months from 1 to {MostMonths}.", "months")
                : new PromotionOffer(percent, null, wanted.Months);
        if (wanted is not { PercentOff: null, AmountMinor: { } minor })
            return new Problem.Invalid("promotion-offer-unclear", "Give a percentage or an amount, and not both.", "percentOff");
        if (!Currency.TryParse(wanted.Currency, out var currency))
            return new Problem.Invalid("currency-unknown", "currency is a code such as usd or eur.", "currency");
        return GrantCredit.Refuse(minor, currency) is { } wrong
            ? wrong
            : new PromotionOffer(null, new Money(minor, currency), wanted.Months);
    }
}

/// <summary>Nobody can redeem the code any more; what was redeemed stays. Done again it changes nothing.</summary>
public sealed class WithdrawPromotionCode(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string code, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "promotion.withdraw", Operation.Brief(code));
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.WriteAsync<Done>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    PromotionCode.Normal(code) is not { } normal
                    || await session.Promotions.FindAsync(normal, cancellationToken) is not { } found
                )
                    return RedeemPromotionCode.Unknown(code);
                found.Withdraw(clock.Now());
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>What the organization has redeemed, newest first.</summary>
public sealed class ListRedemptions(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<PromotionRedemption>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "promotion.redemptions", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await database.ReadAsync(
                session => session.Promotions.RedemptionsAsync(access.Organization.Id, page, cancellationToken),
                cancellationToken
            )
            : problem;
    }
}

/// <summary>The customer redeems a code. Guessing is slow: a few tries a minute.</summary>
public sealed class RedeemPromotionCode(AccessGuard guard, IPortalDatabase database, IAttemptLimiter limiter, TimeProvider clock)
{
    public async Task<Outcome<PromotionRedemption>> RunAsync(
        Actor actor,
        string organization,
        string? code,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageBilling, "promotion.redeem", Operation.Brief(code));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var id = access.Organization.Id;
        if (limiter.Check(actor, Attempt.Other, $"promotion {id}") is { } tooMany)
            return tooMany;
        if (PromotionCode.Normal(code) is not { } normal)
            return Unknown(code);
        return await database.WriteAsync<PromotionRedemption>(
            actor,
            id,
            operation,
            async session =>
            {
                var now = clock.Now();
                if (await session.Promotions.FindAsync(normal, cancellationToken) is not { } promotion)
                    return Unknown(code);
                if (await session.Promotions.FindRedemptionAsync(promotion.Id, id, cancellationToken) is not null)
                    return new Problem.Conflict(
                        "promotion-code-redeemed",
                        $"Your organization has redeemed {normal} already. Each code works once.",
                        "code"
                    );
                if (promotion.IsOver(now))
                    return new Problem.Conflict("promotion-code-ended", $"The promotion code {normal} has ended.", "code");
                if (
                    promotion.Amount is { Currency: var given }
                    && await BilledInAsync(session, id, now, cancellationToken) is var billed
                    && billed != given
                )
                    return new Problem.Conflict(
                        "promotion-currency",
                        $"{normal} gives credit in {given.Code.ToUpperInvariant()}, and your organization is billed in {billed.Code.ToUpperInvariant()}, so no invoice could use it. Ask for a code in {billed.Code.ToUpperInvariant()}.",
                        "code"
                    );
                if (
                    promotion.PercentOff is not null
                    && await session.Promotions.ShareAsync(id, Month.Of(now), cancellationToken) is { } present
                )
                    return new Problem.Conflict(
                        "promotion-active",
                        $"{present.Code} takes {present.PercentOff}% off until the end of {present.LastMonth?.Title}. "
                            + $"Redeem {normal} after that.",
                        "code"
                    );
                if (!await session.Promotions.TakeAsync(promotion.Id, cancellationToken))
                    return new Problem.Conflict(
                        "promotion-code-used-up",
                        $"The promotion code {normal} has been redeemed as often as it can be.",
                        "code"
                    );
                var redemption = new PromotionRedemption(promotion, id, Grant(session, promotion, id), actor.Name, now);
                session.Promotions.Add(redemption);
                return redemption;
            },
            cancellationToken
        );
    }

    internal static Problem.NotFound Unknown(string? code) =>
        new("promotion-code-unknown", $"There is no promotion code “{Operation.Brief(code?.Trim())}”. Check how it's spelled.");

    private static async Task<Currency> BilledInAsync(
        IPortalSession session,
        OrganizationId organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => (await Tariff.LoadAsync(session, organization, now.HourStart(), now.HourStart().AddHours(1), cancellationToken)).CurrencyAt(now);

    /// <summary>A promised credit where the code gives an amount; it ends with the last of its months.</summary>
    private CreditId? Grant(IPortalSession session, PromotionCode promotion, OrganizationId organization)
    {
        if (promotion.Amount is not { } amount)
            return null;
        DateTimeOffset? end = null;
        if (promotion.Months is { } months)
        {
            var month = Month.Of(clock.Now());
            for (var counted = 1; counted < months; counted++)
                month = month.Next;
            end = month.End;
        }
        var (credit, entry) = Credit.Grant(
            organization,
            amount,
            CreditKind.Promised,
            $"Promotion code {promotion.Code}",
            end,
            "promotion",
            clock
        );
        session.Credits.Add(credit);
        session.Credits.Add(entry);
        return credit.Id;
    }
}
