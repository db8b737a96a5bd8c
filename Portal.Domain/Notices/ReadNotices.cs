using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Notices;

/// <summary>The account's notifications, newest first.</summary>
public sealed class ListNotices(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="kind">As <see cref="NoticeWords.Code"/> writes it; null or empty for all.</param>
    public async Task<Outcome<PageOf<SeenNotice>>> RunAsync(
        Actor actor,
        string? kind,
        bool unread,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var checkedFor = await guard.CheckAccountAsync(
            actor,
            new Operation(Permission.HaveAccount, "notice.list", actor.Name),
            cancellationToken
        );
        if (!checkedFor.TryGet(out var account, out var problem))
            return problem;
        var only = NoticeWords.Parse(kind);
        if (!string.IsNullOrEmpty(kind) && only is null)
            return new Problem.Invalid(
                "notification-kind-unknown",
                "There is no such kind of notification. Use one of "
                    + $"{string.Join(", ", Enum.GetValues<NoticeKind>().Select(NoticeWords.Code))}.",
                "kind"
            );
        return await database.ReadAsync(
            async session =>
                await session.Notices.ListAsync(
                    await session.ReachAsync(actor, account, cancellationToken),
                    only,
                    unread,
                    page,
                    cancellationToken
                ),
            cancellationToken
        );
    }
}

/// <summary>How many notifications the account has not read, for the bell.</summary>
public sealed class CountUnreadNotices(AccessGuard guard, IPortalDatabase database)
{
    /// <summary>It is counted no further: a bell has no room for more.</summary>
    public const int Most = 100;

    public async Task<Outcome<int>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var checkedFor = await guard.CheckAccountAsync(
            actor,
            new Operation(Permission.HaveAccount, "notice.count", actor.Name),
            cancellationToken
        );
        if (!checkedFor.TryGet(out var account, out var problem))
            return problem;
        return await database.ReadAsync(
            async session =>
                await session.Notices.CountUnreadAsync(
                    await session.ReachAsync(actor, account, cancellationToken),
                    Most,
                    cancellationToken
                ),
            cancellationToken
        );
    }
}

/// <summary>Marks one notification of the account as read, or all of them.</summary>
public sealed class MarkNoticesRead(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    private static readonly Problem.NotFound NoNotice = new(
        "notification-not-found",
        "We couldn't find this notification. It may have been removed because of its age, or you no longer have access to what "
            + "it was about."
    );

    /// <param name="id">Null for all.</param>
    public async Task<Outcome<Done>> RunAsync(Actor actor, NoticeId? id, CancellationToken cancellationToken)
    {
        var checkedFor = await guard.CheckAccountAsync(
            actor,
            new Operation(Permission.HaveAccount, "notice.read", actor.Name),
            cancellationToken
        );
        if (!checkedFor.TryGet(out var account, out var problem))
            return problem;
        // What somebody has looked at is nothing that an audit log is for.
        return await database.UpdateAsync<Outcome<Done>>(
            null,
            async session =>
            {
                if (id is not { } one)
                {
                    var settings = await session.Notices.SettingsAsync(account, cancellationToken);
                    if (settings is null)
                        session.Notices.Add(settings = new NoticeSettings(account));
                    settings.ReadAll(clock.Now());
                    await session.Notices.ForgetReadsAsync(account, cancellationToken);
                    return Outcome.Done;
                }
                var reach = await session.ReachAsync(actor, account, cancellationToken);
                if (await session.Notices.FindAsync(reach, one, cancellationToken) is null)
                    return NoNotice;
                if (await session.Notices.FindReadAsync(account, one, cancellationToken) is null)
                    session.Notices.Add(new NoticeRead(account, one));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>Of which kinds the account gets emails.</summary>
public sealed class GetNoticeSettings(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<NoticeSettings>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var checkedFor = await guard.CheckAccountAsync(
            actor,
            new Operation(Permission.ManageAccount, "notice.settings", actor.Name),
            cancellationToken
        );
        if (!checkedFor.TryGet(out var account, out var problem))
            return problem;
        return await database.ReadAsync(async session => await session.Notices.SettingsAsync(account, cancellationToken), cancellationToken)
            ?? new NoticeSettings(account);
    }
}

/// <summary>Sets of which kinds the account gets emails.</summary>
public sealed class SetNoticeSettings(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="byEmail">The kinds as <see cref="NoticeWords.Code"/> writes them; empty for none.</param>
    public async Task<Outcome<NoticeSettings>> RunAsync(
        Actor actor,
        IReadOnlyCollection<string>? byEmail,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageAccount,
            "account.notifications",
            actor.Name,
            new Dictionary<string, string>
            {
                ["byEmail"] = string.Join(
                    ", ",
                    NoticeSettings.WithEmail.Select(NoticeWords.Code).Where(kind => byEmail?.Contains(kind) == true)
                ),
            }
        );
        var checkedFor = await guard.CheckAccountAsync(actor, operation, cancellationToken);
        if (!checkedFor.TryGet(out var account, out var problem))
            return problem;
        if (!Kinds(byEmail).TryGet(out var kinds, out problem))
            return problem;
        return await database.WriteAccountAsync<NoticeSettings>(
            actor,
            operation,
            async session =>
            {
                var settings = await session.Notices.SettingsAsync(account, cancellationToken);
                if (settings is null)
                    session.Notices.Add(settings = new NoticeSettings(account));
                settings.Email(kinds);
                return settings;
            },
            cancellationToken
        );
    }

    internal static Outcome<IReadOnlyList<NoticeKind>> Kinds(IReadOnlyCollection<string>? byEmail)
    {
        if (byEmail is null)
            return new Problem.Invalid(
                "by-email-missing",
                "Include byEmail: the kinds that should come by email, or an empty list.",
                "byEmail"
            );
        var kinds = byEmail.Select(NoticeWords.Parse).Distinct().ToList();
        return kinds.Any(kind => kind is not { } one || !NoticeSettings.WithEmail.Contains(one))
            ? new Problem.Invalid(
                "kind-without-email",
                $"Portal sends no emails of this kind. Choose from {string.Join(", ", NoticeSettings.WithEmail.Select(NoticeWords.Code))}.",
                "byEmail"
            )
            : Outcome.Of<IReadOnlyList<NoticeKind>>([.. kinds.OfType<NoticeKind>()]);
    }
}

/// <summary>Listens to what may change an account's notifications.</summary>
public sealed class WatchNotices(AccessGuard guard, IPortalDatabase database, IChanges changes)
{
    /// <summary>Of the account's organizations so many are listened to; the others are read when something else happens.</summary>
    private const int MostOrganizations = 200;

    public async Task<Outcome<IChangeListener>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var checkedFor = await guard.CheckAccountAsync(
            actor,
            new Operation(Permission.HaveAccount, "notice.watch", actor.Name),
            cancellationToken
        );
        if (!checkedFor.TryGet(out var account, out var problem))
            return problem;
        var reach = await database.ReadAsync(session => session.ReachAsync(actor, account, cancellationToken), cancellationToken);
        return Outcome.Of(
            changes.Listen([
                Change.Notices,
                Change.NoticesOf(account),
                .. reach.Organizations[Permission.ViewOrganization].Take(MostOrganizations).Select(Change.NoticesOf),
            ])
        );
    }
}
