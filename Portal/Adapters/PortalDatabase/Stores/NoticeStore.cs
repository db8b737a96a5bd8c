using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Notices;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class NoticeStore(PortalDbContext context) : INoticeStore
{
    /// <summary>Organizations that have too many are cut so many at a time.</summary>
    private const int CutAtOnce = 50;

    public void Add(Notice notice) => context.Add(notice);

    public void Add(NoticeRead read) => context.Add(read);

    public void Add(NoticeSettings settings) => context.Add(settings);

    public async Task<PageOf<SeenNotice>> ListAsync(
        NoticeReach reach,
        NoticeKind? kind,
        bool unread,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var account = reach.Account;
        var readTo = await ReadToAsync(account, cancellationToken);
        var notices = unread ? Unread(reach, readTo) : Within(reach);
        if (kind is { } only)
            notices = notices.Where(notice => notice.Kind == only);
        var found = await notices.PageAsync(
            page,
            "notices",
            notice => notice.At,
            notice => notice.Id,
            newestFirst: true,
            cancellationToken
        );
        var ids = found.Items.Select(notice => notice.Id).ToList();
        var read = (
            await context
                .NoticeReads.Where(one => one.AccountId == account && ids.Contains(one.NoticeId))
                .Select(one => one.NoticeId)
                .ToListAsync(cancellationToken)
        ).ToHashSet();
        var owners = found.Items.Select(notice => notice.OrganizationId).OfType<OrganizationId>().Distinct().ToList();
        var organizations = await context
            .Organizations.AsNoTracking()
            .Where(one => owners.Contains(one.Id))
            .ToDictionaryAsync(one => one.Id, cancellationToken);
        return found.Map(notice => new SeenNotice(
            notice,
            notice.OrganizationId is { } owner ? organizations.GetValueOrDefault(owner) : null,
            notice.At <= readTo || read.Contains(notice.Id)
        ));
    }

    public async Task<int> CountUnreadAsync(NoticeReach reach, int most, CancellationToken cancellationToken) =>
        await Unread(reach, await ReadToAsync(reach.Account, cancellationToken))
            .OrderBy(notice => notice.Id)
            .Take(most)
            .CountAsync(cancellationToken);

    public Task<Notice?> FindAsync(NoticeReach reach, NoticeId id, CancellationToken cancellationToken) =>
        Within(reach).SingleOrDefaultAsync(notice => notice.Id == id, cancellationToken);

    public Task<NoticeRead?> FindReadAsync(AccountId account, NoticeId id, CancellationToken cancellationToken) =>
        context.NoticeReads.SingleOrDefaultAsync(read => read.AccountId == account && read.NoticeId == id, cancellationToken);

    public Task<NoticeSettings?> SettingsAsync(AccountId account, CancellationToken cancellationToken) =>
        context.NoticeSettings.SingleOrDefaultAsync(settings => settings.AccountId == account, cancellationToken);

    public async Task<IReadOnlyDictionary<AccountId, NoticeSettings>> SettingsAsync(
        IReadOnlyCollection<AccountId> accounts,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<AccountId, NoticeSettings>();
        foreach (var batch in accounts.Chunk(500))
        foreach (
            var settings in await context
                .NoticeSettings.AsNoTracking()
                .Where(one => batch.Contains(one.AccountId))
                .ToListAsync(cancellationToken)
        )
            found[settings.AccountId] = settings;
        return found;
    }

    public async Task<IReadOnlyList<NoticeMute>> MutesAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        await context.NoticeMutes.Where(mute => mute.OrganizationId == organization).ToListAsync(cancellationToken);

    public void Add(NoticeMute mute) => context.Add(mute);

    public void Remove(NoticeMute mute) => context.Remove(mute);

    public Task ForgetReadsAsync(AccountId account, CancellationToken cancellationToken) =>
        context.NoticeReads.Where(read => read.AccountId == account).ExecuteDeleteAsync(cancellationToken);

    public async Task<int> CutAsync(DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        var gone = await context.Notices.Where(notice => notice.At < before).ExecuteDeleteAsync(cancellationToken);
        var full = await context
            .Notices.Where(notice => notice.OrganizationId != null)
            .GroupBy(notice => notice.OrganizationId)
            .Where(notices => notices.Count() > most)
            .OrderBy(notices => notices.Key)
            .Select(notices => notices.Key)
            .Take(CutAtOnce)
            .ToListAsync(cancellationToken);
        foreach (var organization in full)
        {
            var oldest = await context
                .Notices.Where(notice => notice.OrganizationId == organization)
                .OrderByDescending(notice => notice.At)
                .Skip(most - 1)
                .Select(notice => notice.At)
                .FirstAsync(cancellationToken);
            gone += await context
                .Notices.Where(notice => notice.OrganizationId == organization && notice.At < oldest)
                .ExecuteDeleteAsync(cancellationToken);
        }
        return gone;
    }

    private async Task<DateTimeOffset?> ReadToAsync(AccountId account, CancellationToken cancellationToken) =>
        await context
            .NoticeSettings.Where(settings => settings.AccountId == account)
            .Select(settings => settings.ReadTo)
            .SingleOrDefaultAsync(cancellationToken);

    private IQueryable<Notice> Unread(NoticeReach reach, DateTimeOffset? readTo)
    {
        var account = reach.Account;
        var unread = Within(reach)
            .Where(notice => !context.NoticeReads.Any(read => read.AccountId == account && read.NoticeId == notice.Id));
        return readTo is { } mark ? unread.Where(notice => notice.At > mark) : unread;
    }

    /// <summary>Whoever is a member sees what happened since, as far as the role and its scope reach now.</summary>
    private IQueryable<Notice> Within(NoticeReach reach)
    {
        var account = reach.Account;
        var (all, resources, keys) = (
            In(reach, Permission.ViewOrganization),
            In(reach, Permission.ViewResources),
            In(reach, Permission.ManageKeys)
        );
        var (bills, whole) = (In(reach, Permission.ViewBilling), In(reach, Permission.ManageOrganization));
        return context
            .Notices.AsNoTracking()
            .Where(notice =>
                notice.AccountId == account
                || notice.Cluster == NoticeAudience.AllClusters
                || notice.Cluster != null
                    && context.Tenants.Any(tenant =>
                        tenant.Cluster == notice.Cluster && all.Contains(tenant.OrganizationId) && tenant.State != ResourceState.Deleted
                    )
                || notice.OrganizationId != null
                    && context.Memberships.Any(member =>
                        member.OrganizationId == notice.OrganizationId
                        && member.AccountId == account
                        && member.Since <= notice.At
                        && (
                            member.Tenant == null
                            || member.Tenant == notice.Tenant && (member.Namespace == null || member.Namespace == notice.Namespace)
                        )
                    )
                    && (
                        notice.Needs == Permission.ViewOrganization && all.Contains(notice.OrganizationId.Value)
                        || notice.Needs == Permission.ViewResources && resources.Contains(notice.OrganizationId.Value)
                        || notice.Needs == Permission.ManageKeys && keys.Contains(notice.OrganizationId.Value)
                        || notice.Needs == Permission.ViewBilling && bills.Contains(notice.OrganizationId.Value)
                        || notice.Needs == Permission.ManageOrganization && whole.Contains(notice.OrganizationId.Value)
                    )
            );
    }

    private static List<OrganizationId> In(NoticeReach reach, Permission permission) =>
        [.. reach.Organizations.GetValueOrDefault(permission) ?? []];
}
