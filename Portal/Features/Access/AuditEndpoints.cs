using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Access;

public static class AuditEndpoints
{
    public static IEndpointRouteBuilder MapAudit(this IEndpointRouteBuilder api)
    {
        var organization = api.MapGroup("/api/v1/organizations/{org}/audit").WithTags("Audit");
        organization.MapGet("", ListAsync).WithName("ListAudit").WithSummary("The organisation's audit log, newest first");
        organization.MapGet("/export", ExportAsync).WithName("ExportAudit").WithSummary("The organisation's audit log as a file, CSV or JSON Lines");
        var platform = api.MapGroup("/api/v1/operator/audit").WithTags("Operator");
        platform.MapGet("", ListPlatformAsync).WithName("ListPlatformAudit").WithSummary("The platform's own audit log, newest first");
        platform.MapGet("/export", ExportPlatformAsync).WithName("ExportPlatformAudit").WithSummary("The platform's own audit log as a file, CSV or JSON Lines");
        platform.MapPost("/verify", VerifyAsync).WithName("VerifyAudit").WithSummary("Walks the hash chains of audit logs, some organisations at a time, and says which is broken where");
        return api;
    }

    /// <param name="Outcome"><c>allowed</c> or <c>refused</c>.</param>
    /// <param name="Hash">Over this row and the hash before it, hexadecimal.</param>
    public sealed record AuditBody(
        long Sequence, DateTimeOffset At, string Actor, string? OnBehalfOf, string Operation, string Subject, string Outcome, IReadOnlyDictionary<string, string> Details,
        string? Address, string? TraceId, string Hash);

    /// <param name="Organization">An address name; without it the platform's chain and all organisations'.</param>
    public sealed record VerifyBody(string? Organization);

    /// <param name="Organization">Null for the platform's own chain.</param>
    /// <param name="State"><c>whole</c> or <c>broken</c>.</param>
    /// <param name="First">Sequence of the first row still kept.</param>
    /// <param name="BrokenAt">Sequence of the first row that was altered, removed or inserted.</param>
    public sealed record ChainBody(string? Organization, string State, long First, long Head, string HeadHash, long? BrokenAt);

    /// <summary>What is asked for in the address, the same for lists and files.</summary>
    internal sealed record FilterQuery(DateTimeOffset? From, DateTimeOffset? To, string? Actor, string? Operation, string? Outcome, string? Subject)
    {
        public Outcome<AuditFilter> Read() => AuditFilter.Create(From, To, Actor, Operation, Outcome, Subject);
    }

    internal static AuditBody Body(AuditRecord record) => new(
        record.Sequence, record.At, record.Actor, record.OnBehalfOf, record.Operation, record.Subject, record.Outcome.Text(), record.Details, record.Address, record.TraceId,
        record.Hash);

    internal static string Text(this AuditOutcome outcome) => outcome == AuditOutcome.Allowed ? "allowed" : "refused";

    private static async Task<IResult> ListAsync(string org, [AsParameters] FilterQuery query, ApiContext context, ListAudit list, CancellationToken cancellationToken) =>
        query.Read().TryGet(out var filter, out var problem)
            ? await context.ListAsync(page => list.RunAsync(context.Actor, org, filter, page, cancellationToken), Body)
            : problem.ToResult();

    private static async Task<IResult> ListPlatformAsync([AsParameters] FilterQuery query, ApiContext context, ListPlatformAudit list, CancellationToken cancellationToken) =>
        query.Read().TryGet(out var filter, out var problem)
            ? await context.ListAsync(page => list.RunAsync(context.Actor, filter, page, cancellationToken), Body)
            : problem.ToResult();

    private static async Task<IResult> ExportAsync(
        string org, string? format, [AsParameters] FilterQuery query, HttpContext http, ApiContext context, ExportAudit export, CancellationToken cancellationToken) =>
        query.Read().TryGet(out var filter, out var problem)
            ? await AuditFiles.ToFileAsync(http, format, $"audit-{org}", stop => export.RunAsync(context.Actor, org, filter, stop), cancellationToken)
            : problem.ToResult();

    private static async Task<IResult> ExportPlatformAsync(
        string? format, [AsParameters] FilterQuery query, HttpContext http, ApiContext context, ExportPlatformAudit export, CancellationToken cancellationToken) =>
        query.Read().TryGet(out var filter, out var problem)
            ? await AuditFiles.ToFileAsync(http, format, "audit-platform", stop => export.RunAsync(context.Actor, filter, stop), cancellationToken)
            : problem.ToResult();

    private static Task<IResult> VerifyAsync(VerifyBody? body, ApiContext context, VerifyAudit verify, CancellationToken cancellationToken) =>
        context.ListAsync(page => verify.RunAsync(context.Actor, body?.Organization, page, cancellationToken), Body);

    private static ChainBody Body(AuditChainState state) => new(
        state.Organization, state.Check.Break is null ? "whole" : "broken", state.Check.First, state.Check.Head.Sequence, state.Check.Head.Hash, state.Check.Break);
}
