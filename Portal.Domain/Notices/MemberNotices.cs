using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Notices;

/// <summary>One kind of emails that a member doesn't get from an organization. It goes with the membership.</summary>
public sealed class NoticeMute
{
    private NoticeMute() { }

    public NoticeMute(OrganizationId organization, AccountId account, NoticeKind kind) =>
        (OrganizationId, AccountId, Kind) = (organization, account, kind);

    public OrganizationId OrganizationId { get; private set; }
    public AccountId AccountId { get; private set; }
    public NoticeKind Kind { get; private set; }
}

/// <summary>Which of an organization's emails of a kind concern a member, by their role.</summary>
public enum NoticePart
{
    /// <summary>None: the role doesn't see what they are about.</summary>
    None,

    /// <summary>Those about what the member created.</summary>
    Own,

    All,
}

/// <summary>Emails of one kind to one member.</summary>
/// <param name="IsOn">The organization sends them.</param>
/// <param name="IsWanted">The member's own account takes them, from whatever organization.</param>
public sealed record MemberNotice(NoticeKind Kind, NoticePart Part, bool IsOn, bool IsWanted);

/// <param name="IsConfirmed">Nothing is sent to an address that isn't.</param>
public sealed record MemberNotices(Membership Membership, string Email, bool IsConfirmed, IReadOnlyList<MemberNotice> Kinds)
{
    internal static MemberNotices Of(Membership membership, Account? account, NoticeSettings? own, IReadOnlyCollection<NoticeKind> muted) =>
        new(
            membership,
            account?.Email ?? "unknown",
            account?.EmailVerified == true,
            [
                .. NoticeSettings.WithEmail.Select(kind => new MemberNotice(
                    kind,
                    PartOf(membership.Role, kind),
                    !muted.Contains(kind),
                    own?.ByEmail(kind) ?? true
                )),
            ]
        );

    private static NoticePart PartOf(Role role, NoticeKind kind) =>
        kind switch
        {
            NoticeKind.KeyEnding => role.Allows(Permission.ManageOrganization) ? NoticePart.All
            : role.Allows(Permission.ManageKeys) ? NoticePart.Own
            : NoticePart.None,
            _ => role.Allows(Permission.ViewBilling) ? NoticePart.All : NoticePart.None,
        };
}

/// <summary>Which emails an organization sends to whom. Who doesn't manage members sees their own row.</summary>
public sealed class ListMemberNotices(AccessGuard guard, IPortalDatabase database, IAccountDirectory accounts)
{
    public async Task<Outcome<PageOf<MemberNotices>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewOrganization, "member.notifications.list", organization),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var id = access.Organization.Id;
        var (members, wishes, muted) = await database.ReadAsync(
            async session =>
            {
                var found =
                    access.Allows(Permission.ManageMembers) ? await session.Organizations.ListMembersAsync(id, page, cancellationToken)
                    : actor.AccountId is { } own
                    && await session.Organizations.FindMembershipAsync(id, own, cancellationToken) is { } membership
                        ? new([membership], null)
                    : new PageOf<Membership>([], null);
                return (
                    found,
                    await session.Notices.SettingsAsync([.. found.Items.Select(member => member.AccountId)], cancellationToken),
                    await session.Notices.MutesAsync(id, cancellationToken)
                );
            },
            cancellationToken
        );
        var people = await accounts.FindManyAsync([.. members.Items.Select(member => member.AccountId)], cancellationToken);
        return members.Map(member =>
            MemberNotices.Of(
                member,
                people.GetValueOrDefault(member.AccountId),
                wishes.GetValueOrDefault(member.AccountId),
                [.. muted.Where(mute => mute.AccountId == member.AccountId).Select(mute => mute.Kind)]
            )
        );
    }
}

/// <summary>
/// Sets which kinds of emails a member gets from the organization: members do it for themselves, who manages members for
/// all. Emails about limits and security are always sent.
/// </summary>
public sealed class SetMemberNotices(AccessGuard guard, IPortalDatabase database, IAccountDirectory accounts)
{
    private static readonly Problem.NotFound NoMember = new("member-not-found", "This person is not a member of the organization.");

    /// <param name="byEmail">The kinds as <see cref="NoticeWords.Code"/> writes them; empty for none.</param>
    public async Task<Outcome<MemberNotices>> RunAsync(
        Actor actor,
        string organization,
        AccountId member,
        IReadOnlyCollection<string>? byEmail,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            member == actor.AccountId ? Permission.ViewOrganization : Permission.ManageMembers,
            "member.notifications",
            $"{member}",
            new Dictionary<string, string>
            {
                ["byEmail"] = string.Join(
                    ", ",
                    NoticeSettings.WithEmail.Select(NoticeWords.Code).Where(kind => byEmail?.Contains(kind) == true)
                ),
            }
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!SetNoticeSettings.Kinds(byEmail).TryGet(out var kinds, out problem))
            return problem;
        var account = await accounts.FindAsync(member, cancellationToken);
        return await database.WriteAsync<MemberNotices>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Organizations.FindMembershipAsync(access.Organization.Id, member, cancellationToken) is not { } found)
                    return NoMember;
                var muted = (await session.Notices.MutesAsync(access.Organization.Id, cancellationToken))
                    .Where(mute => mute.AccountId == member)
                    .ToList();
                foreach (var mute in muted.Where(mute => kinds.Contains(mute.Kind)))
                    session.Notices.Remove(mute);
                IReadOnlyList<NoticeKind> off = [.. NoticeSettings.WithEmail.Except(kinds)];
                foreach (var kind in off)
                    if (!muted.Exists(mute => mute.Kind == kind))
                        session.Notices.Add(new NoticeMute(access.Organization.Id, member, kind));
                return MemberNotices.Of(found, account, await session.Notices.SettingsAsync(member, cancellationToken), off);
            },
            cancellationToken
        );
    }
}
