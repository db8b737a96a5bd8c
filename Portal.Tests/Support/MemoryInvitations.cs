using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Tests.Support;

/// <summary>Invitations in memory, oldest first.</summary>
public sealed class MemoryInvitations : List<Invitation>, IInvitationStore
{
    public Task<Invitation?> FindAsync(OrganizationId organization, InvitationId id, CancellationToken cancellationToken) =>
        Task.FromResult(Find(one => one.OrganizationId == organization && one.Id == id));

    public Task<Invitation?> FindAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        Task.FromResult(Find(one => one.TokenHash.AsSpan().SequenceEqual(tokenHash)));

    public Task<PageOf<Invitation>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        Task.FromResult(new PageOf<Invitation>([.. Enumerable.Reverse(FindAll(one => one.OrganizationId == organization))], null));

    public Task<IReadOnlyList<Invitation>> PendingAsync(
        OrganizationId organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<Invitation>>(
            FindAll(one => one.OrganizationId == organization && one.State(now) == InvitationState.Pending)
        );

    public Task<IReadOnlyList<Invitation>> MadeWithAsync(
        IReadOnlyCollection<ApiKeyId> keys,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<Invitation>>(
            FindAll(one => one.MadeWith is { } key && keys.Contains(key) && one.State(now) == InvitationState.Pending)
        );

    public Task<int> CountSentAsync(OrganizationId organization, DateTimeOffset since, CancellationToken cancellationToken) =>
        Task.FromResult(FindAll(one => one.OrganizationId == organization && one.SentAt >= since).Sum(one => one.SentInDay));

    public Task<int> CountSentByAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken) =>
        Task.FromResult(FindAll(one => one.InvitedById == account && one.SentAt >= since).Sum(one => one.SentInDay));

    public Task<int> CountSentToAsync(EmailAddress email, DateTimeOffset since, CancellationToken cancellationToken) =>
        Task.FromResult(FindAll(one => one.EmailKey == Invitation.KeyOf(email) && one.SentAt >= since).Sum(one => one.SentInDay));
}
