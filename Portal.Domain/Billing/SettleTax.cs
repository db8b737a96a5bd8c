using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Notices;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>
/// What an invoice needs for its taxes on the way to Stripe. Where nobody knows where the customer is, it waits, alone, and
/// says so; the billing address wakes it.
/// </summary>
internal sealed class SettleTax(IPortalDatabase database, IPaymentGateway gateway, CreateStripeCustomer customers, TimeProvider clock)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMinutes(10);

    /// <summary>As long as an invoice may wait for an address before it counts as overdue, with all that follows.</summary>
    private static readonly TimeSpan AddressWithin = TimeSpan.FromDays(14);

    /// <summary>What comes before a stage; null when the stage may go on.</summary>
    public async Task<StepResult?> BeforeAsync(
        Invoice invoice,
        string customer,
        SettleInvoiceWork payload,
        CancellationToken cancellationToken
    )
    {
        if (invoice.TaxState == InvoiceTaxState.Off || invoice.Stage is not (InvoiceStage.Rated or InvoiceStage.ItemsAdded))
            return null;
        if (invoice is { TaxState: InvoiceTaxState.LocationMissing, Stage: InvoiceStage.Rated })
            return await LocateAsync(invoice, payload, cancellationToken);
        if (invoice.Stage == InvoiceStage.ItemsAdded && !invoice.TaxByStripe)
            return null;
        var profile = await database.ReadAsync(
            session => session.Taxes.ProfileAsync(invoice.OrganizationId, cancellationToken),
            cancellationToken
        );
        var exemption = invoice.TaxState switch
        {
            InvoiceTaxState.ReverseCharge => TaxExemption.Reverse,
            InvoiceTaxState.Exempt => TaxExemption.Exempt,
            _ => TaxExemption.None,
        };
        var told = await customers.WithAsync(
            invoice.OrganizationId,
            id =>
                gateway.SetTaxDetailsAsync(
                    id,
                    new(invoice.TaxByStripe ? TaxExemption.None : exemption, profile?.Address),
                    cancellationToken
                ),
            cancellationToken
        );
        if (!told.TryGet(out _, out var problem))
            return Problem(payload, problem);
        return invoice.Stage == InvoiceStage.ItemsAdded ? await ByStripeAsync(invoice, payload, cancellationToken) : null;
    }

    /// <summary>Stripe's ids of the rates of the invoice's taxes, each made there once.</summary>
    public async Task<Outcome<IReadOnlyDictionary<Guid, string>>> RatesAsync(Invoice invoice, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<Guid, string>();
        foreach (var tax in invoice.TaxByStripe ? [] : invoice.Taxes)
        {
            var key = TaxRateAtStripe.KeyOf(tax);
            var known = await database.ReadAsync(session => session.Taxes.RateAsync(key, cancellationToken), cancellationToken);
            var ensured = await gateway.EnsureTaxRateAsync(
                new(key, tax.Name, tax.Country, tax.State, tax.Percent, tax.IsInclusive),
                known?.StripeId,
                cancellationToken
            );
            if (!ensured.TryGet(out var id, out var problem))
                return problem;
            ids[tax.Id] = id;
            if (id == known?.StripeId)
                continue;
            await database.UpdateAsync(
                null,
                null,
                async session =>
                {
                    if (await session.Taxes.RateAsync(key, cancellationToken) is { } there)
                        there.Replace(id);
                    else
                        session.Taxes.Add(new TaxRateAtStripe(key, id));
                    return true;
                },
                cancellationToken
            );
        }
        return ids;
    }

    /// <summary>Whether the address has come meanwhile, or is not wanted any more.</summary>
    private async Task<StepResult> LocateAsync(Invoice invoice, SettleInvoiceWork payload, CancellationToken cancellationToken)
    {
        var decision = await database.ReadAsync(
            session => session.TaxOfAsync(invoice.OrganizationId, invoice.To, cancellationToken),
            cancellationToken
        );
        if (decision.State == InvoiceTaxState.LocationMissing)
            return Wait(payload);
        return new StepResult.GoOn(
            null,
            Settle: async (session, token) =>
            {
                var current = (await session.Invoices.FindAsync(payload.Invoice, token))!;
                if (
                    current is not { TaxState: InvoiceTaxState.LocationMissing, Stage: InvoiceStage.Rated }
                    || !Currency.TryParse(current.CurrencyCode, out var currency)
                )
                    return;
                current.TakeTaxes(
                    decision.State,
                    decision.Note,
                    TaxMath.Of(current.TaxableMinor(), decision.Rates, currency, () => clock.NewUuid())
                );
                current.Waits(null);
            },
            Progress: new(0, 0, null, null)
        );
    }

    private async Task<StepResult?> ByStripeAsync(Invoice invoice, SettleInvoiceWork payload, CancellationToken cancellationToken)
    {
        var id = invoice.StripeInvoiceId!;
        if (!(await gateway.ReadInvoiceAsync(id, cancellationToken)).TryGet(out var draft, out var problem))
            return Problem(payload, problem);
        if (draft.Status != InvoiceStatus.Draft)
            return null;
        var whenUnknown = await database.ReadAsync(
            async session => TaxBook.At(await session.Taxes.BooksAsync(cancellationToken), invoice.To)?.WhenUnknown,
            cancellationToken
        );
        if (
            !(await gateway.SetStripeTaxAsync(id, isOn: true, cancellationToken)).TryGet(out _, out problem)
            || !(await gateway.ReadInvoiceAsync(id, cancellationToken)).TryGet(out draft, out problem)
        )
            return Problem(payload, problem);
        if (!draft.LacksTaxLocation)
            return null;
        if (whenUnknown != UnknownLocation.Untaxed)
            return Wait(payload);
        return (await gateway.SetStripeTaxAsync(id, isOn: false, cancellationToken)).TryGet(out _, out problem)
            ? null
            : Problem(payload, problem);
    }

    private static StepResult? Problem(SettleInvoiceWork payload, Problem problem)
    {
        if (problem is Common.Problem.Unavailable or Common.Problem.TooMany)
            return new StepResult.Later(problem);
        return new StepResult.GoOn(
            null,
            Settle: async (session, token) =>
            {
                var current = (await session.Invoices.FindAsync(payload.Invoice, token))!;
                if (problem.Code == GatewayProblems.DraftGone)
                    current.DraftAgain();
                else
                    current.Mismatched(problem.Message);
            }
        );
    }

    private StepResult.GoOn Wait(SettleInvoiceWork payload) =>
        new(
            null,
            LooksEvery,
            async (session, token) =>
            {
                var current = (await session.Invoices.FindAsync(payload.Invoice, token))!;
                if (current.ProblemMessage == TaxRules.MissingNote)
                    return;
                current.Waits(TaxRules.MissingNote, clock.Now() + AddressWithin);
                if (await session.Organizations.FindAsync(current.OrganizationId, token) is not { } organization)
                    return;
                session.Tell(
                    clock,
                    NoticeKind.Invoice,
                    NoticeAudience.Of(organization.Id, Permission.ViewBilling),
                    "Add your billing address",
                    $"Invoice {current.Number} waits for it: the tax depends on where you are.",
                    $"o/{organization.Slug}/billing"
                );
            },
            new(0, 0, null, $"{payload.Invoice}: the billing address is missing")
        );
}

