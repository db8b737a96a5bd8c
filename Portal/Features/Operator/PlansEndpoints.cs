using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Plans as versioned data, and the limits that an organization has of its own.</summary>
public static class PlansEndpoints
{
    /// <param name="Limits">By name; null is no limit.</param>
    /// <param name="Organizations">On this plan.</param>
    public sealed record PlanBody(
        [OneOf<PlanWords>] string Plan,
        long Version,
        string Name,
        IReadOnlyDictionary<string, long?> Limits,
        DateTimeOffset PublishedAt,
        string PublishedBy,
        string Note,
        int Organizations
    );

    /// <param name="Limits">By name; null is no limit.</param>
    public sealed record PlanVersionBody(
        [OneOf<PlanWords>] string Plan,
        long Version,
        string Name,
        IReadOnlyDictionary<string, long?> Limits,
        DateTimeOffset PublishedAt,
        string PublishedBy,
        string Note
    );

    /// <param name="Limits">Every limit by name: a whole number, or null for no limit. Sizes are in bytes, retention time is in minutes,
    /// rates apply to each partition.</param>
    /// <param name="Note">Why the plan changes: 1 to 300 characters in one line.</param>
    /// <param name="BasedOn">The version that this change starts from. If a newer one was published since, the answer is 409.</param>
    public sealed record PublishPlanBody(
        [Needed] string? Name,
        [Needed] IReadOnlyDictionary<string, long?>? Limits,
        [Needed] string? Note,
        [Needed] long? BasedOn
    );

    /// <param name="Limits">Every limit by name, as for publishing.</param>
    public sealed record PreviewPlanBody([Needed] IReadOnlyDictionary<string, long?>? Limits);

    /// <param name="BasedOn">The plan's newest version.</param>
    /// <param name="Organizations">On this plan.</param>
    /// <param name="Over">Organizations that have more than the limits allow. Subscriptions are not counted.</param>
    public sealed record PlanPreviewBody(
        long BasedOn,
        int Organizations,
        int Over,
        IReadOnlyList<OrganizationOverBody> Items,
        string? Next
    );

    public sealed record OrganizationOverBody(string Slug, string Name, IReadOnlyList<LimitOverBody> Over);

    public sealed record LimitOverBody([OneOf<LimitWords>] string Name, long Limit, long Used);

    /// <param name="Limits">What holds for the organization, by name; null is no limit.</param>
    /// <param name="Own">The limits that it has of its own, by name; null is no limit.</param>
    /// <param name="Revision">Of its own limits; 0 while it never had any.</param>
    public sealed record OrganizationLimitsBody(
        [OneOf<PlanWords>] string Plan,
        long PlanVersion,
        IReadOnlyDictionary<string, long?> Limits,
        IReadOnlyDictionary<string, long?> Own,
        int Revision,
        string? Note,
        DateTimeOffset? ChangedAt,
        string? ChangedBy
    );

    /// <param name="Own">By name: a whole number, or null for no limit. A limit that is left out stays as the plan has it.</param>
    /// <param name="Note">Why: 1 to 300 characters in one line.</param>
    /// <param name="BasedOn">The revision that this change starts from. If the limits were changed since, the answer is 409.</param>
    public sealed record SetOrganizationLimitsBody(
        [Needed] IReadOnlyDictionary<string, long?>? Own,
        [Needed] string? Note,
        [Needed] int? BasedOn
    );

    internal static void MapPlans(this RouteGroupBuilder group)
    {
        group.MapGet("/plans", ListAsync).WithName("ListPlans").WithSummary("List the plans with their current limits");
        group
            .MapGet("/plans/{plan}/versions", VersionsAsync)
            .WithName("ListPlanVersions")
            .WithSummary("List a plan's versions, newest first");
        group.MapPut("/plans/{plan}", PublishAsync).WithName("PublishPlan").WithSummary("Publish a plan's next version");
        group
            .MapPost("/plans/{plan}/preview", PreviewAsync)
            .WithName("PreviewPlan")
            .WithSummary("Show which organizations would be over a plan's new limits");
        group
            .MapGet("/organizations/{org}/limits", LimitsAsync)
            .WithName("GetOrganizationLimits")
            .WithSummary("Get an organization's limits");
        group
            .MapPut("/organizations/{org}/limits", SetLimitsAsync)
            .WithName("SetOrganizationLimits")
            .WithSummary("Set the limits that an organization has of its own");
        group
            .MapDelete("/organizations/{org}/limits", ResetLimitsAsync)
            .WithName("ResetOrganizationLimits")
            .WithSummary("Remove an organization's own limits");
    }

