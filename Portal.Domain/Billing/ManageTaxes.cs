using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>Tax settings, with whether they are in force now, and whether they have not started yet.</summary>
public sealed record TaxBookView(TaxBook Book, bool IsInForce, bool IsScheduled);

/// <summary>All tax settings, newest start first: the operator's page.</summary>
public sealed class ListTaxSettings(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<IReadOnlyList<TaxBookView>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "tax-settings.list", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var books = await database.ReadAsync(session => session.Taxes.BooksAsync(cancellationToken), cancellationToken);
        var now = clock.Now();
        var inForce = TaxBook.At(books, now.AddTicks(1));
        return Outcome.Of<IReadOnlyList<TaxBookView>>([
            .. books.Reverse().Select(book => new TaxBookView(book, book == inForce, book.StartsAt > now)),
        ]);
    }
}

/// <summary>
/// The operator publishes how taxes are charged from an instant on. It applies to billing periods that end after it, so no
/// issued invoice changes; it may lie in the past, as far back as no issued invoice covers.
/// </summary>
public sealed class PublishTaxSettings(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<TaxBook>> RunAsync(Actor actor, TaxWish wish, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "tax-settings.publish",
            Operation.Brief(wish.Mode),
            new Dictionary<string, string>
            {
                ["startsAt"] = wish.StartsAt is { } at ? Instants.Text(at) : "now",
                ["sellerCountry"] = Operation.Brief(wish.SellerCountry),
                ["rates"] = (wish.Rates?.Count ?? 0).ToString(CultureInfo.InvariantCulture),
            }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!TaxBook.Create(clock.NewUuid(), wish, actor.Name, clock.Now()).TryGet(out var book, out var problem))
            return problem;
        return await database.WriteAsync<TaxBook>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.Invoices.CoveredToAsync(cancellationToken) is { } covered && book.StartsAt < covered)
                    return new Problem.Invalid(
                        "tax-settings-too-early",
                        $"Invoices were issued for time up to {Instants.Text(covered)}. Let these settings start then or later.",
                        "startsAt"
                    );
                session.Taxes.Add(book);
                return book;
            },
            cancellationToken
        );
    }
}

/// <summary>The operator takes back tax settings that have not started. Those that have may be part of invoices, and stay.</summary>
public sealed class WithdrawTaxSettings(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string id, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "tax-settings.withdraw", Operation.Brief(id));
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.WriteAsync<Done>(
            actor,
            null,
            operation,
            async session =>
            {
                if ((await session.Taxes.BooksAsync(cancellationToken)).FirstOrDefault(one => one.Id.ToString() == id) is not { } book)
                    return new Problem.NotFound(
                        "tax-settings-not-found",
                        "There are no such tax settings. They may have been withdrawn already."
                    );
                if (book.StartsAt <= clock.Now())
                    return new Problem.Conflict(
                        "tax-settings-started",
                        $"These settings took effect on {Instants.Text(book.StartsAt)}. Publish new ones instead."
                    );
                session.Taxes.Remove(book);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>How an organization is taxed now.</summary>
/// <param name="Mode">How the operator charges taxes.</param>
/// <param name="Address">Null while none is given.</param>
/// <param name="Waiting">Numbers of invoices that cannot be issued for want of it.</param>
public sealed record TaxView(
    Organization Organization,
    TaxMode Mode,
    BillingAddress? Address,
    TaxDecision Decision,
    TaxExemption Exemption,
    string? Reason,
    IReadOnlyList<string> Waiting
)
{
    internal static async Task<TaxView> LoadAsync(
        IPortalSession session,
        Organization organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var book = TaxBook.At(await session.Taxes.BooksAsync(cancellationToken), now.AddTicks(1));
        var profile = await session.Taxes.ProfileAsync(organization.Id, cancellationToken);
        return new(
            organization,
            book?.Mode ?? TaxMode.None,
            profile?.Address,
            TaxRules.Of(book, profile, await session.TaxIds.OfAsync(organization.Id, cancellationToken)),
            profile?.Exemption ?? TaxExemption.None,
            profile?.Reason,
            [.. (await WaitingInvoices.OfAsync(session, organization.Id, cancellationToken)).Select(invoice => invoice.Number)]
        );
    }
}

/// <summary>Where the organization is billed, and how it is taxed.</summary>
public sealed class GetBillingTax(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<TaxView>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "billing.tax", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await database.ReadAsync(
                session => TaxView.LoadAsync(session, access.Organization, clock.Now(), cancellationToken),
                cancellationToken
            )
            : problem;
    }
}

/// <summary>Where bills go: Stripe prints it on invoices, and taxes follow from it. Invoices that wait for it go on.</summary>
public sealed class SetBillingAddress(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<TaxView>> RunAsync(
        Actor actor,
        string organization,
        string? line1,
        string? line2,
        string? city,
        string? postalCode,
        string? state,
        string? country,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageBilling,
            "billing.set-address",
            organization,
            new Dictionary<string, string> { ["country"] = Operation.Brief(country) }
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!BillingAddress.Create(line1, line2, city, postalCode, state, country).TryGet(out var address, out problem))
            return problem;
        var id = access.Organization.Id;
        return await database.WriteAsync<TaxView>(
            actor,
            id,
            operation,
            async session =>
            {
                (await TaxProfiles.OfAsync(session, id, cancellationToken)).Move(address);
                foreach (var invoice in await WaitingInvoices.OfAsync(session, id, cancellationToken))
                    (
                        await session.Work.FindOpenAsync(
                            new SettleInvoiceWork(invoice.Id).Place(invoice, null).Line,
                            SettleInvoiceWork.Kind,
                            cancellationToken
                        )
                    )?.TryNow(clock.Now());
                return await TaxView.LoadAsync(
                    session,
                    (await session.Organizations.FindAsync(id, cancellationToken))!,
                    clock.Now(),
                    cancellationToken
                );
            },
            cancellationToken
        );
    }
}