internal static class InvoiceTaxing
{
    /// <summary>A plan that costs begins only where its invoices can be issued. Null where they can.</summary>
    internal static async Task<Problem?> RefuseWithoutAddressAsync(
        this IPortalSession session,
        OrganizationId organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var book = TaxBook.At(await session.Taxes.BooksAsync(cancellationToken), now);
        if (book is null or { Mode: TaxMode.None } or { WhenUnknown: UnknownLocation.Untaxed })
            return null;
        return
            await session.Taxes.ProfileAsync(organization, cancellationToken)
                is { Country: not null }
                    or { Exemption: not TaxExemption.None }
            ? null
            : new Problem.Conflict(
                "billing-address-needed",
                "Add your billing address first: the tax on your invoices depends on where you are."
            );
    }

    /// <summary>How an organization is taxed in a period that ends so.</summary>
    internal static async Task<TaxDecision> TaxOfAsync(
        this IPortalSession session,
        OrganizationId organization,
        DateTimeOffset periodEnd,
        CancellationToken cancellationToken
    )
    {
        var book = TaxBook.At(await session.Taxes.BooksAsync(cancellationToken), periodEnd);
        return book is null or { Mode: TaxMode.None }
            ? TaxDecision.Off
            : TaxRules.Of(
                book,
                await session.Taxes.ProfileAsync(organization, cancellationToken),
                await session.TaxIds.OfAsync(organization, cancellationToken)
            );
    }

    /// <summary>Takes over what Stripe Tax worked out.</summary>
    internal static void TakeTaxes(this Invoice invoice, GatewayInvoice there, TimeProvider clock)
    {
        List<GatewayTax> charged = [.. there.Taxes.Where(tax => tax.AmountMinor != 0)];
        var reasons = there.Taxes.Select(tax => tax.Reason).ToHashSet();
        var state =
            charged.Count > 0 ? InvoiceTaxState.Taxed
            : reasons.Contains("reverse_charge") ? InvoiceTaxState.ReverseCharge
            : reasons.Contains("customer_exempt") ? InvoiceTaxState.Exempt
            : InvoiceTaxState.NotCollected;
        var note = state switch
        {
            InvoiceTaxState.Taxed => invoice.TaxNote,
            InvoiceTaxState.ReverseCharge => TaxRules.ReverseChargeNote,
            InvoiceTaxState.Exempt => "Tax exempt.",
            _ when there.LacksTaxLocation => "No tax was charged because there is no billing address.",
            _ => "No tax was charged.",
        };
        invoice.TakeTaxes(
            state,
            note,
            charged.Select(
                (tax, position) =>
                    new InvoiceTax(
                        clock.NewUuid(),
                        position,
                        tax.Name,
                        tax.Country,
                        tax.State,
                        tax.Percent,
                        tax.IsInclusive,
                        tax.TaxableMinor,
                        tax.AmountMinor
                    )
            )
        );
    }
}