    private static Task<ListAnswer<PageOf<PlanBody>>> ListAsync(ApiContext context, ListPlans list, CancellationToken cancellationToken) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken),
            view => $"{(int)view.Version.Plan}",
            view => new PlanBody(
                Plan.Text(view.Version.Plan),
                view.Version.Version,
                view.Version.Name,
                view.Version.Limits.ByName(),
                view.Version.PublishedAt,
                view.Version.PublishedBy,
                view.Version.Note,
                view.Organizations
            )
        );

    private static Task<ListAnswer<PageOf<PlanVersionBody>>> VersionsAsync(
        string plan,
        ApiContext context,
        ListPlanVersions list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, plan, page, cancellationToken), Body);

    private static async Task<Answer<PlanVersionBody>> PublishAsync(
        string plan,
        PublishPlanBody body,
        ApiContext context,
        PublishPlan publish,
        CancellationToken cancellationToken
    ) => (await publish.RunAsync(context.Actor, plan, body.Name, body.Limits, body.Note, body.BasedOn, cancellationToken)).ToOk(Body);

    private static Task<ListAnswer<PlanPreviewBody>> PreviewAsync(
        string plan,
        PreviewPlanBody body,
        ApiContext context,
        PreviewPlan preview,
        CancellationToken cancellationToken
    ) =>
        context.ReportAsync(
            page => preview.RunAsync(context.Actor, plan, body.Limits, page, cancellationToken),
            found => new PlanPreviewBody(
                found.BasedOn,
                found.Organizations,
                found.Over,
                [
                    .. found.Page.Items.Select(one => new OrganizationOverBody(
                        one.Organization.Slug,
                        one.Organization.Name,
                        [.. one.Over.Select(over => new LimitOverBody(over.Kind.Text(), over.Limit, over.Used))]
                    )),
                ],
                found.Page.Next
            )
        );

    private static async Task<Answer<OrganizationLimitsBody>> LimitsAsync(
        string org,
        ApiContext context,
        GetOrganizationLimits get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, cancellationToken)).ToOk(Body);

    private static async Task<Answer<OrganizationLimitsBody>> SetLimitsAsync(
        string org,
        SetOrganizationLimitsBody body,
        ApiContext context,
        SetOrganizationLimits set,
        CancellationToken cancellationToken
    ) => (await set.RunAsync(context.Actor, org, body.Own, body.Note, body.BasedOn, cancellationToken)).ToOk(Body);

    private static async Task<EmptyAnswer> ResetLimitsAsync(
        string org,
        ApiContext context,
        ResetOrganizationLimits reset,
        CancellationToken cancellationToken
    ) => (await reset.RunAsync(context.Actor, org, cancellationToken)).ToNoContent();

    private static PlanVersionBody Body(PlanVersion version) =>
        new(
            Plan.Text(version.Plan),
            version.Version,
            version.Name,
            version.Limits.ByName(),
            version.PublishedAt,
            version.PublishedBy,
            version.Note
        );

    private static OrganizationLimitsBody Body(OrganizationLimitsView view) =>
        new(
            Plan.Text(view.Plan.Code),
            view.Plan.Version.Version,
            view.Plan.Limits.ByName(),
            view.Plan.Own.ByName(),
            view.Revision,
            view.Changes is { Note.Length: > 0 } changes ? changes.Note : null,
            view.Changes?.ChangedAt,
            view.Changes?.ChangedBy
        );
}
