using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Reconciliation, also as CSV, and comparing an invoice with Stripe again.</summary>
public static class BooksEndpoints
{
    internal static void MapBooks(this RouteGroupBuilder group)
    {
        group
            .MapGet("/books", ListAsync)
            .WithName("GetBooks")
            .WithSummary("Reconcile a month by organization: usage, invoices, Stripe's lines and payments");
        group
            .MapPost("/invoices/{number}/compare-again", CompareAsync)
            .WithName("CompareInvoiceAgain")
            .WithSummary("Compare a blocked invoice with Stripe again, after its draft was corrected there");
    }

    public static IEndpointRouteBuilder MapBooksCsv(this IEndpointRouteBuilder app)
    {
        app.MapGet("/operator/books.csv", DownloadAsync).ExcludeFromDescription().RequireAuthorization();
        return app;
    }

    /// <param name="Explanation">What differs.</param>
    /// <param name="WayOut">What to do about it.</param>
    /// <param name="MayCompare">Comparing the invoice with Stripe again may settle it.</param>
    public sealed record BooksDifferenceBody(string Explanation, string WayOut, string? Invoice, bool MayCompare);

    /// <param name="Rated">Usage of the month's closed periods, rated now; amounts are in minor units.</param>
    /// <param name="Carried">Brought forward from earlier periods, less what was too small to charge: rated + carried - credited + tax =
    /// invoiced.</param>
    /// <param name="Credited">Taken off by promotion codes and credits.</param>
    /// <param name="AtStripe">Invoiced amounts whose lines Stripe has, compared one by one.</param>
    /// <param name="CreditNotes">Taken back by credit notes.</param>
    /// <param name="Returned">Of what was paid: refunded to cards, or given back as credit.</param>
    /// <param name="Balance">Invoiced and not paid yet: paid - returned + balance + writtenOff = invoiced - creditNotes.</param>
    /// <param name="WrittenOff">Uncollectible or void.</param>
    /// <param name="Tax">Taxes that come on top of usage.</param>
    public sealed record BooksRowBody(
        string Organization,
        string Currency,
        long Rated,
        long Carried,
        long Credited,
        long Invoiced,
        long AtStripe,
        long Paid,
        long Balance,
        long WrittenOff,
        bool Balanced,
        IReadOnlyList<BooksDifferenceBody> Differences,
        long CreditNotes,
        long Returned,
        long Tax
    );

    /// <param name="Organizations">With a closed period in the month.</param>
    /// <param name="NotClosed">With time of the month that is not closed yet.</param>
    public sealed record BooksBody(string Month, int Organizations, int NotClosed, IReadOnlyList<BooksRowBody> Items, string? Next);

    private static async Task<ListAnswer<BooksBody>> ListAsync(
        string? month,
        ApiContext context,
        GetBooks get,
        CancellationToken cancellationToken
    )
    {
        if (!TryMonth(month, out var asked))
            return MalformedMonth;
        return await context.ReportAsync(
            page => get.RunAsync(context.Actor, asked, page, cancellationToken),
            books => new BooksBody(
                books.Month.ToString(),
                books.Organizations,
                books.NotClosed,
                [.. books.Rows.Items.Select(Body)],
                books.Rows.Next
            )
        );
    }

    private static Task<EmptyAnswer> CompareAsync(
        string number,
        ApiContext context,
        CompareInvoiceAgain compare,
        CancellationToken cancellationToken
    ) => context.DoneAsync(() => compare.RunAsync(context.Actor, number, cancellationToken));

    private static async Task<IResult> DownloadAsync(string? month, ApiContext context, GetBooks get, CancellationToken cancellationToken)
    {
        if (!TryMonth(month, out var asked))
            return MalformedMonth.ToResult();
        var first = await get.RunAsync(context.Actor, asked, new PageRequest(GetBooks.MostRows), cancellationToken);
        if (!first.TryGet(out var books, out var problem))
            return problem.ToResult();
        return TypedResults.Stream(
            stream => WriteAsync(stream, get, context.Actor, books, cancellationToken),
            "text/csv; charset=utf-8",
            $"reconciliation-{books.Month}.csv"
        );
    }

    private static async Task WriteAsync(Stream stream, GetBooks get, Actor actor, Books books, CancellationToken cancellationToken)
    {
        await using var csv = new CsvFile(stream);
        foreach (
            var name in new[]
            {
                "month",
                "organization",
                "name",
                "currency",
                "rated",
                "carried",
                "credited",
                "invoiced",
                "atStripe",
                "paid",
                "balance",
                "writtenOff",
                "balanced",
                "differences",
                "creditNotes",
                "returned",
                "tax",
            }
        )
            csv.Text(name);
        await csv.EndRecordAsync(cancellationToken);
        while (true)
        {
            foreach (var row in books.Rows.Items)
            {
                csv.Text(books.Month.ToString());
                csv.Text(row.Organization.Slug);
                csv.Text(row.Organization.Name);
                csv.Text(row.Currency.Code);
                foreach (
                    var amount in new[]
                    {
                        row.Rated,
                        row.Carried,
                        row.Credited,
                        row.Invoiced,
                        row.AtStripe,
                        row.Paid,
                        row.Balance,
                        row.WrittenOff,
                    }
                )
                    csv.Number(amount.Major);
                csv.Text(row.IsBalanced ? "yes" : "no");
                csv.Text(string.Join(" ", row.Differences.Select(difference => $"{difference.Invoice}: {difference.Cause}")));
                csv.Number(row.CreditNotes.Major);
                csv.Number(row.Returned.Major);
                csv.Number(row.Tax.Major);
                await csv.EndRecordAsync(cancellationToken);
            }
            if (books.Rows.Next is not { } next)
                return;
            // Refused half-way ends the file with an error instead of a silent cut.
            var more = await get.RunAsync(actor, books.Month, new PageRequest(GetBooks.MostRows, next), cancellationToken);
            books = more.IsOk ? more.Value : throw new InvalidOperationException(more.Problem.Message);
        }
    }

    private static Problem.Invalid MalformedMonth { get; } =
        new("month-malformed", "Write the month as yyyy-MM, for example 2026-11.", "month");

    private static bool TryMonth(string? text, out Month? month)
    {
        month = Month.TryParse(text, out var parsed) ? parsed : null;
        return month is not null || string.IsNullOrEmpty(text);
    }

    private static BooksRowBody Body(BooksRow row) =>
        new(
            row.Organization.Slug,
            row.Currency.Code,
            row.Rated.Minor,
            row.Carried.Minor,
            row.Credited.Minor,
            row.Invoiced.Minor,
            row.AtStripe.Minor,
            row.Paid.Minor,
            row.Balance.Minor,
            row.WrittenOff.Minor,
            row.IsBalanced,
            [
                .. row.Differences.Select(difference => new BooksDifferenceBody(
                    difference.Cause,
                    difference.WayOut,
                    difference.Invoice,
                    difference.MayCompare
                )),
            ],
            row.CreditNotes.Minor,
            row.Returned.Minor,
            row.Tax.Minor
        );
}
