using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Features.Api;

namespace Portal.Features.Organizations;

public static class OrganizationsEndpoints
{
    public static IEndpointRouteBuilder MapOrganizations(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1").WithTags("Organizations");
        group.MapGet("/organizations", ListAsync).WithName("ListOrganizations").WithSummary("List your organizations").Searchable();
        group
            .MapPost("/organizations", CreateAsync)
            .WithName("CreateOrganization")
            .WithSummary("Create an organization; you become its owner");
        group.MapGet("/organizations/{org}", GetAsync).WithName("GetOrganization").WithSummary("Get an organization");
        group
            .MapPatch("/organizations/{org}", RenameAsync)
            .WithName("RenameOrganization")
            .WithSummary("Rename an organization; its slug stays the same");
        group
            .MapPut("/organizations/{org}/time-zone", SetTimeZoneAsync)
            .WithName("SetOrganizationTimeZone")
            .WithSummary("Set the time zone of emails to members whose own isn't known");
        group
            .MapPost("/organizations/{org}/close", CloseAsync)
            .WithName("CloseOrganization")
            .WithSummary("Close an empty organization that owes nothing, permanently (owner)");
        group
            .MapPost("/operator/organizations/{org}/suspend", SuspendAsync)
            .WithName("SuspendOrganization")
            .WithSummary("Suspend an organization and its keys; nothing is charged meanwhile (operator)")
            .WithTags("Operator");
        group
            .MapPost("/operator/organizations/{org}/resume", ResumeAsync)
            .WithName("ResumeOrganization")
            .WithSummary("Resume a suspended organization (operator)")
            .WithTags("Operator");
        group
            .MapGet("/operator/organizations", ListAllAsync)
            .WithName("ListAllOrganizations")
            .WithSummary("List all organizations (operator)")
            .WithTags("Operator")
            .Searchable();
        return api;
    }

    /// <param name="Plan"><c>free</c> by default; <c>payg</c> starts once a card is added.</param>
    public sealed record CreateOrganizationBody([Needed] string? Name, [Needed] string? Slug, [OneOf<PlanWords>] string? Plan);

    public sealed record RenameOrganizationBody([Needed] string? Name);

    /// <param name="TimeZone">An IANA name, for example <c>Europe/Berlin</c>; null for UTC.</param>
    public sealed record SetOrganizationTimeZoneBody(string? TimeZone);

    /// <param name="Confirm">The organization's slug, to confirm.</param>
    public sealed record CloseOrganizationBody([Needed] string? Confirm);

    /// <param name="Reason">The customer can read it.</param>
    public sealed record SuspendOrganizationBody([Needed] string? Reason);

    /// <param name="AwaitingCardFor">The plan that starts once a card is added.</param>
    /// <param name="Sample">A made-up company to explore, left out of totals and invoicing runs.</param>
    /// <param name="TimeZone">In emails to members whose own isn't known, an IANA name; null for UTC.</param>
    public sealed record OrganizationBody(
        string Name,
        string Slug,
        [OneOf<PlanWords>] string Plan,
        [OneOf<PayByWords>] string PayBy,
        [OneOf("active", "awaiting-card", "suspended", "closed")] string State,
        [OneOf<PlanWords>] string? AwaitingCardFor,
        [OneOf<RoleNames>] string? Role,
        DateTimeOffset CreatedAt,
        string? SuspendedFor,
        bool Sample,
        string? TimeZone
    );

    private static Task<ListAnswer<PageOf<OrganizationBody>>> ListAsync(
        ApiContext context,
        ListOrganizations list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, page, cancellationToken),
            access => Body(access.Organization, access.Role?.ToString())
        );

    private static async Task<CreatedAnswer<OrganizationBody>> CreateAsync(
        CreateOrganizationBody body,
        ApiContext context,
        CreateOrganization create,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => create.RunAsync(context.Actor, body.Name, body.Slug, body.Plan, cancellationToken),
            made => $"/api/v1/organizations/{made.Slug}",
            made => Body(made, "Owner")
        );

    private static async Task<Answer<OrganizationBody>> GetAsync(
        string org,
        ApiContext context,
        GetOrganization get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, cancellationToken)).ToOk(access => Body(access.Organization, access.Role?.ToString()));

    private static async Task<Answer<OrganizationBody>> RenameAsync(
        string org,
        RenameOrganizationBody body,
        ApiContext context,
        RenameOrganization rename,
        CancellationToken cancellationToken
    ) => (await rename.RunAsync(context.Actor, org, body.Name, cancellationToken)).ToOk(organization => Body(organization, null));

    private static async Task<Answer<OrganizationBody>> SetTimeZoneAsync(
        string org,
        SetOrganizationTimeZoneBody body,
        ApiContext context,
        SetOrganizationTimeZone set,
        CancellationToken cancellationToken
    ) => (await set.RunAsync(context.Actor, org, body.TimeZone, cancellationToken)).ToOk(organization => Body(organization, null));

    private static async Task<EmptyAnswer> CloseAsync(
        string org,
        CloseOrganizationBody body,
        ApiContext context,
        CloseOrganization close,
        CancellationToken cancellationToken
    ) => await context.DoneAsync(() => close.RunAsync(context.Actor, org, body.Confirm, cancellationToken));

    private static async Task<Answer<OrganizationBody>> SuspendAsync(
        string org,
        SuspendOrganizationBody body,
        ApiContext context,
        SuspendOrganization suspend,
        CancellationToken cancellationToken
    ) =>
        await context.OkAsync(
            () => suspend.RunAsync(context.Actor, org, body.Reason, cancellationToken),
            organization => Body(organization, null)
        );

    private static async Task<Answer<OrganizationBody>> ResumeAsync(
        string org,
        ApiContext context,
        ResumeOrganization resume,
        CancellationToken cancellationToken
    ) => await context.OkAsync(() => resume.RunAsync(context.Actor, org, cancellationToken), organization => Body(organization, null));

    private static Task<ListAnswer<PageOf<OrganizationBody>>> ListAllAsync(
        ApiContext context,
        ListAllOrganizations list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), organization => Body(organization, null));

    internal static OrganizationBody Body(Organization organization, string? role) =>
        new(
            organization.Name,
            organization.Slug,
            Plan.Text(organization.Plan),
            organization.PayBy == PayBy.Card ? "card" : "invoice",
            organization.State switch
            {
                OrganizationState.Active => organization.AwaitingCardFor is null ? "active" : "awaiting-card",
                OrganizationState.Suspended => "suspended",
                OrganizationState.Closed => "closed",
            },
            organization.AwaitingCardFor is { } awaited ? Plan.Text(awaited) : null,
            role?.ToLowerInvariant(),
            organization.CreatedAt,
            organization.SuspendedFor,
            organization.IsSample,
            organization.TimeZone
        );
}
