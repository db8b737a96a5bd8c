using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Notices;

namespace Portal.Domain.Billing;

/// <summary>Who is written to about an organization's bills.</summary>
internal static class BillReaders
{
    /// <summary>The members who may see its bills, those with a confirmed address only, in order.</summary>
    /// <param name="kind">Without those who want no emails of this kind, or get none from this organization; null for what limits the
    /// organization, of which all are told.</param>
    internal static async Task<IReadOnlyList<MailRecipient>> OfAsync(
        IPortalDatabase database,
        IAccountDirectory accounts,
        OrganizationId organization,
        NoticeKind? kind,
        CancellationToken cancellationToken
    )
    {
        var ids = new List<AccountId>();
        var (known, wishes, muted) = await database.ReadAsync(
            async session =>
            {
                await foreach (
                    var member in PageWalk.AllAsync(
                        page => session.Organizations.ListMembersAsync(organization, page, cancellationToken),
                        cancellationToken
                    )
                )
                    if (member.Role.Allows(Permission.ViewBilling))
                        ids.Add(member.AccountId);
                return (
                    await session.Organizations.FindAsync(organization, cancellationToken),
                    kind is null ? null : await session.Notices.SettingsAsync(ids, cancellationToken),
                    kind is null
                        ? []
                        : (await session.Notices.MutesAsync(organization, cancellationToken))
                            .Where(mute => mute.Kind == kind)
                            .Select(mute => mute.AccountId)
                            .ToHashSet()
                );
            },
            cancellationToken
        );
        return
        [
            .. (await accounts.FindManyAsync(ids, cancellationToken))
                .Values.Where(account =>
                    account.EmailVerified
                    && !muted.Contains(account.Id)
                    && wishes?.GetValueOrDefault(account.Id)?.ByEmail(kind!.Value) != false
                )
                .OrderBy(account => account.Email, StringComparer.Ordinal)
                .Select(account => MailRecipient.Of(account, known)),
        ];
    }
}
