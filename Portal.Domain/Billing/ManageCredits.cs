using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>An organization's credits.</summary>
/// <param name="Balances">What invoices to come can use, by currency.</param>
public sealed record CreditsView(Organization Organization, IReadOnlyList<Money> Balances, PageOf<Credit> Credits)
{
    internal static async Task<CreditsView> LoadAsync(
        IPortalSession session,
        Organization organization,
        PageRequest page,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var open = await session.Credits.OpenAsync(organization.Id, cancellationToken);
        return new(
            organization,
            [
                .. open.Where(credit => !credit.IsOver(now))
                    .GroupBy(credit => credit.Left.Currency)
                    .Select(group => group.Aggregate(Money.Zero(group.Key), (sum, credit) => sum + credit.Left)),
            ],
            await session.Credits.ListAsync(organization.Id, page, cancellationToken)
        );
    }
}

/// <summary>The organization's credits, newest first, and what is left in all.</summary>
public sealed class GetCredits(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<CreditsView>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "credit.list", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await database.ReadAsync(
                session => CreditsView.LoadAsync(session, access.Organization, page, clock.Now(), cancellationToken),
                cancellationToken
            )
            : problem;
    }
}

/// <summary>What happened to the organization's credits, newest first.</summary>
public sealed class ListCreditEntries(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<CreditEntry>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "credit.entries", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await database.ReadAsync(
                session => session.Credits.EntriesAsync(access.Organization.Id, page, cancellationToken),
                cancellationToken
            )
            : problem;
    }
}

/// <summary>A customer's credits, for the operator.</summary>
public sealed class GetCreditsOfCustomer(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<CreditsView>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "credit.list-of", Operation.Brief(organization)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync<Outcome<CreditsView>>(
            async session =>
                await session.Organizations.FindAsync(organization, cancellationToken) is { } found
                    ? await CreditsView.LoadAsync(session, found, page, clock.Now(), cancellationToken)
                    : OrganizationProblems.NoOrganization,
            cancellationToken
        );
    }
}

