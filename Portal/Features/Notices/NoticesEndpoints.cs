using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Notices;
using Portal.Features.Api;

namespace Portal.Features.Notices;

/// <summary>The caller's notifications: an account's key sees what the account sees.</summary>
public static class NoticesEndpoints
{
    public static IEndpointRouteBuilder MapNotices(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/notifications").WithTags("Notifications");
        group
            .MapGet("", ListAsync)
            .WithName("ListNotifications")
            .WithSummary("List your notifications, newest first, from all organizations that you belong to");
        group.MapPost("/read", ReadAllAsync).WithName("MarkNotificationsRead").WithSummary("Mark all your notifications as read");
        group.MapPost("/{id:guid}/read", ReadAsync).WithName("MarkNotificationRead").WithSummary("Mark a notification as read");
        var settings = api.MapGroup("/api/v1/account/notifications").WithTags("Account");
        settings
            .MapGet("", GetSettingsAsync)
            .WithName("GetNotificationSettings")
            .WithSummary("Get which kinds of notifications you also get by email");
        settings
            .MapPut("", SetSettingsAsync)
            .WithName("SetNotificationSettings")
            .WithSummary("Set which kinds of notifications you also get by email");
        var members = api.MapGroup("/api/v1/organizations/{org}/notification-settings").WithTags("Members");
        members
            .MapGet("", ListMembersAsync)
            .WithName("ListMemberNotifications")
            .WithSummary("List which emails the organization sends to which member; without the right to manage members only your own");
        members
            .MapPut("/{id}", SetMemberAsync)
            .WithName("SetMemberNotifications")
            .WithSummary("Set which kinds of emails a member gets from the organization; use 'me' for yourself");
        return api;
    }

    /// <param name="Part">What of this kind concerns the member's role: everything, what they created, or nothing.</param>
    /// <param name="On">The organization sends them.</param>
    /// <param name="Wanted">The member's own account takes them. An email is sent where both are true.</param>
    public sealed record MemberNoticeBody(
        [OneOf<EmailedKindWords>] string Kind,
        [OneOf("all", "own", "none")] string Part,
        bool On,
        bool Wanted
    );

    /// <param name="Confirmed">Nothing is sent to an address that isn't confirmed.</param>
    public sealed record MemberNoticesBody(string Id, string Email, bool Confirmed, IReadOnlyList<MemberNoticeBody> Kinds);

    private static Task<ListAnswer<PageOf<MemberNoticesBody>>> ListMembersAsync(
        string org,
        ApiContext context,
        ListMemberNotices list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static async Task<Answer<MemberNoticesBody>> SetMemberAsync(
        string org,
        string id,
        SetNotificationSettingsBody body,
        ApiContext context,
        SetMemberNotices set,
        CancellationToken cancellationToken
    ) =>
        // What is no UUID names nobody; the use case says so, after it asked who is asking.
        (
            await set.RunAsync(
                context.Actor,
                org,
                id == "me" && context.Actor.AccountId is { } own ? own : new(Guid.TryParse(id, out var account) ? account : Guid.Empty),
                body.ByEmail,
                cancellationToken
            )
        ).ToOk(Body);

    private static MemberNoticesBody Body(MemberNotices member) =>
        new(
            $"{member.Membership.AccountId}",
            member.Email,
            member.IsConfirmed,
            [
                .. member.Kinds.Select(kind => new MemberNoticeBody(
                    NoticeWords.Code(kind.Kind),
                    kind.Part.ToString().ToLowerInvariant(),
                    kind.IsOn,
                    kind.IsWanted
                )),
            ]
        );

    /// <param name="Organization">Null where it concerns your account, or several organizations.</param>
    /// <param name="Page">The page of the portal to look at.</param>
    public sealed record NotificationBody(
        Guid Id,
        [OneOf<NoticeKindWords>] string Kind,
        string Title,
        string Detail,
        string? Organization,
        string Page,
        DateTimeOffset CreatedAt,
        bool Read
    );

    /// <param name="ByEmail">Kinds that also come by email. Emails about limits on an organization are always sent.</param>
    public sealed record NotificationSettingsBody([OneOf<EmailedKindWords>] IReadOnlyList<string> ByEmail);

    /// <param name="ByEmail">Kinds that should also come by email; an empty list for none.</param>
    public sealed record SetNotificationSettingsBody([Needed] [OneOf<EmailedKindWords>] IReadOnlyList<string>? ByEmail);

    private static Task<ListAnswer<PageOf<NotificationBody>>> ListAsync(
        [OneOf<NoticeKindWords>] string? kind,
        bool? unread,
        ApiContext context,
        ListNotices list,
        IPublicAddress address,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, kind, unread == true, page, cancellationToken),
            seen => new NotificationBody(
                seen.Notice.Id.Value,
                NoticeWords.Code(seen.Notice.Kind),
                seen.Notice.Title,
                seen.Notice.Detail,
                seen.Organization?.Slug,
                new Uri(address.Url, $"/{seen.Notice.Path}").ToString(),
                seen.Notice.At,
                seen.IsRead
            )
        );

    private static async Task<EmptyAnswer> ReadAllAsync(ApiContext context, MarkNoticesRead mark, CancellationToken cancellationToken) =>
        await context.DoneAsync(() => mark.RunAsync(context.Actor, null, cancellationToken));

    private static async Task<EmptyAnswer> ReadAsync(
        Guid id,
        ApiContext context,
        MarkNoticesRead mark,
        CancellationToken cancellationToken
    ) => await context.DoneAsync(() => mark.RunAsync(context.Actor, new NoticeId(id), cancellationToken));

    private static async Task<Answer<NotificationSettingsBody>> GetSettingsAsync(
        ApiContext context,
        GetNoticeSettings get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, cancellationToken)).ToOk(Body);

    private static async Task<Answer<NotificationSettingsBody>> SetSettingsAsync(
        SetNotificationSettingsBody body,
        ApiContext context,
        SetNoticeSettings set,
        CancellationToken cancellationToken
    ) => (await set.RunAsync(context.Actor, body.ByEmail, cancellationToken)).ToOk(Body);

    private static NotificationSettingsBody Body(NoticeSettings settings) =>
        new([.. NoticeSettings.WithEmail.Where(settings.ByEmail).Select(NoticeWords.Code)]);
}

internal sealed class NoticeKindWords : IWords
{
    public static string[] All => [.. Enum.GetValues<NoticeKind>().Select(NoticeWords.Code)];
}

internal sealed class EmailedKindWords : IWords
{
    public static string[] All => [.. NoticeSettings.WithEmail.Select(NoticeWords.Code)];
}
