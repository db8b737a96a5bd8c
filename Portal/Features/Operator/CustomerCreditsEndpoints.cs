using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Features.Billing;

namespace Portal.Features.Operator;

/// <summary>Credits that an operator grants to a customer and takes back.</summary>
public static class CustomerCreditsEndpoints
{
    internal static void MapCustomerCredits(this RouteGroupBuilder group)
    {
        group
            .MapGet("/organizations/{org}/credits", ListAsync)
            .WithName("GetCreditsOfCustomer")
            .WithSummary("List an organization's credits, newest first");
        group
            .MapPost("/organizations/{org}/credits", GrantAsync)
            .WithName("GrantCredit")
            .WithSummary("Grant a credit: invoices to come are reduced by it until it is used up");
        group
            .MapPost("/organizations/{org}/credits/{credit}/withdraw", WithdrawAsync)
            .WithName("WithdrawCredit")
            .WithSummary("Withdraw what is left of a credit");
    }

    /// <param name="Amount">In minor units.</param>
    /// <param name="Currency">Such as <c>usd</c>; leave it out for the one that the organization is charged in.</param>
    /// <param name="Kind">Leave it out for promised.</param>
    /// <param name="Reason">The customer reads it on the invoice.</param>
    /// <param name="ExpiresAt">It applies to billing periods that end by then; leave it out for a credit that doesn't end.</param>
    public sealed record GrantCreditBody(
        [Needed] long? Amount,
        string? Currency,
        [OneOf<CreditKindWords>] string? Kind,
        [Needed] string? Reason,
        DateTimeOffset? ExpiresAt
    );

    /// <param name="Reason">It is in the customer's audit log.</param>
    public sealed record WithdrawCreditBody([Needed] string? Reason);

    private static Task<ListAnswer<CreditsEndpoints.CreditsBody>> ListAsync(
        string org,
        ApiContext context,
        GetCreditsOfCustomer get,
        CancellationToken cancellationToken
    ) => context.ReportAsync(page => get.RunAsync(context.Actor, org, page, cancellationToken), CreditsEndpoints.Body);

    private static async Task<CreatedAnswer<CreditsEndpoints.CreditBody>> GrantAsync(
        string org,
        GrantCreditBody body,
        ApiContext context,
        GrantCredit grant,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => grant.RunAsync(context.Actor, org, body.Amount, body.Currency, body.Kind, body.Reason, body.ExpiresAt, cancellationToken),
            _ => $"/api/v1/operator/organizations/{org}/credits",
            CreditsEndpoints.Body
        );

    private static async Task<Answer<CreditsEndpoints.CreditBody>> WithdrawAsync(
        string org,
        string credit,
        WithdrawCreditBody body,
        ApiContext context,
        WithdrawCredit withdraw,
        CancellationToken cancellationToken
    ) =>
        await context.OkAsync(
            () =>
                withdraw.RunAsync(
                    context.Actor,
                    org,
                    new CreditId(Guid.TryParse(credit, out var id) ? id : Guid.Empty),
                    body.Reason,
                    cancellationToken
                ),
            CreditsEndpoints.Body
        );
}