/// <summary>The operator promises a customer a credit, or notes one that was paid for.</summary>
public sealed class GrantCredit(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public const int LongestReason = 200;

    /// <summary>In major units.</summary>
    private const long Most = 1_000_000_000;

    /// <param name="amountMinor">In minor units of <paramref name="currency"/>.</param>
    /// <param name="currency">ISO 4217; null for the one that the customer is charged in now.</param>
    /// <param name="kind"><c>promised</c> or <c>bought</c>; null is promised.</param>
    /// <param name="reason">The customer reads it on the invoice.</param>
    /// <param name="expiresAt">It applies to billing periods that end by then; null for ever.</param>
    public async Task<Outcome<Credit>> RunAsync(
        Actor actor,
        string organization,
        long? amountMinor,
        string? currency,
        string? kind,
        string? reason,
        DateTimeOffset? expiresAt,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "credit.grant",
            organization,
            new Dictionary<string, string>
            {
                ["amount"] = amountMinor?.ToString(CultureInfo.InvariantCulture) ?? "",
                ["currency"] = Operation.Brief(currency),
                ["kind"] = Operation.Brief(kind),
                ["reason"] = Operation.Brief(reason),
                ["expiresAt"] = expiresAt is { } end ? Instants.Text(end) : "never",
            }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var now = clock.Now();
        var found = await database.ReadAsync(
            session => session.Organizations.FindAsync(organization, cancellationToken),
            cancellationToken
        );
        if (found is not { State: not OrganizationState.Closed })
            return OrganizationProblems.NoOrganization;
        if (!TryKind(kind, out var how))
            return new Problem.Invalid("credit-kind-unknown", "kind is promised or bought.", "kind");
        if (!TryReason(reason, out var words, out var problem))
            return problem;
        if (expiresAt <= now)
            return new Problem.Invalid("credit-ends-in-past", "Choose a date in the future, or none.", "expiresAt");
        var money =
            currency is null ? await CurrencyAsync(found.Id, now, cancellationToken)
            : Currency.TryParse(currency, out var known) ? known
            : (Currency?)null;
        if (money is not { } unit)
            return new Problem.Invalid("currency-unknown", "currency is a code such as usd or eur.", "currency");
        if (Refuse(amountMinor, unit) is { } wrong)
            return wrong;
        return await database.WriteAsync<Credit>(
            actor,
            found.Id,
            operation,
            session =>
            {
                var (credit, entry) = Credit.Grant(
                    found.Id,
                    new Money(amountMinor!.Value, unit),
                    how,
                    words,
                    expiresAt?.ToUniversalTime().TruncateToMicroseconds(),
                    actor.Name,
                    clock
                );
                session.Credits.Add(credit);
                session.Credits.Add(entry);
                return Task.FromResult<Outcome<Credit>>(credit);
            },
            cancellationToken
        );
    }

    /// <summary>An amount that a credit can have; null when it is one.</summary>
    internal static Problem.Invalid? Refuse(long? minor, Currency currency)
    {
        if (minor is not > 0 || new Money(minor.Value, currency).Major > Most)
            return new Problem.Invalid(
                "credit-amount-range",
                $"Enter an amount above 0 and up to {Most.ToString("N0", CultureInfo.InvariantCulture)} {currency.Code.ToUpperInvariant()}.",
                "amount"
            );
        return minor.Value % currency.Step == 0
            ? null
            : new Problem.Invalid(
                "credit-amount-step",
                $"Amounts in {currency.Code.ToUpperInvariant()} are charged in multiples of {MoneyFormat.Text(new Money(currency.Step, currency))}. Round the credit to one.",
                "amount"
            );
    }

    internal static bool TryReason(
        string? reason,
        out string words,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Problem? problem
    )
    {
        words = reason?.Trim() ?? "";
        problem =
            words.Length is 0 or > LongestReason || words.Any(char.IsControl)
                ? new Problem.Invalid(
                    "credit-reason-length",
                    $"Give a reason of 1 to {LongestReason} characters on one line. The customer can see it.",
                    "reason"
                )
                : null;
        return problem is null;
    }

    private static bool TryKind(string? text, out CreditKind kind)
    {
        kind = text == "bought" ? CreditKind.Bought : CreditKind.Promised;
        return text is null or "" or "promised" or "bought";
    }

    private Task<Currency?> CurrencyAsync(OrganizationId organization, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
                (Currency?)
                    (
                        await Tariff.LoadAsync(session, organization, now.HourStart(), now.HourStart().AddHours(1), cancellationToken)
                    ).CurrencyAt(now),
            cancellationToken
        );
}

/// <summary>The operator takes back what is left of a credit. What was used stays used.</summary>
public sealed class WithdrawCredit(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="reason">It stands in the customer's audit log.</param>
    public async Task<Outcome<Credit>> RunAsync(
        Actor actor,
        string organization,
        CreditId id,
        string? reason,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "credit.withdraw",
            organization,
            new Dictionary<string, string> { ["credit"] = id.ToString(), ["reason"] = Operation.Brief(reason) }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var found = await database.ReadAsync(
            session => session.Organizations.FindAsync(organization, cancellationToken),
            cancellationToken
        );
        if (found is null)
            return OrganizationProblems.NoOrganization;
        if (!GrantCredit.TryReason(reason, out _, out var problem))
            return problem;
        return await database.WriteAsync<Credit>(
            actor,
            found.Id,
            operation,
            async session =>
            {
                if (await session.Credits.FindAsync(found.Id, id, cancellationToken) is not { } credit)
                    return new Problem.NotFound("credit-not-found", "There is no such credit. The list of credits shows those there are.");
                if (credit.LeftMinor == 0)
                    return new Problem.Conflict("credit-used-up", "Nothing is left of this credit.");
                session.Credits.Add(credit.Take(CreditMove.Withdraw, credit.LeftMinor, null, actor.Name, clock));
                return credit;
            },
            cancellationToken
        );
    }
}