/// <summary>An organization's taxes, for the operator.</summary>
public sealed class GetTaxOfCustomer(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<TaxView>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "tax.view-of", Operation.Brief(organization)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync(
            async session =>
                await session.Organizations.FindAsync(organization, cancellationToken) is { } found
                    ? (Outcome<TaxView>)await TaxView.LoadAsync(session, found, clock.Now(), cancellationToken)
                    : OrganizationProblems.NoOrganization,
            cancellationToken
        );
    }
}

/// <summary>The operator exempts an organization from taxes, or has it account for them itself; or lets the rules decide again.</summary>
public sealed class SetTaxExemption(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public const int LongestReason = 200;

    /// <param name="exemption"><c>none</c>, <c>exempt</c> or <c>reverse</c>.</param>
    /// <param name="reason">It stands on invoices where the organization is exempt, and in its audit log.</param>
    public async Task<Outcome<TaxView>> RunAsync(
        Actor actor,
        string organization,
        string? exemption,
        string? reason,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "tax.set-exemption",
            Operation.Brief(organization),
            new Dictionary<string, string> { ["exemption"] = Operation.Brief(exemption), ["reason"] = Operation.Brief(reason) }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        TaxExemption? wanted = exemption switch
        {
            "none" => TaxExemption.None,
            "exempt" => TaxExemption.Exempt,
            "reverse" => TaxExemption.Reverse,
            _ => null,
        };
        if (wanted is not { } decided)
            return new Problem.Invalid("tax-exemption-unknown", "exemption is none, exempt or reverse.", "exemption");
        var words = reason?.Trim() ?? "";
        if (decided != TaxExemption.None && words.Length is 0 or > LongestReason || words.Any(char.IsControl))
            return new Problem.Invalid(
                "reason-length",
                $"Give a reason of 1 to {LongestReason} characters on one line, such as the number of the exemption certificate.",
                "reason"
            );
        var found = await database.ReadAsync(
            session => session.Organizations.FindAsync(organization, cancellationToken),
            cancellationToken
        );
        if (found is null)
            return OrganizationProblems.NoOrganization;
        return await database.WriteAsync<TaxView>(
            actor,
            found.Id,
            operation,
            async session =>
            {
                var profile = await TaxProfiles.OfAsync(session, found.Id, cancellationToken);
                profile.Decide(decided, decided == TaxExemption.None ? null : words, actor.Name, clock.Now());
                return await TaxView.LoadAsync(
                    session,
                    (await session.Organizations.FindAsync(found.Id, cancellationToken))!,
                    clock.Now(),
                    cancellationToken
                );
            },
            cancellationToken
        );
    }
}

internal static class TaxProfiles
{
    /// <summary>To be changed; a new one where there is none.</summary>
    internal static async Task<TaxProfile> OfAsync(IPortalSession session, OrganizationId organization, CancellationToken cancellationToken)
    {
        if (await session.Taxes.ProfileAsync(organization, cancellationToken) is { } there)
            return there;
        var made = new TaxProfile(organization);
        session.Taxes.Add(made);
        return made;
    }
}

internal static class WaitingInvoices
{
    /// <summary>Invoices that cannot be issued because the billing address is missing.</summary>
    internal static async Task<IReadOnlyList<Invoice>> OfAsync(
        IPortalSession session,
        OrganizationId organization,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await session.Invoices.ListAsync(organization, new PageRequest(), cancellationToken)).Items.Where(invoice =>
                invoice is { FinalizedAt: null, ProblemMessage: TaxRules.MissingNote }
            ),
        ];
}
