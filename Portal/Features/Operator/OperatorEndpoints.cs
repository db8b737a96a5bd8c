using System.Text;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Features.Api;
using Portal.Features.Organizations;

namespace Portal.Features.Operator;

public static class OperatorEndpoints
{
    private const int LargestPriceBook = 256 * 1024;

    public static IEndpointRouteBuilder MapOperator(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/operator").WithTags("Operator");
        group.MapPut("/organizations/{org}/plan", SetPlanAsync).WithName("SetPlan").WithSummary("Set an organization's plan and payment method");
        group.MapGet("/price-books", ListPriceBooksAsync).WithName("ListPriceBooks").WithSummary("List price lists, newest first");
        group.MapPost("/price-books", PublishAsync).WithName("PublishPriceBook").WithSummary("Publish a price list").Accepts<PublishPriceBookBody>("application/json");
        group.MapPost("/months/{month}/close", CloseAsync).WithName("CloseMonth").WithSummary("Close a billing month for every organization; runs as a job");
        group.MapPlans();
        group.MapWork();
        group.MapSample();
        group.MapGet("/invoices/unsettled", UnsettledAsync).WithName("ListUnsettledInvoices").WithSummary("List invoices that are not settled yet, including mismatches with Stripe");
        return api;
    }

    public sealed record SetPlanBody([Needed, OneOf<PlanWords>] string? Plan, [OneOf<PayByWords>] string? PayBy);

    /// <param name="Early">Closes a month that is still running, up to the instant for which metering is complete.</param>
    public sealed record CloseMonthBody(bool? Early);

    public sealed record PriceBookBody(string Version, string Currency, DateTimeOffset StartsAt, DateTimeOffset PublishedAt, string PublishedBy, bool IsInForce);

    /// <param name="Version">1 to 40 letters, digits, dots, dashes or underscores.</param>
    /// <param name="Currency">As Stripe writes it, for example <c>usd</c>.</param>
    /// <param name="StartsAt">May lie in the past, back to the end of the last issued invoice.</param>
    /// <param name="Meters">By meter. A meter without a price is not charged.</param>
    public sealed record PublishPriceBookBody([Needed] string Version, [Needed] string Currency, [Needed] DateTimeOffset StartsAt, [Needed] IReadOnlyDictionary<string, MeterPriceBody> Meters);

    /// <param name="UnitPrice">In major units, for the models perUnit and package.</param>
    /// <param name="Size">Units per package, for the model package.</param>
    /// <param name="Tiers">For the models graduated and volume.</param>
    /// <param name="Included">Free units per month.</param>
    public sealed record MeterPriceBody(
        [Needed, OneOf<PriceUnitWords>] string Per, [Needed, OneOf("perUnit", "graduated", "volume", "package")] string Model, string? UnitPrice, decimal? Size, IReadOnlyList<PriceTierBody>? Tiers,
        decimal? Included, decimal? Minimum, decimal? Maximum);

    /// <param name="UpTo">The last unit of this tier; leave out in the last tier.</param>
    public sealed record PriceTierBody(decimal? UpTo, [Needed] string UnitPrice, decimal? FlatFee);

    public sealed record StartedJobBody(string Job);

    /// <param name="Problem">What keeps it from being settled, if known.</param>
    public sealed record UnsettledInvoiceBody(string Number, string MonthText, string Month, [OneOf<InvoiceStageWords>] string Stage, string? Problem);

    private static async Task<Answer<OrganizationsEndpoints.OrganizationBody>> SetPlanAsync(string org, SetPlanBody body, ApiContext context, SetPlan set, CancellationToken cancellationToken) =>
        (await set.RunAsync(context.Actor, org, body.Plan, body.PayBy, cancellationToken)).ToOk(changed => OrganizationsEndpoints.Body(changed.Organization, null));

    private static Task<ListAnswer<PageOf<PriceBookBody>>> ListPriceBooksAsync(ApiContext context, ListPriceBooks list, CancellationToken cancellationToken) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken), view => SortKey.Of(view.Record.StartsAt, SortKey.Of(view.Record.PublishedAt, view.Record.Version)),
            view => Body(view.Record, view.IsInForce), descending: true);

    // The document is kept as it was sent and read by the domain, which names the place of every mistake.
    private static async Task<CreatedAnswer<PriceBookBody>> PublishAsync(HttpRequest request, ApiContext context, PublishPriceBook publish, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType()) throw new BadHttpRequestException("A price book is JSON.", StatusCodes.Status415UnsupportedMediaType);
        var buffer = new char[LargestPriceBook + 1];
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var length = await reader.ReadBlockAsync(buffer, cancellationToken);
        if (length > LargestPriceBook) return new Problem.Invalid("price-book-too-large", "A price book has at most 256 KiB.");
        return await context.CreatedAsync(() => publish.RunAsync(context.Actor, new string(buffer, 0, length), cancellationToken), _ => "/api/v1/operator/price-books", record => Body(record, null));
    }

    private static async Task<AcceptedAnswer<StartedJobBody>> CloseAsync(string month, CloseMonthBody? body, ApiContext context, CloseMonth close, CancellationToken cancellationToken) =>
        Month.TryParse(month, out var parsed)
            ? await context.AcceptedAsync(() => close.RunAsync(context.Actor, parsed, body?.Early ?? false, cancellationToken), job => $"/api/v1/operator/jobs/{job.Id}", job => new StartedJobBody(job.Id.ToString()))
            : new Problem.Invalid("month-malformed", "Write the month as yyyy-MM, for example 2026-11.", "month");

    private static Task<ListAnswer<PageOf<UnsettledInvoiceBody>>> UnsettledAsync(ApiContext context, ListUnsettledInvoices list, CancellationToken cancellationToken) =>
        context.ListWholeAsync(() => list.RunAsync(context.Actor, cancellationToken), invoice => invoice.Number, invoice =>
            new UnsettledInvoiceBody(invoice.Number, invoice.MonthText, invoice.MonthText, invoice.Stage.ToString().ToLowerInvariant(), invoice.ProblemMessage));

    private static PriceBookBody Body(PriceBookRecord record, bool? inForce) =>
        new(record.Version, record.CurrencyCode, record.StartsAt, record.PublishedAt, record.PublishedBy, inForce ?? false);
}
