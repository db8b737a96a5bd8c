using Portal.Domain.Billing;
using Portal.Domain.Organizations;
using Portal.Features.Api;

namespace Portal.Features.Organizations;

public static class OrganizationsEndpoints
{
    public static IEndpointRouteBuilder MapOrganizations(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1").WithTags("Organisations");
        group.MapGet("/organizations", ListAsync).WithName("ListOrganizations").WithSummary("The organisations that the caller is a member of");
        group.MapPost("/organizations", CreateAsync).WithName("CreateOrganization").WithSummary("Makes an organisation owned by the caller");
        group.MapGet("/organizations/{org}", GetAsync).WithName("GetOrganization").WithSummary("One organisation");
        group.MapPatch("/organizations/{org}", RenameAsync).WithName("RenameOrganization").WithSummary("Renames an organisation; its slug stays");
        group.MapPost("/organizations/{org}/close", CloseAsync).WithName("CloseOrganization").WithSummary("Closes an organisation that is empty and owes nothing, for good (owner)");
        group.MapPost("/operator/organizations/{org}/suspend", SuspendAsync).WithName("SuspendOrganization").WithSummary("Stops an organisation and its keys; nothing is charged meanwhile (operator)").WithTags("Operator");
        group.MapPost("/operator/organizations/{org}/resume", ResumeAsync).WithName("ResumeOrganization").WithSummary("Ends a suspension (operator)").WithTags("Operator");
        group.MapGet("/operator/organizations", ListAllAsync).WithName("ListAllOrganizations").WithSummary("Every organisation of the platform (operator)").WithTags("Operator");
        return api;
    }

    /// <param name="Plan"><c>free</c> unless given; <c>payg</c> begins when a card is there.</param>
    public sealed record CreateBody(string? Name, string? Slug, string? Plan);

    public sealed record RenameBody(string? Name);

    /// <param name="Confirm">The organisation's address name once more.</param>
    public sealed record CloseBody(string? Confirm);

    /// <param name="Reason">The customer reads it.</param>
    public sealed record SuspendBody(string? Reason);

    /// <param name="State"><c>active</c>, <c>awaiting-card</c>, <c>suspended</c>, <c>closed</c>.</param>
    /// <param name="AwaitingCardFor">The plan that begins when Checkout is done.</param>
    public sealed record OrganizationBody(string Name, string Slug, string Plan, string PayBy, string State, string? AwaitingCardFor, string? Role, DateTimeOffset CreatedAt, string? SuspendedFor);

    private static Task<IResult> ListAsync(ApiContext context, ListOrganizations list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), access => Body(access.Organization, access.Role?.ToString()));

    private static async Task<IResult> CreateAsync(CreateBody body, ApiContext context, CreateOrganization create, CancellationToken cancellationToken) =>
        (await create.RunAsync(context.Actor, body.Name, body.Slug, body.Plan, cancellationToken))
            .ToCreated(made => $"/api/v1/organizations/{made.Slug}", made => Body(made, "Owner"));

    private static async Task<IResult> GetAsync(string org, ApiContext context, GetOrganization get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, cancellationToken)).ToOk(access => Body(access.Organization, access.Role?.ToString()));

    private static async Task<IResult> RenameAsync(string org, RenameBody body, ApiContext context, RenameOrganization rename, CancellationToken cancellationToken) =>
        (await rename.RunAsync(context.Actor, org, body.Name, cancellationToken)).ToOk(organization => Body(organization, null));

    private static async Task<IResult> CloseAsync(string org, CloseBody body, ApiContext context, CloseOrganization close, CancellationToken cancellationToken) =>
        (await close.RunAsync(context.Actor, org, body.Confirm, cancellationToken)).ToNoContent();

    private static async Task<IResult> SuspendAsync(string org, SuspendBody body, ApiContext context, SuspendOrganization suspend, CancellationToken cancellationToken) =>
        (await suspend.RunAsync(context.Actor, org, body.Reason, cancellationToken)).ToOk(organization => Body(organization, null));

    private static async Task<IResult> ResumeAsync(string org, ApiContext context, ResumeOrganization resume, CancellationToken cancellationToken) =>
        (await resume.RunAsync(context.Actor, org, cancellationToken)).ToOk(organization => Body(organization, null));

    private static Task<IResult> ListAllAsync(ApiContext context, ListAllOrganizations list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), organization => Body(organization, null));

    internal static OrganizationBody Body(Organization organization, string? role) => new(
        organization.Name, organization.Slug, Plan.Text(organization.Plan), organization.PayBy == PayBy.Card ? "card" : "invoice",
        organization.State switch
        {
            OrganizationState.Active => organization.AwaitingCardFor is null ? "active" : "awaiting-card",
            OrganizationState.Suspended => "suspended",
            OrganizationState.Closed => "closed",
        },
        organization.AwaitingCardFor is { } awaited ? Plan.Text(awaited) : null, role?.ToLowerInvariant(), organization.CreatedAt, organization.SuspendedFor);
}
