using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Billing;

/// <summary>Who is written to about an organization's bills.</summary>
internal static class BillReaders
{
    /// <summary>The members who may see its bills, those with a confirmed address only, in order.</summary>
    internal static async Task<IReadOnlyList<MailRecipient>> OfAsync(IPortalDatabase database, IAccountDirectory accounts, OrganizationId organization, CancellationToken cancellationToken)
    {
        var ids = new List<AccountId>();
        var known = await database.ReadAsync(async session =>
        {
            await foreach (var member in PageWalk.AllAsync(page => session.Organizations.ListMembersAsync(organization, page, cancellationToken), cancellationToken))
                if (member.Role.Allows(Permission.ViewBilling)) ids.Add(member.AccountId);
            return await session.Organizations.FindAsync(organization, cancellationToken);
        }, cancellationToken);
        return [.. (await accounts.FindManyAsync(ids, cancellationToken)).Values.Where(account => account.EmailVerified)
            .OrderBy(account => account.Email, StringComparer.Ordinal).Select(account => MailRecipient.Of(account, known))];
    }
}
