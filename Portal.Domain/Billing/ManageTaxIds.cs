using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>The organization's tax IDs, oldest first.</summary>
public sealed class ListTaxIds(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<IReadOnlyList<TaxId>>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "tax-id.list", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? Outcome.Of(
                await database.ReadAsync(session => session.TaxIds.OfAsync(access.Organization.Id, cancellationToken), cancellationToken)
            )
            : problem;
    }
}

/// <summary>Adds a tax ID: Stripe is told by work of its own, and prints it on invoices from then on.</summary>
public sealed class AddTaxId(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <summary>As many as Stripe prints on an invoice.</summary>
    public const int Most = 5;

    public const int LongestValue = 50;

    /// <param name="type">One of <see cref="TaxIdFormats.All"/>.</param>
    /// <param name="value">Spaces, dots, dashes and slashes in it do not matter.</param>
    public async Task<Outcome<TaxId>> RunAsync(
        Actor actor,
        string organization,
        string? type,
        string? value,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageBilling,
            "tax-id.add",
            organization,
            new Dictionary<string, string> { ["type"] = Operation.Brief(type), ["value"] = Operation.Brief(value) }
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (TaxIdFormats.Find(type) is not { } format)
            return new Problem.Invalid(
                "tax-id-type-unknown",
                "Choose one of the types of tax ID that Stripe takes, such as eu_vat.",
                "type"
            );
        var plain = TaxIdFormats.Plain(value ?? "");
        if (plain.Length > LongestValue || !TaxIdFormats.Fits(format, plain))
            return new Problem.Invalid(
                "tax-id-malformed",
                $"This isn't a valid {format.Name}. One looks like this: {format.Example}.",
                "value"
            );
        return await database.WriteAsync<TaxId>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var there = await session.TaxIds.OfAsync(access.Organization.Id, cancellationToken);
                if (there.Any(one => one.Type == format.Type && one.Value == plain))
                    return new Problem.Conflict("tax-id-exists", "This tax ID is in the list already. Remove it first to add it again.");
                if (there.Count >= Most)
                    return new Problem.Conflict("tax-ids-too-many", $"An organization can have {Most} tax IDs. Remove one first.");
                var added = new TaxId(clock.NewUuid(), access.Organization.Id, format.Type, plain, actor.Name, clock.Now());
                session.TaxIds.Add(added);
                session.Work.Add(clock, new SendTaxIdWork(added.Id), SendTaxIdWork.Place(added));
                return added;
            },
            cancellationToken
        );
    }
}

/// <summary>Removes a tax ID, also at Stripe. Invoices that were issued keep it.</summary>
public sealed class RemoveTaxId(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, string id, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageBilling,
            "tax-id.remove",
            organization,
            new Dictionary<string, string> { ["id"] = Operation.Brief(id) }
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var wanted = Guid.TryParse(id, out var known) ? known : Guid.Empty;
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (
                    (await session.TaxIds.OfAsync(access.Organization.Id, cancellationToken)).FirstOrDefault(one => one.Id == wanted)
                    is not { } found
                )
                    return new Problem.NotFound("tax-id-not-found", "There is no such tax ID. The list of tax IDs shows those there are.");
                if (found.State == TaxIdState.Removing)
                    return Outcome.Done;
                // One that waits for the tax office's word makes way.
                var place = SendTaxIdWork.Place(found);
                (await session.Work.FindOpenAsync(place.Line, SendTaxIdWork.Kind, cancellationToken))?.TryNow(clock.Now());
                found.Removing();
                session.Work.Add(clock, new SendTaxIdWork(found.Id), place);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
