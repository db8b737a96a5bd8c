using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Features.Api;

namespace Portal.Features.Organizations;

public static class MembersEndpoints
{
    public static IEndpointRouteBuilder MapMembers(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}").WithTags("Members");
        group.MapGet("/members", ListAsync).WithName("ListMembers").WithSummary("List members, longest-standing first");
        group
            .MapPut("/members/{id}", ChangeAsync)
            .WithName("ChangeMember")
            .WithSummary("Change a member's role and revoke what they created beyond it; keys to topics stay with keepKeys");
        group
            .MapGet("/members/{id}/credentials", ListGivenAsync)
            .WithName("ListMemberCredentials")
            .WithSummary("List what ends when a member is removed, or gets the role in the query");
        group
            .MapDelete("/members/{id}", RemoveAsync)
            .WithName("RemoveMember")
            .WithSummary("Remove a member and revoke the keys they created, unless keepKeys; use 'me' to leave");
        group
            .MapPost("/ownership", TransferAsync)
            .WithName("TransferOwnership")
            .WithSummary("Transfer ownership to another member; you become an admin");
        group.MapGet("/invitations", ListInvitationsAsync).WithName("ListInvitations").WithSummary("List invitations, newest first");
        group.MapPost("/invitations", InviteAsync).WithName("InviteMember").WithSummary("Invite someone by email");
        group
            .MapPost("/invitations/{id}/resend", ResendAsync)
            .WithName("ResendInvitation")
            .WithSummary("Resend an invitation with a new link; the old link stops working");
        group.MapDelete("/invitations/{id}", RevokeAsync).WithName("RevokeInvitation").WithSummary("Revoke an invitation");
        api.MapPost("/api/v1/invitations/{token}/accept", AcceptAsync)
            .WithTags("Members")
            .WithName("AcceptInvitation")
            .WithSummary("Accept an invitation with your account");
        return api;
    }

    /// <param name="Tenant">Limits a developer or viewer to one tenant.</param>
    /// <param name="KeepKeys">Keys to topics that they created keep working although the new role couldn't create them.</param>
    public sealed record ChangeMemberBody([Needed, OneOf<RoleNames>] string? Role, string? Tenant, string? Namespace, bool? KeepKeys);

    /// <param name="Place">The namespace of a key, or the role of an API key or invitation; after the organization and a colon where
    /// several are listed.</param>
    public sealed record GivenBody(
        [OneOf("key", "apiKey", "applicationSecret", "invitation")] string Kind,
        string Id,
        string Name,
        string? Place
    );

    /// <param name="Member">The id of the member who becomes the owner.</param>
    public sealed record TransferOwnershipBody([Needed] string? Member);

    public sealed record InviteMemberBody(
        [Needed] string? Email,
        [Needed, OneOf<RoleNames>] string? Role,
        string? Tenant,
        string? Namespace
    );

    public sealed record MemberBody(
        string Id,
        string Email,
        [OneOf<RoleNames>] string Role,
        string? Tenant,
        string? Namespace,
        DateTimeOffset Since
    );

    public sealed record InvitationBody(
        string Id,
        string Email,
        [OneOf<RoleNames>] string Role,
        string? Tenant,
        string? Namespace,
        [OneOf<InvitationWords>] string State,
        string InvitedBy,
        DateTimeOffset CreatedAt,
        DateTimeOffset SentAt,
        DateTimeOffset ExpiresAt
    );

    private static Task<ListAnswer<PageOf<MemberBody>>> ListAsync(
        string org,
        ApiContext context,
        ListMembers list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static async Task<Answer<MemberBody>> ChangeAsync(
        string org,
        string id,
        ChangeMemberBody body,
        ApiContext context,
        ChangeMember change,
        CancellationToken cancellationToken
    ) =>
        (
            await change.RunAsync(
                context.Actor,
                org,
                Account(id, context.Actor),
                body.Role,
                body.Tenant,
                body.Namespace,
                body.KeepKeys == true,
                cancellationToken
            )
        ).ToOk(Body);

    private static Task<ListAnswer<PageOf<GivenBody>>> ListGivenAsync(
        string org,
        string id,
        string? role,
        string? tenant,
        string? @namespace,
        ApiContext context,
        ListGivenByMember list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, Account(id, context.Actor), role, tenant, @namespace, page, cancellationToken),
            Body
        );

    internal static GivenBody Body(Given given) => new(Words(given.Kind), $"{given.Id}", given.Name, given.Place);

    private static string Words(GivenKind kind) => $"{kind}" is var name ? char.ToLowerInvariant(name[0]) + name[1..] : "";

    private static async Task<EmptyAnswer> RemoveAsync(
        string org,
        string id,
        bool? keepKeys,
        ApiContext context,
        RemoveMember remove,
        CancellationToken cancellationToken
    ) => (await remove.RunAsync(context.Actor, org, Account(id, context.Actor), keepKeys == true, cancellationToken)).ToNoContent();

    private static async Task<EmptyAnswer> TransferAsync(
        string org,
        TransferOwnershipBody body,
        ApiContext context,
        TransferOwnership transfer,
        CancellationToken cancellationToken
    ) => await context.DoneAsync(() => transfer.RunAsync(context.Actor, org, Account(body.Member, context.Actor), cancellationToken));

    private static Task<ListAnswer<PageOf<InvitationBody>>> ListInvitationsAsync(
        string org,
        ApiContext context,
        ListInvitations list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), invitation => Body(invitation, clock.Now()));

    private static async Task<CreatedAnswer<InvitationBody>> InviteAsync(
        string org,
        InviteMemberBody body,
        ApiContext context,
        InviteMember invite,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => invite.RunAsync(context.Actor, org, body.Email, body.Role, body.Tenant, body.Namespace, cancellationToken),
            _ => $"/api/v1/organizations/{org}/invitations",
            invitation => Body(invitation, clock.Now())
        );

    private static async Task<Answer<InvitationBody>> ResendAsync(
        string org,
        string id,
        ApiContext context,
        ResendInvitation resend,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        await context.OkAsync(
            () => resend.RunAsync(context.Actor, org, Invitation(id), cancellationToken),
            invitation => Body(invitation, clock.Now())
        );

    private static async Task<EmptyAnswer> RevokeAsync(
        string org,
        string id,
        ApiContext context,
        RevokeInvitation revoke,
        CancellationToken cancellationToken
    ) => (await revoke.RunAsync(context.Actor, org, Invitation(id), cancellationToken)).ToNoContent();

    private static async Task<Answer<OrganizationsEndpoints.OrganizationBody>> AcceptAsync(
        string token,
        ApiContext context,
        AcceptInvitation accept,
        CancellationToken cancellationToken
    ) =>
        await context.OkAsync(
            () => accept.RunAsync(context.Actor, token, cancellationToken),
            access => OrganizationsEndpoints.Body(access.Organization, access.Role?.ToString())
        );

    // What is no UUID names nobody; the use case says so, after it asked who is asking.
    private static AccountId Account(string? text, Actor actor) =>
        text == "me" && actor.AccountId is { } own ? own : new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static InvitationId Invitation(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static MemberBody Body(Member member) =>
        new(
            $"{member.Membership.AccountId}",
            member.Email,
            member.Membership.Role.ToString().ToLowerInvariant(),
            member.Membership.Tenant,
            member.Membership.Namespace,
            member.Membership.Since
        );

    private static InvitationBody Body(Invitation invitation, DateTimeOffset now) =>
        new(
            $"{invitation.Id}",
            invitation.Email,
            invitation.Role.ToString().ToLowerInvariant(),
            invitation.Tenant,
            invitation.Namespace,
            invitation.State(now).ToString().ToLowerInvariant(),
            invitation.InvitedBy,
            invitation.CreatedAt,
            invitation.SentAt,
            invitation.ExpiresAt
        );
}
