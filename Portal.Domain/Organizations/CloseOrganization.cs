using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;

namespace Portal.Domain.Organizations;

/// <summary>
/// Closes an organization for good, once it is empty and owes nothing. To its members it is gone; its URL name stays
/// taken, and its invoices and audit log stay with the operator.
/// </summary>
public sealed class CloseOrganization(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    /// <param name="confirm">The URL name, typed once more.</param>
    public async Task<Outcome<Done>> RunAsync(Actor actor, string slug, string? confirm, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.CloseOrganization, "organization.close", slug);
        var entered = await guard.EnterAsync(actor, slug, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (confirm != slug)
            return new Problem.Invalid("confirmation-wrong", $"Type the URL name {slug} to confirm. Closing can't be undone.", "confirm");
        var id = access.Organization.Id;
        if (await database.ReadAsync(session => RefuseAsync(session, id, cancellationToken), cancellationToken) is { } held)
            return held;
        if (await UnbilledUsage.OfAsync(database, ledger, access.Organization, clock.Now(), cancellationToken) is { } owed)
            return new Problem.Conflict(
                "usage-unbilled",
                $"Usage of {owed} hasn't been invoiced yet. The invoice is created after the end of the month. "
                    + "Close the organization once it's paid, or ask the operator to close the month early."
            );
        return await database.WriteAsync<Done>(
            actor,
            id,
            operation,
            async session =>
            {
                if (await RefuseAsync(session, id, cancellationToken) is { } refusal)
                    return refusal;
                var now = clock.Now();
                foreach (var key in await session.ApiKeys.LiveAsync(id, now, cancellationToken))
                    key.Revoke(now);
                foreach (var invitation in await session.Invitations.PendingAsync(id, now, cancellationToken))
                    invitation.Revoke(now);
                (await session.Organizations.FindAsync(id, cancellationToken))!.Close();
                return Outcome.Done;
            },
            cancellationToken
        );
    }

    private static async Task<Problem?> RefuseAsync(
        IPortalSession session,
        OrganizationId organization,
        CancellationToken cancellationToken
    )
    {
        var tenants = await session.Tenants.CountAsync(organization, Scope.Whole, cancellationToken);
        if (tenants > 0)
            return new Problem.Conflict(
                "organization-not-empty",
                $"{(tenants == 1 ? "One tenant is" : $"{tenants} tenants are")} still there. "
                    + $"Delete {(tenants == 1 ? "it" : "them")} first, with what you want to keep exported."
            );
        for (string? after = null; ; )
        {
            var page = await session.Invoices.ListAsync(organization, new PageRequest(PageRequest.MaxLimit, after), cancellationToken);
            if (page.Items.FirstOrDefault(invoice => invoice.Status is InvoiceStatus.Draft or InvoiceStatus.Open) is { } open)
                return new Problem.Conflict(
                    "invoice-open",
                    $"Invoice {open.Number} hasn't been paid. Pay it on the billing page, then close the organization."
                );
            if (page.Next is null)
                return null;
            after = page.Next;
        }
    }
}
