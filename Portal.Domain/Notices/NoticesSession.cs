using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Notices;

/// <summary>This feature's part of a session.</summary>
public static class NoticesSession
{
    extension(IPortalSession session)
    {
        public INoticeStore Notices => session.Store<INoticeStore>();
    }

    /// <summary>In the transaction of what it tells of, so that the one is never there without the other.</summary>
    internal static void Tell(
        this IPortalSession session,
        TimeProvider clock,
        NoticeKind kind,
        NoticeAudience audience,
        string title,
        string? detail,
        string path
    ) => session.Notices.Add(new Notice(new(clock.NewUuid()), kind, audience, title, detail, path, clock.Now()));

    /// <summary>The organizations that the actor's sign-in reaches, with what it may see in each.</summary>
    internal static async Task<NoticeReach> ReachAsync(
        this IPortalSession session,
        Actor actor,
        AccountId account,
        CancellationToken cancellationToken
    )
    {
        var organizations = Seen.ToDictionary(permission => permission, _ => new List<OrganizationId>());
        if (actor.ViewAs is null)
        {
            await foreach (
                var (organization, membership) in PageWalk.AllAsync(
                    page => session.Organizations.ListOfAccountAsync(account, page, cancellationToken),
                    cancellationToken
                )
            )
            {
                if (actor.Only is { } only && only != organization.Id || organization.State == OrganizationState.Closed)
                    continue;
                var access = new OrganizationAccess(organization, membership.Role, membership.Scope, actor.Bounds);
                // Whether it lies within the role's scope is asked of each notification.
                foreach (var permission in Seen)
                    if (access.Allows(permission, Scope.Anywhere) && Standing.Refuse(actor, access, Look) is null)
                        organizations[permission].Add(organization.Id);
            }
        }
        return new(account, organizations.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<OrganizationId>)pair.Value));
    }

    private static readonly Operation Look = new(Permission.ViewOrganization, "notice.list", "", Within: Scope.Anywhere);

    /// <summary>What notifications may need; <see cref="NoticeAudience.Needs"/> is one of these.</summary>
    public static IReadOnlyList<Permission> Seen { get; } =
    [Permission.ViewOrganization, Permission.ViewResources, Permission.ManageKeys, Permission.ViewBilling, Permission.ManageOrganization];
}
