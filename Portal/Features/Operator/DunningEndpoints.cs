using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Features.Billing;

namespace Portal.Features.Operator;

/// <summary>Who is behind with payment, and what an operator decides about it.</summary>
public static class DunningEndpoints
{
    internal static void MapDunning(this RouteGroupBuilder group)
    {
        group
            .MapGet("/dunning", ListAsync)
            .WithName("ListOverdue")
            .WithSummary("List organizations with overdue invoices, or with dunning turned off: what is limited, and what comes next");
        group
            .MapPost("/organizations/{org}/dunning/extend", ExtendAsync)
            .WithName("ExtendPaymentTime")
            .WithSummary("Give an organization more time to pay; limits are lifted until then");
        group
            .MapPost("/organizations/{org}/dunning/turn-off", TurnOffAsync)
            .WithName("TurnOffDunning")
            .WithSummary("Turn dunning off for an organization: no reminders and no limits");
        group
            .MapPost("/organizations/{org}/dunning/turn-on", TurnOnAsync)
            .WithName("TurnOnDunning")
            .WithSummary("Turn dunning on again; the days count from now");
    }

    /// <param name="Days">From now on, 1 to 365.</param>
    /// <param name="Reason">It is in the customer's audit log.</param>
    public sealed record ExtendPaymentTimeBody([Needed] int? Days, [Needed] string? Reason);

    /// <param name="Reason">It is in the customer's audit log.</param>
    public sealed record TurnOffDunningBody([Needed] string? Reason);

    /// <param name="Overdue">Null when nothing is overdue.</param>
    /// <param name="Off">Turned off by an operator.</param>
    /// <param name="Reason">Of an extension, or of turning it off.</param>
    public sealed record DunningRowBody(
        string Organization,
        [OneOf<ArrearsNames>] string Stage,
        BillingEndpoints.OverdueBody? Overdue,
        bool Off,
        string? Reason,
        string? DecidedBy,
        DateTimeOffset? DecidedAt
    );

    private static Task<ListAnswer<PageOf<DunningRowBody>>> ListAsync(
        ApiContext context,
        ListOverdue list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), Body);

    private static async Task<Answer<DunningRowBody>> ExtendAsync(
        string org,
        ExtendPaymentTimeBody body,
        ApiContext context,
        ExtendPaymentTime extend,
        CancellationToken cancellationToken
    ) => await context.OkAsync(() => extend.RunAsync(context.Actor, org, body.Days, body.Reason, cancellationToken), Body);

    private static async Task<Answer<DunningRowBody>> TurnOffAsync(
        string org,
        TurnOffDunningBody body,
        ApiContext context,
        TurnOffDunning turn,
        CancellationToken cancellationToken
    ) => await context.OkAsync(() => turn.RunAsync(context.Actor, org, body.Reason, cancellationToken), Body);

    private static async Task<Answer<DunningRowBody>> TurnOnAsync(
        string org,
        ApiContext context,
        TurnOnDunning turn,
        CancellationToken cancellationToken
    ) => await context.OkAsync(() => turn.RunAsync(context.Actor, org, cancellationToken), Body);

    private static DunningRowBody Body(OverdueView view) =>
        new(
            view.Organization.Slug,
            view.InForce.Text(),
            view.Standing is null ? null : BillingEndpoints.Body(view),
            view.Case?.IsOff == true,
            view.Case?.Reason,
            view.Case?.DecidedBy,
            view.Case?.DecidedAt
        );
}
