using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Audit;

/// <summary>
/// Audit logs as files, written row by row while they are read. The header <c>Audit-Head</c> holds the chain's last
/// sequence and hash, of the rows named in the file or not.
/// </summary>
internal static class AuditFiles
{
    private static readonly string[] Columns =
    [
        "sequence",
        "at",
        "actor",
        "onBehalfOf",
        "operation",
        "subject",
        "outcome",
        "details",
        "address",
        "traceId",
        "hash",
    ];

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    /// <param name="format"><c>csv</c> or <c>jsonl</c>.</param>
    /// <param name="name">Of the file, without its ending.</param>
    public static async Task<FileAnswer> ToFileAsync(
        HttpContext context,
        string? format,
        string name,
        Func<CancellationToken, Task<Outcome<AuditExport>>> export,
        CancellationToken cancellationToken
    )
    {
        if (format is not ("csv" or "jsonl"))
            return new Problem.Invalid("format-unknown", "format is csv or jsonl.", "format");
        if (!(await export(cancellationToken)).TryGet(out var file, out var problem))
            return problem;
        context.Response.Headers["Audit-Head"] = string.Create(CultureInfo.InvariantCulture, $"{file.Head.Sequence} {file.Head.Hash}");
        var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        return format == "csv"
            ? FileAnswer.Of(stream => WriteCsvAsync(stream, file.Rows, json, cancellationToken), "text/csv; charset=utf-8", name + ".csv")
            : FileAnswer.Of(stream => WriteLinesAsync(stream, file.Rows, json, cancellationToken), FileAnswer.JsonLines, name + ".jsonl");
    }

    private static async Task WriteLinesAsync(
        Stream stream,
        IAsyncEnumerable<AuditRecord> rows,
        JsonSerializerOptions json,
        CancellationToken cancellationToken
    )
    {
        await foreach (var record in rows.WithCancellation(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(stream, AuditEndpoints.Body(record), json, cancellationToken);
            await stream.WriteAsync(LineEnd, cancellationToken);
        }
    }

    private static async Task WriteCsvAsync(
        Stream stream,
        IAsyncEnumerable<AuditRecord> rows,
        JsonSerializerOptions json,
        CancellationToken cancellationToken
    )
    {
        await using var csv = new CsvFile(stream);
        foreach (var column in Columns)
            csv.Text(column);
        await csv.EndRecordAsync(cancellationToken);
        await foreach (var record in rows.WithCancellation(cancellationToken))
        {
            csv.Number(record.Sequence);
            csv.Instant(record.At);
            csv.Text(record.Actor);
            csv.Text(record.OnBehalfOf);
            csv.Text(record.Operation);
            csv.Text(record.Subject);
            csv.Text(record.Outcome.Text());
            csv.Text(record.Details.Count == 0 ? null : JsonSerializer.Serialize(record.Details, json));
            csv.Text(record.Address);
            csv.Text(record.TraceId);
            csv.Text(record.Hash);
            await csv.EndRecordAsync(cancellationToken);
        }
    }
}
