using System.Text;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Features.Organizations;

namespace Portal.Features.Operator;

public static class OperatorEndpoints
{
    private const int LargestPriceBook = 256 * 1024;

    public static IEndpointRouteBuilder MapOperator(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/operator").WithTags("Operator");
        group.MapPut("/organizations/{org}/plan", SetPlanAsync).WithName("SetPlan").WithSummary("Sets an organisation's plan and how it pays");
        group.MapGet("/price-books", ListPriceBooksAsync).WithName("ListPriceBooks").WithSummary("Published price books");
        group.MapPost("/price-books", PublishAsync).WithName("PublishPriceBook").WithSummary("Publishes a price book").Accepts<object>("application/json");
        group.MapPost("/months/{month}/close", CloseAsync).WithName("CloseMonth").WithSummary("Closes a month for every organisation, as a job");
        group.MapWork();
        group.MapGet("/invoices/unsettled", UnsettledAsync).WithName("ListUnsettledInvoices").WithSummary("Invoices whose close is not through, differences at Stripe among them");
        return api;
    }

    /// <param name="PayBy"><c>card</c> or <c>invoice</c>.</param>
    public sealed record SetPlanBody(string? Plan, string? PayBy);

    /// <param name="Early">Closes a month still running at its last complete point.</param>
    public sealed record CloseBody(bool? Early);

    public sealed record PriceBookBody(string Version, string Currency, DateTimeOffset StartsAt, DateTimeOffset PublishedAt, string PublishedBy, bool IsInForce);

    private static async Task<IResult> SetPlanAsync(string org, SetPlanBody body, ApiContext context, SetPlan set, CancellationToken cancellationToken) =>
        (await set.RunAsync(context.Actor, org, body.Plan, body.PayBy, cancellationToken)).ToOk(changed => OrganizationsEndpoints.Body(changed.Organization, null));

    private static async Task<IResult> ListPriceBooksAsync(ApiContext context, ListPriceBooks list, CancellationToken cancellationToken) =>
        (await list.RunAsync(context.Actor, cancellationToken)).ToOk(books => new PageOf<PriceBookBody>([.. books.Select(view => Body(view.Record, view.IsInForce))], null));

    // The document is kept as it was sent and read by the domain, which names the place of every mistake.
    private static async Task<IResult> PublishAsync(HttpRequest request, ApiContext context, PublishPriceBook publish, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType()) return TypedResults.Problem("Send the price book as application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType, type: "urn:portal:content-type-not-json");
        var buffer = new char[LargestPriceBook + 1];
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var length = await reader.ReadBlockAsync(buffer, cancellationToken);
        if (length > LargestPriceBook) return new Problem.Invalid("price-book-too-large", "A price book has at most 256 KiB.").ToResult();
        return (await publish.RunAsync(context.Actor, new string(buffer, 0, length), cancellationToken)).ToCreated(_ => "/api/v1/operator/price-books", record => Body(record, null));
    }

    private static async Task<IResult> CloseAsync(string month, CloseBody? body, ApiContext context, CloseMonth close, CancellationToken cancellationToken) =>
        Month.TryParse(month, out var parsed)
            ? (await close.RunAsync(context.Actor, parsed, body?.Early ?? false, cancellationToken)).ToAccepted(job => $"/api/v1/operator/jobs/{job.Id}", job => new { job = job.Id.ToString() })
            : new Problem.Invalid("month-malformed", "A month is written yyyy-MM, for example 2026-11.", "month").ToResult();

    private static async Task<IResult> UnsettledAsync(ApiContext context, ListUnsettledInvoices list, CancellationToken cancellationToken) =>
        (await list.RunAsync(context.Actor, cancellationToken)).ToOk(invoices => new PageOf<object>(
            [.. invoices.Select(invoice => new { invoice.Number, invoice.MonthText, stage = invoice.Stage.ToString().ToLowerInvariant(), problem = invoice.ProblemMessage })], null));

    private static PriceBookBody Body(PriceBookRecord record, bool? inForce) =>
        new(record.Version, record.CurrencyCode, record.StartsAt, record.PublishedAt, record.PublishedBy, inForce ?? false);
}
