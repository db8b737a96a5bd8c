using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class InvitationStore(PortalDbContext context) : IInvitationStore
{
    public Task<Invitation?> FindAsync(OrganizationId organization, InvitationId id, CancellationToken cancellationToken) =>
        context.Invitations.SingleOrDefaultAsync(
            invitation => invitation.OrganizationId == organization && invitation.Id == id,
            cancellationToken
        );

    public Task<Invitation?> FindAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        context.Invitations.SingleOrDefaultAsync(invitation => invitation.TokenHash == tokenHash, cancellationToken);

    public Task<PageOf<Invitation>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        context
            .Invitations.Where(invitation => invitation.OrganizationId == organization)
            .PageAsync(
                page,
                "invitations",
                invitation => invitation.CreatedAt,
                invitation => invitation.Id,
                newestFirst: true,
                cancellationToken
            );

    public async Task<IReadOnlyList<Invitation>> PendingAsync(
        OrganizationId organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await context
            .Invitations.Where(invitation =>
                invitation.OrganizationId == organization
                && invitation.AcceptedAt == null
                && invitation.RevokedAt == null
                && invitation.ExpiresAt > now
            )
            .OrderBy(invitation => invitation.CreatedAt)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Invitation>> MadeWithAsync(
        IReadOnlyCollection<ApiKeyId> keys,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await context
            .Invitations.Where(invitation =>
                invitation.MadeWith != null
                && keys.Contains(invitation.MadeWith.Value)
                && invitation.AcceptedAt == null
                && invitation.RevokedAt == null
                && invitation.ExpiresAt > now
            )
            .OrderBy(invitation => invitation.CreatedAt)
            .ToListAsync(cancellationToken);

    public Task<int> CountSentAsync(OrganizationId organization, DateTimeOffset since, CancellationToken cancellationToken) =>
        context
            .Invitations.Where(invitation => invitation.OrganizationId == organization && invitation.SentAt >= since)
            .SumAsync(invitation => invitation.SentInDay, cancellationToken);

    public Task<int> CountSentByAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken) =>
        context
            .Invitations.Where(invitation => invitation.InvitedById == account && invitation.SentAt >= since)
            .SumAsync(invitation => invitation.SentInDay, cancellationToken);

    public Task<int> CountSentToAsync(EmailAddress email, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var key = Invitation.KeyOf(email);
        return context
            .Invitations.Where(invitation => invitation.EmailKey == key && invitation.SentAt >= since)
            .SumAsync(invitation => invitation.SentInDay, cancellationToken);
    }

    public void Add(Invitation invitation) => context.Add(invitation);
}
