using System.Text;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Price lists: previewed, published, and withdrawn before they start.</summary>
public static class PriceBooksEndpoints
{
    private const int LargestPriceBook = 256 * 1024;

    internal static void MapPriceBooks(this RouteGroupBuilder group)
    {
        group.MapGet("/price-books", ListAsync).WithName("ListPriceBooks").WithSummary("List price lists, newest first");
        group
            .MapPost("/price-books", PublishAsync)
            .WithName("PublishPriceBook")
            .WithSummary("Publish a price list")
            .Accepts<PublishPriceBookBody>("application/json");
        group
            .MapPost("/price-books/preview", PreviewAsync)
            .WithName("PreviewPriceBook")
            .WithSummary("Show what a price list would change, and what the last closed month would have cost under it")
            .Accepts<PublishPriceBookBody>("application/json");
        group
            .MapDelete("/price-books/{version}", WithdrawAsync)
            .WithName("WithdrawPriceBook")
            .WithSummary("Withdraw a price list that has not started yet");
    }

    public sealed record PriceBookBody(
        string Version,
        string Currency,
        DateTimeOffset StartsAt,
        DateTimeOffset PublishedAt,
        string PublishedBy,
        bool IsInForce,
        bool IsScheduled
    );

    /// <param name="Version">1 to 40 letters, digits, dots, dashes or underscores.</param>
    /// <param name="Currency">As Stripe writes it, for example <c>usd</c>.</param>
    /// <param name="StartsAt">May lie in the past, back to the end of the last issued invoice.</param>
    /// <param name="Meters">By meter. A meter without a price is not charged.</param>
    public sealed record PublishPriceBookBody(
        [Needed] string Version,
        [Needed] string Currency,
        [Needed] DateTimeOffset StartsAt,
        [Needed] IReadOnlyDictionary<string, MeterPriceBody> Meters
    );

    /// <param name="UnitPrice">In major units, for the models perUnit and package.</param>
    /// <param name="Size">Units per package, for the model package.</param>
    /// <param name="Tiers">For the models graduated and volume.</param>
    /// <param name="Included">Free units per month.</param>
    public sealed record MeterPriceBody(
        [Needed, OneOf<PriceUnitWords>] string Per,
        [Needed, OneOf("perUnit", "graduated", "volume", "package")] string Model,
        string? UnitPrice,
        decimal? Size,
        IReadOnlyList<PriceTierBody>? Tiers,
        decimal? Included,
        decimal? Minimum,
        decimal? Maximum
    );

    /// <param name="UpTo">The last unit of this tier; leave out in the last tier.</param>
    public sealed record PriceTierBody(decimal? UpTo, [Needed] string UnitPrice, decimal? FlatFee);

    /// <param name="Before">The price in words; null when the meter was not priced.</param>
    /// <param name="After">Null when the meter becomes free.</param>
    /// <param name="LeastPercent">The smallest change among the meter's unit prices; null where they cannot be compared.</param>
    public sealed record PriceMoveBody(
        [OneOf<MeterWords>] string Meter,
        string? Before,
        string? After,
        decimal? LeastPercent,
        decimal? MostPercent
    );

    /// <param name="Looked">Organizations that were rated again, those with the largest invoices first.</param>
    /// <param name="Organizations">Those that closed the month.</param>
    /// <param name="InAnotherCurrency">Organizations that were billed in another currency; they are in no total.</param>
    /// <param name="Before">In minor units.</param>
    public sealed record ReRatingBody(
        string Month,
        int Looked,
        int Organizations,
        int PayMore,
        int PayLess,
        int PaySame,
        int InAnotherCurrency,
        long Before,
        long After,
        long TaxBefore,
        long TaxAfter,
        int TaxedAtStripe,
        string? MostRaised,
        long? MostRaisedBy
    );

