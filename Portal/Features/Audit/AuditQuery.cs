using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Domain.Access;
using Portal.Ui;

namespace Portal.Features.Audit;

/// <summary>
/// What the address of an audit page asks for. <c>from</c> and <c>to</c> are days of the viewer's zone, both included; what cannot be read
/// asks for nothing.
/// </summary>
public sealed record AuditQuery(string? From, string? To, string? Actor, string? Operation, string? Subject, string? Outcome)
{
    public AuditFilter Filter(ViewerZone zone) =>
        AuditFilter.Create(
            Day(From) is { } from ? zone.StartOf(from) : null,
            Day(To) is { } to && to < DateOnly.MaxValue ? zone.StartOf(to.AddDays(1)) : null,
            Actor,
            Operation,
            Outcome is "allowed" or "refused" ? Outcome : null,
            Subject
        )
            is { IsOk: true, Value: var filter }
            ? filter
            : new AuditFilter();

    /// <summary>The address of the same rows as a file.</summary>
    public string ExportHref(string audit, string format, ViewerZone zone)
    {
        var filter = Filter(zone);
        return QueryHelpers.AddQueryString(
            $"{audit}/export",
            new Dictionary<string, string?>
            {
                ["format"] = format,
                ["from"] = Text(filter.From),
                ["to"] = Text(filter.To),
                ["actor"] = filter.Actor,
                ["operation"] = filter.Operation,
                ["outcome"] = filter.Outcome?.Text(),
                ["subject"] = filter.Subject,
            }.Where(pair => pair.Value is not null)
        );
    }

    private static string? Text(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
