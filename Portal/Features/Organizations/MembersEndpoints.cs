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
        group.MapGet("/members", ListAsync).WithName("ListMembers").WithSummary("Members with role and scope, of longest standing first");
        group.MapPut("/members/{id}", ChangeAsync).WithName("ChangeMember").WithSummary("Gives a member another role");
        group.MapDelete("/members/{id}", RemoveAsync).WithName("RemoveMember").WithSummary("Removes a member, or with 'me' the caller leaves");
        group.MapPost("/ownership", TransferAsync).WithName("TransferOwnership").WithSummary("Makes another member the owner in the caller's place, who becomes an admin");
        group.MapGet("/invitations", ListInvitationsAsync).WithName("ListInvitations").WithSummary("Invitations, newest first");
        group.MapPost("/invitations", InviteAsync).WithName("InviteMember").WithSummary("Invites an e-mail address");
        group.MapPost("/invitations/{id}/resend", ResendAsync).WithName("ResendInvitation").WithSummary("Sends the mail again with a new link; the old one is void");
        group.MapDelete("/invitations/{id}", RevokeAsync).WithName("RevokeInvitation").WithSummary("Takes an invitation back");
        api.MapPost("/api/v1/invitations/{token}/accept", AcceptAsync).WithTags("Members").WithName("AcceptInvitation").WithSummary("Makes the caller's account a member; the token is the last part of the mail's link");
        return api;
    }

    /// <param name="Role"><c>owner</c>, <c>admin</c>, <c>billing</c>, <c>developer</c> or <c>viewer</c>.</param>
    /// <param name="Tenant">Keeps a developer or viewer to one tenant.</param>
    public sealed record RoleBody(string? Role, string? Tenant, string? Namespace);

    /// <param name="Member">The id of the member who becomes the owner.</param>
    public sealed record OwnershipBody(string? Member);

    public sealed record InviteBody(string? Email, string? Role, string? Tenant, string? Namespace);

    public sealed record MemberBody(string Id, string Email, string Role, string? Tenant, string? Namespace, DateTimeOffset Since);

    /// <param name="State"><c>pending</c>, <c>accepted</c>, <c>expired</c> or <c>revoked</c>.</param>
    public sealed record InvitationBody(
        string Id, string Email, string Role, string? Tenant, string? Namespace, string State, string InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset SentAt, DateTimeOffset ExpiresAt);

    private static Task<IResult> ListAsync(string org, ApiContext context, ListMembers list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static async Task<IResult> ChangeAsync(string org, string id, RoleBody body, ApiContext context, ChangeMember change, CancellationToken cancellationToken) =>
        (await change.RunAsync(context.Actor, org, Account(id, context.Actor), body.Role, body.Tenant, body.Namespace, cancellationToken)).ToOk(Body);

    private static async Task<IResult> RemoveAsync(string org, string id, ApiContext context, RemoveMember remove, CancellationToken cancellationToken) =>
        (await remove.RunAsync(context.Actor, org, Account(id, context.Actor), cancellationToken)).ToNoContent();

    private static async Task<IResult> TransferAsync(string org, OwnershipBody body, ApiContext context, TransferOwnership transfer, CancellationToken cancellationToken) =>
        (await transfer.RunAsync(context.Actor, org, Account(body.Member, context.Actor), cancellationToken)).ToNoContent();

    private static Task<IResult> ListInvitationsAsync(string org, ApiContext context, ListInvitations list, TimeProvider clock, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), invitation => Body(invitation, clock.Now()));

    private static async Task<IResult> InviteAsync(string org, InviteBody body, ApiContext context, InviteMember invite, TimeProvider clock, CancellationToken cancellationToken) =>
        (await invite.RunAsync(context.Actor, org, body.Email, body.Role, body.Tenant, body.Namespace, cancellationToken))
            .ToCreated(_ => $"/api/v1/organizations/{org}/invitations", invitation => Body(invitation, clock.Now()));

    private static async Task<IResult> ResendAsync(string org, string id, ApiContext context, ResendInvitation resend, TimeProvider clock, CancellationToken cancellationToken) =>
        (await resend.RunAsync(context.Actor, org, Invitation(id), cancellationToken)).ToOk(invitation => Body(invitation, clock.Now()));

    private static async Task<IResult> RevokeAsync(string org, string id, ApiContext context, RevokeInvitation revoke, CancellationToken cancellationToken) =>
        (await revoke.RunAsync(context.Actor, org, Invitation(id), cancellationToken)).ToNoContent();

    private static async Task<IResult> AcceptAsync(string token, ApiContext context, AcceptInvitation accept, CancellationToken cancellationToken) =>
        (await accept.RunAsync(context.Actor, token, cancellationToken)).ToOk(access => OrganizationsEndpoints.Body(access.Organization, access.Role?.ToString()));

    // What is no UUID names nobody; the use case says so, after it asked who is asking.
    private static AccountId Account(string? text, Actor actor) =>
        text == "me" && actor.AccountId is { } own ? own : new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static InvitationId Invitation(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static MemberBody Body(Member member) => new(
        $"{member.Membership.AccountId}", member.Email, member.Membership.Role.ToString().ToLowerInvariant(), member.Membership.Tenant, member.Membership.Namespace, member.Membership.Since);

    private static InvitationBody Body(Invitation invitation, DateTimeOffset now) => new(
        $"{invitation.Id}", invitation.Email, invitation.Role.ToString().ToLowerInvariant(), invitation.Tenant, invitation.Namespace,
        invitation.State(now).ToString().ToLowerInvariant(), invitation.InvitedBy, invitation.CreatedAt, invitation.SentAt, invitation.ExpiresAt);
}
