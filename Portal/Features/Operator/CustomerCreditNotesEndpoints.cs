using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Features.Billing;

namespace Portal.Features.Operator;

/// <summary>Credit notes that an operator issues over customers' invoices.</summary>
public static class CustomerCreditNotesEndpoints
{
    internal static void MapCustomerCreditNotes(this RouteGroupBuilder group)
    {
        group
            .MapGet("/credit-notes", ListAsync)
            .WithName("ListAllCreditNotes")
            .WithSummary("List credit notes of all organizations, newest first");
        group.MapGet("/credit-notes/{id}", GetAsync).WithName("GetCreditNoteOfCustomer").WithSummary("Get a credit note, issued or not");
        group
            .MapPost("/invoices/{number}/credit-notes", CreateAsync)
            .WithName("CreateCreditNote")
            .WithSummary("Correct an issued invoice by a credit note: all of it, an amount, or by line");
        group
            .MapPost("/invoices/{number}/credit-notes/preview", PreviewAsync)
            .WithName("PreviewCreditNote")
            .WithSummary("Show what a credit note would take off an invoice and where the money would go");
    }

    /// <param name="Line">The id of a line of the invoice.</param>
    /// <param name="Amount">In minor units.</param>
    public sealed record WantedLineBody([Needed] string? Line, [Needed] long? Amount);

    /// <param name="Amount">In minor units. Leave out both it and the lines to credit all that is left of the invoice.</param>
    /// <param name="Way">What becomes of the part that was paid: a refund to the card (unless given), a credit for invoices to come, or
    /// already refunded in Stripe.</param>
    public sealed record PreviewCreditNoteBody(long? Amount, IReadOnlyList<WantedLineBody>? Lines, [OneOf<CreditNoteWayWords>] string? Way);

    /// <param name="Amount">In minor units. Leave out both it and the lines to credit all that is left of the invoice.</param>
    /// <param name="Way">What becomes of the part that was paid: a refund to the card (unless given), a credit for invoices to come, or
    /// already refunded in Stripe.</param>
    /// <param name="Reason">The customer reads it on the credit note.</param>
    public sealed record CreateCreditNoteBody(
        long? Amount,
        IReadOnlyList<WantedLineBody>? Lines,
        [OneOf<CreditNoteWayWords>] string? Way,
        [Needed] string? Reason
    );

    /// <param name="Amount">In minor units.</param>
    /// <param name="Tax">Of the amount, the tax in it.</param>
    /// <param name="TakenOff">What makes less what is still to be paid.</param>
    /// <param name="GivenBack">What was paid and goes back.</param>
    /// <param name="Holds">What is left of the invoice afterwards.</param>
    /// <param name="Owed">What is still to be paid afterwards.</param>
    /// <param name="AlreadyRefunded">Refunds in Stripe that no credit note stands for.</param>
    public sealed record CreditNotePreviewBody(
        string Invoice,
        string Currency,
        long Amount,
        long TakenOff,
        long GivenBack,
        [OneOf<CreditNoteWayWords>] string Way,
        long Holds,
        long Owed,
        long AlreadyRefunded,
        IReadOnlyList<CreditNotesEndpoints.CreditNoteLineBody> Lines,
        long Tax
    );

    private static Task<ListAnswer<PageOf<CreditNotesEndpoints.CreditNoteBody>>> ListAsync(
        string? invoice,
        ApiContext context,
        ListAllCreditNotes list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, invoice, page, cancellationToken), CreditNotesEndpoints.Body);

    private static async Task<Answer<CreditNotesEndpoints.CreditNoteBody>> GetAsync(
        string id,
        ApiContext context,
        GetCreditNoteOfCustomer get,
        CancellationToken cancellationToken
    ) =>
        (
            await get.RunAsync(context.Actor, new CreditNoteId(Guid.TryParse(id, out var known) ? known : Guid.Empty), cancellationToken)
        ).ToOk(CreditNotesEndpoints.Body);

    private static Task<AcceptedAnswer<CreditNotesEndpoints.CreditNoteBody>> CreateAsync(
        string number,
        CreateCreditNoteBody body,
        ApiContext context,
        CreateCreditNote create,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () => create.RunAsync(context.Actor, number, body.Amount, Parts(body.Lines), body.Way, body.Reason, cancellationToken),
            note => $"/api/v1/operator/credit-notes/{note.Id}",
            CreditNotesEndpoints.Body
        );

    private static async Task<Answer<CreditNotePreviewBody>> PreviewAsync(
        string number,
        PreviewCreditNoteBody body,
        ApiContext context,
        PreviewCreditNote preview,
        CancellationToken cancellationToken
    ) =>
        (await preview.RunAsync(context.Actor, number, body.Amount, Parts(body.Lines), body.Way, cancellationToken)).ToOk(
            plan => new CreditNotePreviewBody(
                plan.Invoice.Number,
                plan.Amount.Currency.Code,
                plan.Amount.Minor,
                plan.TakenOff.Minor,
                plan.GivenBack.Minor,
                plan.Way.Text(),
                plan.Holds.Minor,
                plan.Owed.Minor,
                plan.AlreadyRefunded.Minor,
                [
                    .. plan.Lines.Select(line => new CreditNotesEndpoints.CreditNoteLineBody(
                        line.InvoiceLine?.ToString(),
                        line.Description,
                        line.AmountMinor
                    )),
                ],
                plan.Tax.Minor
            )
        );

    /// <summary>An id that is none is a line that is not on the invoice.</summary>
    private static IReadOnlyList<CreditNotePart>? Parts(IReadOnlyList<WantedLineBody>? lines) =>
        lines is null
            ? null
            : [.. lines.Select(line => new CreditNotePart(Guid.TryParse(line?.Line, out var id) ? id : Guid.Empty, line?.Amount ?? 0))];
}
