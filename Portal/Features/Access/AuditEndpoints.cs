using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Access;

public static class AuditEndpoints
{
    public static IEndpointRouteBuilder MapAudit(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/organizations/{org}/audit", ListAsync).WithName("ListAudit").WithSummary("The organisation's audit log, newest first").WithTags("Audit");
        api.MapGet("/api/v1/operator/audit", ListPlatformAsync).WithName("ListPlatformAudit").WithSummary("The platform's own audit log (operator)").WithTags("Operator");
        return api;
    }

    /// <param name="Outcome"><c>allowed</c> or <c>refused</c>.</param>
    /// <param name="Hash">Over this row and the hash before it, hexadecimal.</param>
    public sealed record AuditBody(
        DateTimeOffset At, string Actor, string? OnBehalfOf, string Operation, string Subject, string Outcome, IReadOnlyDictionary<string, string> Details, string? Address,
        string? TraceId, string Hash);

    private static async Task<IResult> ListAsync(
        string org, DateTimeOffset? from, DateTimeOffset? to, string? actor, string? operation, string? outcome, ApiContext context, ListAudit list, CancellationToken cancellationToken) =>
        Filter(from, to, actor, operation, outcome).TryGet(out var filter, out var problem)
            ? await context.ListAsync(page => list.RunAsync(context.Actor, org, filter, page, cancellationToken), Body)
            : problem.ToResult();

    private static async Task<IResult> ListPlatformAsync(
        DateTimeOffset? from, DateTimeOffset? to, string? actor, string? operation, string? outcome, ApiContext context, ListPlatformAudit list, CancellationToken cancellationToken) =>
        Filter(from, to, actor, operation, outcome).TryGet(out var filter, out var problem)
            ? await context.ListAsync(page => list.RunAsync(context.Actor, filter, page, cancellationToken), Body)
            : problem.ToResult();

    private static Outcome<AuditFilter> Filter(DateTimeOffset? from, DateTimeOffset? to, string? actor, string? operation, string? outcome) => outcome switch
    {
        null or "" => new AuditFilter(from, to, actor, operation),
        "allowed" => new AuditFilter(from, to, actor, operation, AuditOutcome.Allowed),
        "refused" => new AuditFilter(from, to, actor, operation, AuditOutcome.Refused),
        _ => new Problem.Invalid("outcome-unknown", "outcome is allowed or refused.", "outcome"),
    };

    private static AuditBody Body(AuditRecord record) => new(
        record.At, record.Actor, record.OnBehalfOf, record.Operation, record.Subject, record.Outcome == AuditOutcome.Allowed ? "allowed" : "refused", record.Details,
        record.Address, record.TraceId, record.Hash);
}
