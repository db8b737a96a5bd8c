using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>Who is written to about an organization's bills.</summary>
internal static class BillReaders
{
    /// <summary>Addresses of the members who may see its bills, confirmed ones only, in order.</summary>
    internal static async Task<IReadOnlyList<string>> OfAsync(IPortalDatabase database, IAccountDirectory accounts, OrganizationId organization, CancellationToken cancellationToken)
    {
        var ids = new List<AccountId>();
        await database.ReadAsync(async session =>
        {
            await foreach (var member in PageWalk.AllAsync(page => session.Organizations.ListMembersAsync(organization, page, cancellationToken), cancellationToken))
                if (member.Role.Allows(Permission.ViewBilling)) ids.Add(member.AccountId);
            return true;
        }, cancellationToken);
        return [.. (await accounts.FindManyAsync(ids, cancellationToken)).Values.Where(account => account.EmailVerified).Select(account => account.Email).Order(StringComparer.Ordinal)];
    }
}
