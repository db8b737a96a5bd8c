using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Billing;

/// <summary>An organization's credits: what is left, and what became of them.</summary>
public static class CreditsEndpoints
{
    public static IEndpointRouteBuilder MapCredits(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/billing/credits").WithTags("Billing");
        group.MapGet("", ListAsync).WithName("GetCredits").WithSummary("List credits, newest first, with what is left in all");
        group
            .MapGet("/entries", EntriesAsync)
            .WithName("ListCreditEntries")
            .WithSummary("List what happened to credits: granted, used, expired, or withdrawn, newest first");
        return api;
    }

    /// <param name="Amount">As it was granted, in minor units.</param>
    /// <param name="Left">What is left of it, in minor units.</param>
    /// <param name="Kind">Of two that end at the same time, the promised one is used first.</param>
    /// <param name="ExpiresAt">It applies to billing periods that end by then; null if it doesn't end.</param>
    public sealed record CreditBody(
        string Id,
        string Currency,
        long Amount,
        long Left,
        [OneOf<CreditKindWords>] string Kind,
        string Reason,
        DateTimeOffset? ExpiresAt,
        DateTimeOffset GrantedAt
    );

    /// <param name="Amount">In minor units.</param>
    public sealed record CreditBalanceBody(string Currency, long Amount);

    /// <param name="Balances">What invoices to come can use.</param>
    public sealed record CreditsBody(IReadOnlyList<CreditBalanceBody> Balances, IReadOnlyList<CreditBody> Items, string? Next);

    /// <param name="Amount">In minor units: above zero for a grant, below for everything else.</param>
    /// <param name="Invoice">The number of the invoice that it was used for.</param>
    public sealed record CreditEntryBody(
        string Credit,
        string Currency,
        [OneOf<CreditMoveWords>] string Move,
        long Amount,
        string? Invoice,
        string Reason,
        DateTimeOffset At
    );

    private static Task<ListAnswer<CreditsBody>> ListAsync(
        string org,
        ApiContext context,
        GetCredits get,
        CancellationToken cancellationToken
    ) => context.ReportAsync(page => get.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static Task<ListAnswer<PageOf<CreditEntryBody>>> EntriesAsync(
        string org,
        ApiContext context,
        ListCreditEntries list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, page, cancellationToken),
            entry => new CreditEntryBody(
                entry.CreditId.ToString(),
                entry.CurrencyCode,
                CreditMoveWords.Of(entry.Move),
                entry.AmountMinor,
                entry.InvoiceNumber,
                entry.Reason,
                entry.At
            )
        );

    internal static CreditsBody Body(CreditsView view) =>
        new(
            [.. view.Balances.Select(balance => new CreditBalanceBody(balance.Currency.Code, balance.Minor))],
            [.. view.Credits.Items.Select(Body)],
            view.Credits.Next
        );

    internal static CreditBody Body(Credit credit) =>
        new(
            credit.Id.ToString(),
            credit.CurrencyCode,
            credit.GrantedMinor,
            credit.LeftMinor,
            CreditKindWords.Of(credit.Kind),
            credit.Reason,
            credit.ExpiresAt,
            credit.GrantedAt
        );
}

internal sealed class CreditKindWords : IWords
{
    public static string[] All => [.. Enum.GetValues<CreditKind>().Select(Of)];

    public static string Of(CreditKind kind) => kind.ToString().ToLowerInvariant();
}

internal sealed class CreditMoveWords : IWords
{
    public static string[] All => [.. Enum.GetValues<CreditMove>().Select(Of)];

    public static string Of(CreditMove move) => move.ToString().ToLowerInvariant();
}

internal sealed class AdjustmentWords : IWords
{
    public static string[] All => [.. Enum.GetValues<AdjustmentKind>().Select(kind => kind.Text())];
}
