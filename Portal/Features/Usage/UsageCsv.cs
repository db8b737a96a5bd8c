using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Api;

namespace Portal.Features.Usage;

/// <summary>Usage as CSV, page by page, so that a year of a large customer is never held whole.</summary>
public static class UsageCsv
{
    public static IEndpointRouteBuilder MapUsageCsv(this IEndpointRouteBuilder app)
    {
        app.MapGet("/o/{org}/usage.csv", DownloadAsync).ExcludeFromDescription().RequireAuthorization();
        return app;
    }

    private static async Task<IResult> DownloadAsync(
        string org,
        string? from,
        string? to,
        string? groupBy,
        string? interval,
        Guid? topic,
        ApiContext context,
        GetUsage get,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (
            !UsageRequest
                .Create(from, to, groupBy, interval, clock, topic: topic is { } one ? new TopicId(one) : null)
                .TryGet(out var request, out var problem)
        )
            return problem.ToResult();
        var first = await get.RunAsync(context.Actor, org, request, new PageRequest(PageRequest.MaxLimit), cancellationToken);
        if (!first.TryGet(out var page, out problem))
            return problem.ToResult();
        return TypedResults.Stream(
            stream => WriteAsync(stream, get, context.Actor, org, request, page, cancellationToken),
            "text/csv; charset=utf-8",
            $"usage-{org}-{request.From.UtcDateTime:yyyy-MM-dd}.csv"
        );
    }

    private static async Task WriteAsync(
        Stream stream,
        GetUsage get,
        Actor actor,
        string org,
        UsageRequest request,
        UsageReport page,
        CancellationToken cancellationToken
    )
    {
        await using var csv = new CsvFile(stream);
        foreach (
            var name in new[]
            {
                "from",
                "to",
                "meter",
                "tenant",
                "namespace",
                "topic",
                "quantity",
                "unit",
                "amount",
                "currency",
                "connector",
                "recovered",
            }
        )
            csv.Text(name);
        await csv.EndRecordAsync(cancellationToken);
        while (true)
        {
            foreach (var item in page.Items.Items)
            {
                csv.Time(item.Slice.From);
                csv.Time(item.Slice.To);
                csv.Text(item.Slice.Meter.Text());
                csv.Text(item.Slice.Tenant);
                csv.Text(item.Slice.Namespace);
                csv.Text(item.Slice.Topic);
                csv.Number(Numbers.Trim(item.Quantity));
                csv.Text(item.Slice.Meter.Unit());
                // Fractions of a cent as far as a spreadsheet adds them up; the API has all of them.
                csv.Number(Numbers.Trim(decimal.Round(item.Amount, 8, MidpointRounding.AwayFromZero)));
                csv.Text(page.Currency.Code);
                csv.Text(item.Slice.Connector);
                if (item.Recovered > 0)
                    csv.Number(Numbers.Trim(item.Recovered));
                else
                    csv.Text("");
                await csv.EndRecordAsync(cancellationToken);
            }
            if (page.Items.Next is not { } next)
                return;
            // Refused half-way (a role taken away meanwhile) ends the file with an error instead of a silent cut.
            var more = await get.RunAsync(actor, org, request, new PageRequest(PageRequest.MaxLimit, next), cancellationToken);
            page = more.IsOk ? more.Value : throw new InvalidOperationException(more.Problem.Message);
        }
    }
}