    /// <param name="Replaces">The version that is in force when this list starts; null for none.</param>
    /// <param name="NotPriced">Meters that would cost nothing.</param>
    /// <param name="BecomeFree">Of them, the ones that are priced now: publishing needs <c>metersMayBecomeFree=true</c>.</param>
    /// <param name="Affected">Organizations on plans that are charged.</param>
    /// <param name="ReRating">Null when no month is closed yet.</param>
    public sealed record PriceBookPreviewBody(
        string Version,
        string Currency,
        DateTimeOffset StartsAt,
        string? Replaces,
        IReadOnlyList<PriceMoveBody> Changes,
        IReadOnlyList<string> NotPriced,
        IReadOnlyList<string> BecomeFree,
        int Affected,
        ReRatingBody? ReRating
    );

    private static Task<ListAnswer<PageOf<PriceBookBody>>> ListAsync(
        ApiContext context,
        ListPriceBooks list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken),
            view => SortKey.Of(view.Record.StartsAt, SortKey.Of(view.Record.PublishedAt, view.Record.Version)),
            view => Body(view.Record, view.IsInForce, view.IsScheduled),
            descending: true
        );

    private static async Task<CreatedAnswer<PriceBookBody>> PublishAsync(
        HttpRequest request,
        bool? metersMayBecomeFree,
        ApiContext context,
        PublishPriceBook publish,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        (await ReadAsync(request, cancellationToken)).TryGet(out var document, out var problem)
            ? await context.CreatedAsync(
                () => publish.RunAsync(context.Actor, document, metersMayBecomeFree ?? false, cancellationToken),
                _ => "/api/v1/operator/price-books",
                record => Body(record, false, record.StartsAt > clock.Now())
            )
            : problem;

    private static async Task<Answer<PriceBookPreviewBody>> PreviewAsync(
        HttpRequest request,
        ApiContext context,
        PreviewPriceBook preview,
        CancellationToken cancellationToken
    ) =>
        (await ReadAsync(request, cancellationToken)).TryGet(out var document, out var problem)
            ? (await preview.RunAsync(context.Actor, document, cancellationToken)).ToOk(Body)
            : problem;

    private static async Task<EmptyAnswer> WithdrawAsync(
        string version,
        ApiContext context,
        WithdrawPriceBook withdraw,
        CancellationToken cancellationToken
    ) => (await withdraw.RunAsync(context.Actor, version, cancellationToken)).ToNoContent();

    // The document is kept as it was sent and read by the domain, which names the place of every mistake.
    private static async Task<Outcome<string>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
            throw new BadHttpRequestException("A price list is JSON.", StatusCodes.Status415UnsupportedMediaType);
        var buffer = new char[LargestPriceBook + 1];
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var length = await reader.ReadBlockAsync(buffer, cancellationToken);
        return length > LargestPriceBook
            ? new Problem.Invalid("price-book-too-large", "A price list has at most 256 KiB.")
            : new string(buffer, 0, length);
    }

    private static PriceBookBody Body(PriceBookRecord record, bool inForce, bool scheduled) =>
        new(record.Version, record.CurrencyCode, record.StartsAt, record.PublishedAt, record.PublishedBy, inForce, scheduled);

    private static PriceBookPreviewBody Body(PriceBookPreview found) =>
        new(
            found.Book.Version,
            found.Book.Currency.Code,
            found.Book.StartsAt,
            found.Replaces?.Version,
            [
                .. found.Moves.Select(move => new PriceMoveBody(
                    move.Meter.Text(),
                    move.Before is { } before ? Ui.PriceWords.Of(before, found.Replaces!.Currency) : null,
                    move.After is { } after ? Ui.PriceWords.Of(after, found.Book.Currency) : null,
                    move.Least,
                    move.Most
                )),
            ],
            [.. found.NotPriced.Select(meter => meter.Text())],
            [.. found.BecomeFree.Select(meter => meter.Text())],
            found.Affected,
            found.ReRating is { } again
                ? new(
                    again.Month.ToString(),
                    again.Looked,
                    again.Organizations,
                    again.PayMore,
                    again.PayLess,
                    again.PaySame,
                    again.InAnotherCurrency,
                    again.Before.Minor,
                    again.After.Minor,
                    again.TaxBefore.Minor,
                    again.TaxAfter.Minor,
                    again.TaxedAtStripe,
                    again.MostRaised?.Organization.Slug,
                    again.MostRaised?.By.Minor
                )
                : null
        );
}
