using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Billing;

/// <summary>Credit notes that were issued over an organization's invoices.</summary>
public static class CreditNotesEndpoints
{
    public static IEndpointRouteBuilder MapCreditNotes(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/credit-notes").WithTags("Billing");
        group.MapGet("", ListAsync).WithName("ListCreditNotes").WithSummary("List credit notes, newest first");
        group.MapGet("/{number}", GetAsync).WithName("GetCreditNote").WithSummary("Get a credit note");
        return api;
    }

    /// <param name="Line">The id of the invoice's line that it takes back; null for an amount.</param>
    /// <param name="Amount">In minor units.</param>
    public sealed record CreditNoteLineBody(string? Line, string Description, long Amount);

    /// <param name="Id">Of the credit note.</param>
    /// <param name="Number">As it stands on the document; null until it is issued.</param>
    /// <param name="Invoice">The number of the invoice that it corrects.</param>
    /// <param name="Amount">In minor units; it is the sum of <paramref name="TakenOff"/>, <paramref name="Refunded"/>,
    /// <paramref name="KeptAsCredit"/> and what was given back otherwise.</param>
    /// <param name="Tax">Of the amount, the tax in it.</param>
    /// <param name="TakenOff">What made less what was still to be paid.</param>
    /// <param name="Refunded">What goes back to the card.</param>
    /// <param name="KeptAsCredit">What the organization keeps as credit, or was given back outside Stripe.</param>
    /// <param name="RefundState">How the refund goes.</param>
    /// <param name="Problem">Why Stripe did not issue it.</param>
    public sealed record CreditNoteBody(
        string Id,
        string? Number,
        string Invoice,
        [OneOf<CreditNoteStateWords>] string State,
        string Currency,
        long Amount,
        long TakenOff,
        long Refunded,
        long KeptAsCredit,
        [OneOf<RefundStateWords>] string RefundState,
        string Reason,
        IReadOnlyList<CreditNoteLineBody> Lines,
        string? PdfUrl,
        string? Problem,
        DateTimeOffset CreatedAt,
        DateTimeOffset? IssuedAt,
        long Tax
    );

    private static Task<ListAnswer<PageOf<CreditNoteBody>>> ListAsync(
        string org,
        string? invoice,
        ApiContext context,
        ListCreditNotes list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, invoice, page, cancellationToken), Body);

    private static async Task<Answer<CreditNoteBody>> GetAsync(
        string org,
        string number,
        ApiContext context,
        GetCreditNote get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, number, cancellationToken)).ToOk(Body);

    internal static CreditNoteBody Body(CreditNote note) =>
        new(
            note.Id.ToString(),
            note.Number,
            note.InvoiceNumber,
            note.State.Text(),
            note.CurrencyCode,
            note.AmountMinor,
            note.OpenMinor,
            note.RefundMinor,
            note.OutsideMinor,
            note.RefundState.Text(),
            note.Reason,
            [.. note.Lines.Select(line => new CreditNoteLineBody(line.InvoiceLine?.ToString(), line.Description, line.AmountMinor))],
            note.PdfUrl,
            note.ProblemMessage,
            note.CreatedAt,
            note.IssuedAt,
            note.TaxMinor
        );
}

internal sealed class CreditNoteStateWords : IWords
{
    public static string[] All => [.. Enum.GetValues<CreditNoteState>().Select(state => state.Text())];
}

internal sealed class CreditNoteWayWords : IWords
{
    public static string[] All => [.. Enum.GetValues<CreditNoteWay>().Select(way => way.Text())];
}

internal sealed class RefundStateWords : IWords
{
    public static string[] All => [.. Enum.GetValues<RefundState>().Select(state => state.Text())];
}
